using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>Reading .nii.gz: time beside nibabel and beside decompressing the same bytes and nothing else; memory; headers a second.</summary>
internal sealed class ReadingBenchmark : IBenchmark
{
    // nibabel in a process of its own; the first load brings file and code into memory and does not count.
    private const string Nibabel = """
        import sys, time
        import nibabel, numpy
        for _ in range(2):
            start = time.perf_counter()
            voxels = nibabel.load(sys.argv[1]).get_fdata(dtype=numpy.float32)
            seconds = time.perf_counter() - start
        print(seconds, voxels.sum(dtype=numpy.float64))
        """;

    // Small real files: what a header costs does not depend on the voxels behind it.
    private const int HeaderFiles = 2000;

    public string Name => "reading";

    public string Summary => "Reading .nii.gz against nibabel and against decompression alone";

    public IReadOnlyList<Peer> Peers { get; } = [Colin27Files.Peer, Peer.PythonModule("nibabel", "python3-nibabel")];

    public void Run(BenchmarkContext context)
    {
        var table = new MarkdownTable(
            "volume", "ours", "nibabel", "nibabel / ours", "ours, again", "inflating", "ours / inflating", "peak / float volume");
        foreach (var (name, path) in Volumes(context))
        {
            table.Row([name, .. Compare(context, path)]);
        }

        context.Say("Each side reads the whole file to 32-bit floats, scaled, checked for numbers that are not finite, and with its checksum "
            + "verified: "
            + "nibabel by `get_fdata(dtype=float32)`. Inflating is .NET's GZipStream read to its end into one small buffer. Ratios are medians of "
            + "the ratios run by run. "
            + "Memory is what this process held at most while reading, beyond what it held before, over four bytes a voxel.");
        context.Say(table);
        context.Say(CountHeaders(context));
    }

    private static IEnumerable<(string Name, string Path)> Volumes(BenchmarkContext context)
    {
        yield return ("Colin27 head, uint8, 1 mm", Colin27Files.Head);
        if (context.HasData("ds002748")
            && Directory.GetFiles(context.Data("ds002748"), "*.nii.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .FirstOrDefault() is { } real)
        {
            yield return ("a brain of ds002748, float32, 0.87 mm", real);
        }
    }

    private static string[] Compare(BenchmarkContext context, string path)
    {
        var (sum, peak) = ReadOnce(path);
        var script = context.Scratch("load.py");
        File.WriteAllText(script, Nibabel);
        var theirSum = 0.0;
        double RunNibabel()
        {
            var parts = Child.Run(Peer.Python, [script, path]).Output.Split(' ');
            theirSum = double.Parse(parts[1], CultureInfo.InvariantCulture);
            return double.Parse(parts[0], CultureInfo.InvariantCulture);
        }

        // Two turns of their own: a Python process that starts and ends between the others empties caches and memory under them.
        var besideNibabel = Alternating.Measure(context.Runs, ("ours", () => Time(() => Colin27Files.Read(path))), ("nibabel", RunNibabel));
        var besideInflating = Alternating.Measure(
            context.Runs, ("ours", () => Time(() => Colin27Files.Read(path))), ("inflating", () => Time(() => Inflate(path))));

        // Sums of floats in double precision, in another order.
        if (Math.Abs(sum - theirSum) > 1e-9 * Math.Abs(sum))
        {
            throw new BenchmarkException($"The two sides read different voxels of {Path.GetFileName(path)}: their sums are {sum} and {theirSum}.");
        }

        return
        [
            besideNibabel[0].DescribeTime(), besideNibabel[1].DescribeTime(), besideNibabel[0].RatioOf(besideNibabel[1]).Describe(Figures.Ratio),
            besideInflating[0].DescribeTime(), besideInflating[1].DescribeTime(),
            besideInflating[1].RatioOf(besideInflating[0]).Describe(ratio => Figures.Fixed(ratio, 2)),
            Figures.Fixed(peak, 2),
        ];
    }

    private static (double Sum, double Peak) ReadOnce(string path)
    {
        // A first read compiles the code, whose memory is not the volume's; its own volume is given back to the system.
        Colin27Files.Read(path);
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        PeakMemory.Reset();
        var before = PeakMemory.OfThisProcess;
        var volume = Colin27Files.Read(path);
        var peak = PeakMemory.OfThisProcess - before;
        return (Sum(volume), (double)peak / (sizeof(float) * volume.Size.Count));
    }

    private static double Sum(Volume volume)
    {
        var sum = 0.0;
        foreach (var voxel in volume.Voxels)
        {
            sum += voxel;
        }

        return sum;
    }

    private static void Inflate(string path)
    {
        using var stream = new GZipStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16), CompressionMode.Decompress);
        Span<byte> buffer = new byte[1 << 16];
        while (stream.Read(buffer) > 0)
        {
        }
    }

    private static double Time(Action work)
    {
        var watch = Stopwatch.StartNew();
        work();
        return watch.Elapsed.TotalSeconds;
    }

    private static MarkdownTable CountHeaders(BenchmarkContext context)
    {
        var table = new MarkdownTable("headers, all fields", "files a second");
        var volume = new Volume(new(new(16, 16, 16), Affine.Identity), new float[4096]);
        foreach (var extension in VolumeWriter.Extensions)
        {
            var folder = Directory.CreateDirectory(context.Scratch("headers" + extension)).FullName;
            var first = Path.Combine(folder, "0" + extension);
            VolumeWriter.Write(first, volume);
            for (var i = 1; i < HeaderFiles; i++)
            {
                File.Copy(first, Path.Combine(folder, i.ToString(CultureInfo.InvariantCulture) + extension));
            }

            var files = Directory.GetFiles(folder);
            var times = Alternating.Time(context.Runs, (extension, () => Array.ForEach(files, file => VolumeFormats.Describe(file))));
            table.Row(extension, Figures.Fixed(HeaderFiles / times[0].Median, 0));
        }

        return table;
    }
}
