using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class DicomReadTests(DicomFixtures fixtures) : IClassFixture<DicomFixtures>
{
    public static TheoryData<string> Names => [.. DicomFixtures.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_series_reads_as_itk_reads_it(string name)
    {
        var expected = DicomFixtures.Of(name);
        for (var i = 0; i < expected.Volumes; i++)
        {
            var volume = FormatFixtures.Read(fixtures.First(name), expected.Volumes > 1 ? i : null);

            Assert.Equal(new GridSize(expected.Shape[0], expected.Shape[1], expected.Shape[2]), volume.Size);

            // 1e-5 mm: positions are written with 16 characters.
            Assert.InRange(NiftiFixtures.WorldDistance(volume.Size, volume.Geometry.VoxelToWorld, Affine.FromRows(expected.Affine)), 0, 1e-5);
            var voxels = expected.Voxels.Skip(i * (int)volume.Size.Count).Take((int)volume.Size.Count).ToArray();

            // Scaled values differ by where they are rounded: two floats.
            var tolerance = name.EndsWith("scaled", StringComparison.Ordinal) ? voxels.Max(Math.Abs) * 2.4e-7 : 0;
            Assert.All(voxels.Zip(volume.Voxels), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }

    [Fact]
    public void Series_are_read_in_every_type_and_in_24_orientations_at_least()
    {
        Assert.InRange(DicomFixtures.Names.Count(name => name.StartsWith("types/", StringComparison.Ordinal)), 8, int.MaxValue);
        Assert.InRange(DicomFixtures.Names.Count(name => name.StartsWith("orientations/", StringComparison.Ordinal)), 24, int.MaxValue);
    }

    [Theory]
    [InlineData("gap", "one slice is missing")]
    [InlineData("uneven", "uneven distances")]
    [InlineData("twice", "nothing that tells them apart")]
    [InlineData("mixed", "2 different orientations")]
    [InlineData("sizes", "different sizes")]
    [InlineData("single", "single slice")]
    [InlineData("nowhere", "ImagePositionPatient")]
    [InlineData("colour", "colours (RGB)")]
    [InlineData("mosaic", "mosaic")]
    [InlineData("shifted", "stacked straight")]
    [InlineData("jpegls", "JPEG-LS")]
    public void A_series_that_makes_no_volume_is_refused_with_a_reason(string name, string reason)
    {
        var path = fixtures.First($"bad/{name}");

        var error = Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{path}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_of_a_slice_is_left_out_with_a_warning()
    {
        var header = VolumeFormats.ReadHeader(fixtures.First("bad/copies"));

        Assert.Equal(new GridSize(3, 4, 5), header.Geometry.Size);
        Assert.Contains(header.Warnings, warning => warning.Contains("holds 1 slice twice", StringComparison.Ordinal)
            && warning.Contains("'copy'", StringComparison.Ordinal));
    }

    [Fact]
    public void A_broken_slice_refuses_its_series_by_one_error_that_names_it()
    {
        var reader = new HeaderReader();
        var errors = Directory.GetFiles(fixtures.Folder("bad/cut")).Order(StringComparer.Ordinal)
            .Select(path => Record.Exception(() => reader.Read(path))).OfType<MriFileException>().ToArray();

        // The broken one lies at the end, so that the others would make a volume, one slice shorter.
        Assert.StartsWith($"'{Path.Combine(fixtures.Folder("bad/cut"), "IM0000")}' is truncated", Assert.Single(errors).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_every_slice_is_told_once()
    {
        var reader = new HeaderReader();

        var errors = Directory.GetFiles(fixtures.Folder("bad/jpegls")).Order(StringComparer.Ordinal)
            .Select(path => Record.Exception(() => reader.Read(path))).OfType<MriFileException>();

        Assert.EndsWith("The same is true of 4 other files of its series.", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_series_of_a_folder_is_one_volume_and_read_once()
    {
        var reader = new HeaderReader();

        var headers = Directory.GetFiles(fixtures.Folder("two-series")).Order(StringComparer.Ordinal).Select(path => reader.Read(path))
            .OfType<VolumeHeader>().ToArray();

        Assert.Equal(["two-series_series-7", "two-series_series-8"], headers.Select(header => ScanInventory.Identify(header.NamePath).Participant));
        Assert.All(headers, header => Assert.Equal(5, header.Files.Count));
    }

    [Fact]
    public void A_series_is_named_after_its_folder_and_a_file_of_many_frames_after_itself()
    {
        Assert.Equal("12-bit", ScanInventory.Identify(VolumeFormats.ReadHeader(fixtures.First("types/12-bit")).NamePath).Participant);
        Assert.Equal("multi", ScanInventory.Identify(VolumeFormats.ReadHeader(fixtures.First("enhanced")).NamePath).Participant);
    }

    [Fact]
    public void A_slice_that_changes_after_the_header_was_read_is_noticed()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(fixtures.Folder("types/explicit-i2")))
        {
            File.Copy(file, folder.File(Path.GetFileName(file)));
        }

        var source = new FileVoxelSource(VolumeFormats.ReadHeader(folder.File("IM0000")), new());
        source.Read(CancellationToken.None);
        File.SetLastWriteTimeUtc(folder.File("IM0003"), DateTime.UtcNow.AddMinutes(1));

        Assert.Contains("IM0003", Assert.Throws<MriFileException>(() => source.Read(CancellationToken.None)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_or_is_told_apart()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(fixtures.First("enhanced-undefined"));
        for (var length = 132; length < whole.Length; length += 7)
        {
            var path = folder.Write("cut.dcm", whole[..length]);

            Assert.Contains(path, Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path)).Message, StringComparison.Ordinal);
        }
    }
}
