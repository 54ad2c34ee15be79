using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Linkage;

/// <summary>Who is who, in every scenario of the paper on simulated people, and on real ones.</summary>
internal sealed class LinkageBenchmark : IBenchmark
{
    private const string Kind = "all at once";

    // The measures that separate people best, and the plain correlation beside which they are held.
    private static readonly string[] Compared = ["LocalNCC", "NCC", "LNCC", "GMSD", "MI"];

    /// <inheritdoc/>
    public string Name => "linkage";

    /// <inheritdoc/>
    public string Summary => "Who is who: every scenario, every measure, simulated and real people";

    /// <inheritdoc/>
    public IReadOnlyList<Peer> Peers => [];

    /// <inheritdoc/>
    public IReadOnlyList<BenchmarkOption> Options =>
    [
        new("participants", "40", "simulated people, two scans each"),
        new("scenarios", "all",
            $"some of {string.Join(',', Named.Select(s => s.Key))}; contrasts for the last {Scenario.Contrasts.Count}, none for real people only"),
        new("measures", "All", "similarity measures, by name"),
        new("seed", "2026", "another seed, other people"),
        new("rescans", "Scanner,AcrossDatabases", "scenarios in which real people are scanned again by simulation, or none"),
        new("spacing", "2", "spacing of the grid that scans are compared on, in mm"),
        new("sweep", "none", "LocalNCC's parameters to try instead, as window/smoothing/floor,…; 2/1/0.2,3/0/0.2 for example"),
        new("same", "open-ms+open-ms-contrasts", "real datasets whose labels name the same people, joined by +, groups separated by commas; or none"),
        new("plots", "benchmarks/images", "folder for the Tippett plot, or none"),
        new("cache", "none", "folder that keeps preprocessed scans between runs of one build"),
    ];

    /// <inheritdoc/>
    public void Run(BenchmarkContext context)
    {
        IReadOnlyList<SimilarityMeasure> measures;
        ContrastSweep? sweep;
        Scenario[] scenarios;
        ScanScenario[] rescans;
        try
        {
            measures = SimilarityMeasures.Resolve(context.Option("measures").Split(','));
            sweep = context.Option("sweep") is "none" ? null : new(context.Option("sweep"));
            scenarios = Chosen(context.Option("scenarios"));
            rescans = context.Option("rescans") is "none" ? []
                : [.. context.Option("rescans").Split(',').Select(r => Enum.Parse<ScanScenario>(r, ignoreCase: true))];
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new BenchmarkException(exception.Message, exception);
        }

        // The default measure first: its figures lead the tables.
        measures = [.. measures.OrderBy(m => m != SimilarityMeasures.Default)];
        if (scenarios.Length > 0)
        {
            RunSimulated(context, scenarios, measures, sweep);
        }

        RunReal(context, rescans, measures, sweep);
        sweep?.Report(context);
    }

    private static IEnumerable<Scenario> Named => Scenario.All.Concat(Scenario.Contrasts);

    private static PreprocessOptions Preprocessing(BenchmarkContext context) => new() { Spacing = context.Number("spacing") };

    private static Scenario[] Chosen(string keys) => keys switch
    {
        "all" => [.. Scenario.All],
        "contrasts" => [.. Scenario.Contrasts],
        "none" => [],
        _ =>
        [
            .. keys.Split(',').Select(key => Named.FirstOrDefault(s => string.Equals(s.Key, key, StringComparison.OrdinalIgnoreCase))
                ?? throw new ArgumentException(
                    $"There is no scenario '{key}'; they are {string.Join(", ", Named.Select(s => s.Key))}.", nameof(keys))),
        ],
    };

    private static void RunSimulated(BenchmarkContext context, Scenario[] scenarios, IReadOnlyList<SimilarityMeasure> measures, ContrastSweep? sweep)
    {
        var participants = context.Number("participants");
        var seed = context.Number("seed");
        var cache = context.Option("cache");
        var preprocessor = new CohortPreprocessor(context, Preprocessing(context), cache);
        var rows = new List<Row>();
        var galleries =
            new Dictionary<(bool Stripped, MriContrast Contrast), (IReadOnlyList<PreprocessedVolume> Usable, IReadOnlyList<string> LeftOut)>();
        foreach (var scenario in scenarios)
        {
            // The first session is the same in every scenario, but for whether it is stripped and what it is weighted by.
            if (!galleries.TryGetValue((scenario.Stripped, scenario.GalleryContrast), out var known))
            {
                galleries.Add((scenario.Stripped, scenario.GalleryContrast),
                    known = preprocessor.Run($"{scenario.Name}, gallery", scenario.Scans(seed, participants, session: 1)));
            }

            var (gallery, badGallery) = known;
            var (probes, badProbes) = preprocessor.Run($"{scenario.Name}, probes", scenario.Scans(seed, participants, session: 2));
            if (sweep is not null)
            {
                sweep.Add(scenario.Name, probes, gallery, worse: scenario.Kind == ScanScenario.AcrossDatabases);
                continue;
            }

            rows.Add(new(scenario.Name, MeasuredScores.ScoreAll(context, scenario.Name, measures, probes, gallery),
                badGallery.Count + badProbes.Count));
        }

        if (sweep is not null)
        {
            return;
        }

        // What the task is without what MriLink does: brains cut out rightly, bias and pose left in.
        var bare = new CohortPreprocessor(
            context, new() { BiasCorrection = false, Registration = RegistrationMode.None }, cache, includeFailed: true);
        var control = new Scenario("control", "control: stripped, not aligned", ScanScenario.Standard) { Stripped = true };
        var (controlGallery, badControl) = bare.Run("control, gallery", control.Scans(seed, participants, session: 1));
        var (controlProbes, badControlProbes) = bare.Run("control, probes", control.Scans(seed, participants, session: 2));
        rows.Add(new(control.Name, MeasuredScores.ScoreAll(context, control.Name, measures, controlProbes, controlGallery),
            badControl.Count + badControlProbes.Count));

        context.Say($"### Simulated people\n\n{participants} people, one scan each in gallery and probes; {participants} genuine pairs and "
            + $"{participants * (participants - 1)} of impostors in each row. {measures[0].Name}:");
        context.Say(Overview(rows));
        SaySeparation(context, rows);
        context.Say("Every measure, rank-1 / EER in per cent:");
        context.Say(Matrix(rows));
        context.Say("Every measure, all scenarios but the control together (the mean of their figures), and its speed on one pair of threads:");
        context.Say(Speeds(rows, control.Name));
        SayFusion(context, rows);
    }

    private static MarkdownTable Overview(List<Row> rows)
    {
        var table = new MarkdownTable("scenario", "rank-1, %", "EER, %", "AUC", "d′", "TAR at FAR 1e-3, %", "FNIR at FPIR 1e-2, %", "left out");
        foreach (var (name, measures, leftOut) in rows)
        {
            var e = measures[0].Evaluation;
            table.Row(
                name, Figures.Percent(e.Rank1), Figures.Percent(e.Eer), Figures.Plain(e.Auc, "0.0000"), Figures.Plain(e.DPrime, "0.0"),
                Figures.Percent(e.TarAtFar1e3), Figures.Percent(e.FnirAtFpir1e2), $"{leftOut}");
        }

        return table;
    }

    private static MarkdownTable Matrix(List<Row> rows)
    {
        var table = new MarkdownTable(["measure", .. rows.Select(r => r.Name)]);
        foreach (var measure in rows[0].Measures.Select(m => m.Measure))
        {
            table.Row([measure, .. rows.Select(r => Of(r.Measures, measure).Evaluation).Select(e =>
                $"{Figures.Number(100 * (e.Rank1?.Value ?? double.NaN), "0.#")} / {Figures.Number(100 * (e.Eer?.Value ?? double.NaN), "0.##")}")]);
        }

        return table;
    }

    private static MarkdownTable Speeds(List<Row> rows, string control)
    {
        var table = new MarkdownTable("measure", "rank-1, %", "EER, %", "d′, mean", "d′, least", "pairs per second");
        var counted = rows.Where(r => !string.Equals(r.Name, control, StringComparison.Ordinal)).ToList();
        foreach (var measure in rows[0].Measures.Select(m => m.Measure))
        {
            var all = counted.ConvertAll(r => Of(r.Measures, measure));
            table.Row(
                measure,
                Figures.Number(100 * all.Average(m => m.Evaluation.Rank1?.Value ?? double.NaN), "0.0"),
                Figures.Number(100 * all.Average(m => m.Evaluation.Eer?.Value ?? double.NaN), "0.00"),
                Figures.Number(all.Average(m => m.Evaluation.DPrime?.Value ?? double.NaN), "0.0"),
                Figures.Number(all.Min(m => m.Evaluation.DPrime?.Value ?? double.NaN), "0.0"),
                Figures.Number(all.Average(m => m.PairsPerSecond ?? double.NaN), "0"));
        }

        return table;
    }

    /// <summary>Whether scores of several measures in one tell better than the best of them alone, where there is anything left to tell.</summary>
    private static void SayFusion(BenchmarkContext context, List<Row> rows)
    {
        if (rows[0].Measures.Count < 3)
        {
            return;
        }

        var table = new MarkdownTable(
            "scenario", "best single by d′", "its d′ / EER, %", "z-scores of all", "z-scores of the best five", "ranks of all");
        foreach (var (name, measures, _) in rows)
        {
            var sorted = measures.OrderByDescending(m => m.Evaluation.DPrime?.Value ?? 0).ToList();
            string Cell(double[,] scores)
            {
                var e = MeasuredScores.Evaluate(context, "fusion", higherIsBetter: true, scores, sorted[0].Probes, sorted[0].Gallery);
                return $"{Figures.Number(e.DPrime?.Value ?? double.NaN, "0.0")} / {Figures.Number(100 * (e.Eer?.Value ?? double.NaN), "0.##")}";
            }

            var best = sorted[0].Evaluation;
            table.Row(
                name,
                sorted[0].Measure,
                $"{Figures.Number(best.DPrime?.Value ?? double.NaN, "0.0")} / {Figures.Number(100 * (best.Eer?.Value ?? double.NaN), "0.##")}",
                Cell(ScoreFusion.ByZScore(measures)),
                Cell(ScoreFusion.ByZScore([.. sorted.Take(5)])),
                Cell(ScoreFusion.ByRank(measures)));
        }

        context.Say("Fusion without training, d′ / EER in per cent (the best five are chosen with the truth in hand: more than a user could do):");
        context.Say(table);
    }

    private static void RunReal(BenchmarkContext context, ScanScenario[] rescans, IReadOnlyList<SimilarityMeasure> measures, ContrastSweep? sweep)
    {
        Dataset[] datasets = [.. context.Option("data").Split(',')
            .SelectMany(folder => Dataset.Find(context, BenchmarkContext.InRepository(folder)))];
        if (datasets.Length == 0)
        {
            context.Say($"### Real people\n\nThere are no scans in the folder of real volumes; name one with --data.");
            return;
        }

        var preprocessor = new CohortPreprocessor(context, Preprocessing(context), context.Option("cache"));
        var rows = new List<Row>();
        var pooled = new PooledPeople(context.Option("same"));
        foreach (var dataset in datasets)
        {
            var (usable, leftOut) = preprocessor.Run(dataset.Name, dataset.Scans);
            var people = usable.GroupBy(v => v.Participant, StringComparer.Ordinal).ToList();
            context.Progress($"{dataset.Name}: {people.Count} people, {usable.Count} scans of {dataset.Scans.Count + dataset.Unreadable}");
            var lost = leftOut.Count + dataset.Unreadable;
            pooled.Add(dataset.Name, dataset.Name, usable);
            if (sweep is not null)
            {
                if (people.Exists(p => p.Count() > 1) && people.Count > 1)
                {
                    sweep.Add($"{dataset.Name}, real scans", usable, usable, worse: false);
                }
            }
            else if (people.Exists(p => p.Count() > 1) && people.Count > 1)
            {
                rows.Add(new($"{dataset.Name}: {people.Count} people, {usable.Count} real scans",
                    MeasuredScores.ScoreAll(context, dataset.Name, measures, usable, usable), lost));
            }

            foreach (var rescan in rescans.Where(_ => people.Count > 1))
            {
                var first = people.ConvertAll(p => p.First());
                var (again, bad) = preprocessor.Run(
                    $"{dataset.Name}, {rescan} again", [.. first.Select(v => Rescan(dataset, v, rescan, context.Number("seed")))]);
                if (again.Count > 0 && sweep is not null)
                {
                    sweep.Add($"{dataset.Name}, scanned again ({Label(rescan, first[0].QualityRecord.InputStripped)})", again, first,
                        worse: rescan == ScanScenario.AcrossDatabases);
                }
                else if (again.Count > 0)
                {
                    pooled.Add(dataset.Name, $"{dataset.Name} again ({rescan})", again);
                    rows.Add(new($"{dataset.Name}: {first.Count} people, scanned again ({Label(rescan, first[0].QualityRecord.InputStripped)})",
                        MeasuredScores.ScoreAll(context, $"{dataset.Name}, {rescan}", measures, again, first), lost + bad.Count));
                }
            }
        }

        if (sweep is not null)
        {
            return;
        }

        if (rows.Count == 0)
        {
            context.Say("### Real people\n\nNo dataset has two people.");
            return;
        }

        context.Say(
            "### Real people\n\nReal scans: every scan with every other, a label is a person. Scanned again: each person's first scan is the "
                + "gallery, and a simulated new scan of it the probe, "
            + $"so noise and texture of the real scan come along and these rows are easier than real visits. {measures[0].Name}:");
        context.Say(Overview(rows));
        SaySeparation(context, rows);
        context.Say("Every measure, rank-1 / EER in per cent:");
        context.Say(Matrix(rows));
        pooled.Report(context, [.. measures.Where(m => Compared.Contains(m.Name, StringComparer.Ordinal)).DefaultIfEmpty(measures[0])],
            context.Option("plots"));
    }

    // How far the worst pair of one person lies from strangers, for the measures that separate people best and for NCC.
    private static void SaySeparation(BenchmarkContext context, List<Row> rows)
    {
        string[] measures = [.. Compared.Where(name => rows[0].Measures.Any(m => string.Equals(m.Measure, name, StringComparison.Ordinal)))];
        var table = new MarkdownTable(["scenario", .. measures]);
        foreach (var row in rows)
        {
            table.Row([row.Name, .. measures.Select(name => Of(row.Measures, name).Separation()).Select(s =>
                $"{Figures.Number(s.LowestInDeviations, "0.0")} / {Figures.Number(s.Gap, "0.000")} / {Figures.Number(s.DPrime, "0.0")}")]);
        }

        context.Say("The worst pair of one person in standard deviations above the mean of strangers / the gap between it and the best pair of "
            + "strangers / d′, all but the gap on Fisher's scale for correlations:");
        context.Say(table);
    }

    private static string Label(ScanScenario scenario, bool stripped) => scenario == ScanScenario.AcrossDatabases
        ? stripped ? Kind : $"{Kind} but atrophy"
        : scenario.ToString();

    // Atrophy needs to know the brain, which of a raw head nobody does.
    internal static SimulatedScan Rescan(Dataset dataset, PreprocessedVolume done, ScanScenario scenario, int seed)
    {
        var original = dataset.Scans.First(s => MatchFinder.IsSameScan(s.Identity, done.Identity));
        var stripped = done.QualityRecord.InputStripped;
        var conditions = ScanConditions.For(scenario, session: 2);
        conditions = stripped ? conditions with { Stripped = true } : conditions with { Interval = 0, Decline = 0 };
        return SimulatedScan.Repeat(original, conditions, scenario, seed, "again", stripped);
    }

    private sealed record Row(string Name, IReadOnlyList<MeasuredScores> Measures, int LeftOut);

    private static MeasuredScores Of(IReadOnlyList<MeasuredScores> measures, string name) =>
        measures.First(m => string.Equals(m.Measure, name, StringComparison.Ordinal));
}
