using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Benchmarks.Robustness;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>
/// Brain extraction against known masks: simulated heads of every scenario and real ones with labels; and whether stripped input is told from raw.
/// </summary>
internal sealed class ExtractionBenchmark : IBenchmark
{
    private const string ScanEnding = "_T1w.nii.gz";

    public string Name => "extraction";

    public string Summary => "Brain extraction against known masks, its repeatability, and the recognition of stripped input";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("participants", "20", "simulated participants, two scans each, the scenarios in turn"),
        new("seed", "11", "seed of the simulated cohort"),
        new("stripped", "ds002748", "folder of real volumes that are stripped, within --data"),
    ];

    public void Run(BenchmarkContext context)
    {
        var preprocessor = new Preprocessor(new(), context.Work);
        var table = new MarkdownTable(
            "heads", "count", "mean Dice", "worst Dice", "outside the true mask", "missed of it", "median time of the step");
        var repeat = Simulated(context, preprocessor, table);
        var scans = Scans(context);
        Labelled(context, preprocessor, table, scans.Where(scan => LabelledHead.LabelsOf(scan) is not null).ToList());
        context.Say(table);
        context.Say($"Two scans of one simulated participant, in template space: mean Dice {Dice(repeat.Average())}, worst {Dice(repeat.Min())} "
            + $"({repeat.Count} pairs).");
        Recognition(context, preprocessor, scans);
        context.Say("""
            Masks are compared on the scan's own grid, to which ours is brought back from the template's. A simulated head's true mask
            is Colin27's, carried through the deformation that made the head; a real one's are the voxels with a label (DLMUSE). What
            lies outside the true mask and what is missed of it are shares of its volume. Figures per head are printed, not kept.
            """.ReplaceLineEndings("\n"));
    }

    private static List<double> Simulated(BenchmarkContext context, Preprocessor preprocessor, MarkdownTable table)
    {
        var scenarios = Enum.GetValues<ScanScenario>();
        var (outcomes, repeat) = (new List<Outcome>(), new List<double>());
        for (var participant = 1; participant <= context.Number("participants"); participant++)
        {
            var cohort = new SimulatedCohort
            {
                Seed = context.Number("seed"),
                ParticipantNumbers = [participant],
                SessionNumbers = [1, 2],
                Scenario = scenarios[(participant - 1) % scenarios.Length],
            };
            Mask? first = null;
            foreach (var scan in cohort.Scans())
            {
                var simulated = scan.SimulateTruth(context.Work);
                var result = preprocessor.Process(InMemory(simulated.Head, scan.Identity), null, context.Work);
                outcomes.Add(Judge(context, $"{scan.Name} {scan.Scenario}", result, simulated.BrainMask!));
                if (first is not null)
                {
                    repeat.Add(result.BrainMask.Dice(first));
                    context.Progress($"  with session 1: {Dice(repeat[^1])}");
                }

                first = result.BrainMask;
            }
        }

        AddRow(table, "simulated, all scenarios", outcomes);
        return repeat;
    }

    private static void Labelled(BenchmarkContext context, Preprocessor preprocessor, MarkdownTable table, List<string> scans)
    {
        if (scans.Count == 0)
        {
            context.Progress("No scan in the folder of real volumes has labels beside it: that comparison is left out.");
            return;
        }

        var outcomes = new List<Outcome>();
        foreach (var scan in scans)
        {
            var result = preprocessor.Process(FromFile(scan), null, context.Work);
            outcomes.Add(Judge(context, Path.GetFileName(scan), result, Mask.FromVolume(FromFile(LabelledHead.LabelsOf(scan)!).ReadVoxels())));
        }

        AddRow(table, "real, with labels", outcomes);
    }

    private static void Recognition(BenchmarkContext context, Preprocessor preprocessor, List<string> scans)
    {
        var stripped = Path.Combine(BenchmarkContext.InRepository(context.Option("data")), context.Option("stripped")) + Path.DirectorySeparatorChar;
        var counts = new Dictionary<string, (int Right, int All)>(StringComparer.Ordinal);
        foreach (var path in scans)
        {
            var expected = path.StartsWith(stripped, StringComparison.Ordinal);
            var result = preprocessor.Process(FromFile(path), null, context.Work);
            Count(expected ? "stripped" : "raw", path, result, expected);
            if (!expected)
            {
                var defaced = InMemory(Deface(FromFile(path).ReadVoxels(), result.TemplateToScan), new(Path.GetFileName(path)));
                Count("raw with the face removed", path, preprocessor.Process(defaced, null, context.Work), false);
            }
        }

        if (counts.Count > 0)
        {
            var table = new MarkdownTable("real scans", "recognised for what they are");
            foreach (var (kind, (right, all)) in counts)
            {
                table.Row(kind, FormattableString.Invariant($"{right} of {all}"));
            }

            context.Say(table);
        }

        void Count(string kind, string path, PreprocessedVolume result, bool expected)
        {
            var right = result.QualityRecord.InputStripped == expected;
            var (before, all) = counts.GetValueOrDefault(kind);
            counts[kind] = (before + (right ? 1 : 0), all + 1);
            context.Progress($"{Path.GetFileName(path)}, {kind}: {(right ? "recognised" : "MISTAKEN")}; {result.QualityRecord}");
        }
    }

    // Sets to 0 what lies before the temporal poles and below the frontal lobes, in the template's space: eyes, nose and mouth.
    private static Volume Deface(Volume head, Affine templateToScan)
    {
        const double front = 30;
        const double height = -28;
        const double rise = 0.25;
        var map = templateToScan.Inverse() * head.Geometry.VoxelToWorld;
        var size = head.Size;
        var voxels = (float[])head.Voxels.Clone();
        Parallel.For(0, size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var p = map.Apply(new(x, y, z));
                    if (p.Y > front && p.Z < height + (rise * (p.Y - front)))
                    {
                        voxels[size.IndexOf(x, y, z)] = 0;
                    }
                }
            }
        });
        return new(head.Geometry, voxels);
    }

    private static Outcome Judge(BenchmarkContext context, string name, PreprocessedVolume result, Mask truth)
    {
        var ours = Mask.FromVolume(
            Resampler.Resample(result.BrainMask.ToVolume(), result.TemplateToScan.Inverse(), truth.Geometry, null, context.Work), 0.5f);
        long outside = 0, missed = 0;
        for (var i = 0; i < truth.Voxels.Length; i++)
        {
            outside += ours.Voxels[i] && !truth.Voxels[i] ? 1 : 0;
            missed += truth.Voxels[i] && !ours.Voxels[i] ? 1 : 0;
        }

        var seconds = result.Timings.Single(t => string.Equals(t.Step, "brain", StringComparison.Ordinal)).Duration.TotalSeconds;
        var outcome = new Outcome(ours.Dice(truth), outside / (double)truth.Count, missed / (double)truth.Count, seconds);
        context.Progress($"{name}: Dice {Dice(outcome.Dice)}, outside {Percent(outcome.Outside)}, missed {Percent(outcome.Missed)}; "
            + $"{result.QualityRecord}");
        return outcome;
    }

    private static void AddRow(MarkdownTable table, string heads, List<Outcome> outcomes) => table.Row(
        heads,
        Figures.Fixed(outcomes.Count, 0),
        Dice(outcomes.Average(o => o.Dice)),
        Dice(outcomes.Min(o => o.Dice)),
        Percent(outcomes.Average(o => o.Outside)),
        Percent(outcomes.Average(o => o.Missed)),
        Figures.Time(outcomes.Select(o => o.Seconds).Order().ElementAt(outcomes.Count / 2)));

    private static List<string> Scans(BenchmarkContext context)
    {
        var folder = BenchmarkContext.InRepository(context.Option("data"));
        if (!Directory.Exists(folder))
        {
            context.Progress($"The folder of real volumes, {context.Option("data")}, is absent: only simulated heads are used.");
            return [];
        }

        return [.. Directory.EnumerateFiles(folder, "*" + ScanEnding, SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    private static MriVolume FromFile(string path) =>
        new(new(Path.GetFileName(path)), new FileVoxelSource(VolumeFormats.ReadHeader(path), new() { Reorient = true }));

    private static MriVolume InMemory(Volume volume, ScanIdentity identity) => new(identity, new MemoryVoxelSource(volume));

    private static string Dice(double value) => Figures.Fixed(value, 4);

    private static string Percent(double share) => Figures.Fixed(100 * share, 1) + " %";

    private sealed record Outcome(double Dice, double Outside, double Missed, double Seconds);
}
