using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>Whether a result hangs on what should not matter: rounding noise, shifts below a voxel, the number of threads.</summary>
internal sealed class StabilityBenchmark : IBenchmark
{
    private const double Stable = 0.99;

    public string Name => "stability";

    public string Summary => "Results under changes that should not matter";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("heads", "4", "how many of the labelled heads, evenly spread"),
        new("copies", "10", "changed copies of each head"),
        new("seed", "1", "seed of what is drawn"),
    ];

    public void Run(BenchmarkContext context)
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
        context.Say("Copies in turn: noise of 1e-6 of each intensity; the origin shifted by up to 0.5 mm; the same with one thread. Widths of vector "
            + "instructions "
            + "are the runtime's: set DOTNET_EnableAVX512F=0 or DOTNET_EnableHWIntrinsic=0 and compare the figures of two runs.");

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
