using System.Globalization;
using MathNet.Numerics.Distributions;
using MriLink.Benchmarks.Linkage;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Calibration;

/// <summary>Open-set audits in which half the probes have no mate: how many of the links that a false discovery rate allows are false.</summary>
internal sealed class CalibrationBenchmark : IBenchmark
{
    private const int PipelineSeed = 77;

    // Of a pair's own error, so that strangers spread by 0.08, as NCC of real ones does.
    private const double Wide = 0.053;

    private static readonly double[] Rates = [0.01, 0.05, 0.1];
    private static readonly int[] Sizes = [10, 25, 60, 100];

    private static readonly ScoreModel[] Models =
    [
        new("10 × 10", 10, 10),
        new("60 × 60", 60, 60),
        new("60 × 60, mates close (6 errors)", 60, 60) { Distance = 6 },
        new("300 × 300", 300, 300),
        new("20 probes, 300 people", 20, 300),
        new("300 probes, 20 people", 300, 20) { MatedShare = 20.0 / 300 },
        new("60 × 60, nobody mated", 60, 60) { MatedShare = 0 },
        new("60 × 60, everybody mated", 60, 60) { MatedShare = 1 },
        new("60 × 60, 4 gallery scans each", 60, 60) { ScansPerPerson = 4 },
        new("10 × 10, 4 gallery scans each", 10, 10) { ScansPerPerson = 4 },
        new("60 × 60, two scanners a side, 2 errors apart", 60, 60) { Scanner = 2 },
        new("60 × 60, heavy tails (t, 5 degrees)", 60, 60) { Freedom = 5, Distance = 15 },
        new("10 × 10, heavy tails (t, 5 degrees)", 10, 10) { Freedom = 5, Distance = 15 },
        new("60 × 60, probes of uneven quality", 60, 60) { Unevenness = 0.25 },
        new("60 × 60, heavy tails (t, 5 degrees), nobody mated", 60, 60) { Freedom = 5, MatedShare = 0 },
        new("48 × 97, one person under nine labels", 48, 97) { MatedShare = 8 / 48.0, Labels = 9 },
        new("48 × 97, a tenth poor scans", 48, 97) { MatedShare = 8 / 48.0, PoorShare = 0.1, Distance = 20 },
        new("48 × 97, a second site, 3 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 3, Distance = 20 },
        new("48 × 97, a second site, 6 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 6, Distance = 20 },
        new("48 × 97, a second site of 3 a side, 6 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 6, SiteScans = 3,
            Distance = 20 },
        new("48 × 97, a second site of 8 a side, 6 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 6, SiteScans = 8,
            Distance = 20 },
        new("48 × 97, a second site of 12 a side, 9 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 9, SiteScans = 12,
            Distance = 20 },
        new("1 × 300, every second mated", 1, 300) { MatedShare = 0.5, Distance = 20 },
        new("1 × 2, every second mated", 1, 2) { Error = Wide, Distance = 15 },
        new("1 × 3, every second mated", 1, 3) { Error = Wide, Distance = 15 },
        new("1 × 20, every second mated", 1, 20) { Error = Wide, Distance = 15 },
        new("3 × 3", 3, 3) { Error = Wide, Distance = 15 },
        new("4 × 4", 4, 4) { Error = Wide, Distance = 15 },
        new("60 × 60, mates 20 errors out, siblings of 1 probe in 5 4 errors", 60, 60) { SiblingShare = 0.2, SiblingDistance = 4, Distance = 20,
            IsPromised = false },
        new("60 × 60, mates 20 errors out, siblings of 1 probe in 5 6 errors", 60, 60) { SiblingShare = 0.2, SiblingDistance = 6, Distance = 20,
            IsPromised = false },
        new("48 × 97, a second site of 8 a side, 12 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 12, SiteScans = 8,
            Distance = 20, IsPromised = false },
    ];

    private readonly Reliability _reliability = new();

    /// <inheritdoc/>
    public string Name => "calibration";

    /// <inheritdoc/>
    public string Summary => "Links that are false, against the false discovery rate that was asked for";

    /// <inheritdoc/>
    public IReadOnlyList<Peer> Peers => [];

    /// <inheritdoc/>
    public IReadOnlyList<BenchmarkOption> Options =>
    [
        new("seeds", "20", "audits of each kind"),
        new("models", "yes", "audits drawn from score models, or none"),
        new("people", "120", "simulated people who go through the whole pipeline, two scans each; none for score models only"),
        new("real", "yes", "audits of the people that --data holds, with their scans again; none for simulated people only"),
        new("evaluations", "none", "simulated evaluations for the coverage of intervals, or none"),
        new("cache", "none", "folder that keeps preprocessed scans between runs of one build"),
    ];

    /// <inheritdoc/>
    public void Run(BenchmarkContext context)
    {
        var seeds = context.Number("seeds");
        context.Say(
            $"Half the probes have no mate in the gallery unless said otherwise. {seeds} audits of each kind, drawn with seeds 1 to {seeds}; links "
                + $"of all of them are counted together. "
            + "A cell holds the false links per cent of all links, and the links; *over* marks what lies above the rate by more than chance "
            + "(binomial, one in 20); "
            + "*remarked* are false links at 1 % that carry a remark because they lie far below the others. "
            + "Where nobody is mated every link is false, and the cell holds the audits per cent with a link, and the links. "
            + "Power is the part of mated probes that are linked to their mate, at a rate of 1 %; oracle that of the score from which on, truth "
            + "known, 1 % of each kind's links are false; warned the part of audits with a warning.");
        if (context.Option("models") is not "none")
        {
            RunModels(context, seeds);
        }

        if (context.Option("people") is not "none")
        {
            RunSimulated(context, seeds, context.Number("people"));
        }

        if (context.Option("real") is not "none")
        {
            RunReal(context, seeds);
        }

        _reliability.Report(context);
        if (context.Option("evaluations") is not "none")
        {
            Coverage.Run(context, context.Number("evaluations"));
        }
    }

    private void RunModels(BenchmarkContext context, int seeds)
    {
        var table = Table();
        foreach (var model in Models)
        {
            context.Progress(model.Name);
            Add(table, model.IsPromised ? model.Name : $"({model.Name})", model.IsPromised ? "score models" : null, model.Draw, seeds, context);
        }

        context.Say("Score models, errors and distances in standard deviations of impostor scores (the kinds in brackets break what the rule assumes "
            + "and are shown for that):");
        context.Say(table);
    }

    /// <summary>Audits of simulated scans that went through the whole pipeline: each seed draws who is in the gallery and who looks.</summary>
    private void RunSimulated(BenchmarkContext context, int seeds, int people)
    {
        var preprocessor = new CohortPreprocessor(context, new(), context.Option("cache"));
        var scenario = Scenario.All.First(s => s.Kind == ScanScenario.AcrossDatabases);
        var (gallery, badGallery) = preprocessor.Run("gallery", scenario.Scans(PipelineSeed, people, session: 1));
        var (probes, badProbes) = preprocessor.Run("probes", scenario.Scans(PipelineSeed, people, session: 2));
        RunPool(
            context, "simulated people", seeds, [.. probes.Select(v => (v.Participant, v))], [.. gallery.Select(v => (v.Participant, v))],
            $"Simulated people through the whole pipeline, scanned in two databases ({scenario.Name}), {badGallery.Count + badProbes.Count} "
                + $"scans left out");
    }

    /// <summary>
    /// Audits of real people of several sites in one: each one's first scan in the gallery, and the last, or where there is one alone a simulated new
    /// scan of it, as probe.
    /// </summary>
    private void RunReal(BenchmarkContext context, int seeds)
    {
        var preprocessor = new CohortPreprocessor(context, new(), context.Option("cache"));
        var (probes, gallery) = (new List<(string, PreprocessedVolume)>(), new List<(string, PreprocessedVolume)>());
        var visits = 0;

        // Contrasts of people who are there already are no other people.
        foreach (var dataset in Dataset.Find(context, BenchmarkContext.InRepository(context.Option("data")))
            .Where(d => !d.Name.EndsWith("-contrasts", StringComparison.Ordinal)))
        {
            foreach (var person in preprocessor.Run(dataset.Name, dataset.Scans).Usable.GroupBy(v => v.Participant, StringComparer.Ordinal))
            {
                var (first, last) = (person.First(), person.Last());
                visits += first == last ? 0 : 1;
                var (again, _) = first != last ? ([last], [])
                    : preprocessor.Run($"{dataset.Name}, again",
                    [LinkageBenchmark.Rescan(dataset, first, ScanScenario.AcrossDatabases, PipelineSeed)]);
                gallery.Add(($"{dataset.Name} {person.Key}", first));
                probes.AddRange(again.Select(v => ($"{dataset.Name} {person.Key}", v)));
            }
        }

        RunPool(context, "real people", seeds, probes, gallery,
            $"Real people of several sites together, probes at a second visit ({visits} people) or scanned again by simulation (all at once)");
    }

    private void RunPool(
        BenchmarkContext context, string source, int seeds, List<(string Person, PreprocessedVolume Volume)> probes,
        List<(string Person, PreprocessedVolume Volume)> gallery, string what)
    {
        var measure = SimilarityMeasures.Default;
        var (scores, _) = MeasuredScores.Score(context, measure, [.. probes.Select(p => p.Volume)], [.. gallery.Select(g => g.Volume)]);
        var pool = new OpenSetAudit(
            measure, scores, [.. probes.Select(p => new ScanIdentity(p.Person, "2"))], [.. gallery.Select(g => new ScanIdentity(g.Person, "1"))]);
        var table = Table();
        foreach (var size in Sizes.Where(size => 3 * size / 2 <= pool.Mated))
        {
            Add(table, $"{size} × {size}", source, seed => pool.Draw(size, seed), seeds, context);
        }

        var (mates, impostors) = (pool.Range(ofMates: true), pool.Range(ofMates: false));
        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {pool.Mated} people, of whom each audit draws its gallery, and as many probes, half of them of people in the gallery. "
                + $"{measure.Name} of mates {mates.Least:0.000} to {mates.Largest:0.000}, of impostors {impostors.Least:0.000} to "
                + $"{impostors.Largest:0.000}:"));
        context.Say(table);
    }

    private static MarkdownTable Table() => new("audit", "1 % asked", "5 % asked", "10 % asked", "power", "oracle", "warned");

    private void Add(MarkdownTable table, string name, string? source, Func<int, OpenSetAudit> draw, int seeds, BenchmarkContext context)
    {
        var audits = new OpenSetAudit[seeds];
        context.Work.ForBlocks(seeds, s => audits[s] = draw(s + 1));
        var cells = new List<string> { name };
        var power = 0.0;
        var mated = audits.Sum(a => a.Mated);
        var judged = new NotedList<ScanMatch>[seeds];
        context.Work.ForBlocks(seeds, s => judged[s] = audits[s].Match(Rates[0]));
        foreach (var rate in Rates)
        {
            var all = judged.Select(j => OpenSetAudit.Links(j, rate)).ToList();
            var links = all.SelectMany(l => l).ToList();
            var wrong = links.Where(m => !OpenSetAudit.IsRight(m)).ToList();
            var (bad, of) = mated == 0 ? (all.Count(l => l.Count > 0), seeds) : (wrong.Count, links.Count);

            // One-sided: as many false links as this or more are rarer than one in twenty at the rate asked for.
            var over = bad > 0 && 1 - Binomial.CDF(rate, of, bad - 1) < 0.05;
            var remarked = rate == Rates[0] && wrong.Count > 0 ? $" ({wrong.Count(m => m.Remark is not null)} of {wrong.Count} remarked)"
                : string.Empty;
            cells.Add(string.Create(CultureInfo.InvariantCulture,
                $"{(of == 0 ? 0 : 100.0 * bad / of):0.0} % of {of}{remarked}{(over ? " *over*" : string.Empty)}"));
            power = rate > Rates[0] ? power : mated > 0 ? (links.Count - wrong.Count) / (double)mated : double.NaN;
        }

        var warned = judged.Count(j => j.Notes.Count > 0 || j.Any(m => m.IsMatch is null));
        _reliability.Add(source,
            judged.SelectMany(j => j).Where(m => !double.IsNaN(m.Probability)).Select(m => (m.Probability, OpenSetAudit.IsRight(m))));
        cells.Add(double.IsNaN(power) ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * power:0.0} %"));
        cells.Add(double.IsNaN(power) ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{100.0 * Oracle([.. judged.SelectMany(j => j)]) / mated:0.0} %"));
        cells.Add(string.Create(CultureInfo.InvariantCulture, $"{100.0 * warned / seeds:0} %"));
        table.Row([.. cells]);
        context.Progress(string.Join(" | ", cells));
    }

    // The most mates that one score for all audits links with so few false links.
    private static int Oracle(IReadOnlyList<ScanMatch> best)
    {
        var (right, wrong, most) = (0, 0, 0);
        foreach (var match in best.OrderByDescending(m => m.Score))
        {
            (right, wrong) = OpenSetAudit.IsRight(match) ? (right + 1, wrong) : (right, wrong + 1);
            most = wrong <= Rates[0] * (right + wrong) ? Math.Max(most, right) : most;
        }

        return most;
    }
}
