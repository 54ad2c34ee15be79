using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>
/// Judges the best matches of an audit without ground truth: nearly all pairs are impostors, so their own distribution says how
/// surprising a score is.
/// </summary>
/// <remarks>
/// <para>
/// Scores come on a scale on which impostors are nearly symmetric (<see cref="ComparableScore"/>). With 10 or more scans on the other
/// side, the median of a probe's scores, and of a gallery scan's, is subtracted, so that easy and hard brains compare: symmetric cohort
/// normalisation of location. Scale is pooled, because that of a few dozen scores is known too badly to divide by.
/// </para>
/// <para>
/// Each probe's best gallery scan, and what else carries its label, may be the same person and is no impostor to learn from. But where it
/// is none, it was the best of all, and leaving it out would cut the tail short. So it stays as a value known only to lie above the
/// probe's next best (censored), with the weight of the share of probes without a mate: all of them at first, and then as the p-values
/// so found suggest (Storey 2002). How far out the best really lies never enters, so a genuine pair cannot stretch the tail; and no probe's
/// weight depends on its own p-value, because then the most extreme impostors would be taken out of the very tail that should expect them.
/// </para>
/// <para>
/// With enough scores the tail is a generalised Pareto distribution above the pool's 95th percentile (extreme value theory; for
/// recognition scores Scheirer et al. 2011, TPAMI 33:1689), fitted by maximum likelihood with a weak prior that draws its shape to the
/// exponential's. With fewer it is Student's with 8 degrees of freedom, its location the median and its scale the distance from there to
/// an upper quantile, widened by one standard error: averages over many voxels are close to normal on the transformed scale, but scans
/// differ in quality, and such mixtures have heavier tails.
/// </para>
/// <para>
/// A single comparison's p becomes 1 − (1 − p)^G for the best of G. What all this assumes: most pairs are of different people, and what
/// makes impostors alike is seen in the pool. Twins and siblings, who are rare in it, break that, and so does a gallery in which one person
/// fills a large part under several labels. It is a screening rule; a threshold from known pairs is better where there are any.
/// </para>
/// </remarks>
internal sealed class ImpostorTail
{
    /// <summary>The fewest impostor pairs from which a distribution is taken.</summary>
    public const int FewestPairs = 20;

    private const double DegreesOfFreedom = 8;
    private const double HighestLevel = 0.9;
    private const double LowestLevel = 0.6;
    private const int FewestForMedian = 10;
    private const double TailShare = 0.05;
    private const int FewestExcesses = 40;

    // More do not make the tail better known than its model is true; further out the model is truer.
    private const int MostExcesses = 2000;

    private readonly Leveled _leveled;
    private readonly double[,] _values;
    private readonly int[] _compared;
    private readonly Func<double, double> _above;

    private ImpostorTail(Leveled leveled, Func<double, double> above, int pairs, string model, string? problem, int? compared = null)
    {
        _leveled = leveled;
        _values = leveled.Values;
        _above = above;
        Pairs = pairs;
        Model = model;
        Problem = problem;
        _compared = new int[_values.GetLength(0)];
        for (var i = 0; i < _compared.Length; i++)
        {
            for (var j = 0; j < _values.GetLength(1); j++)
            {
                _compared[i] += double.IsNaN(_values[i, j]) ? 0 : 1;
            }

            _compared[i] = compared ?? _compared[i];
        }
    }

    /// <summary>Why no judgement is possible, as the end of "Undecided: …"; null when it is.</summary>
    public string? Problem { get; }

    /// <summary>The tail's family, for people.</summary>
    public string Model { get; }

    /// <summary>Impostor pairs that it was learnt from.</summary>
    public int Pairs { get; }

    /// <summary>Learns the impostors' distribution.</summary>
    /// <param name="values">Comparable scores, probes in rows, gallery in columns, larger is more alike; NaN for pairs that are not compared.</param>
    /// <param name="candidates">Which pairs may be one person.</param>
    public static ImpostorTail Fit(double[,] values, CandidatePairs candidates) => Fit(values, candidates, ParetoTail.LightestOfScores);

    private static ImpostorTail Fit(double[,] values, CandidatePairs candidates, double lightest)
    {
        var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
        var level = SubtractMedians(values);
        var leveled = level.Values;
        var pool = new List<double>();
        var best = new List<(double Value, double Next)>();
        var compared = 0;
        for (var i = 0; i < probes; i++)
        {
            var next = double.NegativeInfinity;
            for (var j = 0; j < gallery; j++)
            {
                if (double.IsNaN(leveled[i, j]))
                {
                    continue;
                }

                compared++;
                if (!candidates.OfProbe(i, j))
                {
                    pool.Add(leveled[i, j]);
                    next = Math.Max(next, leveled[i, j]);
                }
            }

            if (candidates.BestOfProbe(i) is >= 0 and var at && !double.IsNegativeInfinity(next))
            {
                best.Add((leveled[i, at], next));
            }
        }

        if (pool.Count < FewestPairs)
        {
            return new(level, _ => 1, pool.Count, "none", $"only {pool.Count} impostor pairs, and at least {FewestPairs} are needed");
        }

        pool.Sort();
        return FitPareto(level, pool, best, lightest) ?? FitStudent(level, pool, compared);
    }

    /// <summary>Learns the impostors' distribution from the part of the gallery that was not chosen by its likeness to the probes.</summary>
    /// <param name="values">As for <see cref="Fit(double[,], CandidatePairs)"/>, of the part of the gallery that was measured.</param>
    /// <param name="probes">Whose scans the rows are.</param>
    /// <param name="gallery">Whose scans the columns are.</param>
    /// <param name="screening">Which columns to learn from, and how many scans a probe's best is the best of.</param>
    public static ImpostorTail Fit(double[,] values, IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery, Screening screening)
    {
        var cohort = Enumerable.Range(0, gallery.Count).Where(j => screening.Cohort[j]).ToArray();
        var known = new double[probes.Count, cohort.Length];
        for (var i = 0; i < probes.Count; i++)
        {
            for (var j = 0; j < cohort.Length; j++)
            {
                known[i, j] = values[i, cohort[j]];
            }
        }

        // What the best of the gallery reaches lies beyond all that the cohort shows. There a tail that is a little too light is wrong by
        // orders of magnitude, and would take strangers for links; so it is taken for exponential at least, which is heavier than normal.
        var tail = Fit(known, new CandidatePairs(known, probes, Array.ConvertAll(cohort, j => gallery[j])), lightest: 0);

        // A probe's level comes from the cohort too; a gallery scan's from all probes, of which it was chosen for few.
        var columns = Enumerable.Range(0, gallery.Count).Select(j => Median(probes.Count, i => values[i, j])).ToArray();
        return new(Level(values, tail._leveled.Rows, columns), tail._above, tail.Pairs, tail.Model, tail.Problem, screening.GalleryCount);
    }

    /// <summary>How often a single impostor pair would score at least as well as this pair.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="Problem"/>.</exception>
    public double SinglePValue(int probe, int gallery) => Problem is null
        ? Math.Clamp(_above(_values[probe, gallery]), 0, 1)
        : throw new InvalidOperationException($"Undecided: {Problem}.");

    /// <summary>How often a single impostor pair of these two scans would score at least as well as <paramref name="value"/>.</summary>
    /// <param name="probe">The row.</param>
    /// <param name="gallery">The column.</param>
    /// <param name="value">A comparable score, of a pair that need not be among those learnt from.</param>
    /// <exception cref="InvalidOperationException">There is a <see cref="Problem"/>.</exception>
    public double SinglePValue(int probe, int gallery, double value) => Problem is null
        ? Math.Clamp(_above(value - _leveled.Rows[probe] - _leveled.Columns[gallery]), 0, 1)
        : throw new InvalidOperationException($"Undecided: {Problem}.");

    /// <summary>How often the best of as many impostors as the probe was compared with would score at least as well as this pair.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="Problem"/>.</exception>
    public double PValue(int probe, int gallery) => BestOf(SinglePValue(probe, gallery), _compared[probe]);

    // By way of logarithms, so that small values keep their digits.
    private static double BestOf(double single, int count) => Math.Clamp(-SpecialFunctions.Expm1(count * SpecialFunctions.Log1p(-single)), 0, 1);

    private static ImpostorTail FitStudent(Leveled values, List<double> pool, int compared)
    {
        // Those left out count as lying above all others, so that leaving out true impostors does not narrow the distribution; the
        // quantile for the scale is lower when more are left out.
        var level = Math.Min(HighestLevel, 1 - (2.0 * (compared - pool.Count) / compared));
        if (level < LowestLevel)
        {
            return new(values, _ => 1, pool.Count, "none", $"only {pool.Count} impostor pairs beside {compared - pool.Count} candidates");
        }

        var middle = compared / 2;
        var upper = Math.Min((int)(level * compared), pool.Count - 1);
        var location = pool[middle];
        var scale = (pool[upper] - location) / StudentT.InvCDF(0, 1, DegreesOfFreedom, level) * (1 + (1 / Math.Sqrt(upper - middle)));

        // The lower tail of the mirrored value keeps its digits.
        return scale > 0
            ? new(values, v => StudentT.CDF(0, 1, DegreesOfFreedom, (location - v) / scale), pool.Count, "Student's t", problem: null)
            : new(values, _ => 1, pool.Count, "none", "the impostor pairs' scores do not differ");
    }

    // Null when there are too few scores in the tail, or they do not differ.
    private static ImpostorTail? FitPareto(Leveled values, List<double> pool, List<(double Value, double Next)> best, double lightest)
    {
        var threshold = pool[^Math.Clamp((int)(TailShare * pool.Count), 1, MostExcesses)];
        var excesses = pool.Where(v => v > threshold).Select(v => v - threshold).ToArray();
        if (excesses.Length < FewestExcesses)
        {
            return null;
        }

        // A probe whose best lies below the threshold adds nothing to the tail; of the others only the next best is looked at.
        var beyondBest = best.Where(b => b.Value > threshold).ToArray();
        var censored = Array.ConvertAll(beyondBest, b => Math.Max(0, b.Next - threshold));
        var below = pool.Count - excesses.Length + best.Count - beyondBest.Length;
        var perProbe = Math.Max(1, (int)Math.Round((pool.Count + best.Count) / (double)best.Count));
        var tail = Fit(1);
        tail = Fit(FalseDiscovery.NullShare([.. best.Select(b => BestOf(Above(tail, b.Value), perProbe))]));
        return new(values, v => Above(tail, v), pool.Count, "generalised Pareto", problem: null);

        ParetoTail Fit(double nullShare)
        {
            var beyond = excesses.Length + (nullShare * beyondBest.Length);
            return ParetoTail.FitCensored(threshold, excesses, censored, nullShare, beyond / (below + beyond), lightest);
        }

        double Above(ParetoTail fitted, double value)
        {
            if (value > threshold)
            {
                return fitted.Above(value);
            }

            // Within the pool, counting is as good as any model.
            var at = pool.BinarySearch(value);
            at = at >= 0 ? at : ~at;
            return fitted.Share + ((1 - fitted.Share) * Math.Max(0, 1 - (at / (double)(pool.Count - excesses.Length))));
        }
    }

    // Both sets of medians are of the values as they came, so that neither side goes first.
    private static Leveled SubtractMedians(double[,] values)
    {
        var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
        var rows = Enumerable.Range(0, probes).Select(i => Median(gallery, j => values[i, j])).ToArray();
        var columns = Enumerable.Range(0, gallery).Select(j => Median(probes, i => values[i, j])).ToArray();
        return Level(values, rows, columns);
    }

    private static Leveled Level(double[,] values, double[] rows, double[] columns)
    {
        var result = new double[rows.Length, columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                result[i, j] = values[i, j] - rows[i] - columns[j];
            }
        }

        return new(result, rows, columns);
    }

    // Zero, which changes nothing, when there are too few values for a median worth subtracting.
    private static double Median(int count, Func<int, double> value)
    {
        var sorted = Enumerable.Range(0, count).Select(value).Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length < FewestForMedian ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Values less the medians of their row and column, and these.</summary>
    private sealed record Leveled(double[,] Values, double[] Rows, double[] Columns);
}
