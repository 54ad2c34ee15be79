using MathNet.Numerics.RootFinding;

namespace MriLink.Core.Linkage;

/// <summary>
/// The upper tail of a sample by extreme value theory: above a high threshold excesses follow a generalised Pareto distribution
/// (Pickands 1975, Ann Stat 3:119), here the mean of all such distributions by how well they explain the excesses.
/// </summary>
/// <remarks>
/// <para>
/// The best fitting distribution alone takes its own shape for certain, and of the many audits of a heavy-tailed kind those whose sample
/// looks light by chance promise too much. So the tail is averaged over the posterior of shape and scale (the predictive distribution; Coles
/// 2001, An Introduction to Statistical Modeling of Extreme Values, section 9.1): a normal prior on the shape, near that of similarity scores,
/// and a flat one on the scale's logarithm. It is summed on a grid about the posterior's mode.
/// </para>
/// <para>
/// That all this is a Pareto tail is a model too. n values cannot show that one in n more does not follow another, so a tail a little heavier
/// than the exponential's is mixed in with the weight of one value: probabilities far out are small, never absurdly so, and never 0.
/// </para>
/// </remarks>
internal sealed class ParetoPosterior
{
    /// <summary>Twice as light as scores' tails are.</summary>
    public const double LightestOfScores = -0.4;

    private const double PriorMean = 0.1;
    private const double PriorDeviation = 0.1;
    private const double Heaviest = 0.9;
    private const double ModelShape = 0.1;

    // Of the grid that is summed, to this many posterior standard deviations either side of the mode: beyond lies one part in 10 000.
    private const double Reach = 4;
    private const int Points = 21;

    private readonly double[] _shapes;
    private readonly double[] _scales;
    private readonly double[] _weights;
    private readonly double _count;

    private ParetoPosterior(double threshold, double share, double count, double[] shapes, double[] scales, double[] weights)
    {
        (Threshold, Share, _count, _shapes, _scales, _weights) = (threshold, share, count, shapes, scales, weights);
        for (var i = 0; i < weights.Length; i++)
        {
            Shape += weights[i] * shapes[i];
            Scale += weights[i] * scales[i];
        }
    }

    /// <summary>Where the tail begins.</summary>
    public double Threshold { get; }

    /// <summary>Which part of the whole sample lies above <see cref="Threshold"/>.</summary>
    public double Share { get; }

    /// <summary>ξ on average: 0 is an exponential tail, above it a heavier one.</summary>
    public double Shape { get; }

    /// <summary>σ on average, in units of the scores.</summary>
    public double Scale { get; }

    /// <summary>Fits a tail, of which some excesses may be known only to exceed a value.</summary>
    /// <param name="threshold">Where the tail begins.</param>
    /// <param name="excesses">Excesses over the threshold, positive.</param>
    /// <param name="censored">What other excesses are at least, zero or more.</param>
    /// <param name="weight">How much each of these counts, 0 to 1.</param>
    /// <param name="share">Which part of the whole sample lies above the threshold.</param>
    /// <param name="lightest">The lightest shape allowed.</param>
    public static ParetoPosterior Fit(
        double threshold, double[] excesses, double[] censored, double weight, double share, double lightest = LightestOfScores)
    {
        var mean = excesses.Average();
        var count = excesses.Length + (weight * censored.Length);

        // The mode, on ever finer grids, of the shape and the logarithm of (1 + shape) · scale, which know nothing of each other
        // (Chavez-Demoulin and Davison 2005, Appl Stat 54:207); of shape and scale the likelihood is a narrow ridge.
        var (shape, scale) = ((lightest + Heaviest) / 2, Math.Log(mean));
        var (acrossShape, acrossScale) = ((Heaviest - lightest) / 2, Math.Log(8));
        for (var round = 0; round < 6; round++)
        {
            (shape, scale) = Best(Steps(shape, acrossShape, 13, lightest, Heaviest), Steps(scale, acrossScale, 13));
            (acrossShape, acrossScale) = (acrossShape / 3, acrossScale / 3);
        }

        // Large samples' deviations of shape and scale (Smith 1984), that of the shape no larger than its prior's.
        var shapes = Steps(shape, Reach * Math.Min(PriorDeviation, (1 + Math.Abs(shape)) / Math.Sqrt(count)), Points, lightest, Heaviest);
        var scales = Steps(scale, Reach * Math.Sqrt(2 * (1 + Math.Max(0, shape)) / count), Points);
        var all = shapes.SelectMany(xi => scales.Select(log => (Shape: xi, Scale: Math.Exp(log) / (1 + xi)))).ToArray();
        var values = Array.ConvertAll(all, at => LogPosterior(at.Shape, at.Scale));
        var highest = values.Max();
        var weights = Array.ConvertAll(values, value => Math.Exp(value - highest));
        var sum = weights.Sum();
        return new(threshold, share, count / share, Array.ConvertAll(all, at => at.Shape), Array.ConvertAll(all, at => at.Scale),
            Array.ConvertAll(weights, w => w / sum));

        (double Shape, double Scale) Best(double[] onShapes, double[] onScales)
        {
            var best = (Shape: shape, Scale: scale, Value: double.NegativeInfinity);
            foreach (var xi in onShapes)
            {
                foreach (var log in onScales)
                {
                    var value = LogPosterior(xi, Math.Exp(log) / (1 + xi));
                    best = value > best.Value ? (xi, log, value) : best;
                }
            }

            return (best.Shape, best.Scale);
        }

        double LogPosterior(double xi, double sigma)
        {
            var prior = (xi - PriorMean) / PriorDeviation;
            return (-excesses.Length * Math.Log(sigma))
                + ((1 + xi) * LogSurvival(xi, sigma, excesses)) + (weight * LogSurvival(xi, sigma, censored)) - (0.5 * prior * prior);
        }
    }

    /// <summary>Which part of the whole population lies above <paramref name="value"/>, a value at or above the threshold.</summary>
    public double Above(double value)
    {
        if (value <= Threshold)
        {
            return Share;
        }

        double sum = 0;
        for (var i = 0; i < _weights.Length; i++)
        {
            sum += _weights[i] * Survival(_shapes[i], (value - Threshold) / _scales[i]);
        }

        return Share * ((_count * sum) + Survival(ModelShape, (value - Threshold) / Scale)) / (_count + 1);
    }

    /// <summary>The value that a part of the population exceeds, a part no larger than <see cref="Share"/>.</summary>
    public double Quantile(double above)
    {
        var far = Scale;
        while (Above(Threshold + far) > above)
        {
            far *= 2;
        }

        return Threshold + Brent.FindRoot(excess => Math.Log(Above(Threshold + excess) / above), 0, far, 1e-12 * far, 500);
    }

    private static double[] Steps(
        double middle, double across, int points, double least = double.NegativeInfinity, double most = double.PositiveInfinity)
    {
        var (low, high) = (Math.Max(least, middle - across), Math.Min(most, middle + across));
        return [.. Enumerable.Range(0, points).Select(i => low + (i * (high - low) / (points - 1)))];
    }

    private static double Survival(double xi, double z)
    {
        if (Math.Abs(xi) < 1e-6)
        {
            return Math.Exp(-z);
        }

        var inner = 1 + (xi * z);
        return inner <= 0 ? 0 : Math.Exp(-Math.Log(inner) / xi);
    }

    // The sum of the logarithms of survival; one logarithm for many factors, as many as a double holds.
    private static double LogSurvival(double xi, double sigma, double[] excesses)
    {
        double sum = 0;
        if (Math.Abs(xi) < 1e-6)
        {
            foreach (var excess in excesses)
            {
                sum += excess;
            }

            return -sum / sigma;
        }

        var product = 1.0;
        foreach (var excess in excesses)
        {
            var inner = 1 + (xi * excess / sigma);
            if (inner <= 0)
            {
                return double.NegativeInfinity;
            }

            product *= inner;
            if (product is < 1e-100 or > 1e100)
            {
                sum += Math.Log(product);
                product = 1;
            }
        }

        return -(sum + Math.Log(product)) / xi;
    }
}
