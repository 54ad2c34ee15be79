using MathNet.Numerics.Distributions;
using MriLink.Core.Similarity;

namespace MriLink.Core.Linkage;

/// <summary>
/// Judges the best matches of an audit without ground truth: nearly all pairs are impostors, so their own distribution says how
/// surprising a score is.
/// </summary>
/// <remarks>
/// <para>
/// Scores are taken to a scale on which impostors are nearly symmetric (<see cref="ScoreScale"/>). With 10 or more scans on the other
/// side, the median of a probe's scores, and of a gallery scan's, is subtracted, so that easy and hard brains compare: symmetric cohort
/// normalisation (s-norm) of location. Scale is pooled, because that of a few dozen scores is known too badly to divide by.
/// </para>
/// <para>
/// The pool of impostors is every pair but the best of its probe and, with 20 or more probes, the best of its gallery scan. Those left
/// out count as lying above all others, so leaving out true impostors does not narrow the distribution. Location is the median, scale
/// the distance from there to an upper quantile (90 %, lower when more pairs are left out), widened by one standard error: a few
/// genuine pairs left in the pool, or a skewed lower side, change little.
/// </para>
/// <para>
/// The tail beyond is Student's with 8 degrees of freedom. On the transformed scale averages over many voxels are close to normal, but
/// scans differ in quality, and such mixtures have heavier tails; 8 degrees hold the level for normal and for t-distributed scores and
/// nearly for Gumbel's. A single comparison's p becomes 1 − (1 − p)^G for the best of G. Benjamini and Hochberg's rule (1995) then sets
/// the limit over probes.
/// </para>
/// <para>
/// What this assumes: most pairs are of different people; scans of one audit are alike in quality; impostors' scores have no heavier
/// tail than the one used. Twins and siblings, several sites in one audit, and a gallery in which one person fills a large part break
/// it. It is a screening rule; a threshold from known pairs is better where there are any.
/// </para>
/// </remarks>
public sealed class ImpostorTail
{
    /// <summary>The fewest impostor pairs from which a distribution is taken.</summary>
    public const int FewestPairs = 20;

    private const double DegreesOfFreedom = 8;
    private const double HighestLevel = 0.9;
    private const double LowestLevel = 0.6;
    private const int FewestForMedian = 10;
    private const int FewestProbesForColumns = 20;

    private readonly double[,] _values;
    private readonly double _location;
    private readonly double _scale;

    private ImpostorTail(double[,] values, double location, double scale, string? problem)
    {
        _values = values;
        _location = location;
        _scale = scale;
        Problem = problem;
    }

    /// <summary>Why no judgement is possible, as the end of "Undecided: …"; null when it is.</summary>
    public string? Problem { get; }

    /// <summary>Learns the impostors' distribution.</summary>
    /// <param name="scores">Probes in rows, gallery in columns; NaN for pairs that are not compared.</param>
    /// <param name="measure">The measure that gave them.</param>
    /// <param name="cohortNormalization">Whether medians of rows and columns are subtracted.</param>
    public static ImpostorTail Fit(double[,] scores, SimilarityMeasure measure, bool cohortNormalization = true)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(measure);
        var (probes, gallery) = (scores.GetLength(0), scores.GetLength(1));
        var values = new double[probes, gallery];
        var compared = 0;
        for (var i = 0; i < probes; i++)
        {
            for (var j = 0; j < gallery; j++)
            {
                values[i, j] = double.IsNaN(scores[i, j]) ? double.NaN : Comparable(scores[i, j], measure);
                compared += double.IsNaN(values[i, j]) ? 0 : 1;
            }
        }

        var isBest = FindBest(values);
        if (cohortNormalization)
        {
            SubtractMedians(values);
        }

        var pool = new List<double>();
        for (var i = 0; i < probes; i++)
        {
            for (var j = 0; j < gallery; j++)
            {
                if (!double.IsNaN(values[i, j]) && !isBest[i, j])
                {
                    pool.Add(values[i, j]);
                }
            }
        }

        if (pool.Count < FewestPairs)
        {
            return new(values, 0, 1, $"only {pool.Count} impostor pairs, and at least {FewestPairs} are needed");
        }

        var level = Math.Min(HighestLevel, 1 - (2.0 * (compared - pool.Count) / compared));
        if (level < LowestLevel)
        {
            return new(values, 0, 1, $"only {pool.Count} impostor pairs beside {compared - pool.Count} candidates");
        }

        pool.Sort();
        var middle = compared / 2;
        var upper = Math.Min((int)(level * compared), pool.Count - 1);
        var location = pool[middle];
        var scale = (pool[upper] - location) / StudentT.InvCDF(0, 1, DegreesOfFreedom, level) * (1 + (1 / Math.Sqrt(upper - middle)));
        return scale > 0
            ? new(values, location, scale, problem: null)
            : new(values, 0, 1, "the impostor pairs' scores do not differ");
    }

    /// <summary>How often the best of as many impostors as the probe was compared with would score at least as well as this pair.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="Problem"/>.</exception>
    public double PValue(int probe, int gallery)
    {
        if (Problem is not null)
        {
            throw new InvalidOperationException($"Undecided: {Problem}.");
        }

        var compared = 0;
        for (var j = 0; j < _values.GetLength(1); j++)
        {
            compared += double.IsNaN(_values[probe, j]) ? 0 : 1;
        }

        // The lower tail of the mirrored value keeps its digits; so does 1 − (1 − p)^G by way of logarithms.
        var single = StudentT.CDF(0, 1, DegreesOfFreedom, (_location - _values[probe, gallery]) / _scale);
        var none = compared * LogOfOnePlus(-single);
        return Math.Clamp(-ExpLessOne(none), 0, 1);
    }

    /// <summary>The largest of <paramref name="pValues"/> that counts as a discovery at this false discovery rate; −1 when none does.</summary>
    /// <remarks>Benjamini &amp; Hochberg 1995, J R Stat Soc B 57:289.</remarks>
    public static double DiscoveryLimit(IReadOnlyCollection<double> pValues, double falseDiscoveryRate)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var limit = -1.0;
        var rank = 0;
        foreach (var p in pValues.Order())
        {
            rank++;
            if (p <= falseDiscoveryRate * rank / pValues.Count)
            {
                limit = p;
            }
        }

        return limit;
    }

    // Larger is more alike, and impostors are nearly symmetric. Identical volumes would be infinitely far out; they stay finite.
    private static double Comparable(double score, SimilarityMeasure measure)
    {
        const double Closest = 1e-12;
        var value = measure.Scale switch
        {
            ScoreScale.FisherZ => Math.Atanh(Math.Clamp(score, -1 + Closest, 1 - Closest)),
            ScoreScale.FisherZAboveOne => Math.Atanh(Math.Clamp(score - 1, -1 + Closest, 1 - Closest)),
            ScoreScale.Logarithm => Math.Log(Math.Max(score, Closest)),
            _ => score,
        };
        return measure.HigherIsBetter ? value : -value;
    }

    private static bool[,] FindBest(double[,] values)
    {
        var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
        var best = new bool[probes, gallery];
        for (var i = 0; i < probes; i++)
        {
            var at = Best(gallery, j => values[i, j]);
            if (at >= 0)
            {
                best[i, at] = true;
            }
        }

        for (var j = 0; j < gallery && probes >= FewestProbesForColumns; j++)
        {
            var at = Best(probes, i => values[i, j]);
            if (at >= 0)
            {
                best[at, j] = true;
            }
        }

        return best;
    }

    private static int Best(int count, Func<int, double> value)
    {
        var best = -1;
        for (var i = 0; i < count; i++)
        {
            if (!double.IsNaN(value(i)) && (best < 0 || value(i) > value(best)))
            {
                best = i;
            }
        }

        return best;
    }

    // Both sets of medians are of the values as they came, so that neither side goes first.
    private static void SubtractMedians(double[,] values)
    {
        var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
        var rows = Enumerable.Range(0, probes).Select(i => Median(gallery, j => values[i, j])).ToArray();
        var columns = Enumerable.Range(0, gallery).Select(j => Median(probes, i => values[i, j])).ToArray();
        for (var i = 0; i < probes; i++)
        {
            for (var j = 0; j < gallery; j++)
            {
                values[i, j] -= rows[i] + columns[j];
            }
        }
    }

    // Zero, which changes nothing, when there are too few values for a median worth subtracting.
    private static double Median(int count, Func<int, double> value)
    {
        var sorted = Enumerable.Range(0, count).Select(value).Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length < FewestForMedian ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static double LogOfOnePlus(double x) => Math.Abs(x) < 1e-5 ? x - (x * x / 2) : Math.Log(1 + x);

    private static double ExpLessOne(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) : Math.Exp(x) - 1;
}
