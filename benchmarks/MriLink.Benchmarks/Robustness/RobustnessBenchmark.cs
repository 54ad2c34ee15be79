using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>Real heads with labels, disturbed: how often what comes out is the undisturbed brain, and how often nobody would know that it is not.</summary>
internal sealed class RobustnessBenchmark : IBenchmark
{
    // Two scans of one person that were laid right correlate by 0.72 and more, a disturbed scan with its undisturbed self by more; strangers by 0.66.
    private const double Same = 0.9;

    public string Name => "robustness";

    public string Summary => "Disturbed real heads against their undisturbed selves";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("heads", "4", "how many of the labelled heads, evenly spread"),
        new("kinds", "all", "kinds of disturbances, separated by commas"),
        new("seed", "1", "seed of what is drawn"),
    ];

    public void Run(BenchmarkContext context)
    {
        var files = LabelledHead.Files(context.Data("."), context.Number("heads"));
        if (files.Count == 0)
        {
            throw new BenchmarkException("No scan in the folder of real volumes has labels beside it (…_T1w.nii.gz and …_dseg.nii.gz).");
        }

        var wanted = context.Option("kinds");
        var disturbances = Disturbances.All.Where(d => string.Equals(wanted, "all", StringComparison.Ordinal) || wanted.Split(',').Contains(d.Kind, StringComparer.Ordinal)).ToArray();
        var preprocessor = new Preprocessor(new(), context.Work);
        var tallies = disturbances.Select(d => d.Kind).Distinct(StringComparer.Ordinal).ToDictionary(kind => kind, _ => new Tally(), StringComparer.Ordinal);
        for (var number = 0; number < files.Count; number++)
        {
            var head = LabelledHead.Read(files[number], context.Work);
            var self = Process(head.Name, head.Scan)!;
            context.Progress($"{head.Name}: {self.QualityRecord}");
            for (var d = 0; d < disturbances.Length; d++)
            {
                var disturbance = disturbances[d];
                var random = new Random((context.Number("seed") * 7919) + (number * 101) + d);
                var result = Process(head.Name, disturbance.Apply(head, random));
                var likeness = result is null ? 0 : Correlation(result, self);
                var right = disturbance.Usable && likeness > Same;
                var pass = result?.QualityRecord.Verdict == QualityVerdict.Pass;
                tallies[disturbance.Kind].Add(disturbance.Usable, right, pass);
                context.Progress(FormattableString.Invariant(
                    $"  {disturbance.Kind}, {disturbance.Name}: NCC {likeness:0.000}, {(right ? "right" : disturbance.Usable ? "wrong" : "not to be used")}, {result?.QualityRecord.Verdict ?? QualityVerdict.Fail}{(pass && !right ? " SILENT" : "")}; {string.Join("; ", result?.QualityRecord.Reasons ?? [])}"));
            }
        }

        var table = new MarkdownTable("kind", "scans", "right and passed", "right, but flagged", "wrong or unusable, and flagged", "wrong or unusable, and passed");
        var all = new Tally();
        foreach (var (kind, tally) in tallies)
        {
            AddRow(table, kind, tally);
            all.Add(tally);
        }

        AddRow(table, "all", all);
        context.Say(table);
        context.Say(
            $"{files.Count} labelled heads, each disturbed in {disturbances.Length} ways. Right: the brain that comes out correlates by more than {Same} with that of the "
            + "undisturbed head, both on the template's grid; so pose, extraction and intensities all have to be right.");

        PreprocessedVolume? Process(string name, Volume volume)
        {
            try
            {
                return preprocessor.Process(new(new(name), new MemoryVoxelSource(volume)), null, context.Work);
            }
            catch (PreprocessingException)
            {
                return null;
            }
        }
    }

    /// <summary>Pearson correlation of two brains where both are.</summary>
    internal static double Correlation(PreprocessedVolume a, PreprocessedVolume b)
    {
        var (first, second) = (a.ReadVoxels(), b.ReadVoxels());
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < first.Voxels.Length; i++)
        {
            if (a.BrainMask.Voxels[i] && b.BrainMask.Voxels[i])
            {
                double p = first.Voxels[i], q = second.Voxels[i];
                (n, x, y, xx, yy, xy) = (n + 1, x + p, y + q, xx + (p * p), yy + (q * q), xy + (p * q));
            }
        }

        var variance = ((n * xx) - (x * x)) * ((n * yy) - (y * y));
        return variance > 0 ? ((n * xy) - (x * y)) / Math.Sqrt(variance) : 0;
    }

    private static void AddRow(MarkdownTable table, string name, Tally tally)
    {
        string Share(int count) => FormattableString.Invariant($"{count} ({100.0 * count / tally.Count:0.0} %)");
        table.Row(name, Figures.Fixed(tally.Count, 0), Share(tally.RightPassed), Share(tally.RightFlagged), Share(tally.WrongFlagged), Share(tally.WrongPassed));
    }

    private sealed class Tally
    {
        public int Count => RightPassed + RightFlagged + WrongFlagged + WrongPassed;

        public int RightPassed { get; private set; }

        public int RightFlagged { get; private set; }

        public int WrongFlagged { get; private set; }

        public int WrongPassed { get; private set; }

        public void Add(bool usable, bool right, bool pass)
        {
            RightPassed += usable && right && pass ? 1 : 0;
            RightFlagged += usable && right && !pass ? 1 : 0;
            WrongFlagged += !(usable && right) && !pass ? 1 : 0;
            WrongPassed += !(usable && right) && pass ? 1 : 0;
        }

        public void Add(Tally other) => (RightPassed, RightFlagged, WrongFlagged, WrongPassed) =
            (RightPassed + other.RightPassed, RightFlagged + other.RightFlagged, WrongFlagged + other.WrongFlagged, WrongPassed + other.WrongPassed);
    }
}
