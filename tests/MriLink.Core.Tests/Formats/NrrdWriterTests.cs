using System.Text;
using System.Text.Json;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class NrrdWriterTests
{
    private static readonly Affine Sheared = new(1.9, 0.21, -0.12, -31.5, -0.18, 1.4, 0.25, 17.25, 0.15, -0.2, 3.1, -8.125);

    /// <summary>
    /// With MRILINK_NRRD_SAMPLES set to a folder the files stay there, for check_written.py to read with ITK.
    /// </summary>
    [Theory]
    [InlineData(VolumeDataType.Float32)]
    [InlineData(VolumeDataType.Int16)]
    [InlineData(VolumeDataType.UInt8)]
    public void What_is_written_reads_back(VolumeDataType type)
    {
        using var temporary = new TemporaryFolder();
        var folder = Environment.GetEnvironmentVariable("MRILINK_NRRD_SAMPLES") is { Length: > 0 } kept ? Directory.CreateDirectory(kept).FullName
            : temporary.Path;
        var scale = type is VolumeDataType.Float32 ? 0.37f : 1;
        var volume = new Volume(new(new(3, 4, 5), Sheared), [.. Enumerable.Range(0, 60).Select(i => i * scale)]);
        var path = Path.Combine(folder, $"{type}.nrrd");

        VolumeWriter.Write(path, volume, type, overwrite: true);
        var header = VolumeFormats.ReadHeader(path);
        var read = new FileVoxelSource(header, new()).Read(CancellationToken.None);

        Assert.Equal(type.ToString(), header.DataType);
        Assert.Empty(header.Warnings);
        Assert.Equal(volume.Geometry.VoxelToWorld, read.Geometry.VoxelToWorld);
        Assert.Equal(volume.Voxels, read.Voxels);
        File.WriteAllText(path + ".json", JsonSerializer.Serialize(new { affine = volume.Geometry.VoxelToWorld.ToRows(), voxels = volume.Voxels }));
    }

    [Fact]
    public void Voxels_that_would_have_to_be_scaled_are_refused_and_leave_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var volume = new Volume(new(new(1, 1, 2), Affine.Identity), [0.5f, 3]);

        var error = Assert.Throws<MriFileException>(() => VolumeWriter.Write(folder.File("x.nrrd"), volume, VolumeDataType.Int16));

        Assert.Contains("no scale factor", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_header_holds_geometry_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        VolumeWriter.Write(folder.File("x.nrrd"), new(new(new(1, 1, 2), Affine.Identity), [1, 2]));
        var text = Encoding.Latin1.GetString(File.ReadAllBytes(folder.File("x.nrrd")));

        var fields = text[..text.IndexOf("\n\n", StringComparison.Ordinal)].Split('\n').Skip(1).Select(line => line.Split(':')[0]);

        Assert.Equal(["type", "dimension", "space", "sizes", "space directions", "kinds", "endian", "encoding", "space origin"], fields);
    }
}
