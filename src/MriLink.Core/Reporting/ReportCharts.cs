using System.Globalization;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Similarity;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MriLink.Core.Reporting;

/// <summary>The report's plots as SVG. Colours are those of Okabe and Ito, which colour-blind people tell apart.</summary>
internal static class ReportCharts
{
    private static readonly OxyColor Blue = OxyColor.FromRgb(0, 114, 178);
    private static readonly OxyColor Vermilion = OxyColor.FromRgb(213, 94, 0);
    private static readonly OxyColor Grey = OxyColor.FromRgb(90, 90, 90);

    // As wide as the page on a narrow phone, so that letters are seen there as large as they are here; wider screens enlarge the whole.
    private const int Width = 350;
    private const int Height = 290;
    private const double Letters = 13;

    // The exporter measures text for a narrower font than many systems have.
    private const double TitleDistance = 18;
    private const double TextPadding = 44;

    // And the legend is clipped to what was measured: blanks that do not break make it wider.
    private const string Room = "\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0\u00a0";

    // Of the mitigations: as many columns as there is room for; a row is a line of text, 11 as the exporter measures it, and a gap.
    private const int LegendColumns = 2;
    private const int LegendRow = 18;
    private const int LegendGap = LegendRow - 11;

    // More names than these cannot be read beside the heat map.
    private const int MostNames = 16;
    private const int LongestName = 12;

    private static readonly (OxyColor Colour, MarkerType Marker)[] Styles =
    [
        (Blue, MarkerType.Circle),
        (Vermilion, MarkerType.Square),
        (OxyColor.FromRgb(0, 158, 115), MarkerType.Triangle),
        (OxyColor.FromRgb(230, 159, 0), MarkerType.Diamond),
        (OxyColor.FromRgb(204, 121, 167), MarkerType.Circle),
        (OxyColor.FromRgb(86, 180, 233), MarkerType.Square),
        (OxyColors.Black, MarkerType.Triangle),
        (Grey, MarkerType.Diamond),
    ];

    // More dots than these only make the file large.
    private const int MostPoints = 2000;

    // Fewer scores have no density worth drawing.
    private const int LeastForDensity = 5;

    /// <summary>Scores that are no links as a density, or few of them as lines, and each link as a line.</summary>
    public static string Scores(IReadOnlyList<ScanMatch> matches, double? threshold, string name = "scores")
    {
        var model = Model("Score", string.Empty);
        (string Title, OxyColor Colour, double[] Scores)[] others =
        [
            .. new[] { ("no link", Blue, (bool?)false), ("undecided", Grey, null) }
                .Select(kind => (kind.Item1, kind.Item2, matches.Where(m => m.IsMatch == kind.Item3).Select(m => m.Score).Order().ToArray()))
                .Where(kind => kind.Item3.Length > 0),
        ];
        var densities = others.Select(o => HasDensity(o.Scores) ? Density(o.Title, o.Colour, o.Scores) : null).ToArray();
        var top = densities.Max(d => d?.Points.Max(p => p.Y)) ?? 1;
        foreach (var (other, density) in others.Zip(densities))
        {
            model.Series.Add(density as Series ?? Stems(other.Title, other.Colour, other.Scores, top / 3));
        }

        if (Array.Exists(densities, d => d is not null))
        {
            model.Axes[1].Title = "Density of pairs not linked";
        }

        model.Series.Add(Stems("link", Vermilion, matches.Where(m => m.IsMatch == true).Select(m => m.Score), top / 2));
        if (threshold is { } at)
        {
            var line = new LineSeries { Color = Grey, LineStyle = LineStyle.Dash, Title = "threshold" + Room };
            line.Points.AddRange([new(at, 0), new(at, top)]);
            model.Series.Add(line);
        }

        // Room on either side, so that the best link does not lie on the frame; the height of a density tells nobody anything.
        (model.Axes[0].MinimumPadding, model.Axes[0].MaximumPadding) = (0.03, 0.03);
        (model.Axes[1].Minimum, model.Axes[1].Maximum, model.Axes[1].LabelFormatter, model.Axes[1].TickStyle) =
            (0, 1.03 * top, _ => string.Empty, TickStyle.None);
        model.Legends.Add(TopLegend());
        return Svg(model, name);
    }

    private static bool HasDensity(double[] sorted) => sorted.Length >= LeastForDensity && sorted[^1] > sorted[0];

    private static AreaSeries Density(string title, OxyColor colour, double[] scores)
    {
        var density = new ScoreDensity(scores, BandwidthRule.Silverman);
        var line = new AreaSeries { Color = colour, Color2 = OxyColors.Transparent, Fill = OxyColor.FromAColor(60, colour), Title = title + Room };

        // Three kernel widths beyond the last score nothing is left of the density.
        var (from, to) = (density.Low - (3 * density.Width), density.High + (3 * density.Width));
        for (var i = 0; i <= 200; i++)
        {
            var x = from + ((to - from) * i / 200);
            line.Points.Add(new(x, Math.Exp(density.Log(x))));
            line.Points2.Add(new(x, 0));
        }

        return line;
    }

    /// <summary>One link's score among those of pairs that are none.</summary>
    public static string Link(IReadOnlyList<ScanMatch> matches, ScanMatch link, double? threshold, int number) =>
        Scores([link, .. matches.Where(m => m.IsMatch != true)], threshold, string.Create(CultureInfo.InvariantCulture, $"link{number}x"));

    /// <summary>All pairs by their score, the most alike first; of very many that are no links an even choice.</summary>
    public static string Ranked(IReadOnlyList<ScanMatch> matches, double? threshold, string name)
    {
        var model = Model("Pair", string.Empty);
        model.Axes[1].Title = "Score";
        (model.Axes[1].AxisTitleDistance, model.Padding) = (TitleDistance, new(8, 8, 16, 8));
        var higher = SimilarityMeasures.Find(matches[0].Metric)?.HigherIsBetter ?? true;
        var ranked = matches.OrderByDescending(m => higher ? m.Score : -m.Score).Select((m, i) => (Match: m, Place: i + 1)).ToArray();
        var step = Math.Max(1, ranked.Length / MostPoints);
        foreach (var (label, judgement, colour) in new[] { ("no link", (bool?)false, Blue), ("undecided", null, Grey), ("link", true, Vermilion) })
        {
            var points = new ScatterSeries { MarkerType = MarkerType.Circle, MarkerSize = 2.5, MarkerFill = colour, Title = label + Room };
            points.Points.AddRange(ranked.Where(r => r.Match.IsMatch == judgement && (judgement == true || r.Place % step == 0))
                .Select(r => new ScatterPoint(r.Place, r.Match.Score)));
            if (points.Points.Count > 0)
            {
                model.Series.Add(points);
            }
        }

        if (threshold is { } at)
        {
            var line = new LineSeries { Color = Grey, LineStyle = LineStyle.Dash };
            line.Points.AddRange([new(0, at), new(ranked.Length + 1, at)]);
            model.Series.Add(line);
        }

        (model.Axes[0].Minimum, model.Axes[0].Maximum, model.Axes[1].MinimumPadding, model.Axes[1].MaximumPadding) =
            (0, ranked.Length + 1, 0.05, 0.05);
        model.Legends.Add(TopLegend());
        return Svg(model, name);
    }

    private static StemSeries Stems(string title, OxyColor colour, IEnumerable<double> scores, double height)
    {
        var stems = new StemSeries { Color = colour, StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerFill = colour, Title = title + Room };
        stems.Points.AddRange(scores.Select(score => new DataPoint(score, height)));
        return stems;
    }

    /// <summary>The detection error trade-off; null where no threshold errs, so that there is none.</summary>
    public static string? Det(LinkageEvaluation evaluation)
    {
        if (!evaluation.Roc.Any(p => p.FalseMatchRate > 0 && p.FalseNonMatchRate > 0)
            && evaluation.Roc.Any(p => p.FalseMatchRate == 0 && p.FalseNonMatchRate == 0))
        {
            return null;
        }

        // Where no pair errs the logarithm has no place; half of one pair is as near as the data come.
        var (leastMatch, leastMiss) = (0.5 / evaluation.ImpostorPairs, 0.5 / evaluation.GenuinePairs);
        var model = Paper();
        model.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Bottom,
            Title = "False match rate",
            Minimum = leastMatch,
            Maximum = 1,
            AxisTitleDistance = 8
        });
        model.Axes.Add(new LogarithmicAxis
        {
            Position = AxisPosition.Left,
            Title = "False non-match rate",
            Minimum = leastMiss,
            Maximum = 1,
            AxisTitleDistance = TitleDistance
        });
        var line = new LineSeries { Color = Blue, StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerSize = 2.5, MarkerFill = Blue };
        line.Points.AddRange(evaluation.Roc.Select(
            p => new DataPoint(Math.Max(p.FalseMatchRate, leastMatch), Math.Max(p.FalseNonMatchRate, leastMiss))));
        model.Series.Add(line);
        return Svg(model, "det");
    }

    /// <summary>
    /// The part of pairs of one person, and of two, that score at least as well as each score (Evett and Buckleton 1996, after Tippett).
    /// </summary>
    public static string Tippett(LinkageEvaluation evaluation)
    {
        var model = Paper();
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = evaluation.Metric, AxisTitleDistance = 8 });
        model.Axes.Add(ShareAxis("Pairs that score so well", margin: 0.03));
        foreach (var (colour, quantiles) in new[] { (Blue, evaluation.ImpostorQuantiles), (Vermilion, evaluation.GenuineQuantiles) })
        {
            var line = new LineSeries { Color = colour, StrokeThickness = 2 };
            line.Points.AddRange(quantiles.Select((score, at) => new DataPoint(score, at / (double)Math.Max(1, quantiles.Count - 1))));
            model.Series.Add(line);
        }

        return Svg(model, "tippett");
    }

    /// <summary>What mitigations leave of linkage against what they leave of the image, a line for each.</summary>
    public static string Mitigations(IReadOnlyList<MitigationResult> results)
    {
        var model = Paper();
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = "What is left of the image (SSIM)",
            Minimum = -0.03,
            Maximum = 1.03,
            MajorStep = 0.2,
            AxisTitleDistance = 8
        });
        model.Axes.Add(ShareAxis("People still linked", margin: 0.04));
        var number = 0;
        foreach (var group in results.Where(r => r.Strength is not null && r.Ssim is not null && Share(r) is not null)
            .GroupBy(r => (r.Mitigation, r.AdaptedAttacker)))
        {
            // Colour, marker and, from the second round on, dashes: any one of them tells lines apart.
            var (colour, marker) = Styles[number % Styles.Length];
            var line = new LineSeries
            {
                Title = group.Key.Mitigation + (group.Key.AdaptedAttacker ? " *" : string.Empty) + Room,
                Color = colour,
                StrokeThickness = 2,
                LineStyle = number < Styles.Length ? LineStyle.Solid : LineStyle.Dash,
                MarkerType = marker,
                MarkerSize = 5,
                MarkerFill = colour,
                MarkerStroke = colour,
            };
            line.Points.AddRange(group.Select(r => new DataPoint(r.Ssim!.Value, Share(r)!.Value)));
            model.Series.Add(line);
            number++;
        }

        // Below, in columns, for beside the plot there is no room.
        var rows = (number + LegendColumns - 1) / LegendColumns;
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.BottomLeft,
            LegendLineSpacing = LegendGap,
            LegendMaxHeight = LegendRow * (rows + 1)
        });
        return Svg(model, "mitigations", Height + (LegendRow * rows));
    }

    // The part of the people in both sets, or else of the scans, that is linked.
    private static double? Share(MitigationResult result) =>
        result.TrueLinks is { } links && result.MatedProbes is > 0 and var mated ? links / (double)mated
        : result.SurvivingLinks is { } surviving ? surviving / (double)result.Probes
        : null;

    /// <summary>All listed pairs, a square each; darker is more alike. Pairs that were not listed are left white.</summary>
    public static string HeatMap(IReadOnlyList<ScanMatch> matches, string name)
    {
        var probes = matches.Select(m => m.Probe).Distinct().OrderBy(p => p.Name, StringComparer.Ordinal).ToArray();
        var gallery = matches.Select(m => m.Gallery).Distinct().OrderBy(g => g.Name, StringComparer.Ordinal).ToArray();
        var (low, high) = (matches.Min(m => m.Score), matches.Max(m => m.Score));
        var row = probes.Select((p, i) => (p, i)).ToDictionary(x => x.p, x => x.i);
        var column = gallery.Select((g, i) => (g, i)).ToDictionary(x => x.g, x => x.i);
        var model = Model(string.Empty, string.Empty);
        model.Padding = new(TextPadding, 8, 8, TextPadding);
        foreach (var (axis, scans) in new[] { (model.Axes[0], gallery), (model.Axes[1], probes) })
        {
            // The caption says what is in rows and columns: a title would run into long names.
            axis.Title = null;
            var shared = Shared([.. scans.Select(scan => scan.Name)]);
            (axis.TickStyle, axis.StartPosition, axis.EndPosition) = (TickStyle.None, axis.IsHorizontal() ? 0 : 1, axis.IsHorizontal() ? 1 : 0);
            (axis.Minimum, axis.Maximum, axis.MajorStep, axis.Angle) = (0, scans.Length, 0.5, axis.IsHorizontal() ? -60 : 0);
            axis.LabelFormatter = at =>
                scans.Length <= MostNames && at - Math.Floor(at) is > 0.4 and < 0.6 && at < scans.Length ? Short(scans[(int)at].Name, shared)
                    : string.Empty;
        }

        var squares = new RectangleBarSeries { StrokeThickness = 0 };
        foreach (var match in matches)
        {
            var alike = high > low ? (match.Score - low) / (high - low) : 1;
            var (x, y) = (column[match.Gallery], row[match.Probe]);
            squares.Items.Add(new(x, y, x + 1,
                y + 1)
            { Color = OxyColor.Interpolate(OxyColor.FromRgb(235, 241, 247), OxyColor.FromRgb(0, 45, 90), alike) });
            if (match.IsMatch == true)
            {
                model.Annotations.Add(new OxyPlot.Annotations.RectangleAnnotation
                {
                    MinimumX = x,
                    MaximumX = x + 1,
                    MinimumY = y,
                    MaximumY = y + 1,
                    Fill = OxyColors.Transparent,
                    Stroke = Vermilion,
                    StrokeThickness = 2
                });
            }
        }

        model.Series.Add(squares);
        return Svg(model, name, Width);
    }

    // Names of a study begin alike: what tells them apart comes after that, and the session last.
    private static string Short(string name, int shared)
    {
        var end = (LongestName / 2) - 1;
        var rest = name[Math.Min(shared, name.Length)..];
        return name.Length <= LongestName ? name
            : rest.Length < LongestName ? $"…{rest}"
            : shared > 0 ? $"…{rest[..(LongestName - end - 3)]}…{rest[^end..]}"
            : $"{rest[..(LongestName - end - 1)]}…{rest[^end..]}";
    }

    // How many letters all names begin with.
    private static int Shared(IReadOnlyList<string> names) => names.Count < 2 ? 0
        : Enumerable.Range(0, names.Min(name => name.Length)).TakeWhile(at => names.All(name => name[at] == names[0][at])).Count();

    private static Legend TopLegend() =>
        new()
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.TopLeft,
            LegendOrientation = LegendOrientation.Horizontal
        };

    // From none to all, with room for lines that run along either.
    private static LinearAxis ShareAxis(string title, double margin) => new()
    {
        Position = AxisPosition.Left,
        Title = title,
        Minimum = -margin,
        Maximum = 1 + margin,
        MajorStep = 0.25,
        StringFormat = "0 %",
        AxisTitleDistance = TitleDistance
    };

    private static PlotModel Paper() => new() { Background = OxyColors.White, DefaultFontSize = Letters };

    private static PlotModel Model(string across, string up)
    {
        var model = Paper();
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = across, AxisTitleDistance = 8 });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = up });
        return model;
    }

    // A viewBox in place of a size, so that it fits a phone; names of its own, for several stand on one page.
    private static string Svg(PlotModel model, string name, int height = Height)
    {
        var svg = new SvgExporter { Width = Width, Height = height, IsDocument = false }.ExportToString(model);
        var size = $"width=\"{Width}\" height=\"{height}\"";
        var at = svg.IndexOf(size, StringComparison.Ordinal);
        return string.Concat(svg.AsSpan(0, at), $"viewBox=\"0 0 {Width} {height}\" role=\"img\"", svg.AsSpan(at + size.Length))
            .Replace("id=\"clipPath", $"id=\"{name}", StringComparison.Ordinal)
            .Replace("url(#clipPath", $"url(#{name}", StringComparison.Ordinal);
    }
}
