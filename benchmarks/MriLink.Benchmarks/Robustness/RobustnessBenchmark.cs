using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>
/// Real heads with labels, disturbed: how often what comes out is the undisturbed brain, and how often nobody would know that it is not.
/// </summary>
internal sealed class RobustnessBenchmark : IBenchmark
{
    // Two scans of one person that were laid right correlate by 0.72 and more, a disturbed scan with its undisturbed self by more; strangers by 0.66.
    private const double Same = 0.9;

    public string Name => "robustness";

    public string Summary => "Disturbed real heads against their undisturbed selves";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("heads", "21", "how many of the labelled heads, evenly spread"),
        new("every", "5", "disturb each head in every fifth way, or so, the next in the next ones"),
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
        var disturbances = Disturbances.All.Where(
            d => string.Equals(wanted, "all", StringComparison.Ordinal) || wanted.Split(',').Contains(d.Kind, StringComparer.Ordinal)).ToArray();
        var preprocessor = new Preprocessor(new(), context.Work);
        var unharmonized = new Preprocessor(new() { Harmonization = Harmonization.None }, context.Work);
        var every = context.Number("every");
        var tallies = disturbances.Select(d => d.Kind).Distinct(StringComparer.Ordinal)
            .ToDictionary(kind => kind, _ => new Tally(), StringComparer.Ordinal);
        for (var number = 0; number < files.Count; number++)
        {
            var head = LabelledHead.Read(files[number], context.Work);
            var self = Process(head.Name, head.Scan)!;
            var plain = unharmonized.Process(new(new(head.Name), new MemoryVoxelSource(head.Scan)), null, context.Work);
            context.Progress($"{head.Name}: {self.QualityRecord}");
            for (var d = number % every; d < disturbances.Length; d += every)
            {
                var disturbance = disturbances[d];
                var random = new Random((context.Number("seed") * 7919) + (number * 101) + d);
                var scan = disturbance.Apply(head, random);
                var result = Process(head.Name, scan);
                var likeness = result is null ? 0 : Correlation(result.ReadVoxels(), result.BrainMask, self.ReadVoxels(), self.BrainMask);
                var left = disturbance.Effect is DisturbanceEffect.ChangesBrain or DisturbanceEffect.ChangesShape
                    ? Left(head.Scan, scan, plain, context.Work) : 1;
                var verdict = result?.QualityRecord.GetVerdict() ?? QualityVerdict.Fail;
                var told = tallies[disturbance.Kind].Add(disturbance.Effect, likeness, left, verdict == QualityVerdict.Pass);
                context.Progress(FormattableString.Invariant(
                    $"  {disturbance.Kind}, {disturbance.Name}: NCC {likeness:0.000} of {left:0.000}, {Apart(result, self)}, {told}; {verdict} ")
                    + string.Join("; ", result?.QualityRecord.Reasons ?? []));
            }
        }

        var table = new MarkdownTable(
            "kind", "scans", "as it should be", "right, but flagged", "wrong, and flagged", "silently wrong", "Pass with NCC ≤ 0.9");
        var all = new Tally();
        foreach (var (kind, tally) in tallies)
        {
            AddRow(table, kind, tally);
            all.Add(tally);
        }

        AddRow(table, "all", all);
        context.Say(table);
        context.Say(
            $"{files.Count} labelled heads, each disturbed in one of {every} of the {disturbances.Length} ways, the next head in the next ones. "
                + $"Right: the brain that comes out "
            + $"correlates by more than {Same} with that of the undisturbed head, both on the template's grid; so pose, extraction and intensities "
            + $"all have to be right. Where noise, thick "
            + $"slices, a cavity or wide ventricles change the brain's own voxels, by more than {Same} of what these correlate by where, and "
            + $"in which shade, the undisturbed head says that they lie. As it should be: "
            + "right and passed; right, flagged or not, where a header contradicts its head (beyond 60 degrees a person has to be told, for left and "
            + "right are then unknown); flagged where there is no T1-weighted scan of a brain. The last column leaves nothing "
            + "to judgement: all that passed and do not correlate by more than 0.9.");

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

    // Where a header moves the world, the first figure says that it does.
    private static string Apart(PreprocessedVolume? result, PreprocessedVolume self)
    {
        if (result is null)
        {
            return "no result";
        }

        var (mask, sum) = (self.BrainMask, 0.0);
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            if (mask.Voxels[i])
            {
                var p = mask.Geometry.PlaceOf(i);
                sum += (self.TemplateToScan.Apply(p) - result.TemplateToScan.Apply(p)).Length;
            }
        }

        return FormattableString.Invariant($"{sum / mask.Count:0.0} mm apart, Dice of masks {result.BrainMask.Dice(mask):0.000}");
    }

    // What would be left of the brain in a disturbed scan if it were laid, and freed of its shade, just as the undisturbed one is. Results are free of
    // shade, and two scans that share theirs are more alike than what is in them.
    private static double Left(Volume scan, Volume disturbed, PreprocessedVolume plain, WorkOptions work)
    {
        Volume Laid(Volume volume) => Resampler.Resample(volume, plain.TemplateToScan, plain.Geometry, plain.BrainMask, work);
        var (own, shaded, left) = (plain.ReadVoxels(), Laid(scan), Laid(disturbed));
        for (var i = 0; i < left.Voxels.Length; i++)
        {
            left.Voxels[i] = shaded.Voxels[i] > 0 ? left.Voxels[i] * own.Voxels[i] / shaded.Voxels[i] : 0;
        }

        return Correlation(own, plain.BrainMask, left, plain.BrainMask);
    }

    /// <summary>Pearson correlation of two brains where both are.</summary>
    internal static double Correlation(Volume first, Mask firstMask, Volume second, Mask secondMask)
    {
        double n = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
        for (var i = 0; i < first.Voxels.Length; i++)
        {
            if (firstMask.Voxels[i] && secondMask.Voxels[i])
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
        table.Row(name, Figures.Fixed(tally.Count, 0), Share(tally.Proper), Share(tally.RightFlagged), Share(tally.WrongFlagged),
            Share(tally.WrongPassed), Share(tally.UnlikePassed));
    }

    private sealed class Tally
    {
        public int Count => Proper + RightFlagged + WrongFlagged + WrongPassed;

        public int Proper { get; private set; }

        public int RightFlagged { get; private set; }

        public int WrongFlagged { get; private set; }

        public int WrongPassed { get; private set; }

        public int UnlikePassed { get; private set; }

        public string Add(DisturbanceEffect effect, double likeness, double left, bool pass)
        {
            var right = likeness > Same * left;
            UnlikePassed += pass && likeness <= Same ? 1 : 0;
            switch (effect)
            {
                case DisturbanceEffect.Unusable when !pass:
                case DisturbanceEffect.WrongHeader when right:
                case DisturbanceEffect.None or DisturbanceEffect.ChangesBrain or DisturbanceEffect.ChangesShape when right && pass:
                    Proper++;
                    return "as it should be";
                case DisturbanceEffect.None or DisturbanceEffect.ChangesBrain or DisturbanceEffect.ChangesShape when right:
                    RightFlagged++;
                    return "FLAGGED though right";
                default:
                    (WrongFlagged, WrongPassed) = pass ? (WrongFlagged, WrongPassed + 1) : (WrongFlagged + 1, WrongPassed);
                    return pass ? "SILENT" : "wrong and flagged";
            }
        }

        public void Add(Tally other) => (Proper, RightFlagged, WrongFlagged, WrongPassed, UnlikePassed) =
            (Proper + other.Proper, RightFlagged + other.RightFlagged, WrongFlagged + other.WrongFlagged, WrongPassed + other.WrongPassed,
                UnlikePassed + other.UnlikePassed);
    }
}
