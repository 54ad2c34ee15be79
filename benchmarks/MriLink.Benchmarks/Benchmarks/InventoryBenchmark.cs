using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Audit;
using MriLink.Core.Formats.Inventory;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>Listing what there is to check: slices of DICOM series beside reading their files once, and a large BIDS tree.</summary>
internal sealed class InventoryBenchmark : IBenchmark
{
    private const int Side = 256;
    private const int Subjects = 5000;

    // What a subject of a dataset with functional scans has; together 20 files.
    private static readonly string[] SubjectFiles =
    [
        "anat/{0}_T1w.nii.gz", "anat/{0}_T1w.json", "anat/{0}_T2w.nii.gz", "anat/{0}_T2w.json", "anat/{0}_desc-brain_mask.nii.gz",
        "anat/{0}_dseg.nii.gz",
        "dwi/{0}_dwi.nii.gz", "dwi/{0}_dwi.json", "dwi/{0}_dwi.bval", "dwi/{0}_dwi.bvec", "fmap/{0}_phasediff.nii.gz", "fmap/{0}_phasediff.json",
        "fmap/{0}_magnitude1.nii.gz",
        "func/{0}_task-rest_bold.nii.gz", "func/{0}_task-rest_bold.json", "func/{0}_task-rest_events.tsv", "func/{0}_task-rest_physio.tsv.gz",
        "func/{0}_task-motor_bold.nii.gz",
        "func/{0}_task-motor_bold.json", "func/{0}_task-motor_events.tsv",
    ];

    public string Name => "inventory";

    public string Summary => "Listing folders of DICOM slices against reading the files once, and a BIDS tree of 100,000 files";

    public IReadOnlyList<Peer> Peers => [];

    public void Run(BenchmarkContext context)
    {
        var table = new MarkdownTable("slices", "series", "listing", "reading the files once", "listing / reading");
        foreach (var (slices, series) in new[] { (100, 1), (200, 1), (400, 1), (800, 1), (100, 10) })
        {
            var folder = WriteSeries(context.Scratch($"dicom-{slices}-{series}"), slices, series);
            var times = Alternating.Time(context.Runs, ("listing", () => List(context, folder, series)), ("reading", () => Read(folder)));
            table.Row((slices * series).ToString(CultureInfo.InvariantCulture), series.ToString(CultureInfo.InvariantCulture),
                times[0].DescribeTime(), times[1].DescribeTime(),
                times[1].RatioOf(times[0]).Describe(ratio => Figures.Fixed(ratio, 2)));
            Directory.Delete(folder, recursive: true);
        }

        var tree = WriteTree(context.Scratch("bids"));
        var listing = Alternating.Time(context.Runs, ("listing", () => List(context, tree, Subjects)));
        var walking = Alternating.Time(context.Runs, ("walking", () => Count(tree)));
        context.Say($"Slices of {Side}x{Side} voxels of 16 bits. Listing is what an audit does before it reads a voxel: which files there are, which "
            + $"make a volume, and whose it is. "
            + "All files are in memory; reading is one file after the other.");
        context.Say(table);
        context.Say($"A BIDS tree of {Subjects} subjects and {Subjects * SubjectFiles.Length:N0} files is listed in {listing[0].DescribeTime()}; "
            + $"naming its files and no more takes {walking[0].DescribeTime()}.");
    }

    private static void List(BenchmarkContext context, string folder, int scans)
    {
        var listing = AuditListing.Of(ScanInventory.Take([new InventoryPath(folder)], new InventoryOptions(), context.Work), [folder]);
        if (listing.Files.Count != scans)
        {
            throw new BenchmarkException($"{listing.Files.Count} scans were listed, not {scans}.");
        }
    }

    private static void Read(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            File.ReadAllBytes(file);
        }
    }

    private static void Count(string folder)
    {
        if (Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count() != Subjects * SubjectFiles.Length)
        {
            throw new BenchmarkException("The tree is not what was written.");
        }
    }

    private static string WriteSeries(string folder, int slices, int series)
    {
        for (var s = 0; s < series; s++)
        {
            var below = Directory.CreateDirectory(Path.Combine(folder, $"P{s:000}")).FullName;
            for (var i = 0; i < slices; i++)
            {
                File.WriteAllBytes(Path.Combine(below, $"IM{i:0000}"), Slice(s, i));
            }
        }

        return folder;
    }

    // Explicit little endian, as scanners write it.
    private static byte[] Slice(int series, int slice)
    {
        var bytes = new MemoryStream();
        bytes.Write(new byte[128]);
        bytes.Write("DICM"u8);
        Element(0x0002, 0x0010, "UI", "1.2.840.10008.1.2.1");
        Element(0x0008, 0x0008, "CS", "ORIGINAL\\PRIMARY\\M");
        Element(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.4");
        Element(0x0008, 0x0018, "UI", $"1.2.3.{series}.{slice}");
        Element(0x0008, 0x0060, "CS", "MR");
        Element(0x0010, 0x0010, "PN", $"Nobody^{series}");
        Element(0x0010, 0x0020, "LO", $"P{series}");
        Element(0x0020, 0x000D, "UI", $"1.2.4.{series}");
        Element(0x0020, 0x000E, "UI", $"1.2.5.{series}");
        Element(0x0020, 0x0011, "IS", "1");
        Element(0x0020, 0x0013, "IS", FormattableString.Invariant($"{slice + 1}"));
        Element(0x0020, 0x0032, "DS", FormattableString.Invariant($"0\\0\\{slice}"));
        Element(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0");
        Element(0x0020, 0x0052, "UI", $"1.2.6.{series}");
        Element(0x0028, 0x0002, "US", Short(1));
        Element(0x0028, 0x0004, "CS", "MONOCHROME2");
        Element(0x0028, 0x0010, "US", Short(Side));
        Element(0x0028, 0x0011, "US", Short(Side));
        Element(0x0028, 0x0030, "DS", "1\\1");
        Element(0x0028, 0x0100, "US", Short(16));
        Element(0x0028, 0x0101, "US", Short(16));
        Element(0x0028, 0x0102, "US", Short(15));
        Element(0x0028, 0x0103, "US", Short(0));
        Element(0x7FE0, 0x0010, "OW", new string('\u0001', Side * Side * 2));
        return bytes.ToArray();

        static string Short(int value) => new([(char)(value & 0xFF), (char)(value >> 8)]);

        void Element(ushort group, ushort number, string type, string value)
        {
            var padded = Encoding.Latin1.GetBytes(value.Length % 2 == 0 ? value : value + (type is "UI" ? '\0' : ' '));
            Span<byte> head = stackalloc byte[12];
            BinaryPrimitives.WriteUInt16LittleEndian(head, group);
            BinaryPrimitives.WriteUInt16LittleEndian(head[2..], number);
            Encoding.Latin1.GetBytes(type, head[4..]);
            if (type is "OW")
            {
                BinaryPrimitives.WriteUInt16LittleEndian(head[6..], 0);
                BinaryPrimitives.WriteInt32LittleEndian(head[8..], padded.Length);
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(head[6..], (ushort)padded.Length);
            }

            bytes.Write(type is "OW" ? head : head[..8]);
            bytes.Write(padded);
        }
    }

    private static string WriteTree(string folder)
    {
        for (var s = 1; s <= Subjects; s++)
        {
            var subject = $"sub-{s:00000}";
            foreach (var name in SubjectFiles)
            {
                var path = Path.Combine(folder, subject, string.Format(CultureInfo.InvariantCulture, name, subject));
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, "{ \"EchoTime\": 0.003 }\n");
            }
        }

        return folder;
    }
}
