using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace MriLink.Benchmarks.Linkage;

/// <summary>Tippett's plot: which part of the pairs of one person, and of strangers, has at least some likelihood ratio.</summary>
internal static class TippettPlot
{
    // More than these do not show, and fill a file with millions of characters.
    private const int Steps = 300;

    private static readonly OxyColor[] Colours = [OxyColor.FromRgb(0, 114, 178), OxyColor.FromRgb(213, 94, 0), OxyColor.FromRgb(0, 158, 115)];

    /// <summary>Writes the plot as SVG.</summary>
    /// <param name="path">The file.</param>
    /// <param name="curves">Measures, and log10 likelihood ratios of either kind, ascending.</param>
    public static void Write(string path, IReadOnlyList<(string Name, double[] Genuine, double[] Impostor)> curves)
    {
        var model = new PlotModel { Background = OxyColors.White };
        model.Legends.Add(new Legend
        {
            LegendPlacement = LegendPlacement.Outside,
            LegendPosition = LegendPosition.TopLeft,
            LegendOrientation = LegendOrientation.Horizontal
        });
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Bottom,
            Title = "log10 likelihood ratio for one person",
            MajorGridlineStyle = LineStyle.Dot
        });
        model.Axes.Add(new LinearAxis
        {
            Position = AxisPosition.Left,
            Title = "part of pairs with at least this ratio",
            Minimum = 0,
            Maximum = 1,
            MajorGridlineStyle = LineStyle.Dot
        });
        foreach (var ((name, genuine, impostor), i) in curves.Select((curve, i) => (curve, i)))
        {
            model.Series.Add(Curve($"{name}, one person", genuine, Colours[i % Colours.Length], LineStyle.Solid));
            model.Series.Add(Curve($"{name}, strangers", impostor, Colours[i % Colours.Length], LineStyle.Dash));
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var file = File.Create(path);
        new OxyPlot.SvgExporter { Width = 720, Height = 420 }.Export(model, file);
    }

    private static StairStepSeries Curve(string title, double[] ratios, OxyColor colour, LineStyle style)
    {
        var series = new StairStepSeries { Title = title, Color = colour, LineStyle = style, StrokeThickness = 1.5, VerticalStrokeThickness = 1.5 };
        series.Points.AddRange(ratios.Select((r, i) => new DataPoint(r, 1 - (i / (double)ratios.Length)))
            .Where((_, i) => i % ((ratios.Length / Steps) + 1) == 0));
        return series;
    }
}
