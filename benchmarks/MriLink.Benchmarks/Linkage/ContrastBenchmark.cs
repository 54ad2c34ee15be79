using System.Globalization;
using MathNet.Numerics.Distributions;
using MriLink.Benchmarks.Calibration;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Linkage;

/// <summary>
/// Who is who where scans are not all T1-weighted: every kind of pair by itself, simulated and real, and false links over all kinds.
/// </summary>
internal sealed class ContrastBenchmark : IBenchmark
{
    private const double Rate = 0.01;
    private const int ModelSize = 60;
    private const int ModelAudits = 10;

    // Of each cohort of people of its own: so many a side, half of them on both.
    private const int CohortSize = 10;

    private static readonly MriContrast[] Released = [MriContrast.T1w, MriContrast.T2w, MriContrast.FLAIR];

    /// <inheritdoc/>
    public string Name => "contrasts";

    /// <inheritdoc/>
    public string Summary => "Who is who across contrasts: each kind of pair by itself, and false links over several kinds";

    /// <inheritdoc/>
    public IReadOnlyList<Peer> Peers => [];

    /// <inheritdoc/>
    public IReadOnlyList<BenchmarkOption> Options =>
    [
        new("participants", "40", "simulated people, two visits each; none for real people only"),
        new("measures", "NGF,LocalNCC,LNCC,MI,NMI", "similarity measures, by name"),
        new("seed", "2026", "another seed, other people"),
        new("audits", "20", $"audits of mixed contrasts, and {ModelAudits} times as many that are drawn from score models"),
        new("cohorts", "20", $"audits of {CohortSize} × {CohortSize} scans of mixed contrasts, each of other people"),
        new("lesions", "10", "lesions of white matter at the first visit, ml, and half as much again at the second, 0 to 40"),
        new("same", "open-ms+open-ms-contrasts", "real datasets whose labels name the same people, joined by +; or none"),
        new("cache", "none", "folder that keeps preprocessed scans between runs of one build"),
    ];

    /// <inheritdoc/>
    public void Run(BenchmarkContext context)
    {
        IReadOnlyList<SimilarityMeasure> measures;
        try
        {
            measures = SimilarityMeasures.Resolve(context.Option("measures").Split(','));
        }
        catch (ArgumentException exception)
        {
            throw new BenchmarkException(exception.Message, exception);
        }

        context.Say("A kind of pair is the contrasts of its two scans. Bold is the measure that a kind is compared by: LocalNCC within one contrast, "
            + $"{SimilarityMeasures.AcrossContrasts.Name} across two. Intervals are 95 %, bootstrapped by person and no narrower than Clopper and "
            + "Pearson's; gap is the worst score of one person's less the best of strangers'.");
        if (context.Option("participants") is not "none")
        {
            RunSimulated(context, measures, context.Number("participants"));
        }

        RunReal(context, measures);
    }

    private static void RunSimulated(BenchmarkContext context, IReadOnlyList<SimilarityMeasure> measures, int participants)
    {
        var seed = context.Number("seed");
        var lesions = context.Number("lesions");
        var preprocessor = new CohortPreprocessor(context, new(), context.Option("cache"));
        var (known, leftOut) = (new Dictionary<(int Visit, MriContrast Contrast), IReadOnlyList<PreprocessedVolume>>(), new List<string>());
        IReadOnlyList<PreprocessedVolume> Scans(int visit, MriContrast contrast)
        {
            if (!known.TryGetValue((visit, contrast), out var scans))
            {
                (scans, var lost) = preprocessor.Run($"{contrast}, visit {visit}",
                    WithLesions(contrast, lesions).Scans(seed, participants, visit));
                known.Add((visit, contrast), scans);
                leftOut.AddRange(lost);
            }

            return scans;
        }

        var table = new MarkdownTable(
            "gallery, probes", "measure", "rank-1, %", "EER, %", "d′", "worst of one person", "best of strangers", "gap", "pairs per second");
        foreach (var scenario in Scenario.Contrasts.Prepend(Scenario.Contrast(MriContrast.T1w, MriContrast.T1w)))
        {
            var kind = new ContrastKind(scenario.ProbeContrast, scenario.GalleryContrast);
            foreach (var one in MeasuredScores.ScoreAll(
                context, scenario.Name, measures, Scans(2, kind.Probe), Scans(1, kind.Gallery)))
            {
                var (part, e) = (one.Separation(), one.Evaluation);
                table.Row($"{kind.Gallery}, {kind.Probe}", Named(one.Measure, kind), Figures.Percent(e.Rank1), Figures.Percent(e.Eer),
                    Figures.Plain(e.DPrime, "0.0"), Figures.Number(part.Genuine.Worst, "0.000"), Figures.Number(part.Strangers.Best, "0.000"),
                    Figures.Number(part.Gap, "0.000"), Figures.Number(one.PairsPerSecond ?? double.NaN, "0"));
            }
        }

        context.Say($"### Simulated people\n\n{participants} people, a scan of the first visit in the gallery, one of the second as probe, "
            + $"scenario Contrast, with lesions of {lesions} ml and half as much again: {participants} pairs of one person and "
            + $"{participants * (participants - 1)} of strangers in each row, "
            + $"{leftOut.Count} scans left out. Pairs per second include what is computed once a scan, here two scans for every "
            + $"{participants} pairs, on {context.Work.MaxThreads} threads; they compare measures, for the machine did other work too.");
        context.Say(table);
        foreach (var contrast in Released)
        {
            Scans(1, contrast);
            Scans(2, contrast);
        }

        SayFalseLinks(context, known);
        SayCohorts(context, preprocessor, lesions);
    }

    private static Scenario WithLesions(MriContrast contrast, int lesions) => Scenario.Contrast(contrast, contrast) with { LesionLoad = lesions };

    // Audits that share nobody: each of people of its own, every scan in a contrast drawn by chance.
    private static void SayCohorts(BenchmarkContext context, CohortPreprocessor preprocessor, int lesions)
    {
        var cohorts = context.Number("cohorts");
        if (cohorts == 0)
        {
            return;
        }

        var (drawn, leftOut) = (new List<Mixed>(), 0);
        for (var seed = 1; seed <= cohorts; seed++)
        {
            var random = new Random(seed);
            IReadOnlyList<PreprocessedVolume> Side(int visit, int first)
            {
                MriVolume[] scans = [.. Enumerable.Range(first, CohortSize).Select(person =>
                    WithLesions(Released[random.Next(Released.Length)], lesions).Scans(seed, first + CohortSize, visit)[person])];
                var (usable, lost) = preprocessor.Run($"cohort {seed} of {cohorts}, visit {visit}", scans);
                leftOut += lost.Count;
                return usable;
            }

            var (gallery, probes) = (Side(visit: 1, first: 0), Side(visit: 2, first: CohortSize / 2));
            drawn.Add(Mixed.Of([.. probes.Select(v => v.Identity)], [.. gallery.Select(v => v.Identity)], kind => Scored(
                context, kind, [.. probes.Where(v => kind.IsProbe(v.Identity))], [.. gallery.Where(v => kind.IsGallery(v.Identity))])));
        }

        var (links, wrong, mated) = (drawn.Sum(a => a.Links), drawn.Sum(a => a.False), drawn.Sum(a => a.MatedProbes));
        context.Say($"### False links among people of other seeds\n\n{cohorts} audits, seeds 1 to {cohorts}, each of {CohortSize} × {CohortSize} "
            + $"scans of {CohortSize * 3 / 2} people who are in no other; every scan is T1w, T2w or FLAIR by chance, with lesions of {lesions} ml "
            + $"and half as much again. {wrong} false links of {links} (at most {MostByChance(links)} by chance at 1 %), "
            + $"{drawn.Sum(a => a.Found)} of {mated} mated probes linked, {drawn.Sum(a => a.Unjudged)} of {drawn.Sum(a => a.Kinds)} kinds not judged, {leftOut} scans left out.");
    }

    // A kind's pairs by the measure that it is compared by.
    private static OpenSetAudit Scored(
        BenchmarkContext context, ContrastKind kind, IReadOnlyList<PreprocessedVolume> probes, IReadOnlyList<PreprocessedVolume> gallery)
    {
        var measure = kind.Measure(SimilarityMeasures.Default);
        var (scores, _) = MeasuredScores.Score(context, measure, probes, gallery);
        return new(measure, scores, [.. probes.Select(v => v.Identity)], [.. gallery.Select(v => v.Identity)]);
    }

    private static string Named(string measure, ContrastKind kind) =>
        string.Equals(kind.Measure(SimilarityMeasures.Default).Name, measure, StringComparison.Ordinal) ? $"**{measure}**" : measure;

    // Audits of mixed contrasts as Find-MriMatch judges them: each kind of pair by itself, and the links of all kinds counted together.
    private static void SayFalseLinks(
        BenchmarkContext context, Dictionary<(int Visit, MriContrast Contrast), IReadOnlyList<PreprocessedVolume>> scans)
    {
        var people = Released.SelectMany(c => new[] { scans[(1, c)], scans[(2, c)] })
            .Select(all => all.Select(v => v.Participant)).Aggregate((a, b) => a.Intersect(b, StringComparer.Ordinal)).ToArray();
        var pool = new Dictionary<ContrastKind, OpenSetAudit>();
        foreach (var kind in Released.SelectMany(probe => Released.Select(gallery => new ContrastKind(probe, gallery))))
        {
            pool.Add(kind, Scored(context, kind, scans[(2, kind.Probe)], scans[(1, kind.Gallery)]));
        }

        var (audits, size) = (context.Number("audits"), people.Length * 2 / 3);
        var table = new MarkdownTable(
            "audits", "kinds", "false links of all", "at most by chance", "audits with a false link", "power", "kinds not judged");
        foreach (var (name, mated, each) in new[]
        {
            ("every person in all contrasts", 0.5, true), ("every scan in one contrast by chance", 0.5, false),
            ("every person in all contrasts, nobody mated", 0, true),
        })
        {
            Row(table, $"{audits}: {size} × {size} people, {name}", audits, audit => Mixed.Draw(pool, people, size, mated, each, audit), context);
        }

        foreach (var kinds in new[] { 1, 6, 9 })
        {
            foreach (var mated in new[] { 0.5, 0 })
            {
                var model = new ScoreModel("kinds", ModelSize, ModelSize) { MatedShare = mated, Distance = 20 };
                Row(table,
                    $"{audits * ModelAudits}: {ModelSize} × {ModelSize} scans of each kind, score models{(mated > 0 ? "" : ", nobody mated")}",
                    audits * ModelAudits, audit => Mixed.Draw(model, kinds, audit), context);
            }
        }

        context.Say("### False links over several kinds of pair\n\nEach kind is judged by itself at a false discovery rate of 1 %, as "
            + "`Find-MriMatch` does, and the links of all kinds are counted together. Half of the probes' people are in the gallery, unless said "
            + $"otherwise. The audits of simulated people draw from the {people.Length} above and so share people; those of score models (normal "
            + "scores, mates 20 standard deviations out) are independent. At most by chance is what 95 of 100 sets of as many links would not "
            + "exceed if 1 % were false; where nobody is mated every link is false, and what counts is how many audits have one. Power is the part "
            + "of mated probes that are linked to their mate by any kind.");
        context.Say(table);
    }

    private static void Row(MarkdownTable table, string name, int audits, Func<int, Mixed> draw, BenchmarkContext context)
    {
        var drawn = new Mixed[audits];
        context.Work.ForBlocks(audits, i => drawn[i] = draw(i + 1));
        var (links, wrong) = (drawn.Sum(a => a.Links), drawn.Sum(a => a.False));
        var mated = drawn.Sum(a => a.MatedProbes);
        table.Row(
            name, $"{drawn.Max(a => a.Kinds)}", string.Create(CultureInfo.InvariantCulture, $"{wrong} of {links}"),
            mated == 0 ? "–" : $"{MostByChance(links)}",
            $"{drawn.Count(a => a.False > 0)}", mated == 0 ? "–" : Figures.Number(100.0 * drawn.Sum(a => a.Found) / mated, "0.0") + " %",
            $"{drawn.Sum(a => a.Unjudged)} of {drawn.Sum(a => a.Kinds)}");
        context.Progress(name);
    }

    private static int MostByChance(int links)
    {
        var most = 0;
        while (links > 0 && Binomial.CDF(Rate, links, most) < 0.95)
        {
            most++;
        }

        return most;
    }

    private static void RunReal(BenchmarkContext context, IReadOnlyList<SimilarityMeasure> measures)
    {
        Dataset[] datasets = [.. context.Option("data").Split(',')
            .SelectMany(folder => Dataset.Find(context, BenchmarkContext.InRepository(folder)))];
        if (datasets.Length == 0)
        {
            context.Say("### Real people\n\nThere are no scans in the folder of real volumes; name one with --data.");
            return;
        }

        var preprocessor = new CohortPreprocessor(context, new(), context.Option("cache"));
        var same = context.Option("same").Split(',').Select(group => group.Split('+')).ToArray();
        var (volumes, names, lost) = (new List<PreprocessedVolume>(), new List<ScanIdentity>(), new List<string>());
        foreach (var dataset in datasets)
        {
            var (usable, leftOut) = preprocessor.Run(dataset.Name, dataset.Scans);
            var people = same.FirstOrDefault(group => group.Contains(dataset.Name, StringComparer.Ordinal))?[0] ?? dataset.Name;
            volumes.AddRange(usable);
            names.AddRange(usable.Select(v => v.Identity with { Participant = $"{people}/{v.Participant}" }));
            lost.AddRange(leftOut);
        }

        var table = new MarkdownTable("kind of pair", "measure", "people with both", "pairs of one person", "worst", "worst of two visits",
            "pairs of strangers", "best", "gap", "d′", "EER, %", "rank-1, %", "searched among");
        foreach (var measure in measures)
        {
            context.Progress($"real people, {measure.Name}");
            var (scores, _) = MeasuredScores.Score(context, measure, volumes, volumes);
            foreach (var kind in Kinds(names))
            {
                AddReal(context, table, measure, kind, names, scores);
            }
        }

        context.Say($"### Real people\n\n{volumes.Count} scans of {names.Select(n => n.Participant).Distinct(StringComparer.Ordinal).Count()} people "
            + $"({string.Join(", ", names.GroupBy(n => n.Kind).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key}"))}), {lost.Count} left out "
            + "because their preprocessing failed; every scan with every other. Other contrasts there are of as few people as the table says, and "
            + "so d′ and rank-1 rest on these alone, whatever the number of pairs. Contrasts of one visit share the head's pose and the day: "
            + "\"worst of two visits\" leaves them out. Rank-1 searches scans of the rarer contrast among those of the other.");
        context.Say(table.GroupedByFirst());
    }

    private static IEnumerable<ContrastKind> Kinds(List<ScanIdentity> names)
    {
        // The rarer contrast is looked for among the other.
        var counts = names.GroupBy(n => n.Kind).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Select(g => g.Key).ToArray();
        return counts.SelectMany((gallery, i) => counts.Skip(i).Select(probe => new ContrastKind(probe, gallery)))
            .OrderByDescending(kind => kind.IsOneContrast).ThenBy(kind => kind.Gallery).ThenBy(kind => kind.Probe);
    }

    private static void AddReal(
        BenchmarkContext context, MarkdownTable table, SimilarityMeasure measure, ContrastKind kind, List<ScanIdentity> names, double[,] scores)
    {
        int[] rows = [.. Enumerable.Range(0, names.Count).Where(i => kind.IsProbe(names[i]))];
        int[] columns = [.. Enumerable.Range(0, names.Count).Where(i => kind.IsGallery(names[i]))];
        var (part, pairs, visits) = (new double[rows.Length, columns.Length], new List<ScoreSeparation.Pair>(), new List<ScoreSeparation.Pair>());
        var people = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                part[i, j] = scores[rows[i], columns[j]];
                var (a, b) = (names[rows[i]], names[columns[j]]);

                // Within one contrast each pair comes twice.
                if (rows[i] != columns[j] && (!kind.IsOneContrast || rows[i] < columns[j]))
                {
                    var pair = new ScoreSeparation.Pair(a.Participant, b.Participant, part[i, j]);
                    pairs.Add(pair);
                    if (pair.IsGenuine)
                    {
                        people.Add(a.Participant);
                    }

                    if (!string.Equals(a.Session, b.Session, StringComparison.Ordinal))
                    {
                        visits.Add(pair);
                    }
                }
            }
        }

        ScanIdentity[] probes = [.. rows.Select(i => names[i])], gallery = [.. columns.Select(j => names[j])];
        var e = MeasuredScores.Evaluate(context, measure.Name, measure.HigherIsBetter, part, probes, gallery);
        var (all, apart) = (new ScoreSeparation(measure, pairs), new ScoreSeparation(measure, visits));
        table.Row(
            $"{kind.Probe} with {kind.Gallery}", Named(measure.Name, kind), $"{people.Count}", $"{all.Count.Genuine}",
            Figures.Number(all.Genuine.Worst, "0.000"), Figures.Number(apart.Genuine.Worst, "0.000"), $"{all.Count.Impostor}",
            Figures.Number(all.Strangers.Best, "0.000"), Figures.Number(all.Gap, "0.000"), Figures.Plain(e.DPrime, "0.0"), Figures.Percent(e.Eer),
            Figures.Percent(e.Rank1), $"{gallery.Length}");
    }

    /// <summary>An audit of several kinds of pair, judged.</summary>
    /// <param name="Kinds">Kinds of pair.</param>
    /// <param name="Links">Links of all kinds.</param>
    /// <param name="False">Those of two people.</param>
    /// <param name="MatedProbes">Probes with a mate.</param>
    /// <param name="Found">Those that are linked to a mate.</param>
    /// <param name="Unjudged">Kinds with too few scores to be judged.</param>
    private sealed record Mixed(int Kinds, int Links, int False, int MatedProbes, int Found, int Unjudged)
    {
        public static Mixed Draw(
            Dictionary<ContrastKind, OpenSetAudit> pool, string[] people, int size, double mated, bool each, int seed)
        {
            var random = new Random(seed);
            var shuffled = people.ToArray();
            random.Shuffle(shuffled);
            var there = shuffled.Take(mated > 0 ? size : size / 2).Select(p => (Person: p, Contrasts: Chosen())).ToArray();
            var asked = shuffled.Skip(size / 2).Take(mated > 0 ? size : size / 2).Select(p => (Person: p, Contrasts: Chosen())).ToArray();
            ScanIdentity[] probes = Scans(asked, visit: 2), gallery = Scans(there, visit: 1);
            return Of(probes, gallery, kind => pool[kind].Only(probes, gallery));

            MriContrast[] Chosen() => each ? Released : [Released[random.Next(Released.Length)]];

            ScanIdentity[] Scans((string Person, MriContrast[] Contrasts)[] chosen, int visit) =>
            [
                .. chosen.SelectMany(c => c.Contrasts.Select(contrast =>
                    (visit == 1 ? pool[new(contrast, contrast)].Gallery : pool[new(contrast, contrast)].Probes)
                        .First(s => string.Equals(s.Participant, c.Person, StringComparison.Ordinal)))),
            ];
        }

        /// <summary>Judges each kind of pair by itself, and counts their links together.</summary>
        public static Mixed Of(ScanIdentity[] probes, ScanIdentity[] gallery, Func<ContrastKind, OpenSetAudit> scored)
        {
            var parts = new List<(ContrastKind Kind, NotedList<ScanMatch> Matches)>();
            foreach (var kind in ContrastKind.Among(probes, gallery))
            {
                var part = scored(kind);
                var (options, _) = kind.Options(new() { FalseDiscoveryRate = Rate }, SimilarityMeasures.Default, part.Measure);
                parts.Add((kind, MatchFinder.Find(part.Scores, part.Measure, part.Probes, part.Gallery, options)));
            }

            var people = gallery.Select(scan => scan.Participant).ToHashSet(StringComparer.Ordinal);
            return Judged(ContrastKind.Join(probes, parts), parts, probes.Count(p => people.Contains(p.Participant)));
        }

        public static Mixed Draw(ScoreModel model, int kinds, int seed)
        {
            var parts = new List<(ContrastKind Kind, NotedList<ScanMatch> Matches)>();
            var mated = 0;
            for (var k = 0; k < kinds; k++)
            {
                var audit = model.Draw((100 * seed) + k);
                parts.Add((new(MriContrast.T1w, MriContrast.T1w), audit.Match(Rate)));
                mated += audit.Mated;
            }

            var all = parts.SelectMany(p => p.Matches).ToList();
            return Judged(new(all, []), parts, mated);
        }

        private static Mixed Judged(
            NotedList<ScanMatch> matches, List<(ContrastKind Kind, NotedList<ScanMatch> Matches)> parts, int mated)
        {
            var links = matches.Where(m => m.IsMatch == true).ToList();
            var right = links.Where(OpenSetAudit.IsRight).ToList();
            return new(parts.Count, links.Count, links.Count - right.Count, mated,
                right.Select(m => m.Probe).Distinct<ScanIdentity>(ReferenceEqualityComparer.Instance).Count(),
                parts.Count(p => p.Matches.Any(m => m.IsMatch is null)));
        }
    }
}
