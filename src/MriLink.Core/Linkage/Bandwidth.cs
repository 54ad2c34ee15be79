using MathNet.Numerics.RootFinding;
using MathNet.Numerics.Statistics;

namespace MriLink.Core.Linkage;

/// <summary>Widths of a Gaussian kernel for a sample.</summary>
internal static class Bandwidth
{
    // As many as R's bw.SJ uses; differences are taken between bins, so the cost does not grow with the sample's square.
    private const int Bins = 1000;

    /// <summary>The width by a rule; a small positive number when the values do not differ.</summary>
    /// <param name="sorted">The sample, ascending, two values or more.</param>
    /// <param name="rule">The rule.</param>
    public static double Of(double[] sorted, BandwidthRule rule)
    {
        var silverman = Silverman(sorted);
        return rule == BandwidthRule.SheatherJones ? SheatherJones(sorted) ?? silverman : silverman;
    }

    /// <summary>Silverman's rule of thumb, as R's <c>bw.nrd0</c>.</summary>
    public static double Silverman(double[] sorted)
    {
        var spread = Deviation(sorted);
        var quartiles = InterquartileRange(sorted) / 1.34;
        var scale = quartiles > 0 ? Math.Min(spread, quartiles) : spread;
        if (!(scale > 0))
        {
            scale = Math.Abs(sorted[0]) > 0 ? 1e-6 * Math.Abs(sorted[0]) : 1e-6;
        }

        return 0.9 * scale * Math.Pow(sorted.Length, -0.2);
    }

    /// <summary>Sheather and Jones's width by solving their equation, as R's <c>bw.SJ</c>; null when it has no solution.</summary>
    public static double? SheatherJones(double[] sorted)
    {
        double n = sorted.Length;
        var range = sorted[^1] - sorted[0];
        var scale = Math.Min(Deviation(sorted), InterquartileRange(sorted) / 1.349);
        if (!(range > 0 && scale > 0))
        {
            return null;
        }

        var width = 1.01 * range / Bins;
        var counts = DistanceCounts(sorted, width);
        var a = 1.24 * scale * Math.Pow(n, -1.0 / 7);
        var b = 1.23 * scale * Math.Pow(n, -1.0 / 9);
        var third = -Sixth(b);
        if (!(third > 0))
        {
            return null;
        }

        var alpha = 1.357 * Math.Pow(Fourth(a) / third, 1.0 / 7);
        var c = 1 / (2 * Math.Sqrt(Math.PI) * n);
        double Residual(double h) => Math.Pow(c / Fourth(alpha * Math.Pow(h, 5.0 / 7)), 0.2) - h;
        var upper = 1.144 * scale * Math.Pow(n, -0.2);
        var lower = 0.1 * upper;
        for (var widen = 0; widen < 20 && !(Residual(lower) * Residual(upper) <= 0); widen++)
        {
            (lower, upper) = (lower / 1.2, upper * 1.2);
        }

        return Residual(lower) * Residual(upper) <= 0
            && Brent.TryFindRoot(Residual, lower, upper, 1e-9 * upper, 200, out var root)
                ? root
                : null;

        // Estimates of the integrated squared second and third derivatives of the density, with a kernel of width h.
        double Fourth(double h) => Sum(h, d => (d * d) - (6 * d) + 3, 3) / (n * (n - 1) * Math.Pow(h, 5) * Math.Sqrt(2 * Math.PI));
        double Sixth(double h) =>
            Sum(h, d => (d * d * d) - (15 * d * d) + (45 * d) - 15, -15) / (n * (n - 1) * Math.Pow(h, 7) * Math.Sqrt(2 * Math.PI));
        double Sum(double h, Func<double, double> polynomial, double atZero)
        {
            double sum = 0;
            for (var i = 0; i < counts.Length; i++)
            {
                var d = i * width / h;
                d *= d;
                if (d >= 1000)
                {
                    break;
                }

                sum += Math.Exp(-d / 2) * polynomial(d) * counts[i];
            }

            return (2 * sum) + (n * atZero);
        }
    }

    // How many pairs lie 0, 1, 2, … bins apart.
    private static double[] DistanceCounts(double[] sorted, double width)
    {
        var start = sorted[0] - (0.005 * (sorted[^1] - sorted[0]));
        var filled = new double[Bins];
        foreach (var value in sorted)
        {
            filled[Math.Clamp((int)((value - start) / width), 0, Bins - 1)]++;
        }

        var counts = new double[Bins];
        for (var i = 0; i < Bins; i++)
        {
            counts[0] += filled[i] * (filled[i] - 1) / 2;
            for (var j = 0; j < i && filled[i] > 0; j++)
            {
                counts[i - j] += filled[i] * filled[j];
            }
        }

        return counts;
    }

    /// <summary>The median absolute deviation about <paramref name="middle"/>, in units of a normal distribution's standard deviation.</summary>
    internal static double RobustDeviation(double[] values, double middle) =>
        1.4826 * SortedArrayStatistics.Median([.. values.Select(v => Math.Abs(v - middle)).Order()]);

    private static double Deviation(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1));
    }

    private static double InterquartileRange(double[] sorted) =>
        SortedArrayStatistics.QuantileCustom(sorted, 0.75, QuantileDefinition.R7)
            - SortedArrayStatistics.QuantileCustom(sorted, 0.25, QuantileDefinition.R7);
}
