using System.Globalization;
using MathNet.Numerics.Distributions;
using MriLink.Benchmarks.Linkage;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Linkage;
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
    private static readonly int[] Sizes = [10, 30, 60, 100];

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
        new("48 × 97, a second site, 6 errors more alike", 48, 97) { MatedShare = 8 / 48.0, SecondSite = 6, Distance = 20 },
        new("1 × 300, every second mated", 1, 300) { MatedShare = 0.5, Distance = 20 },
        new("1 × 2, every second mated", 1, 2) { Error = Wide, Distance = 15 },
        new("1 × 3, every second mated", 1, 3) { Error = Wide, Distance = 15 },
        new("1 × 20, every second mated", 1, 20) { Error = Wide, Distance = 15 },
        new("3 × 3", 3, 3) { Error = Wide, Distance = 15 },
        new("4 × 4", 4, 4) { Error = Wide, Distance = 15 },
        new("60 × 60, mates 20 errors out, siblings of 1 probe in 5 4 errors", 60, 60) { SiblingShare = 0.2, SiblingDistance = 4, Distance = 20, IsPromised = false },
        new("60 × 60, mates 20 errors out, siblings of 1 probe in 5 6 errors", 60, 60) { SiblingShare = 0.2, SiblingDistance = 6, Distance = 20, IsPromised = false },
    ];

    private readonly List<(double Stated, bool IsRight)> _probabilities = [];

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
        new("people", "120", "simulated people who go through the whole pipeline, two scans each; none for score models only"),
        new("evaluations", "0", "simulated evaluations for the coverage of intervals; none for 0"),
        new("cache", "none", "folder that keeps preprocessed scans between runs"),
    ];

    /// <inheritdoc/>
    public void Run(BenchmarkContext context)
    {
        var seeds = context.Number("seeds");
        context.Say(
            $"Half the probes have no mate in the gallery unless said otherwise. {seeds} audits of each kind, drawn with seeds 1 to {seeds}; links of all of them are counted together. "
            + "A cell holds the false links per cent of all links, and the links; *over* marks what lies above the rate by more than chance (binomial, one in 20); "
            + "*remarked* are false links that carry a remark because they lie far below the others. "
            + "Where nobody is mated every link is false, and the cell holds the audits per cent with a link, and the links. "
            + "Power is the part of mated probes that are linked to their mate, at a rate of 1 %; oracle that of the score from which on, truth known, 1 % of each kind's links are false; warned the part of audits with a warning.");
        var table = Table();
        foreach (var model in Models)
        {
            context.Progress(model.Name);
            var before = _probabilities.Count;
            Add(table, model.IsPromised ? model.Name : $"({model.Name})", seed => model.Draw(seed), seeds, context);
            if (!model.IsPromised)
            {
                _probabilities.RemoveRange(before, _probabilities.Count - before);
            }
        }

        context.Say("Score models, errors and distances in standard deviations of impostor scores (the kinds in brackets break what the rule assumes and are shown for that):");
        context.Say(table);
        SayReliability(context);
        if (context.Number("evaluations") is > 0 and var evaluations)
        {
            Coverage.Run(context, evaluations);
        }

        if (context.Option("people") is not "none")
        {
            RunPipeline(context, seeds, context.Number("people"));
        }
    }

    /// <summary>Audits of scans that went through the whole pipeline: each seed draws who is in the gallery and who looks.</summary>
    private void RunPipeline(BenchmarkContext context, int seeds, int people)
    {
        var preprocessor = new CohortPreprocessor(context, new(), context.Option("cache"));
        var scenario = Scenario.All.First(s => s.Kind == ScanScenario.AcrossDatabases);
        var (gallery, badGallery) = preprocessor.Run("gallery", scenario.Scans(PipelineSeed, people, session: 1));
        var (probes, badProbes) = preprocessor.Run("probes", scenario.Scans(PipelineSeed, people, session: 2));
        var scored = MeasuredScores.ScoreAll(context, "all pairs", [SimilarityMeasures.Default], probes, gallery)[0];
        var table = Table();
        foreach (var size in Sizes.Where(size => 3 * size / 2 <= Math.Min(probes.Count, gallery.Count)))
        {
            Add(table, $"{size} × {size}", seed => Draw(scored, size, seed), seeds, context);
        }

        context.Say(
            $"Simulated people through the whole pipeline, scanned in two databases ({scenario.Name}): {people} people, of whom each audit draws its gallery, and as many probes, half of them of people "
            + $"in the gallery. {badGallery.Count + badProbes.Count} scans are left out. NCC of mates {Range(scored, genuine: true)}, of impostors {Range(scored, genuine: false)}:");
        context.Say(table);
    }

    private static OpenSetAudit Draw(MeasuredScores all, int size, int seed)
    {
        var random = new Random(seed);
        var people = all.Gallery.Select(g => g.Participant).Intersect(all.Probes.Select(p => p.Participant), StringComparer.Ordinal).ToArray();
        random.Shuffle(people);
        var columns = people.Take(size).Select(p => Index(all.Gallery, p)).ToArray();
        var rows = people.Skip(size / 2).Take(size).Select(p => Index(all.Probes, p)).ToArray();
        var scores = new double[size, size];
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++)
            {
                scores[i, j] = all.Scores[rows[i], columns[j]];
            }
        }

        return new(scores, [.. rows.Select(i => all.Probes[i])], [.. columns.Select(j => all.Gallery[j])]);

        static int Index(IReadOnlyList<ScanIdentity> scans, string participant)
        {
            for (var i = 0; i < scans.Count; i++)
            {
                if (string.Equals(scans[i].Participant, participant, StringComparison.Ordinal))
                {
                    return i;
                }
            }

            throw new InvalidOperationException($"There is no scan of {participant}.");
        }
    }

    private static string Range(MeasuredScores all, bool genuine)
    {
        var scores = new List<double>();
        for (var i = 0; i < all.Probes.Count; i++)
        {
            for (var j = 0; j < all.Gallery.Count; j++)
            {
                if (genuine == string.Equals(all.Probes[i].Participant, all.Gallery[j].Participant, StringComparison.Ordinal))
                {
                    scores.Add(all.Scores[i, j]);
                }
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{scores.Min():0.000} to {scores.Max():0.000}");
    }

    private static MarkdownTable Table() => new("audit", "1 % asked", "5 % asked", "10 % asked", "power", "oracle", "warned");

    private void Add(MarkdownTable table, string name, Func<int, OpenSetAudit> draw, int seeds, BenchmarkContext context)
    {
        var audits = new OpenSetAudit[seeds];
        context.Work.ForBlocks(seeds, s => audits[s] = draw(s + 1));
        var cells = new List<string> { name };
        var (power, warned) = (0.0, 0);
        var mated = audits.Sum(a => a.Mated);
        var judged = new NotedList<ScanMatch>[seeds];
        foreach (var rate in Rates)
        {
            context.Work.ForBlocks(seeds, s => judged[s] = audits[s].Match(rate));
            var links = judged.SelectMany(j => j).Where(m => m.IsMatch == true).ToList();
            var wrong = links.Where(m => !OpenSetAudit.IsRight(m)).ToList();
            var remarked = wrong.Count(m => m.Remark is not null);
            var (bad, all) = mated == 0 ? (judged.Count(j => j.Any(m => m.IsMatch == true)), seeds) : (wrong.Count, links.Count);

            // One-sided: as many false links as this or more are rarer than one in twenty at the rate asked for.
            var over = bad > 0 && 1 - Binomial.CDF(rate, all, bad - 1) < 0.05;
            cells.Add(string.Create(CultureInfo.InvariantCulture, $"{(all == 0 ? 0 : 100.0 * bad / all):0.0} % of {all}{(remarked > 0 ? $" ({remarked} of {wrong.Count} remarked)" : string.Empty)}{(over ? " *over*" : string.Empty)}"));
            if (rate == Rates[0])
            {
                power = mated > 0 ? (links.Count - wrong.Count) / (double)mated : double.NaN;
                warned = judged.Count(j => j.Notes.Count > 0 || j.Any(m => m.IsMatch is null));
                _probabilities.AddRange(judged.SelectMany(j => j).Where(m => !double.IsNaN(m.Probability)).Select(m => (m.Probability, OpenSetAudit.IsRight(m))));
            }
        }

        cells.Add(double.IsNaN(power) ? "" : string.Create(CultureInfo.InvariantCulture, $"{100 * power:0.0} %"));
        cells.Add(double.IsNaN(power) ? "" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * Oracle([.. judged.SelectMany(j => j)]) / mated:0.0} %"));
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

    // How often pairs are one person, by the probability stated for them.
    private void SayReliability(BenchmarkContext context)
    {
        double[] limits = [0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1];
        var table = new MarkdownTable("stated", "pairs", "stated on average", "one person");
        foreach (var (low, high) in limits.Zip(limits.Skip(1)))
        {
            var within = _probabilities.Where(p => p.Stated >= low && (p.Stated < high || high == 1)).ToList();
            table.Row(
                string.Create(CultureInfo.InvariantCulture, $"{low} to {high}"),
                string.Create(CultureInfo.InvariantCulture, $"{within.Count}"),
                within.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{within.Average(p => p.Stated):0.000}"),
                within.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{within.Average(p => p.IsRight ? 1.0 : 0):0.000}"));
        }

        // Likelihood ratios are posterior odds over the odds among all pairs, of which at most half a pair's worth is certain.
        var prior = _probabilities.Average(p => p.IsRight ? 1.0 : 0);
        double Ratio(double stated) => Math.Clamp(stated, 1e-9, 1 - 1e-9) is var p ? p / (1 - p) * (1 - prior) / prior : 1;
        var brier = _probabilities.Average(p => Math.Pow(p.Stated - (p.IsRight ? 1 : 0), 2));
        var cllr = 0.5 * (_probabilities.Where(p => p.IsRight).Average(p => Math.Log2(1 + (1 / Ratio(p.Stated))))
            + _probabilities.Where(p => !p.IsRight).Average(p => Math.Log2(1 + Ratio(p.Stated))));
        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"Stated probabilities of {_probabilities.Count} best pairs in the kinds without brackets, of ten probes or more; nothing was learnt from who is who. Brier score {brier:0.0000}, Cllr {cllr:0.000} (0 is perfect, 1 says nothing):"));
        context.Say(table);
    }
}
