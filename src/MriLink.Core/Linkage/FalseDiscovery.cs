namespace MriLink.Core.Linkage;

/// <summary>What many p-values say together.</summary>
internal static class FalseDiscovery
{
    // Mated probes rarely have a p above this, so what lies above tells how many have no mate (Storey 2002). Strangers' p-values are rather too
    // large than too small and gather near 1: a limit in the middle would count most of them twice, and each of them with more error.
    private const double Flat = 0.1;

    /// <summary>Up to which p-value a discovery counts at this false discovery rate; −1 when none does.</summary>
    /// <remarks>
    /// Benjamini and Hochberg 1995, J R Stat Soc B 57:289. What was decided earlier stands: earlier links count as such, other earlier probes as
    /// none, and both among all.
    /// </remarks>
    public static double Limit(IReadOnlyCollection<double> pValues, double rate, SearchHistory earlier = default)
    {
        var limit = -1.0;
        var rank = earlier.Links;
        var all = pValues.Count + earlier.Probes;
        foreach (var p in pValues.Order())
        {
            rank++;
            if (p <= rate * rank / all)
            {
                limit = rate * rank / all;
            }
        }

        return limit;
    }

    /// <summary>The share of p-values that come from the null, estimated upwards; between 1/n and 1.</summary>
    /// <remarks>Storey 2002, J R Stat Soc B 64:479, with the added one of Storey, Taylor and Siegmund 2004.</remarks>
    public static double NullShare(IReadOnlyCollection<double> pValues) => pValues.Count == 0
        ? 1
        : Math.Min(1, (pValues.Count(p => p > Flat) + 1) / (pValues.Count * (1 - Flat)));

    /// <summary>The standard error of how many p-values <see cref="NullShare"/> takes for null, where so many are.</summary>
    public static double NullError(double nulls) => Math.Sqrt(Math.Max(0, nulls) * Flat / (1 - Flat));

    /// <summary>The local false discovery rate as a step function of p: limits of the steps, ascending, and the rate up to each.</summary>
    /// <remarks>
    /// The null's share over the p-values' density, which falls: the slopes of the least concave majorant of their distribution (Grenander
    /// 1956; Strimmer 2008, Bioinformatics 24:1461). No width to choose, and as coarse as few p-values deserve.
    /// </remarks>
    public static LocalRates Local(IReadOnlyCollection<double> pValues)
    {
        var share = NullShare(pValues);
        var hull = new List<(double P, double Part)> { (0, 0) };
        var rank = 0;
        foreach (var p in pValues.Order().Append(1))
        {
            var next = (P: Math.Max(p, double.Epsilon), Part: Math.Min(1, ++rank / (double)Math.Max(1, pValues.Count)));
            while (hull.Count > 1 && Slope(hull[^2], hull[^1]) <= Slope(hull[^2], next))
            {
                hull.RemoveAt(hull.Count - 1);
            }

            hull.Add(next);
        }

        return new(
            [.. hull.Skip(1).Select(h => h.P)],
            [.. hull.Skip(1).Select((h, i) => Math.Min(1, share / Slope(hull[i], h)))]);

        static double Slope((double P, double Part) from, (double P, double Part) to) =>
            to.P > from.P ? (to.Part - from.Part) / (to.P - from.P) : to.Part > from.Part ? double.PositiveInfinity : 0;
    }

    /// <summary>A step function of p.</summary>
    internal sealed class LocalRates(double[] limits, double[] rates)
    {
        /// <summary>The rate at a p-value.</summary>
        public double At(double p)
        {
            var at = Array.BinarySearch(limits, p);
            return rates[Math.Min(at >= 0 ? at : ~at, rates.Length - 1)];
        }
    }
}
