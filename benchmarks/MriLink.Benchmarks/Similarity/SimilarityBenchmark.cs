using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Similarity;

namespace MriLink.Benchmarks.Similarity;

/// <summary>All pairs by NCC against OpenBLAS, the memory it takes, and SSIM against scikit-image.</summary>
internal sealed class SimilarityBenchmark : IBenchmark
{
    private const string Part = "part";
    private const string Volumes = "volumes";

    /// <inheritdoc/>
    public string Name => "similarity";

    /// <inheritdoc/>
    public string Summary => "All pairs of brains at 2 mm by NCC against OpenBLAS sgemm, their memory, and SSIM against scikit-image.";

    /// <inheritdoc/>
    public IReadOnlyList<Peer> Peers { get; } = [OpenBlas.Peer, Peer.PythonModule("skimage", "python3-skimage")];

    /// <inheritdoc/>
    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new(Volumes, "1000", "volumes on each side of the matrix product"),
        new(Part, "all", "all, product, local, memory or ssim; 'hold' and 'stream' only allocate, for measuring memory from outside"),
    ];

    /// <inheritdoc/>
    public void Run(BenchmarkContext context)
    {
        var part = context.Option(Part);
        var volumes = context.Number(Volumes);
        if (part is "hold" or "stream")
        {
            MemoryRun.Run(volumes, isStreamed: part is "stream", context);
            return;
        }

        if (part is "all" or "product")
        {
            Products(context, volumes);
        }

        if (part is "all" or "local")
        {
            Local(context, new(), volumes);
        }

        if (part is "all" or "memory")
        {
            Memory(context, volumes);
        }

        if (part is "all" or "ssim")
        {
            SsimComparison.Run(context);
        }
    }

    private static void Products(BenchmarkContext context, int volumes)
    {
        var brains = new SyntheticBrains();
        context.Progress($"Making {4 * volumes} volumes.");
        var probes = Make(context, volumes, brains.WithOneMask, 0);
        var gallery = Make(context, volumes, brains.WithOneMask, volumes);
        var ownProbes = Make(context, volumes, brains.WithOwnMask, 0);
        var ownGallery = Make(context, volumes, brains.WithOwnMask, volumes);
        var voxels = probes[0].VoxelCount;
        var x = new float[(long)volumes * voxels];
        var y = new float[(long)volumes * voxels];
        context.Work.ForBlocks(volumes, i =>
        {
            brains.UnitVector(i, x.AsSpan(i * voxels, voxels));
            brains.UnitVector(volumes + i, y.AsSpan(i * voxels, voxels));
        });

        var blas = new float[volumes * volumes];
        SimilarityMatrix? ncc = null;
        SimilarityMatrix? own = null;
        var sides = Alternating.Measure(
            context.Runs,
            ("OpenBLAS sgemm", () => Time(context, () => OpenBlas.Multiply(x, y, voxels, blas, context.Work.MaxThreads))),
            ("one mask", () => Time(context, () => ncc = ScoreAll(context, probes, gallery))),
            ("a mask each", () => Time(context, () => own = ScoreAll(context, ownProbes, ownGallery))),
            ("one mask, a set with itself", () => Time(context, () => ScoreAll(context, probes, probes))));

        var worst = 0.0;
        for (var i = 0; i < volumes; i++)
        {
            for (var j = 0; j < volumes; j++)
            {
                worst = Math.Max(worst, Math.Abs(ncc![i, j] - blas[(i * volumes) + j]));
            }
        }

        var pairs = (double)volumes * volumes;
        var table = new MarkdownTable("NCC", "voxels per mask", "time", "pairs/s", "Gflop/s", "throughput / sgemm");
        table.Row(sides[0].Name, Count(voxels), sides[0].DescribeTime(), Count(pairs / sides[0].Median),
            Count(2e-9 * pairs * voxels / sides[0].Median), "1");
        foreach (var (side, mean) in sides.Skip(1).Zip([voxels, ownGallery.Average(v => v.VoxelCount), voxels]))
        {
            table.Row(
                side.Name, Count(mean), side.DescribeTime(), Count(pairs / side.Median), Count(2e-9 * pairs * mean / side.Median),
                side.RatioOf(sides[0]).Describe(v => Figures.Fixed(v, 2)));
        }

        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{volumes} probes with {volumes} gallery volumes, {context.Work.MaxThreads} threads each side. sgemm multiplies unit vectors that lie "
                + $"ready in two arrays; ours takes volumes as they come and includes standardising, packing and the scores' last step. Flops are "
                + $"counted as those of the one product that the definition needs. With a mask each, a pair's score is over the voxels in both masks "
                + $"(mean Dice {MeanDice(own!):0.000}); throughput is per pair. The largest difference from sgemm's result is {worst:0.0E0}."));
        context.Say(table);
    }

    // What LocalNCC costs beyond NCC: from volumes in memory to all scores, reading left out.
    private static void Local(BenchmarkContext context, SyntheticBrains brains, int volumes)
    {
        SimilarityMeasure ncc = SimilarityMeasures.Find("NCC")!, local = SimilarityMeasures.Find("LocalNCC")!;
        var table = new MarkdownTable(
            "LocalNCC beside NCC", "NCC", "LocalNCC", "LocalNCC / NCC", "of it preparation", "throughput of the product / NCC's");
        foreach (var (name, make) in new (
            string, Func<int, PreparedVolume>)[] { ("a mask each", brains.WithBrainMask), ("one mask", brains.WithOneMask) })
        {
            var watch = Stopwatch.StartNew();
            var (preparing, multiplying) = (new List<double>(), new List<double>());
            var (probes, gallery) = (Make(context, volumes, make, 0), Make(context, volumes, make, volumes));
            PreparedVolume[] all = [.. probes, .. gallery];
            var sides = Alternating.Measure(
                context.Runs,
                ("NCC", () => Time(context, () => PairwiseScorer.ScoreAll(ncc, probes, gallery, SimilarityOptions.Default, context.Work))),
                ("LocalNCC", () => Time(context, () =>
                {
                    // Volumes keep what is computed once, so it is computed here again and thrown away; the first run, which is not measured,
                    // fills what they keep. A volume made ready for LocalNCC alone has it written over its intensities: no room is made$
                    // either.
                    watch.Restart();
                    context.Work.ForBlocks(all.Length, i =>
                    {
                        var room = ArrayPool<float>.Shared.Rent(all[i].VoxelCount);
                        LocalContrast.Default.Normalize(
                            all[i].Mask, all[i].Image.Values, all[i].Image.Standardization, all[i].Geometry.Spacing,
                            room.AsSpan(0, all[i].VoxelCount));
                        ArrayPool<float>.Shared.Return(room);
                    });
                    preparing.Add(watch.Elapsed.TotalSeconds);
                    watch.Restart();
                    PairwiseScorer.ScoreAll(local, probes, gallery, SimilarityOptions.Default, context.Work);
                    multiplying.Add(watch.Elapsed.TotalSeconds);
                })));
            preparing.Sort();
            multiplying.Sort();
            table.Row(
                name, sides[0].DescribeTime(), sides[1].DescribeTime(), sides[1].RatioOf(sides[0]).Describe(v => Figures.Fixed(v, 2)),
                Figures.Time(preparing[preparing.Count / 2]), Figures.Fixed(sides[0].Median / multiplying[multiplying.Count / 2], 2));
        }

        context.Say($"{volumes} × {volumes} volumes held in memory, LocalNCC with its local contrast normalisation of all {2 * volumes} volumes, in "
            + $"turn with NCC. Masks of their own are those of brains, whose surfaces differ, without islands:");
        context.Say(table);
    }

    private static double Time(BenchmarkContext context, Action work)
    {
        var watch = Stopwatch.StartNew();
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        work();
        var seconds = watch.Elapsed.TotalSeconds;
        context.Progress(string.Create(
            CultureInfo.InvariantCulture,
            $"  {seconds:0.00} s, {(Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds:0.00} s of processor"));
        return seconds;
    }

    private static void Memory(BenchmarkContext context, int volumes)
    {
        var table = new MarkdownTable("all pairs by the default measure", "gallery itself", "peak of the process", "peak − gallery");
        foreach (var (name, part) in new[] { ("probes held too", "hold"), ("probes in batches, as Measure-MriSimilarity takes them", "stream") })
        {
            var run = Child.Run(
                Environment.ProcessPath!,
                ["similarity", "--part", part, "--volumes", $"{volumes}", "--threads", $"{context.Work.MaxThreads}", "--results", "none"]);
            var bytes = MemoryRun.GalleryBytes(run.Output);
            table.Row(name, Figures.Megabytes(bytes), Figures.Megabytes(run.PeakBytes), Figures.Megabytes(run.PeakBytes - bytes));
        }

        context.Say($"Memory of {volumes} × {volumes} volumes, a mask each; a process of its own that makes the volumes and compares them. The "
            + $"gallery itself is its voxels within the masks, 4 bytes each, normalised where the measure wants that.");
        context.Say(table);
    }

    private static PreparedVolume[] Make(BenchmarkContext context, int count, Func<int, PreparedVolume> make, int first)
    {
        var volumes = new PreparedVolume[count];
        context.Work.ForBlocks(count, i => volumes[i] = make(first + i));
        return volumes;
    }

    private static SimilarityMatrix ScoreAll(BenchmarkContext context, PreparedVolume[] probes, PreparedVolume[] gallery) =>
        PairwiseScorer.ScoreAll(SimilarityMeasures.Find("NCC")!, probes, gallery, SimilarityOptions.Default, context.Work);

    private static double MeanDice(SimilarityMatrix matrix) => matrix.Pairs().Average(p => p.Overlap);

    private static string Count(double value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
