using MathNet.Numerics.Statistics;
namespace MriLink.Core.Linkage;

/// <summary>A Gaussian kernel density estimate of a sample of scores that keeps its digits far out.</summary>
/// <remarks>
/// MathNet's <c>KernelDensity</c> gives the same density where that is not tiny; but a posterior compares densities far from most of the
/// sample, where a sum of exponentials is 0, and needs their logarithms. Samples above <see cref="Bins"/> values are binned first, each
/// value shared between its two neighbours (Jones and Lotwick 1984), so the cost of a point does not grow with the sample.
/// </remarks>
internal sealed class ScoreDensity
{
    /// <summary>Points that a large sample is reduced to.</summary>
    public const int Bins = 4096;

    private static readonly double LogOfRootTwoPi = 0.5 * Math.Log(2 * Math.PI);

    private readonly double[] _points;
    private readonly double[] _shares;

    /// <summary>Estimates the density.</summary>
    /// <param name="sorted">The sample, ascending, two values or more.</param>
    /// <param name="rule">How wide the kernel is.</param>
    public ScoreDensity(double[] sorted, BandwidthRule rule)
    {
        Count = sorted.Length;
        Width = Bandwidth.Of(sorted, rule);
        (Low, Middle, High) = (sorted[0], SortedArrayStatistics.Median(sorted), sorted[^1]);
        (_points, _shares) = sorted.Length <= Bins || !(High > Low)
            ? (sorted, Enumerable.Repeat(1.0 / sorted.Length, sorted.Length).ToArray())
            : Reduce(sorted);
    }

    /// <summary>Values in the sample.</summary>
    public int Count { get; }

    /// <summary>Standard deviation of the kernel.</summary>
    public double Width { get; }

    /// <summary>The sample's smallest value.</summary>
    public double Low { get; }

    /// <summary>The sample's median.</summary>
    public double Middle { get; }

    /// <summary>The sample's largest value.</summary>
    public double High { get; }

    /// <summary>Logarithm of the density.</summary>
    public double Log(double x)
    {
        var highest = double.NegativeInfinity;
        foreach (var point in _points)
        {
            var d = (x - point) / Width;
            highest = Math.Max(highest, -0.5 * d * d);
        }

        double sum = 0;
        for (var i = 0; i < _points.Length; i++)
        {
            var d = (x - _points[i]) / Width;
            sum += _shares[i] * Math.Exp((-0.5 * d * d) - highest);
        }

        return highest + Math.Log(sum) - Math.Log(Width) - LogOfRootTwoPi;
    }

    /// <summary>The share of the estimate at or below <paramref name="x"/>.</summary>
    public double Below(double x)
    {
        double sum = 0;
        for (var i = 0; i < _points.Length; i++)
        {
            sum += _shares[i] * MathNet.Numerics.Distributions.Normal.CDF(_points[i], Width, x);
        }

        return sum;
    }

    /// <summary>The share of the estimate above <paramref name="x"/>, to full precision when small.</summary>
    public double Above(double x)
    {
        double sum = 0;
        for (var i = 0; i < _points.Length; i++)
        {
            sum += _shares[i] * MathNet.Numerics.Distributions.Normal.CDF(-_points[i], Width, -x);
        }

        return sum;
    }

    private (double[] Points, double[] Shares) Reduce(double[] sorted)
    {
        var points = new double[Bins];
        var shares = new double[Bins];
        var step = (High - Low) / (Bins - 1);
        for (var i = 0; i < Bins; i++)
        {
            points[i] = Low + (i * step);
        }

        foreach (var value in sorted)
        {
            var position = (value - Low) / step;
            var below = Math.Min((int)position, Bins - 2);
            var upper = position - below;
            shares[below] += (1 - upper) / sorted.Length;
            shares[below + 1] += upper / sorted.Length;
        }

        // Empty bins change nothing and cost time.
        var filled = Enumerable.Range(0, Bins).Where(i => shares[i] > 0).ToArray();
        return (Array.ConvertAll(filled, i => points[i]), Array.ConvertAll(filled, i => shares[i]));
    }
}
