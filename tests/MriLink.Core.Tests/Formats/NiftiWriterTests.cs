using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class NiftiWriterTests
{
    private static readonly Affine Rotated = Affine.FromTranslation(-31.5, 17.25, -8.125) * Affine.FromRotation(2.2, -0.4, 0.9)
        * Affine.FromScale(-1.5, 0.75, 2.5);
    private static readonly Affine Sheared = new(1.9, 0.21, -0.12, -31.5, -0.18, 1.4, 0.25, 17.25, 0.15, -0.2, 3.1, -8.125);

    /// <summary>
    /// Samples over types, geometries and containers read back as they were. With MRILINK_SAMPLES set to a folder they stay there,
    /// for check_written.py to read with nibabel.
    /// </summary>
    [Fact]
    public void What_is_written_reads_back()
    {
        using var temporary = new TemporaryFolder();
        var folder = Environment.GetEnvironmentVariable("MRILINK_SAMPLES") is { Length: > 0 } kept ? Directory.CreateDirectory(kept).FullName
            : temporary.Path;
        var expected = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, volume, type, tolerance) in Samples())
        {
            var path = Path.Combine(folder, name);
            VolumeWriter.Write(path, volume, type, overwrite: true);
            expected[name] = new
            {
                shape = new[] { volume.Size.X, volume.Size.Y, volume.Size.Z },
                affine = volume.Geometry.VoxelToWorld.ToRows(),
                voxels = volume.Voxels,
                tolerance
            };

            var read = NiftiFixtures.Read(path);

            Assert.Equal(volume.Size, read.Size);

            // Headers keep coordinates as floats, with steps of 4e-6 at these sizes; the grid of 40 000 voxels is kept in doubles.
            Assert.InRange(NiftiFixtures.WorldDistance(volume.Size, volume.Geometry.VoxelToWorld, read.Geometry.VoxelToWorld), 0, 2e-5);
            Assert.InRange(volume.Voxels.Zip(read.Voxels, (a, b) => Math.Abs((double)a - b)).Max(), 0, tolerance);
            foreach (var (a, b) in volume.Voxels.Zip(read.Voxels).Where(pair => pair.First == 0))
            {
                Assert.Equal(a, b);
            }
        }

        File.WriteAllText(Path.Combine(folder, "expected.json"), JsonSerializer.Serialize(expected));
    }

    [Fact]
    public void The_qform_alone_gives_the_same_geometry()
    {
        using var folder = new TemporaryFolder();
        foreach (var turn in new[] { (0.0, 0.0, 0.0), (3.1, 0.1, 0.2), (0.1, 3.0, 0.2), (0.3, 0.2, -3.1), (2, -1, 0.5) })
        {
            foreach (var left in new[] { 1, -1 })
            {
                var affine = Affine.FromTranslation(-31.5, 17.25, -8.125) * Affine.FromRotation(turn.Item1, turn.Item2, turn.Item3)
                    * Affine.FromScale(1.5, 0.75, 2.5 * left);
                var path = folder.File("turned.nii");
                VolumeWriter.Write(path, new(new(new(3, 4, 5), affine), new float[60]), overwrite: true);
                var bytes = File.ReadAllBytes(path);
                BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(254), 0);
                File.WriteAllBytes(path, bytes);

                // A quaternion of three floats: 1e-7 of rotation over coordinates of 40 mm, and the root for its first part, which loses more near
                // half turns.
                Assert.InRange(NiftiFixtures.WorldDistance(new(3, 4, 5), affine, VolumeFormats.ReadHeader(path).Geometry.VoxelToWorld), 0, 1e-3);
            }
        }
    }

    [Fact]
    public void A_sheared_grid_gets_no_qform()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("sheared.nii");

        VolumeWriter.Write(path, new(new(new(3, 4, 5), Sheared), new float[60]));

        Assert.Equal(0, BinaryPrimitives.ReadInt16LittleEndian(File.ReadAllBytes(path).AsSpan(252)));
    }

    [Fact]
    public void The_same_volume_gives_the_same_bytes_whatever_the_file_is_called()
    {
        using var folder = new TemporaryFolder();
        var volume = Ramp(Rotated, 17.3f);

        VolumeWriter.Write(folder.File("sub-secret_T1w.nii.gz"), volume);
        VolumeWriter.Write(folder.File("other.nii.gz"), volume);

        var bytes = File.ReadAllBytes(folder.File("sub-secret_T1w.nii.gz"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("other.nii.gz")));

        // RFC 1952: flags (a name would be one) and modification time, bytes 3 to 7, are all zero.
        Assert.Equal(new byte[5], bytes[3..8]);
        using var content = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        var plain = new byte[352];
        content.ReadExactly(plain);
        Assert.Equal("MriLink", System.Text.Encoding.ASCII.GetString(plain, 148, 80).TrimEnd('\0'));
    }

    [Fact]
    public void An_existing_file_stays_unless_it_may_be_replaced()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("there.nii", [1, 2, 3]);

        Assert.Throws<IOException>(() => VolumeWriter.Write(path, Ramp(Rotated, 1)));

        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_cancelled_or_failed_write_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        var volume = Ramp(Rotated, 1);

        Assert.Throws<OperationCanceledException>(() => VolumeWriter.Write(folder.File("a.nii.gz"), volume, cancellationToken: stopped.Token));
        volume.Voxels[7] = float.NaN;
        Assert.Throws<MriFileException>(() => VolumeWriter.Write(folder.File("a.nii.gz"), volume, VolumeDataType.Int16));

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static IEnumerable<(string Name, Volume Volume, VolumeDataType Type, double Tolerance)> Samples()
    {
        foreach (var (label, affine) in new[] { ("rotated", Rotated), ("sheared", Sheared), ("plain", Affine.FromScale(-1, 1, 1.2)) })
        {
            foreach (var zipped in new[] { ".nii", ".nii.gz" })
            {
                yield return ($"{label}-float{zipped}", Ramp(affine, 17.3f), VolumeDataType.Float32, 0);
            }
        }

        // Integers that fit are exact.
        yield return ("integers.nii", Ramp(Rotated, 1), VolumeDataType.Int16, 0);
        yield return ("bytes.nii", new(new(new(3, 4, 5), Rotated), [.. Enumerable.Range(0, 60).Select(i => (float)(i * 4))]),
            VolumeDataType.UInt8, 0);
        yield return ("constant.nii", new(new(new(3, 4, 5), Rotated), [.. Enumerable.Repeat(0.3f, 60)]), VolumeDataType.UInt8, 0);

        // Otherwise half a step, as documented, and the rounding of the result to float, 6e-8 of it.
        foreach (var factor in new[] { 1.7e-5f, 0.37f, 71_234.56f })
        {
            var volume = Ramp(Rotated, factor);
            double range = volume.Voxels.Max() - (double)volume.Voxels.Min();
            var rounding = 1e-7 * volume.Voxels.Max(Math.Abs);
            var label = factor.ToString(CultureInfo.InvariantCulture);
            yield return ($"int16-{label}.nii.gz", volume, VolumeDataType.Int16, (range / 130_000) + rounding);
            yield return ($"uint8-{label}.nii.gz", volume, VolumeDataType.UInt8, (range / 500) + rounding);
        }

        var far = new Volume(new(new(3, 4, 5), Rotated), [.. Enumerable.Range(0, 60).Select(i => 5000.5f + (i * 0.25f))]);
        yield return ("far-from-zero.nii", far, VolumeDataType.Int16, (15.0 / 130_000) + 5e-4);
        yield return ("long.nii", new(new(new(40_000, 1, 2), Rotated), [.. Enumerable.Range(0, 80_000).Select(i => (float)(i % 251))]),
            VolumeDataType.UInt8, 0);
    }

    // From -29 to 30 times the factor, with zero among them.
    private static Volume Ramp(Affine affine, float factor) =>
        new(new(new(3, 4, 5), affine), [.. Enumerable.Range(-29, 60).Select(i => i * factor)]);
}
