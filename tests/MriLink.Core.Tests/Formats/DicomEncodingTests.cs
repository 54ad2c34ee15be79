using System.IO.Compression;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>DICOM as other programs encode it (Fixtures/formats/make_encodings.py), and as some write it against the rules.</summary>
public sealed class DicomEncodingTests : IDisposable
{
    // Each leaves the volume as it is.
    private static readonly Dictionary<string, Func<TinyDicom, TinyDicom>> Irregularities = new(StringComparer.Ordinal)
    {
        ["claims explicit and is implicit"] = s => s.In(TinyDicom.ExplicitLittle, TinyDicom.ImplicitLittle),
        ["claims implicit and is explicit"] = s => s.In(TinyDicom.ImplicitLittle, TinyDicom.ExplicitLittle),
        ["claims little-endian and is big-endian"] = s => s.In(TinyDicom.ExplicitLittle, TinyDicom.ExplicitBig),
        ["no transfer syntax, explicit"] = s => s.In(null),
        ["no transfer syntax, implicit"] = s => s.In(null, TinyDicom.ImplicitLittle),
        ["a wrong length of group 2"] = s =>
            WithMeta(s, new TinyDicom().Set(0x00020000, "UL", 3u).Set(0x00020010, "UI", TinyDicom.ExplicitLittle)
            .Body(isExplicit: true, bigEndian: false)),
        ["group 2 without types"] = s =>
            WithMeta(s, new TinyDicom().Set(0x00020010, "UI", TinyDicom.ExplicitLittle).Body(isExplicit: false, bigEndian: false)),
        ["a type that nobody knows"] = s => s.Set(0x00080070, "XX", "Nobody's").Set(0x00181030, "ZZ", "T1"),
        ["a type that nobody knows, and no value"] = s => s.Set(0x00080070, "XX", string.Empty),
        ["question marks for a type"] = s => s.Raw(0x00080070, 0x08, 0, 0x70, 0, (byte)'?', (byte)'?', 0, 0),
        ["an element without a type among those with one"] = s => s.Raw(0x00080070, [0x08, 0, 0x70, 0, 4, 0, 0, 0, .. "Nobo"u8]),
        ["sizes as longs"] = s => s.Set(0x00280010, "UL", 7u).Set(0x00280011, "UL", 8u),
        ["sizes as text"] = s => s.Set(0x00280010, "IS", "7").Set(0x00280011, "DS", "8"),
        ["sizes of unknown type"] = s => s.Set(0x00280010, "UN", new byte[] { 7, 0 }).Set(0x00280011, "UN", new byte[] { 8, 0 }),
        ["the series number as a binary number"] = s => s.Set(0x00200011, "US", (ushort)3),
        ["the position as doubles"] = s => s.Set(0x00280030, "FD", (byte[])[.. BitConverter.GetBytes(1.5), .. BitConverter.GetBytes(2.0)]),
        ["numbers with blanks and zeros around them"] = s => s.Set(0x00280030, "DS", " 1.50 \\ 2 \0"),
        ["an odd length"] = s => s.Set(0x00180050, "DS", "3"u8.ToArray()),
        ["a group of commands first"] = s => s.Set(0x00000000, "UL", 0u),
        ["lengths of groups"] = s => s.Set(0x00080000, "UL", 999u).Set(0x00280000, "UL", 1u),
        ["a sequence of unknown type"] = s =>
            s.Set(0x00081140, "UN", new TinyDicom[] { new TinyDicom().Raw(0x00081155, [0x08, 0, 0x55, 0x11, 4, 0, 0, 0, .. "1.2\0"u8]) }),
        ["a sequence whose item does not end"] = s =>
            s.Raw(0x00081140, [0x08, 0, 0x40, 0x11, .. "SQ"u8, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff,
            0xdd, 0xe0, 0, 0, 0, 0]),
        ["an end of nothing"] = s => s.Raw(0x00081140, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0),
        ["a compressed icon"] = s =>
            s.Set(0x00880200, "SQ",
            new[] { new TinyDicom()
            .Raw(0x7FE00010, [0xe0, 0x7f, 0x10, 0, .. "OB"u8, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0, 0xe0, 4,
            0, 0, 0, 0xff, 0xd8, 0xff, 0xd9, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]) }),
        ["zeros at the end"] = s => WithTail(s, new byte[512]),
        ["elements after the pixels"] = s =>
            WithTail(s, new TinyDicom().Set(0xFFFCFFFC, "OB", new byte[10]).Body(isExplicit: true, bigEndian: false)),
    };

    private readonly TemporaryFolder _folder = new();

    public DicomEncodingTests()
    {
        ZipFile.ExtractToDirectory(FormatFixtures.PathOf("dicom-encodings.zip"), _folder.Path);
    }

    public static TheoryData<string> Encodings { get; } =
        ["big-endian", "deflated", "rle-dcmtk", "rle-gdcm", "jpeg-dcmtk", "jpeg-fragments", "jpeg-first-predictor", "jpeg-gdcm", "no-preamble"];

    public static TheoryData<string> Irregular => [.. Irregularities.Keys];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void A_series_has_the_same_voxels_however_it_is_encoded(string encoding)
    {
        var all = Directory.GetDirectories(_folder.File(encoding), "*", SearchOption.AllDirectories)
            .Where(folder => Directory.GetFiles(folder).Length > 0).ToArray();
        foreach (var folder in all)
        {
            var series = Path.GetRelativePath(_folder.File(encoding), folder).Replace('\\', '/');
            var expected = DicomFixtures.Of(series);

            var volume = FormatFixtures.Read(Directory.GetFiles(folder).Order(StringComparer.Ordinal).First());

            Assert.InRange(NiftiFixtures.WorldDistance(volume.Size, volume.Geometry.VoxelToWorld, Affine.FromRows(expected.Affine)), 0, 1e-5);

            // Scaled values differ by where they are rounded: two floats.
            var tolerance = series.EndsWith("scaled", StringComparison.Ordinal) ? expected.Voxels.Max(Math.Abs) * 2.4e-7 : 0;
            Assert.All(expected.Voxels.Zip(volume.Voxels), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }

        Assert.Equal(7, all.Length);
    }

    [Fact]
    public void Lossless_JPEG_that_would_not_be_unpacked_exactly_is_refused()
    {
        foreach (var folder in Directory.GetDirectories(_folder.File("jpeg-sixth-predictor/types")))
        {
            var header = VolumeFormats.ReadHeader(Directory.GetFiles(folder).Order(StringComparer.Ordinal).First());

            var error = Assert.Throws<MriFileException>(() => new FileVoxelSource(header, new()).Read(CancellationToken.None));

            Assert.Contains("predictor 6", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Irregular))]
    public void What_other_readers_overlook_is_overlooked(string name)
    {
        var expected = FormatFixtures.Read(TinyDicom.WriteSeries(_folder.File("regular")));

        var volume = FormatFixtures.Read(TinyDicom.WriteSeries(_folder.File("irregular"), Irregularities[name]));

        Assert.Equal(expected.Geometry, volume.Geometry);
        Assert.Equal(expected.Voxels.ToArray(), volume.Voxels.ToArray());
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.80", "JPEG-LS")]
    [InlineData("1.2.840.10008.1.2.4.90", "JPEG 2000")]
    [InlineData("1.2.840.10008.1.2.4.50", "lossy JPEG")]
    [InlineData("1.2.3.4.5", "transfer syntax '1.2.3.4.5'")]
    public void Fields_are_listed_whatever_the_pixels_are_encoded_in(string syntax, string name)
    {
        var header = VolumeFormats.Describe(_folder.Write("x", TinyDicom.Slice(0, "Doe^Jane").In(syntax).ToBytes()));

        Assert.Contains(header.IdentifyingFields, field => field is { Name: "PatientName", Value: "Doe^Jane" });
        Assert.Contains(name, header.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Fields_before_the_damage_are_listed()
    {
        var bytes = TinyDicom.Slice(0, "Doe^Jane").ToBytes();

        var header = VolumeFormats.Describe(_folder.Write("x", bytes[..^260]));

        Assert.Equal("Doe^Jane", header["PatientName"]);
        Assert.Contains("truncated", header.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pixels_of_lossless_JPEG_and_RLE_are_refused_wherever_they_break_off()
    {
        foreach (var encoding in (string[])["jpeg-dcmtk", "rle-dcmtk", "deflated"])
        {
            using var folder = new TemporaryFolder();
            var whole = File.ReadAllBytes(_folder.File($"{encoding}/enhanced/multi.dcm"));
            for (var length = 140; length < whole.Length - 8; length += 97)
            {
                var path = folder.Write("cut.dcm", whole[..length]);

                var error = Assert.Throws<MriFileException>(() => FormatFixtures.Read(path));

                Assert.Contains(path, error.Message, StringComparison.Ordinal);
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    private static TinyDicom WithMeta(TinyDicom slice, byte[] meta)
    {
        slice.Meta = meta;
        return slice;
    }

    private static TinyDicom WithTail(TinyDicom slice, byte[] tail)
    {
        slice.Tail = tail;
        return slice;
    }
}
