using System.Globalization;
using MriLink.Benchmarks.Reporting;

namespace MriLink.Benchmarks.Calibration;

/// <summary>Stated probabilities, by what they were stated of, against how often they were right.</summary>
internal sealed class Reliability
{
    private static readonly double[] Limits = [0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1];

    private readonly List<(string Source, List<(double Stated, bool IsRight)> Stated)> _sources = [];

    /// <summary>Adds probabilities of pairs, and whether each is one person; nothing where the source is null.</summary>
    public void Add(string? source, IEnumerable<(double Stated, bool IsRight)> stated)
    {
        if (source is null)
        {
            return;
        }

        if (!_sources.Exists(s => string.Equals(s.Source, source, StringComparison.Ordinal)))
        {
            _sources.Add((source, []));
        }

        _sources.Find(s => string.Equals(s.Source, source, StringComparison.Ordinal)).Stated.AddRange(stated);
    }

    /// <summary>How often pairs are one person, by the probability stated for them.</summary>
    public void Report(BenchmarkContext context)
    {
        if (_sources.Count == 0)
        {
            return;
        }

        var table = new MarkdownTable(["stated", .. _sources.Select(s => $"{s.Source}: pairs, stated on average, one person")]);
        foreach (var (low, high) in Limits.Zip(Limits.Skip(1)))
        {
            table.Row([string.Create(CultureInfo.InvariantCulture, $"{low} to {high}"),
                .. _sources.Select(s => Cell(s.Stated.Where(p => p.Stated >= low && (p.Stated < high || high == 1))))]);
        }

        table.Row(["Brier score", .. _sources.Select(s => Brier(s.Stated).ToString("0.0000", CultureInfo.InvariantCulture))]);
        table.Row(["Cllr", .. _sources.Select(s => Cost(s.Stated).ToString("0.000", CultureInfo.InvariantCulture))]);
        context.Say("How often best pairs are one person, by the probability stated for them at audits of ten probes or more (kinds without "
            + "brackets); nothing was learnt from who is who, so all people are left out. Cllr is 0 when perfect, and 1 when it says nothing:");
        context.Say(table);
    }

    private static string Cell(IEnumerable<(double Stated, bool IsRight)> within)
    {
        var pairs = within.ToList();
        return pairs.Count == 0 ? "–"
            : string.Create(CultureInfo.InvariantCulture, $"{pairs.Count}: {pairs.Average(p => p.Stated):0.000}, {Share(pairs):0.000}");
    }

    private static double Share(List<(double Stated, bool IsRight)> pairs) => pairs.Average(p => p.IsRight ? 1.0 : 0);

    private static double Brier(List<(double Stated, bool IsRight)> pairs) => pairs.Average(p => Math.Pow(p.Stated - (p.IsRight ? 1 : 0), 2));

    // Likelihood ratios are posterior odds over the odds among all pairs; a stated 0 or 1 would cost infinitely much.
    private static double Cost(List<(double Stated, bool IsRight)> pairs)
    {
        var prior = Share(pairs);
        double Ratio(double stated) => Math.Clamp(stated, 1e-9, 1 - 1e-9) is var p ? p / (1 - p) * (1 - prior) / prior : 1;
        return 0.5 * (pairs.Where(p => p.IsRight).Average(p => Math.Log2(1 + (1 / Ratio(p.Stated))))
            + pairs.Where(p => !p.IsRight).Average(p => Math.Log2(1 + Ratio(p.Stated))));
    }
}
