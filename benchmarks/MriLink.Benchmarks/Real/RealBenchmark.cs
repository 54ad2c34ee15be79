using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Real;

/// <summary>
/// Real people: each stripped brain of ds002748 looks for its own simulated rescan among all, and the two visits of one person of
/// open-ms for each other among the volumes of both folders. There is no peer: the truth is known.
/// </summary>
internal sealed class RealBenchmark : IBenchmark
{
    private const string Brains = "ds002748";
    private const string Visits = "open-ms";
    private const string Visitor = "12";

    private static readonly string[] Measures = ["NCC", "LNCC", "SSIM", "NMI", "MAE"];

    public string Name => "real";

    public string Summary => "Real people find themselves";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options => [new("seed", "1", "seed of the simulated rescans")];

    public void Run(BenchmarkContext context)
    {
        var brains = Import(context.Data(Brains));
        var preprocessor = new Preprocessor(new PreprocessOptions { Template = Template.Colin27 }, context.Work);
        var originals = Prepare(brains, preprocessor, context);
        Rescans(context, brains, originals, preprocessor);
        if (context.HasData(Visits))
        {
            var heads = Prepare(Import(context.Data(Visits)), preprocessor, context);
            TwoVisits(context, [.. heads, .. originals]);
        }
    }

    // What the folder's files hold, told apart by their BIDS names.
    private static MriVolume[] Import(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*_T1w.nii.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => new MriVolume(ScanInventory.Identify(path), new FileVoxelSource(VolumeFormats.ReadHeader(path), new())))];

    private static PreparedVolume[] Prepare(MriVolume[] scans, Preprocessor preprocessor, BenchmarkContext context) =>
        [.. scans.Select(scan =>
        {
            var brain = preprocessor.Process(scan, null, context.Work);
            context.Progress($"{scan.Name}: {brain.QualityRecord}");
            return PreparedVolume.Prepare(brain);
        })];

    private static void Rescans(BenchmarkContext context, MriVolume[] brains, PreparedVolume[] originals, Preprocessor preprocessor)
    {
        // Another pose, thick axial slices on another grid, a stronger field, more noise and another contrast. No time passes.
        var conditions = ScanConditions.For(ScanScenario.AcrossDatabases, session: 2) with
        {
            Spacing = new(0.94, 0.94, 3),
            Interval = 0,
            Decline = 0,
            Stripped = true,
        };
        var seed = context.Number("seed");
        var rescans = Prepare(
            [.. brains.Select(brain =>
                (MriVolume)SimulatedScan.Repeat(brain, conditions, ScanScenario.AcrossDatabases, seed, "sim", stripped: true))],
            preprocessor, context);

        context.Say(
            $"**{originals.Length} stripped brains of {Brains}, each against the simulated rescans of all** "
            + "(pose within 15° and 20 mm, slices of 3 mm, field 45 %, noise 4 %, contrast 0.6, gradient distortion 1.5 mm):");
        var table = new MarkdownTable(
            "measure", "found (original → rescan)", "found (rescan → original)", "worst of the same person", "best of another");
        foreach (var measure in Measures.Select(name => SimilarityMeasures.Find(name)!))
        {
            var scores = PairwiseScorer.ScoreAll(measure, originals, rescans, SimilarityOptions.Default, context.Work);
            var sign = measure.HigherIsBetter ? 1 : -1;
            var all = Enumerable.Range(0, originals.Length).ToArray();
            var forward = all.Count(i => all.MaxBy(j => sign * scores[i, j]) == i);
            var back = all.Count(j => all.MaxBy(i => sign * scores[i, j]) == j);
            var worst = all.Select(i => scores[i, i]).MinBy(s => sign * s);
            var best = all.SelectMany(i => all.Where(j => j != i).Select(j => scores[i, j])).MaxBy(s => sign * s);
            table.Row(measure.Name, $"{forward} of {all.Length}", $"{back} of {all.Length}", Figures.Fixed(worst, 3), Figures.Fixed(best, 3));
        }

        context.Say(table);
    }

    private static void TwoVisits(BenchmarkContext context, PreparedVolume[] volumes)
    {
        var visits = Enumerable.Range(0, volumes.Length)
            .Where(i => string.Equals(volumes[i].Identity.Participant, Visitor, StringComparison.Ordinal)
                && volumes[i].Identity.Path!.Contains(Visits, StringComparison.Ordinal))
            .ToArray();
        if (visits.Length != 2)
        {
            throw new BenchmarkException($"{Visits} holds {visits.Length} visits of participant {Visitor}, not 2.");
        }

        context.Say($"**Two visits, 81 days apart, of participant {Visitor} of {Visits} (raw heads, slices of 3 mm), among all {volumes.Length} "
            + $"volumes of {Visits} and {Brains}:**");
        var table = new MarkdownTable("measure", "first visit's best", "second visit's best", "score of the two visits", "best of another");
        foreach (var measure in Measures.Select(name => SimilarityMeasures.Find(name)!))
        {
            var scores = PairwiseScorer.ScoreAll(measure, volumes, volumes, SimilarityOptions.Default, context.Work);
            var sign = measure.HigherIsBetter ? 1 : -1;
            int Best(int i) => Enumerable.Range(0, volumes.Length).Where(j => j != i).MaxBy(j => sign * scores[i, j]);
            string Found(int from, int to) => Best(from) == to ? "the other visit" : $"{volumes[Best(from)].Identity}";
            var others = Enumerable.Range(0, volumes.Length).Except(visits).SelectMany(j => visits.Select(i => scores[i, j])).MaxBy(s => sign * s);
            table.Row(measure.Name, Found(visits[0], visits[1]), Found(visits[1], visits[0]), Figures.Fixed(scores[visits[0], visits[1]], 3),
                Figures.Fixed(others, 3));
        }

        context.Say(table);
    }
}
