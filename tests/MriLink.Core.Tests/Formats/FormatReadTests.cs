using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class FormatReadTests
{
    public static TheoryData<string> Names => [.. FormatFixtures.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_reads_as_the_program_at_home_in_its_format_reads_it(string name)
    {
        var expected = FormatFixtures.Of(name);
        for (var i = 0; i < expected.Volumes; i++)
        {
            var volume = FormatFixtures.Read(FormatFixtures.PathOf(name), expected.Volumes > 1 ? i : null);

            Assert.Equal(new GridSize(expected.Shape[0], expected.Shape[1], expected.Shape[2]), volume.Size);

            // 1e-5 mm: binary headers keep coordinates of up to 100 mm as floats, whose step is 8e-6 there, and the other program reads the same
            // floats.
            Assert.InRange(NiftiFixtures.WorldDistance(volume.Size, volume.Geometry.VoxelToWorld, Affine.FromRows(expected.Affine)), 0, 1e-5);
            var voxels = expected.Voxels.Skip(i * (int)volume.Size.Count).Take((int)volume.Size.Count).ToArray();
            if (name.Contains("scaled", StringComparison.Ordinal))
            {
                // Two floats apart: where the other program rounds is not known.
                Assert.All(voxels.Zip(volume.Voxels), pair => Assert.Equal(pair.First, pair.Second, voxels.Max(Math.Abs) * 2.4e-7));
            }
            else
            {
                Assert.Equal(voxels.Select(v => (float)v), volume.Voxels);
            }
        }
    }

    [Fact]
    public void Every_format_is_read_in_every_type_and_in_24_orientations_at_least()
    {
        foreach (var (format, types) in new[] { ("mgh", 4), ("nrrd", 10), ("metaimage", 10), ("analyze", 5) })
        {
            Assert.InRange(FormatFixtures.Names.Count(name => name.StartsWith($"{format}/types/", StringComparison.Ordinal)), types, int.MaxValue);
            Assert.InRange(FormatFixtures.Names.Count(name => name.StartsWith($"{format}/or", StringComparison.Ordinal)), 24, int.MaxValue);
        }
    }

    [Theory]
    [InlineData("nrrd/four.nrrd")]
    [InlineData("nrrd/interleaved.nrrd")]
    [InlineData("metaimage/four.mha")]
    [InlineData("mgh/four.mgz")]
    [InlineData("analyze/four.hdr")]
    public void The_first_of_several_volumes_is_taken_with_a_warning(string name)
    {
        var header = VolumeFormats.ReadHeader(FormatFixtures.PathOf(name));

        Assert.Equal(3, header.Volumes);
        Assert.Contains(header.Warnings, warning => warning.Contains("the first is taken", StringComparison.Ordinal));
        Assert.DoesNotContain(VolumeFormats.ReadHeader(FormatFixtures.PathOf(name), 0).Warnings, warning =>
            warning.Contains("first is taken", StringComparison.Ordinal));
        Assert.Equal(FormatFixtures.Read(FormatFixtures.PathOf(name), 0).Voxels, FormatFixtures.Read(FormatFixtures.PathOf(name)).Voxels);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-1)]
    public void A_volume_that_is_not_there_is_refused(int volume)
    {
        var error = Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(FormatFixtures.PathOf("mgh/four.mgz"), volume));

        Assert.Contains($"no volume {volume}", error.Message, StringComparison.Ordinal);
        Assert.Contains("0 to 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Content_decides_and_not_the_name()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "mgh/types/f4.mgh", "mgh/orientations/00.mgz", "nrrd/types/f4-packed.nrrd", "metaimage/types/f4-packed.mha" })
        {
            foreach (var alias in new[] { "x.nii.gz", "x.dat", "x" })
            {
                var path = folder.Write(alias, File.ReadAllBytes(FormatFixtures.PathOf(name)));

                Assert.Equal(FormatFixtures.Of(name).Voxels.Select(v => (float)v), FormatFixtures.Read(path).Voxels);
            }
        }
    }

    [Theory]
    [InlineData("mgh/nowhere.mgh")]
    [InlineData("analyze/types/u1-big.hdr")]
    public void A_geometry_that_had_to_be_assumed_is_warned_about(string name) =>
        Assert.Contains(VolumeFormats.ReadHeader(FormatFixtures.PathOf(name)).Warnings, warning =>
            warning.Contains("left and right may be swapped", StringComparison.Ordinal));

    [Fact]
    public void The_image_of_a_pair_and_its_header_are_one_volume()
    {
        var header = VolumeFormats.ReadHeader(FormatFixtures.PathOf("analyze/scaled.img"));

        Assert.Equal("ANALYZE", header.Format);
        Assert.Equal([FormatFixtures.PathOf("analyze/scaled.hdr"), FormatFixtures.PathOf("analyze/scaled.img")], header.Files);
    }

    [Theory]
    [InlineData("Müller 山田 🧠.nii")]
    [InlineData("e\u0301 and \u00e9.nii")]
    [InlineData("\u202egnp.nii")]
    [InlineData(" leading and trailing .nii")]
    [InlineData("new\nline.nii")]
    [InlineData("[brackets] * ? '\".nii")]
    public void Unusual_names_are_names(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not allow them all.");
        using var folder = new TemporaryFolder();
        var content = File.ReadAllBytes(NiftiFixtures.PathOf("orientations/00.nii"));

        Assert.Equal(60, FormatFixtures.Read(folder.Write(name, content)).Voxels.Length);
        Assert.False(ScanInventory.Identify(folder.File(name)).Participant.AsSpan().ContainsAny('\n', '\u202e'));
    }

    [Fact]
    public void A_path_of_a_thousand_characters_and_more_is_read()
    {
        using var folder = new TemporaryFolder();
        var deep = folder.Path;
        while (deep.Length < 1500)
        {
            deep = Path.Combine(deep, new string('d', 100));
        }

        Directory.CreateDirectory(deep);
        var path = Path.Combine(deep, "x.nii");
        File.Copy(NiftiFixtures.PathOf("orientations/00.nii"), path);

        Assert.Equal(60, FormatFixtures.Read(path).Voxels.Length);
    }
}
