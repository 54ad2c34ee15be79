namespace MriLink.Core.Linkage;

/// <summary>
/// The upper tail of a sample by extreme value theory: above a high threshold excesses follow a generalised Pareto distribution
/// (Pickands 1975, Ann Stat 3:119).
/// </summary>
/// <remarks>
/// Shape and scale by Zhang and Stephens 2009 (Technometrics 51:316): the mean over a profile likelihood, defined for every sample,
/// nearly as precise as maximum likelihood where that exists.
/// </remarks>
internal sealed class ParetoTail
{
    /// <summary>Twice as light as scores' tails are.</summary>
    public const double LightestOfScores = -0.4;

    private ParetoTail(double threshold, double share, double shape, double scale) =>
        (Threshold, Share, Shape, Scale) = (threshold, share, shape, scale);

    /// <summary>Where the tail begins.</summary>
    public double Threshold { get; }

    /// <summary>Which part of the whole sample lies above <see cref="Threshold"/>.</summary>
    public double Share { get; }

    /// <summary>ξ: 0 is an exponential tail, above it a heavier one.</summary>
    public double Shape { get; }

    /// <summary>σ, in units of the scores.</summary>
    public double Scale { get; }

    /// <summary>Fits a tail.</summary>
    /// <param name="threshold">Where the tail begins.</param>
    /// <param name="excesses">Values above the threshold less the threshold, ascending, all positive, five or more.</param>
    /// <param name="share">Which part of the whole sample lies above the threshold.</param>
    /// <param name="lightest">The lightest shape allowed: what is found lighter is taken for this one.</param>
    public static ParetoTail Fit(double threshold, ReadOnlySpan<double> excesses, double share, double lightest = double.NegativeInfinity)
    {
        var n = excesses.Length;
        var quartile = excesses[(int)((n / 4.0) + 0.5) - 1];
        var largest = excesses[^1];
        var points = 30 + (int)Math.Sqrt(n);
        var theta = new double[points];
        var log = new double[points];
        for (var i = 0; i < points; i++)
        {
            theta[i] = (1 / largest) + ((1 - Math.Sqrt(points / (i + 0.5))) / (3 * quartile));
            log[i] = LogLikelihood(theta[i], excesses);
        }

        var highest = log.Max();
        double weights = 0, mean = 0;
        for (var i = 0; i < points; i++)
        {
            var weight = Math.Exp(log[i] - highest);
            (weights, mean) = (weights + weight, mean + (weight * theta[i]));
        }

        mean /= weights;
        var k = MeanLog(mean, excesses);
        var (shape, scale) = (-k, k / mean);
        if (shape < lightest || !double.IsFinite(scale) || !(scale > 0))
        {
            // The scale that keeps the mean excess where it is: mean = scale / (1 − shape).
            shape = double.IsFinite(lightest) ? lightest : 0;
            double sum = 0;
            foreach (var excess in excesses)
            {
                sum += excess;
            }

            scale = sum / n * (1 - shape);
        }

        return new(threshold, share, shape, scale);
    }

    /// <summary>Fits a tail in which some excesses are known only to exceed a value.</summary>
    /// <remarks>
    /// Maximum likelihood, the shape drawn towards the exponential's by a normal prior of standard deviation 0.1 (penalised as by Coles and
    /// Dixon 1999, Extremes 2:5): shapes of similarity scores lie within ± 0.2, and forty excesses alone would miss that by as much.
    /// </remarks>
    /// <param name="threshold">Where the tail begins.</param>
    /// <param name="excesses">Excesses over the threshold, positive.</param>
    /// <param name="censored">What other excesses are at least, zero or more.</param>
    /// <param name="weight">How much each of these counts, 0 to 1.</param>
    /// <param name="share">Which part of the whole sample lies above the threshold.</param>
    /// <param name="lightest">The lightest shape allowed.</param>
    public static ParetoTail FitCensored(double threshold, double[] excesses, double[] censored, double weight, double share, double lightest = LightestOfScores)
    {
        const double PriorDeviation = 0.1;
        const double LargestShape = 0.9;
        var mean = excesses.Average();
        var largest = excesses.Concat(censored).Max();
        var (shape, scale, _) = Search(lightest, LargestShape, 0.05);
        (shape, scale, _) = Search(Math.Max(lightest, shape - 0.05), Math.Min(LargestShape, shape + 0.05), 0.005);
        return new(threshold, share, shape, scale);

        // For each shape the best scale, by golden section on its logarithm; the likelihood has one peak in it.
        (double Shape, double Scale, double Value) Search(double from, double to, double step)
        {
            var best = (Shape: 0.0, Scale: mean, Value: double.NegativeInfinity);
            for (var xi = from; xi <= to + (step / 2); xi += step)
            {
                var least = Math.Max(mean / 20, xi < 0 ? -xi * largest * (1 + 1e-9) : 0);
                var (low, high) = (Math.Log(least), Math.Log(Math.Max(20 * mean, 2 * least)));
                const double Golden = 0.6180339887498949;
                var (a, b) = (high - (Golden * (high - low)), low + (Golden * (high - low)));
                var (atA, atB) = (Objective(xi, Math.Exp(a)), Objective(xi, Math.Exp(b)));
                while (high - low > 1e-4)
                {
                    if (atA > atB)
                    {
                        (high, b, atB) = (b, a, atA);
                        a = high - (Golden * (high - low));
                        atA = Objective(xi, Math.Exp(a));
                    }
                    else
                    {
                        (low, a, atA) = (a, b, atB);
                        b = low + (Golden * (high - low));
                        atB = Objective(xi, Math.Exp(b));
                    }
                }

                var value = Math.Max(atA, atB);
                best = value > best.Value ? (xi, Math.Exp((low + high) / 2), value) : best;
            }

            return best;
        }

        double Objective(double xi, double sigma)
        {
            var sum = -excesses.Length * Math.Log(sigma);
            foreach (var excess in excesses)
            {
                sum += (1 + xi) * LogSurvival(xi, excess / sigma);
            }

            foreach (var least in censored)
            {
                sum += weight * LogSurvival(xi, least / sigma);
            }

            return sum - (0.5 * xi * xi / (PriorDeviation * PriorDeviation));
        }

        static double LogSurvival(double xi, double z) => Math.Abs(xi) < 1e-6 ? -z : -Math.Log(Math.Max(double.Epsilon, 1 + (xi * z))) / xi;
    }

    /// <summary>Which part of the whole population lies above <paramref name="value"/>, a value at or above the threshold.</summary>
    public double Above(double value)
    {
        var z = (value - Threshold) / Scale;
        if (z <= 0)
        {
            return Share;
        }

        if (Math.Abs(Shape) < 1e-9)
        {
            return Share * Math.Exp(-z);
        }

        var inner = 1 + (Shape * z);
        return inner <= 0 ? 0 : Share * Math.Exp(-Math.Log(inner) / Shape);
    }

    /// <summary>The value that a part of the population exceeds, a part no larger than <see cref="Share"/>.</summary>
    public double Quantile(double above)
    {
        var ratio = Share / above;
        return Threshold + (Math.Abs(Shape) < 1e-9 ? Scale * Math.Log(ratio) : Scale * (Math.Pow(ratio, Shape) - 1) / Shape);
    }

    private static double LogLikelihood(double theta, ReadOnlySpan<double> excesses)
    {
        var k = MeanLog(theta, excesses);
        return excesses.Length * (Math.Log(theta / k) + k - 1);
    }

    // k as a function of theta: minus the mean logarithm of 1 − theta x.
    private static double MeanLog(double theta, ReadOnlySpan<double> excesses)
    {
        double sum = 0;
        foreach (var excess in excesses)
        {
            sum += Math.Log(1 - (theta * excess));
        }

        return -sum / excesses.Length;
    }
}
