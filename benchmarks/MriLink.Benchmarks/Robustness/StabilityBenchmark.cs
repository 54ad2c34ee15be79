using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>
/// Whether a result hangs on what should not matter: rounding noise, shifts below a voxel, the number of threads, the width of vector instructions.
/// </summary>
internal sealed class StabilityBenchmark : IBenchmark
{
    private const double Stable = 0.99;

    // What the runtime is told to do without. Without any, it computes as a processor without extensions would, and takes ten times as long.
    private static readonly (string Name, string Variable)[] Widths =
    [
        ("without AVX-512", "DOTNET_EnableAVX512F"), ("without AVX2", "DOTNET_EnableAVX2"), ("scalar", "DOTNET_EnableHWIntrinsic"),
    ];

    public string Name => "stability";

    public string Summary => "Results under changes that should not matter";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("heads", "4", "how many of the labelled heads, evenly spread"),
        new("copies", "10", "changed copies of each head"),
        new("seed", "1", "seed of what is drawn"),
        new("widths", "4", "how many of the labelled heads are repeated with narrower vector instructions"),
        new("keep", "none", "folder in which the results of heads are kept; with it nothing else is done, and the repetitions are runs of this kind"),
    ];

    public void Run(BenchmarkContext context)
    {
        if (!string.Equals(context.Option("keep"), "none", StringComparison.Ordinal))
        {
            Keep(context);
            return;
        }

        Copies(context);
        CompareWidths(context);
    }

    private static void Keep(BenchmarkContext context)
    {
        var preprocessor = new Preprocessor(new(), context.Work);
        foreach (var file in LabelledHead.Files(context.Data("."), context.Number("heads")))
        {
            var head = LabelledHead.Read(file, context.Work);
            var result = preprocessor.Process(new(new(head.Name), new MemoryVoxelSource(head.Scan)), null, context.Work);
            File.WriteAllBytes(Path.Combine(context.Option("keep"), head.Name), PreprocessedVolumeCodec.Encode(result));
        }
    }

    private static void CompareWidths(BenchmarkContext context)
    {
        var table = new MarkdownTable("instructions", "heads", "equal to the last bit", "lowest Dice of masks", "lowest NCC", "other verdicts");
        var full = KeptBy(context, "full", []);
        foreach (var (name, variable) in Widths)
        {
            var narrow = KeptBy(context, variable, (variable, "0"));
            var (dice, likeness, equal, verdicts) = (1.0, 1.0, 0, 0);
            foreach (var (head, (bytes, self)) in full)
            {
                var (otherBytes, other) = narrow[head];
                var (overlap, correlation) = (other.BrainMask.Dice(self.BrainMask),
                    RobustnessBenchmark.Correlation(other.ReadVoxels(), other.BrainMask, self.ReadVoxels(), self.BrainMask));
                (dice, likeness) = (Math.Min(dice, overlap), Math.Min(likeness, correlation));
                equal += bytes.AsSpan().SequenceEqual(otherBytes) ? 1 : 0;
                verdicts += other.QualityRecord.GetVerdict() == self.QualityRecord.GetVerdict() ? 0 : 1;
                context.Progress(FormattableString.Invariant(
                    $"{head}, {name}: Dice {overlap:0.0000}, NCC {correlation:0.0000}; {other.QualityRecord}"));
            }

            table.Row(name, Figures.Fixed(full.Count, 0), Figures.Fixed(equal, 0), Figures.Fixed(dice, 4), Figures.Fixed(likeness, 4),
                Figures.Fixed(verdicts, 0));
        }

        context.Say(table);
        context.Say("Each head again by a runtime that is told to do without the wider vector instructions, against one that may use all that this "
            + "processor has (" + (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated ? "AVX-512 among them" : "AVX-512 is not among them")
            + ").");
    }

    // What heads come to in a process of its own.
    private static Dictionary<string, (byte[] Bytes, PreprocessedVolume Result)> KeptBy(
        BenchmarkContext context, string name, params (string Name, string Value)[] environment)
    {
        var folder = Directory.CreateDirectory(context.Scratch(name)).FullName;
        Child.Run(Environment.ProcessPath!,
            ["stability", "--keep", folder, "--heads", context.Option("widths"), "--data", context.Option("data"),
                "--threads", context.Option("threads"), "--results", "none"],
            environment);
        return Directory.EnumerateFiles(folder).ToDictionary(file => Path.GetFileName(file), file =>
        {
            var bytes = File.ReadAllBytes(file);
            return (bytes, PreprocessedVolumeCodec.Decode(bytes, file, new(Path.GetFileName(file)), []));
        }, StringComparer.Ordinal);
    }

    private static void Copies(BenchmarkContext context)
    {
        var table = new MarkdownTable("head", "verdict", "lowest Dice of masks", "lowest NCC", "copies below 0.99 that pass");
        var preprocessor = new Preprocessor(new(), context.Work);
        foreach (var file in LabelledHead.Files(context.Data("."), context.Number("heads")))
        {
            var head = LabelledHead.Read(file, context.Work);
            var self = Process(head.Scan, context.Work);
            var (dice, likeness, silent) = (1.0, 1.0, 0);
            for (var copy = 0; copy < context.Number("copies"); copy++)
            {
                var random = new Random((context.Number("seed") * 1009) + copy);
                var changed = Process(Changed(head.Scan, copy, random), copy % 3 == 2 ? WorkOptions.SingleThread : context.Work);
                var overlap = changed.BrainMask.Dice(self.BrainMask);
                (dice, likeness) = (Math.Min(dice, overlap),
                    Math.Min(likeness, RobustnessBenchmark.Correlation(changed.ReadVoxels(), changed.BrainMask, self.ReadVoxels(), self.BrainMask)));
                silent += overlap < Stable && changed.QualityRecord.GetVerdict() == QualityVerdict.Pass
                    && self.QualityRecord.GetVerdict() == QualityVerdict.Pass ? 1 : 0;
                context.Progress(FormattableString.Invariant($"{head.Name}, copy {copy}: Dice {overlap:0.0000}; {changed.QualityRecord}"));
            }

            table.Row(head.Name, self.QualityRecord.Verdict, Figures.Fixed(dice, 4), Figures.Fixed(likeness, 4), Figures.Fixed(silent, 0));
        }

        context.Say(table);
        context.Say("Copies in turn: noise of 1e-6 of each intensity; the origin shifted by up to 0.5 mm; the same with one thread.");

        PreprocessedVolume Process(Volume volume, WorkOptions work) =>
            preprocessor.Process(new(new("head"), new MemoryVoxelSource(volume)), null, work);
    }

    private static Volume Changed(Volume scan, int copy, Random random)
    {
        if (copy % 3 == 0)
        {
            return new(scan.Geometry, Array.ConvertAll(scan.Voxels, v => v * (float)(1 + (1e-6 * ((2 * random.NextDouble()) - 1)))));
        }

        double Shift() => random.NextDouble() - 0.5;
        return new(new(scan.Size, Affine.FromTranslation(Shift(), Shift(), Shift()) * scan.Geometry.VoxelToWorld), scan.Voxels);
    }
}
