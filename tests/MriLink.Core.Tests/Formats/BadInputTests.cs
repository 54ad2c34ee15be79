using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>The table of bad input in docs/formats.md: every row is a case here, and every case is a row there.</summary>
public sealed class BadInputTests(DicomFixtures dicom) : IClassFixture<DicomFixtures>
{
    private static readonly Case[] Cases =
    [
        // The world.
        new("a file that is not there", f => f.File("x.nii")),
        new("an empty file", f => f.Write("x.nii", [])),
        new("a folder given as a file", f => f.Path),
        new("a named pipe", Pipe),
        new("a link to a file that is gone", f => Link(f, "gone.nii")),
        new("links in a circle", f => Link(f, "x.nii")),
        new("a name longer than the system allows", f => f.File(new string('x', 5000) + ".nii")),
        new("a name with a zero character", f => f.File("x\0.nii")),
        new("a file that may not be read", Unreadable),
        new("a file that changes between header and voxels", f => f.Changed(Plain, _ => { }), Spoil: path =>
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1))),
        new("a file that vanishes between header and voxels", f => f.Changed(Plain, _ => { }), Spoil: File.Delete),
        new("a file called .nii that is something else", f => f.Write("x.nii", "some text, long enough to be looked at"u8.ToArray())),
        new("a file of no known format", f => f.Write("x.dat", "some text, long enough to be looked at"u8.ToArray())),

        // Damage.
        new("a header cut short", f => f.Write("x.nii", File.ReadAllBytes(NiftiFixtures.PathOf(Plain))[..100])),
        new("voxels cut short", f => f.Write("x.nii", File.ReadAllBytes(NiftiFixtures.PathOf(Plain))[..^1])),
        new("a .nii.gz cut short", f => f.Write("x.nii.gz", File.ReadAllBytes(NiftiFixtures.PathOf(Zipped))[..^9])),
        new("a .nii.gz whose checksum is wrong", WrongChecksum, AtVoxels: true),
        new("a .gz that is no gzip inside", f => f.Write("x.nii.gz", [0x1f, 0x8b, 8, 0, .. new byte[100]])),
        new("a small .nii.gz that claims a large volume", f => f.Write("x.nii.gz", Gzip(Nifti(b => Short(b, 42, 1000, 1000, 1000))))),
        new("a NIfTI header without its letters", f => f.Changed(Plain, b => b[345] = (byte)'x')),
        new("10^12 voxels", f => f.Write("x.nii", Nifti(b => Short(b, 42, 10000, 10000, 10000)))),
        new("a size of zero", f => f.Write("x.nii", Nifti(b => Short(b, 44, 0)))),
        new("a negative size", f => f.Write("x.nii", Nifti(b => Short(b, 44, -4)))),
        new("two dimensions", f => f.Write("x.nii", Nifti(b => Short(b, 40, 2)))),
        new("nine dimensions", f => f.Write("x.nii", Nifti(b => Short(b, 40, 9)))),
        new("complex numbers", f => f.Write("x.nii", Nifti(b => Short(b, 70, 32)))),
        new("RGB colour", f => f.Write("x.nii", Nifti(b => Short(b, 70, 128)))),
        new("voxels that are NaN", f => f.Changed("types/f4-little.nii", b => Single(b, 352, float.NaN)), AtVoxels: true),
        new("a double beyond the range of a float", f =>
            f.Changed("types/f8-little.nii", b => BinaryPrimitives.WriteDoubleLittleEndian(b.AsSpan(352), 1e300)), AtVoxels: true),
        new("NaN in the matrix", f => f.Write("x.nii", Nifti(b => Single(b, 280, float.NaN)))),
        new("a quaternion that is no rotation", f => f.Changed("forms/qform-small+.nii", b => Single(b, 256, 1.5f))),
        new("voxels that begin within the header", f => f.Write("x.nii", Nifti(b => Single(b, 108, 100)))),
        new("a header without its image", f => f.Changed("containers/pair.hdr", _ => { })),
        new("an image without its header", f => f.Changed("containers/pair.img", _ => { })),

        // What is read, with a warning.
        new("several volumes (4D)", _ => FormatFixtures.PathOf("mgh/four.mgz"), IsWarning: true),
        new("a volume that is not among several", _ => FormatFixtures.PathOf("mgh/four.mgz"), Volume: 7),
        new("no orientation in NIfTI", _ => NiftiFixtures.PathOf("forms/neither.nii"), IsWarning: true),
        new("an sform and a qform of which one is mirrored", f => f.Write("x.nii", Nifti(Mirrored)), IsWarning: true),
        new("ANALYZE, which knows no orientation", _ => FormatFixtures.PathOf("analyze/scaled.hdr"), IsWarning: true),
        new("NRRD without a space", f => f.Write("x.nrrd", Nrrd("spacings: 1 1 1")), IsWarning: true),
        new("a geometry in metres", f => f.Changed("forms/qform-small+.nii", b => b[123] = 1), IsWarning: true),

        // Other formats.
        new("MGH of bits", f => f.Write("x.mgh", Changed(FormatFixtures.PathOf("mgh/types/u1.mgh"), b => b[23] = 5))),
        new("NRRD that names a file elsewhere", f => f.Write("x.nhdr", Nrrd("data file: ../../etc/passwd"))),
        new("NRRD that names a file by its full path", f => f.Write("x.nhdr", Nrrd("data file: /etc/passwd"))),
        new("NRRD with a header that does not end", f => f.Write("x.nrrd", Encoding.ASCII.GetBytes("NRRD0004\n#" + new string('x', 2_000_000)))),
        new("NRRD with a field twice", f => f.Write("x.nrrd", Nrrd("type: float"))),
        new("NRRD of tensors", f => f.Write("x.nrrd", Nrrd("kinds: 3D-matrix domain domain").Replace("sizes: 1", "sizes: 9"))),
        new("NRRD as text", f => f.Write("x.nrrd", Nrrd("x: y").Replace("encoding: raw", "encoding: ascii"))),
        new("MetaImage whose compressed voxels are cut short", f =>
            f.Write("x.mha", File.ReadAllBytes(FormatFixtures.PathOf("metaimage/types/f8-packed.mha"))[..^5])),
        new("MetaImage as text", f => f.Write("x.mha", Meta("BinaryData = False"))),
        new("MetaImage with three values a voxel", f => f.Write("x.mha", Meta("ElementNumberOfChannels = 3"))),
        new("MetaImage that names a hundred million files", f =>
            f.Write("x.mhd", Meta("BinaryData = True").Replace("LOCAL", "x%08d.raw 0 99999999 1"))),

        // DICOM.
        new("DICOM with a slice missing", (DicomFixtures d) => d.First("bad/gap")),
        new("DICOM slices at uneven distances", (DicomFixtures d) => d.First("bad/uneven")),
        new("DICOM with a slice twice", (_, d) => d.First("bad/copies"), IsWarning: true),
        new("DICOM with two slices at each place and nothing to tell them apart", (DicomFixtures d) => d.First("bad/twice")),
        new("DICOM slices in different orientations", (DicomFixtures d) => d.First("bad/mixed")),
        new("DICOM slices of different sizes", (DicomFixtures d) => d.First("bad/sizes")),
        new("DICOM slices out of line", (DicomFixtures d) => d.First("bad/shifted")),
        new("a single DICOM slice", (DicomFixtures d) => d.First("bad/single")),
        new("DICOM that does not say where it lies", (DicomFixtures d) => d.First("bad/nowhere")),
        new("DICOM in colour", (DicomFixtures d) => d.First("bad/colour")),
        new("a DICOM mosaic", (DicomFixtures d) => d.First("bad/mosaic")),
        new("DICOM in RLE that is damaged", BrokenRle, AtVoxels: true),
        new("DICOM in lossy JPEG", f => TinyDicom.WriteSeries(f.File("jpeg"), slice => slice.In("1.2.840.10008.1.2.4.50"))),
        new("DICOM in JPEG-LS", (DicomFixtures d) => d.First("bad/jpegls")),
        new("DICOM with sequences nested without end", f => f.Write("x.dcm", Nested())),
    ];

    private const string Plain = "orientations/00.nii";
    private const string Zipped = "containers/one.nii.gz";

    public static TheoryData<string> Names => [.. Cases.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_kind_of_bad_input_gets_what_the_table_says(string name)
    {
        var input = Array.Find(Cases, c => c.Name == name)!;
        var says = Table()[name];
        using var folder = new TemporaryFolder();
        var path = input.Make(folder, dicom);

        var said = input.IsWarning ? string.Join(' ', VolumeFormats.ReadHeader(path).Warnings)
            : Assert.Throws<MriFileException>(() => Read(path, input)).Message;

        Assert.Contains(says, said, StringComparison.Ordinal);
        Assert.False(said.AsSpan().ContainsAnyInRange('\0', '\u001f'));
        if (!input.IsWarning)
        {
            Assert.StartsWith($"'{path.Replace('\0', '\uFFFD')[..Math.Min(path.Length, 1000)]}", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_table_has_a_row_for_each_case_and_none_besides()
    {
        Assert.Equal(Cases.Select(c => c.Name), Table().Keys);
        Assert.InRange(Cases.Length, 40, int.MaxValue);
    }

    private static void Read(string path, Case input)
    {
        var header = VolumeFormats.ReadHeader(path, input.Volume);
        Assert.True(input.AtVoxels || input.Spoil is not null, "The header was accepted.");
        input.Spoil?.Invoke(path);
        new FileVoxelSource(header, new()).Read(CancellationToken.None);
    }

    // Name and message of each row of the table under the heading "Bad input".
    private static Dictionary<string, string> Table([CallerFilePath] string thisFile = "")
    {
        var docs = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../docs/formats.md"));
        return File.ReadAllLines(docs)
            .SkipWhile(line => line != "## Bad input").SkipWhile(line => !line.StartsWith("| ---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|'))
            .ToDictionary(cells => cells[1].Trim(), cells => cells[2].Trim().Trim('"', '…', ' '), StringComparer.Ordinal);
    }

    private static string Pipe(TemporaryFolder folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Named pipes are made with mkfifo.");
        System.Diagnostics.Process.Start("mkfifo", folder.File("x.nii")).WaitForExit();
        return folder.File("x.nii");
    }

    private static string Link(TemporaryFolder folder, string target)
    {
        File.CreateSymbolicLink(folder.File("x.nii"), folder.File(target));
        return folder.File("x.nii");
    }

    // Larger than what is looked at for the header.
    private static string WrongChecksum(TemporaryFolder folder)
    {
        var random = new Random(4);
        VolumeWriter.Write(folder.File("x.nii.gz"),
            new(new(new(20, 20, 20), Affine.Identity), [.. Enumerable.Range(0, 8000).Select(_ => (float)random.Next(256))]), VolumeDataType.UInt8);
        return folder.Write("x.nii.gz", Changed(folder.File("x.nii.gz"), bytes => bytes[^6] ^= 1));
    }

    // The number of segments is the first of the frame, after the empty table of frames.
    private static string BrokenRle(TemporaryFolder folder, DicomFixtures fixtures)
    {
        var path = Path.Combine(folder.Path, "rle");
        Directory.CreateDirectory(path);
        foreach (var file in Directory.GetFiles(fixtures.Folder("bad/rle")))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[file.EndsWith("IM0000", StringComparison.Ordinal) ? bytes.AsSpan().LastIndexOf<byte>([0xfe, 0xff, 0x00, 0xe0]) + 8 : 0] = 3;
            File.WriteAllBytes(Path.Combine(path, Path.GetFileName(file)), bytes);
        }

        return Path.Combine(path, "IM0000");
    }

    private static string Unreadable(TemporaryFolder folder)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "The administrator may read every file.");
        var path = folder.Changed(Plain, _ => { });
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.None);
        }

        return path;
    }

    private static byte[] Changed(string path, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        return bytes;
    }

    private static byte[] Nifti(Action<byte[]> change) => Changed(NiftiFixtures.PathOf(Plain), change);

    private static TextFile Nrrd(string field) => new($"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n{field}\n\n1");

    private static TextFile Meta(string field) =>
        new($"ObjectType = Image\nNDims = 3\n{field}\nDimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n1");

    // Both forms are there; the sform's first axis runs to the left, and the qform (pixdim[0] is 1) is not mirrored.
    private static void Mirrored(byte[] bytes)
    {
        Short(bytes, 252, 1, 1);
        Single(bytes, 76, 1);
        for (var place = 0; place < 12; place++)
        {
            Single(bytes, 280 + (4 * place), place == 0 ? -1 : place is 5 or 10 ? 1 : 0);
        }
    }

    private static void Short(byte[] bytes, int at, params short[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at + (2 * i)), values[i]);
        }
    }

    private static void Single(byte[] bytes, int at, float value) => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    // A sequence of one item of a sequence of one item … of undefined length.
    private static byte[] Nested()
    {
        byte[] meta = [2, 0, 0x10, 0, (byte)'U', (byte)'I', 20, 0, .. "1.2.840.10008.1.2.1\0"u8];
        byte[] level = [8, 0, 0x40, 0x11, (byte)'S', (byte)'Q', 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff, 0xff];
        return [.. new byte[128], .. "DICM"u8, .. meta, .. Enumerable.Repeat(level, 10_000).SelectMany(bytes => bytes)];
    }

    private sealed record Case(
        string Name, Func<TemporaryFolder, DicomFixtures, string> Make, bool AtVoxels = false, bool IsWarning = false, int? Volume = null,
        Action<string>? Spoil = null)
    {
        public Case(string name, Func<TemporaryFolder, string> make, bool AtVoxels = false, bool IsWarning = false, int? Volume = null,
            Action<string>? Spoil = null)
            : this(name, (folder, _) => make(folder), AtVoxels, IsWarning, Volume, Spoil)
        {
        }

        public Case(string name, Func<DicomFixtures, string> make)
            : this(name, (_, fixtures) => make(fixtures))
        {
        }
    }

    private sealed record TextFile(string Text)
    {
        public static implicit operator byte[](TextFile file) => Encoding.ASCII.GetBytes(file.Text);

        public TextFile Replace(string old, string with) => new(Text.Replace(old, with, StringComparison.Ordinal));
    }
}
