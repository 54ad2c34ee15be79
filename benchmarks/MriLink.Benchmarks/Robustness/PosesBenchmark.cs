using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>Whether heads whose headers are right are laid where they lie: none turned over, none left some millimetres off unseen.</summary>
internal sealed class PosesBenchmark : IBenchmark
{
    // A pose farther off than this, as the mean over the brain, compares folds with their neighbours.
    private const double Right = 3;

    // One in so many voxels of a brain: some hundreds.
    private const int Stride = 401;

    private static readonly ScanScenario[] Scenarios =
        [ScanScenario.Standard, ScanScenario.Scanner, ScanScenario.Resolution, ScanScenario.Protocol, ScanScenario.AcrossDatabases];

    public string Name => "poses";

    public string Summary => "Where heads with right headers are laid: as read, disturbed, scanned again";

    public IReadOnlyList<Peer> Peers => [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("copies", "200", "disturbed copies of the labelled heads, spread evenly over heads and disturbances"),
        new("rescans", "40", "simulated rescans of the scans below --rescanned"),
        new("rescanned", "open-ms", "folder of scans to scan again, below that of real volumes"),
        new("seed", "1", "seed of what is drawn"),
    ];

    public void Run(BenchmarkContext context)
    {
        var preprocessor = new Preprocessor(new(), context.Work);
        var table = new MarkdownTable("scans", "count", "right", "Pass", "Review", "Fail", "largest error without Fail", "largest turn without Fail");
        AsRead(context, preprocessor, table);
        Copies(context, preprocessor, table);
        if (context.HasData(context.Option("rescanned")))
        {
            Rescans(context, preprocessor, table);
        }

        context.Say(table);
        context.Say($"All have headers that are right. As read: all T1-weighted scans, raw and stripped; right where the template is turned by less "
            + $"than {Turn} degrees against the header. Copies: disturbed as for `robustness`, but for wrong headers, for what is no brain, and "
            + "for what changes its shape; rescans: simulated anew from the real scan in another pose, with another field and noise, by the "
            + $"scenarios {string.Join(", ", Scenarios)} in turn. Their error is the mean distance, over the brain, between where they are laid "
            + $"and where the undisturbed scan, moved as the copy was, lies; right: less than {Right} mm, and not Fail.");
    }

    // No head lies so in a scanner; what is farther off was turned over.
    private const double Turn = 60;

    private static void AsRead(BenchmarkContext context, Preprocessor preprocessor, MarkdownTable table)
    {
        var tally = new Tally();
        foreach (var file in Scans(context.Data(".")))
        {
            var result = Process(preprocessor, Path.GetFileName(file), Source(file), context);
            tally.Add(Path.GetFileName(file), result, error: null, context);
        }

        tally.AddTo(table, "as read");
    }

    private static void Copies(BenchmarkContext context, Preprocessor preprocessor, MarkdownTable table)
    {
        var files = LabelledHead.Files(context.Data("."), int.MaxValue);
        var ways = Disturbances.All.Where(d => d.Effect is DisturbanceEffect.None or DisturbanceEffect.ChangesBrain).ToArray();
        var (all, most) = (files.Count * ways.Length, context.Number("copies"));
        var tally = new Tally();
        var drawn = Enumerable.Range(0, Math.Min(most, all)).Select(i => (long)i * all / Math.Min(most, all)).ToLookup(i => (int)(i / ways.Length));
        foreach (var group in drawn)
        {
            var head = LabelledHead.Read(files[group.Key], context.Work);
            var self = Process(preprocessor, head.Name, new MemoryVoxelSource(head.Scan), context)!;
            foreach (var number in group)
            {
                // The next head begins elsewhere among the ways, so that even steps meet all of them.
                var way = ways[(number + group.Key) % ways.Length];
                Random Random() => new((context.Number("seed") * 7919) + (int)number);
                var moves = way.Moves(head, Random());
                var result = Process(preprocessor, head.Name, new MemoryVoxelSource(way.Apply(head, Random())), context);
                tally.Add($"{head.Name}, {way.Name}", result, Error(self, result, moves.Apply), context);
            }
        }

        tally.AddTo(table, "disturbed copies");
    }

    private static void Rescans(BenchmarkContext context, Preprocessor preprocessor, MarkdownTable table)
    {
        var files = Scans(context.Data(context.Option("rescanned")));
        var selves = new PreprocessedVolume?[files.Count];
        var tally = new Tally();
        for (var number = 0; number < context.Number("rescans"); number++)
        {
            var (file, scenario) = (files[number % files.Count], Scenarios[number / files.Count % Scenarios.Length]);
            var self = selves[number % files.Count] ??= Process(preprocessor, Path.GetFileName(file), Source(file), context)!;
            // Of a raw head nobody knows the brain, so it can neither age nor be stripped.
            var conditions = ScanConditions.For(scenario, 2) with { Interval = 0, Decline = 0, Stripped = false };
            var original = new MriVolume(new(Path.GetFileName(file)), Source(file));
            var scan = SimulatedScan.Repeat(original, conditions, scenario, context.Number("seed") + number, "2").SimulateTruth(context.Work);
            var result = Process(preprocessor, Path.GetFileName(file), new MemoryVoxelSource(scan.Head), context);
            tally.Add($"{Path.GetFileName(file)}, {scenario} {number}", result, Error(self, result, scan.Truth.FromAnatomy), context);
        }

        tally.AddTo(table, $"rescans of {context.Option("rescanned")}");
    }

    private static List<string> Scans(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*_T1w.nii.gz", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private static FileVoxelSource Source(string file) => new(VolumeFormats.ReadHeader(file), new() { Reorient = true });

    private static PreprocessedVolume? Process(Preprocessor preprocessor, string name, IVoxelSource source, BenchmarkContext context)
    {
        try
        {
            return preprocessor.Process(new(new(name), source), null, context.Work);
        }
        catch (PreprocessingException)
        {
            return null;
        }
    }

    // The mean distance between where a result lays the brain's places and where they are.
    private static double Error(PreprocessedVolume self, PreprocessedVolume? result, Func<Point3, Point3> moves)
    {
        var (mask, sum, count) = (self.BrainMask, 0.0, 0);
        for (var i = 0; result is not null && i < mask.Voxels.Length; i += Stride)
        {
            if (mask.Voxels[i])
            {
                var p = mask.Geometry.PlaceOf(i);
                (sum, count) = (sum + (moves(self.TemplateToScan.Apply(p)) - result.TemplateToScan.Apply(p)).Length, count + 1);
            }
        }

        return count > 0 ? sum / count : double.PositiveInfinity;
    }

    private sealed class Tally
    {
        private readonly int[] _verdicts = new int[3];
        private int _right;
        private double _largestError;
        private double _largestTurn;
        private bool _hasErrors;

        public void Add(string name, PreprocessedVolume? result, double? error, BenchmarkContext context)
        {
            var verdict = result?.QualityRecord.GetVerdict() ?? QualityVerdict.Fail;
            var turn = result?.QualityRecord.RotationDegrees ?? 0;
            var right = verdict != QualityVerdict.Fail && (error is { } known ? known < Right : turn < Turn);
            _verdicts[(int)verdict]++;
            _right += right ? 1 : 0;
            _hasErrors |= error is not null;
            if (verdict != QualityVerdict.Fail)
            {
                (_largestError, _largestTurn) = (Math.Max(_largestError, error ?? 0), Math.Max(_largestTurn, turn));
            }

            context.Progress(FormattableString.Invariant(
                $"{name}: {(right ? "right" : "NOT RIGHT")}, {error:0.00} mm, {turn:0} degrees; {verdict} ")
                + string.Join("; ", result?.QualityRecord.Reasons ?? []));
        }

        public void AddTo(MarkdownTable table, string name)
        {
            var count = _verdicts.Sum();
            if (count > 0)
            {
                table.Row(name, Figures.Fixed(count, 0), FormattableString.Invariant($"{_right} ({100.0 * _right / count:0.0} %)"),
                    Figures.Fixed(_verdicts[0], 0), Figures.Fixed(_verdicts[1], 0), Figures.Fixed(_verdicts[2], 0),
                    _hasErrors ? FormattableString.Invariant($"{_largestError:0.0} mm") : "", FormattableString.Invariant($"{_largestTurn:0}°"));
            }
        }
    }
}
