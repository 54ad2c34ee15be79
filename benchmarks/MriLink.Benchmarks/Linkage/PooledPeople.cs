using System.Globalization;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;

namespace MriLink.Benchmarks.Linkage;

/// <summary>Scans of all datasets in one gallery: several sites, contrasts, raw and stripped, every scan with every other.</summary>
internal sealed class PooledPeople
{
    private static readonly double[] Rates = [1e-3, 1e-4, 1e-6];

    private readonly List<(string Dataset, string Person, bool IsOtherContrast, PreprocessedVolume Volume)> _scans = [];
    private readonly string[][] _same;

    /// <param name="same">Datasets whose labels name the same people, the first in the others' contrast: "a+b,c+d", or "none".</param>
    public PooledPeople(string same) =>
        _same = [.. same.Split(',').Select(group => group.Split('+')).Where(group => group.Length > 1)];

    /// <summary>Adds a dataset, or scans of its people made by simulation, which then have a name of their own.</summary>
    /// <param name="dataset">Whose labels they carry.</param>
    /// <param name="name">What the table calls them.</param>
    /// <param name="volumes">The scans.</param>
    public void Add(string dataset, string name, IReadOnlyList<PreprocessedVolume> volumes)
    {
        var people = _same.FirstOrDefault(group => group.Contains(dataset, StringComparer.Ordinal))?[0] ?? dataset;
        _scans.AddRange(volumes.Select(v => (name, $"{people}/{v.Participant}", !string.Equals(people, dataset, StringComparison.Ordinal), v)));
    }

    /// <summary>Scores all pairs and reports.</summary>
    public void Report(BenchmarkContext context, IReadOnlyList<SimilarityMeasure> measures, string plots)
    {
        PreprocessedVolume[] volumes = [.. _scans.Select(s => s.Volume)];
        if (_scans.Select(s => s.Person).Distinct(StringComparer.Ordinal).Count() < 2)
        {
            return;
        }

        var (separations, ofOne) =
            (new List<(SimilarityMeasure Measure, ScoreSeparation All)>(), new List<(SimilarityMeasure Measure, ScoreSeparation All)>());
        MarkdownTable? byDataset = null;
        foreach (var measure in measures)
        {
            var (scores, _) = MeasuredScores.Score(context, measure, volumes, volumes);
            separations.Add((measure, new(measure, Pairs(scores, (_, _) => true))));
            ofOne.Add((measure, new(measure, Pairs(scores, (x, y) => !x.IsOtherContrast && !y.IsOtherContrast))));
            byDataset ??= ByDataset(measure, scores);
            context.Progress($"all together, {measure.Name}: done");
        }

        var (genuine, impostor) = separations[0].All.Count;
        context.Say(
            $"### All real people in one gallery\n\n{volumes.Length} scans of "
                + $"{_scans.Select(s => s.Person).Distinct(StringComparer.Ordinal).Count()} people, raw and stripped, several contrasts, every scan "
                + $"with every other: "
            + $"{genuine} pairs of one person, {impostor} of strangers. \"Again\" are simulated new scans. {measures[0].Name}, mean ± standard "
            + $"deviation, and the end that matters:");
        context.Say(byDataset!);
        context.Say(
            "The same by measure. Deviations: the worst pair of one person in standard deviations above the mean of strangers (Fisher's z for "
                + "correlations). FNMR: the part of one person's pairs missed at the score that strangers reach at "
            + "that rate, with 95 % intervals over people (bootstrap, no narrower than Clopper and Pearson's); * where strangers are too few to "
            + "count and the score comes from a generalised Pareto tail. "
            + "Cllr: the cost of likelihood ratios from kernel densities of other people (fivefold).");
        context.Say("T1-weighted scans alone:");
        context.Say(ByMeasure(ofOne));
        if (_scans.Exists(s => s.IsOtherContrast))
        {
            context.Say("All contrasts; a measure that takes two contrasts of one person for strangers misses those pairs:");
            context.Say(ByMeasure(separations));
        }

        var curves = ofOne.Select(s => (s.Measure.Name, Ratios: s.All.LikelihoodRatios())).Where(c => c.Ratios.Genuine.Length > 0)
            .Select(c => (c.Name, c.Ratios.Genuine, c.Ratios.Impostor)).Take(3).ToArray();
        if (curves.Length > 0 && plots is not "none")
        {
            var path = BenchmarkContext.InRepository(Path.Combine(plots, "tippett.svg"));
            TippettPlot.Write(path, curves);
            context.Say($"![Tippett plot: the part of pairs with at least a likelihood "
                + $"ratio]({Path.GetRelativePath(BenchmarkContext.InRepository("benchmarks"), path).Replace('\\', '/')})");
        }
    }

    private static MarkdownTable ByMeasure(List<(SimilarityMeasure Measure, ScoreSeparation All)> separations)
    {
        var table = new MarkdownTable("measure", "d′", "gap", "deviations", "EER, %", "FNMR at 1e-3, %", "at 1e-4, %", "at 1e-6, %", "Cllr");
        foreach (var (measure, all) in separations)
        {
            var ratios = all.LikelihoodRatios();
            table.Row(
            [
                measure.Name,
                Number(all.DPrime, "0.0"),
                Number(all.Gap, "0.000"),
                Number(all.LowestInDeviations, "0.0"),
                Number(100 * all.EqualErrorRate, "0.00"),
                .. Rates.Select(rate => Misses(all, rate)),
                ratios.Genuine.Length == 0 ? "–" : Number(ScoreSeparation.Cost(ratios), "0.000"),
            ]);
        }

        return table;
    }

    private static string Misses(ScoreSeparation all, double rate) => all.MissesAt(rate) is { } misses
        ? $"{Number(100 * misses.Value, "0.#")} [{Number(100 * misses.Lower, "0.#")}, "
            + $"{Number(100 * misses.Upper, "0.#")}]{(misses.IsExtrapolated ? " *" : string.Empty)}"
        : "–";

    private MarkdownTable ByDataset(SimilarityMeasure measure, double[,] scores)
    {
        var table = new MarkdownTable("scans", "of one person", "worst", "of strangers", "best", "deviations");
        string[] names = [.. _scans.Select(s => s.Dataset).Distinct(StringComparer.Ordinal)];
        for (var a = 0; a < names.Length; a++)
        {
            for (var b = a; b < names.Length; b++)
            {
                var part = new ScoreSeparation(
                    measure, Pairs(scores, (x, y) => Same(x.Dataset, names[a], y.Dataset, names[b])
                    || Same(x.Dataset, names[b], y.Dataset, names[a])));

                // Across datasets only where they share people: the rest is in the last row.
                if (part.Count.Genuine > 0 || a == b)
                {
                    Row(a == b ? names[a] : $"{names[a]} with {names[b]}", part);
                }
            }
        }

        Row("one dataset with another", new(measure, Pairs(scores, (x, y) => !string.Equals(x.Dataset, y.Dataset, StringComparison.Ordinal))));
        Row("all", new(measure, Pairs(scores, (_, _) => true)));
        return table;

        void Row(string name, ScoreSeparation part)
        {
            var ((genuine, impostor), one, two) = (part.Count, part.Genuine, part.Strangers);
            table.Row(
                name,
                genuine == 0 ? "–" : $"{genuine}: {Number(one.Mean, "0.000")} ± {Number(one.Deviation, "0.000")}",
                Number(one.Worst, "0.000"),
                impostor == 0 ? "–" : $"{impostor}: {Number(two.Mean, "0.000")} ± {Number(two.Deviation, "0.000")}",
                Number(two.Best, "0.000"),
                Number(part.LowestInDeviations, "0.0"));
        }
    }

    private IEnumerable<ScoreSeparation.Pair> Pairs(
        double[,] scores, Func<(string Dataset, bool IsOtherContrast), (string Dataset, bool IsOtherContrast), bool> belongs)
    {
        for (var i = 0; i < _scans.Count; i++)
        {
            for (var j = i + 1; j < _scans.Count; j++)
            {
                if (belongs((_scans[i].Dataset, _scans[i].IsOtherContrast), (_scans[j].Dataset, _scans[j].IsOtherContrast)))
                {
                    yield return new(_scans[i].Person, _scans[j].Person, scores[i, j]);
                }
            }
        }
    }

    private static bool Same(string x, string a, string y, string b) =>
        string.Equals(x, a, StringComparison.Ordinal) && string.Equals(y, b, StringComparison.Ordinal);

    private static string Number(double value, string format) => double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);
}
