using MriLink.Core.Linkage;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace MriLink.Core.Reporting;

/// <summary>The report's plots as SVG. Colours are those of Okabe and Ito, which colour-blind people tell apart.</summary>
internal static class ReportCharts
{
    private static readonly OxyColor Blue = OxyColor.FromRgb(0, 114, 178);
    private static readonly OxyColor Vermilion = OxyColor.FromRgb(213, 94, 0);
    private static readonly OxyColor Grey = OxyColor.FromRgb(90, 90, 90);

    // Fewer scores have no density worth drawing.
    private const int LeastForDensity = 5;

    /// <summary>Scores that are no links as a density, and each link as a line.</summary>
    public static string Scores(IReadOnlyList<ScanMatch> matches, double? threshold)
    {
        var model = Model("Score", "Density of scores that are no links");
        var others = matches.Where(m => m.IsMatch != true).Select(m => m.Score).Order().ToArray();
        var top = 1.0;
        if (others.Length >= LeastForDensity && others[^1] > others[0])
        {
            var density = new ScoreDensity(others, BandwidthRule.Silverman);
            var line = new AreaSeries { Color = Blue, Fill = OxyColor.FromAColor(60, Blue), Title = "no link" };
            for (var i = 0; i <= 200; i++)
            {
                var x = density.Low + ((density.High - density.Low) * i / 200);
                line.Points.Add(new(x, Math.Exp(density.Log(x))));
                line.Points2.Add(new(x, 0));
            }

            top = line.Points.Max(p => p.Y);
            model.Series.Add(line);
        }

        var stems = new StemSeries { Color = Vermilion, StrokeThickness = 2, MarkerType = MarkerType.Circle, MarkerFill = Vermilion, Title = "link" };
        stems.Points.AddRange(matches.Where(m => m.IsMatch == true).Select(m => new DataPoint(m.Score, top / 2)));
        model.Series.Add(stems);
        if (threshold is { } at)
        {
            model.Annotations.Add(new OxyPlot.Annotations.LineAnnotation { Type = OxyPlot.Annotations.LineAnnotationType.Vertical, X = at, Color = Grey, Text = "threshold" });
        }

        return Svg(model, "scores");
    }

    /// <summary>The detection error trade-off.</summary>
    public static string Det(LinkageEvaluation evaluation)
    {
        var model = new PlotModel { Background = OxyColors.White };
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "False match rate", Minimum = 1e-4, Maximum = 1 });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "False non-match rate", Minimum = 1e-3, Maximum = 1 });
        var line = new LineSeries { Color = Blue, MarkerType = MarkerType.Circle, MarkerSize = 2, MarkerFill = Blue };
        line.Points.AddRange(evaluation.Roc.Select(p => new DataPoint(Math.Max(p.FalseMatchRate, 1e-4), Math.Max(p.FalseNonMatchRate, 1e-3))));
        model.Series.Add(line);
        return Svg(model, "det");
    }

    /// <summary>All listed pairs, a square each; darker is more alike. Pairs that were not listed are left white.</summary>
    public static string HeatMap(IReadOnlyList<ScanMatch> matches)
    {
        var probes = matches.Select(m => m.Probe).Distinct().OrderBy(p => p.Name, StringComparer.Ordinal).ToArray();
        var gallery = matches.Select(m => m.Gallery).Distinct().OrderBy(g => g.Name, StringComparer.Ordinal).ToArray();
        var (low, high) = (matches.Min(m => m.Score), matches.Max(m => m.Score));
        var row = probes.Select((p, i) => (p, i)).ToDictionary(x => x.p, x => x.i);
        var column = gallery.Select((g, i) => (g, i)).ToDictionary(x => x.g, x => x.i);
        var model = Model("Gallery", "Probe");
        foreach (var axis in model.Axes)
        {
            (axis.LabelFormatter, axis.TickStyle, axis.StartPosition, axis.EndPosition) = (_ => string.Empty, TickStyle.None, axis.IsHorizontal() ? 0 : 1, axis.IsHorizontal() ? 1 : 0);
        }

        var squares = new RectangleBarSeries { StrokeThickness = 0 };
        foreach (var match in matches)
        {
            var alike = high > low ? (match.Score - low) / (high - low) : 1;
            var (x, y) = (column[match.Gallery], row[match.Probe]);
            squares.Items.Add(new(x, y, x + 1, y + 1) { Color = OxyColor.Interpolate(OxyColor.FromRgb(235, 241, 247), OxyColor.FromRgb(0, 45, 90), alike) });
            if (match.IsMatch == true)
            {
                model.Annotations.Add(new OxyPlot.Annotations.RectangleAnnotation { MinimumX = x, MaximumX = x + 1, MinimumY = y, MaximumY = y + 1, Fill = OxyColors.Transparent, Stroke = Vermilion, StrokeThickness = 2 });
            }
        }

        model.Series.Add(squares);
        return Svg(model, "pairs");
    }

    private static PlotModel Model(string across, string up)
    {
        var model = new PlotModel { Background = OxyColors.White };
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = across });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = up });
        return model;
    }

    // A viewBox in place of a size, so that it fits a phone; names of its own, for several stand on one page.
    private static string Svg(PlotModel model, string name)
    {
        const int width = 640, height = 400;
        var svg = new SvgExporter { Width = width, Height = height, IsDocument = false }.ExportToString(model);
        var size = $"width=\"{width}\" height=\"{height}\"";
        var at = svg.IndexOf(size, StringComparison.Ordinal);
        return string.Concat(svg.AsSpan(0, at), $"viewBox=\"0 0 {width} {height}\" role=\"img\"", svg.AsSpan(at + size.Length))
            .Replace("id=\"clipPath", $"id=\"{name}", StringComparison.Ordinal)
            .Replace("url(#clipPath", $"url(#{name}", StringComparison.Ordinal);
    }
}
