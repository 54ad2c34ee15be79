using System.Globalization;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
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
/// normalisation of location. Scale is pooled, because that of a few dozen scores is known too badly to divide by; but a scan whose scores
/// spread more than one and a half times as widely as most scans' do (a poor one) is brought to their spread, or a few such would set the tail
/// for all. Where groups of scans show themselves, as sites do, what pairs of groups score more or less is taken off too
/// (<see cref="GroupEffects"/>).
/// </para>
/// <para>
/// Each probe's best gallery scan, and what else carries its label, may be the same person and is no impostor to learn from. But where it
/// is none, it was the best of all, and leaving it out would cut the tail short. So it stays as a value known only to lie above the
/// probe's next best (censored), with the weight of the share of probes without a mate: all of them at first, and then as the p-values
/// so found suggest (Storey 2002). How far out the best really lies never enters, so a genuine pair cannot stretch the tail; and no probe's
/// weight depends on its own p-value, because then the most extreme impostors would be taken out of the very tail that should expect them.
/// </para>
/// <para>
/// Other pairs may be one person too: somebody who is there under several labels. Such pairs lie far out, apart from all strangers: what
/// lies more than five robust deviations above the median and beyond the first gap of three among the sorted values is set aside, and said;
/// so are a few scans' pairs that all lie far out, gap or none.
/// </para>
/// <para>
/// With enough scores the tail is a generalised Pareto distribution above the pool's 95th percentile (extreme value theory; for
/// recognition scores Scheirer et al. 2011, TPAMI 33:1689), averaged over what shape and scale it may have (<see cref="ParetoPosterior"/>).
/// With fewer it is Student's with 8 degrees of freedom, its location the median and its scale the distance from there to
/// an upper quantile, widened by one standard error: averages over many voxels are close to normal on the transformed scale, but scans
/// differ in quality, and such mixtures have heavier tails. With fewer than <see cref="FewestPairs"/>, or where candidates are a large part of
/// all pairs, it is that Student's about the strangers' mean with the scale that strangers have had elsewhere, which the measure states and
/// which weighs as much as 8 pairs.
/// </para>
/// <para>
/// A single comparison's p becomes 1 − (1 − p)^G for the best of G. What all this assumes: most pairs are of different people, and what
/// makes impostors alike is seen in the pool. Twins and siblings, who are rare in it, break that. It is a screening rule; a threshold from
/// known pairs is better where there are any.
/// </para>
/// </remarks>
internal sealed class ImpostorTail
{
    /// <summary>The fewest impostor pairs from which a distribution is taken that owes nothing to other audits.</summary>
    public const int FewestPairs = 20;

    // Strangers' tails are near the exponential's; those that mix strangers with something else were seen to be heavier than this.
    private const double HeavyShape = 0.2;
    private const double FarOut = 5;
    private const double WideSpread = 1.5;
    private const int FewestForSpread = 20;
    private const double Gap = 3;

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
    private readonly Strangers _strangers;
    private readonly string _family;

    private ImpostorTail(Leveled leveled, Func<double, double> above, Strangers strangers, string model, string? problem = null, int? compared = null)
    {
        _leveled = leveled;
        _values = leveled.Values;
        _above = above;
        _strangers = strangers;
        _family = model;
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
    public string Model => _leveled.Groups is not { Levels: true } ? _family : $"{_family}, groups of scans levelled";

    /// <summary>Impostor pairs that it was learnt from.</summary>
    public int Pairs => _strangers.Pool.Count;

    /// <summary>Comparable scores of the pairs that it was learnt from, as they came, ascending.</summary>
    public IReadOnlyList<double> Scores => _strangers.Scores;

    /// <summary>Scans that pairs are of, on the probes' side.</summary>
    public int Probes => _leveled.Rows.Length;

    /// <summary>Scans that pairs are of, on the gallery's side.</summary>
    public int GalleryScans => _leveled.Columns.Length;

    /// <summary>What a person should know of the strangers, in sentences; empty when there is nothing.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>Learns the impostors' distribution.</summary>
    /// <param name="values">Comparable scores, probes in rows, gallery in columns, larger is more alike; NaN for pairs that are not compared.</param>
    /// <param name="candidates">Which pairs may be one person.</param>
    /// <param name="spread">How widely strangers' comparable scores have spread elsewhere, as a standard deviation; null when not known.</param>
    public static ImpostorTail Fit(double[,] values, CandidatePairs candidates, double? spread) =>
        Fit(values, candidates, spread, ParetoPosterior.LightestOfScores);

    private static ImpostorTail Fit(double[,] values, CandidatePairs candidates, double? spread, double lightest)
    {
        var level = SubtractMedians(values, candidates);
        var strangers = Strangers.Choose(values, level, candidates, spread);
        var tail = FitPareto(level, strangers, lightest) ?? FitStudent(level, strangers) ?? FitSpread(level, strangers, spread);
        return strangers.SetAside == 0 ? tail : tail.With(
            $"{strangers.SetAside} pairs beyond each scan's best lie as far above the others as links do, and are not counted among strangers: "
                + $"somebody may be there under several labels (Test-MriLabel finds whom), or a few scans are of another kind.");
    }

    /// <summary>Learns the impostors' distribution from the part of the gallery that was not chosen by its likeness to the probes.</summary>
    /// <param name="values">As for <see cref="Fit(double[,], CandidatePairs, double?)"/>, of the part of the gallery that was measured.</param>
    /// <param name="probes">Whose scans the rows are.</param>
    /// <param name="gallery">Whose scans the columns are.</param>
    /// <param name="screening">Which columns to learn from, and how many scans a probe's best is the best of.</param>
    /// <param name="spread">How widely strangers' comparable scores have spread elsewhere; null when not known.</param>
    public static ImpostorTail Fit(
        double[,] values, IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery, Screening screening, double? spread)
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
        var tail = Fit(known, new CandidatePairs(known, probes, Array.ConvertAll(cohort, j => gallery[j])), spread, lightest: 0);

        // A probe's level comes from the cohort too; a gallery scan's from all probes, of which it was chosen for few.
        var columns = Enumerable.Range(0, gallery.Count).Select(j => Median(probes.Count, i => values[i, j])).ToArray();
        return new(Level(values, tail._leveled.Rows, columns, tail._leveled.Centre, tail._leveled.Groups), tail._above, tail._strangers,
            tail._family, tail.Problem, screening.GalleryCount)
        { Notes = tail.Notes };
    }

    /// <summary>Whether the pair is one of many among a few scans that are all as alike as links are.</summary>
    public bool IsOneOfMany(int probe, int gallery) => _leveled.AsOnePerson.Contains((probe, gallery));

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
        ? Math.Clamp(_above(_leveled.At(probe, gallery, value)), 0, 1)
        : throw new InvalidOperationException($"Undecided: {Problem}.");

    /// <summary>How often the best of as many impostors as the probe was compared with would score at least as well as this pair.</summary>
    /// <exception cref="InvalidOperationException">There is a <see cref="Problem"/>.</exception>
    public double PValue(int probe, int gallery) => BestOf(SinglePValue(probe, gallery), _compared[probe]);

    // By way of logarithms, so that small values keep their digits.
    private static double BestOf(double single, int count) => Math.Clamp(-SpecialFunctions.Expm1(count * SpecialFunctions.Log1p(-single)), 0, 1);

    private ImpostorTail With(string note) => new(_leveled, _above, _strangers, _family, Problem) { Notes = [.. Notes, note] };

    // Null when the pool is too small, or too much of what was compared lies outside it.
    private static ImpostorTail? FitStudent(Leveled values, Strangers strangers)
    {
        // Those left out count as lying above all others, so that leaving out true impostors does not narrow the distribution; the
        // quantile for the scale is lower when more are left out.
        var (pool, compared) = (strangers.Pool, strangers.Compared);
        var level = Math.Min(HighestLevel, 1 - (2.0 * (compared - pool.Count) / compared));
        if (pool.Count < FewestPairs || level < LowestLevel)
        {
            return null;
        }

        var middle = compared / 2;
        var upper = Math.Min((int)(level * compared), pool.Count - 1);
        var location = pool[middle];
        var scale = (pool[upper] - location) / StudentT.InvCDF(0, 1, DegreesOfFreedom, level) * (1 + (1 / Math.Sqrt(upper - middle)));
        return scale > 0 ? Student(values, strangers, location, scale, "Student's t") : null;
    }

    private static ImpostorTail FitSpread(Leveled values, Strangers strangers, double? spread)
    {
        var pool = strangers.Pool;
        if (pool.Count == 0)
        {
            return new(values, _ => 1, strangers, "none", "there is no pair of strangers to compare with, only each scan's best");
        }

        if (spread is not { } prior)
        {
            return new(values, _ => 1, strangers, "none",
                $"only {pool.Count} impostor pairs that can be told, and how widely strangers spread is not known for this measure");
        }

        // The predictive distribution of one more stranger, its scale the pool's and the prior's together.
        var location = pool.Average();
        var squares = (DegreesOfFreedom * prior * prior) + pool.Sum(v => (v - location) * (v - location));
        var scale = Math.Sqrt(squares / (DegreesOfFreedom + pool.Count - 1) * (1 + (1.0 / pool.Count)));
        return Student(values, strangers, location, scale,
            string.Create(CultureInfo.InvariantCulture, $"Student's t, strangers' spread of {prior} from other scans"));
    }

    // The lower tail of the mirrored value keeps its digits.
    private static ImpostorTail Student(Leveled values, Strangers strangers, double location, double scale, string model) =>
        new(values, v => StudentT.CDF(0, 1, DegreesOfFreedom, (location - v) / scale), strangers, model);

    // Null when there are too few scores in the tail, or they do not differ.
    private static ImpostorTail? FitPareto(Leveled values, Strangers strangers, double lightest)
    {
        var (pool, best) = (strangers.Pool, strangers.Best);
        if (pool.Count < FewestExcesses)
        {
            return null;
        }

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
        var result = new ImpostorTail(values, v => Above(tail, v), strangers, "generalised Pareto");
        return tail.Shape <= HeavyShape ? result : result.With(string.Create(
            CultureInfo.InvariantCulture,
            $"The strangers' best scores reach out unusually far (a tail of shape {tail.Shape:0.##}), so links may be missed: one person under "
                + $"several labels, poor scans or scans of several sites do that."));

        ParetoPosterior Fit(double nullShare)
        {
            var beyond = excesses.Length + (nullShare * beyondBest.Length);
            return ParetoPosterior.Fit(threshold, excesses, censored, nullShare, beyond / (below + beyond), lightest);
        }

        double Above(ParetoPosterior fitted, double value)
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

    // Rows and columns are both looked at as the values came, so that neither side goes first.
    private static Leveled SubtractMedians(double[,] values, CandidatePairs candidates)
    {
        var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
        double[] rows = [.. Enumerable.Range(0, probes).Select(i => Median(gallery, j => values[i, j]))];
        double[] columns = [.. Enumerable.Range(0, gallery).Select(j => Median(probes, i => values[i, j]))];
        var centre = rows.Length < FewestForMedian || columns.Length < FewestForMedian ? 0 : Median(columns.Length, j => columns[j]);
        return Level(values, rows, columns, centre, GroupEffects.Find(Centered(values, rows, columns, centre), candidates));
    }

    // Rows and columns both know how alike all are; the centre gives that back once, so that spreads are about zero.
    private static double[,] Centered(double[,] values, double[] rows, double[] columns, double centre)
    {
        var result = new double[rows.Length, columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                result[i, j] = values[i, j] - rows[i] - columns[j] + centre;
            }
        }

        return result;
    }

    private static Leveled Level(double[,] values, double[] rows, double[] columns, double centre, GroupEffects? groups)
    {
        var result = Centered(values, rows, columns, centre);
        var effects = groups is null ? null : new double[rows.Length, columns.Length];
        var asOnePerson = new HashSet<(int Row, int Column)>();
        for (var j = 0; j < columns.Length && effects is not null; j++)
        {
            var column = j;
            asOnePerson.UnionWith(groups!.AsOnePerson(i => result[i, column]).Select(i => (i, column)));
            var ofColumn = groups.OfColumn(i => result[i, column]);
            for (var i = 0; i < rows.Length; i++)
            {
                effects[i, j] = ofColumn[i];
                result[i, j] -= ofColumn[i];
            }
        }

        var rowScales = Scales(rows.Length, columns.Length, Usual);
        var columnScales = Scales(columns.Length, rows.Length, (j, i) => Usual(i, j));
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                result[i, j] /= rowScales[i] * columnScales[j];
            }
        }

        return new(result, rows, columns, centre, groups, effects, asOnePerson, rowScales, columnScales);

        double Usual(int i, int j) => asOnePerson.Contains((i, j)) ? double.NaN : result[i, j];
    }

    // 1 for scans whose values spread about as widely as most scans' do; otherwise how many times as widely.
    private static double[] Scales(int scans, int values, Func<int, int, double> value)
    {
        var scales = new double[scans];
        Array.Fill(scales, 1);
        if (values < FewestForSpread || scans < FewestForMedian)
        {
            return scales;
        }

        var spreads = new double[scans];
        for (var i = 0; i < scans; i++)
        {
            double[] sorted = [.. Enumerable.Range(0, values).Select(j => value(i, j)).Where(v => !double.IsNaN(v)).Order()];
            spreads[i] = sorted.Length < FewestForSpread ? double.NaN : Bandwidth.RobustDeviation(sorted, SortedArrayStatistics.Median(sorted));
        }

        var usual = Median(scans, i => spreads[i]);
        for (var i = 0; i < scans && usual > 0; i++)
        {
            scales[i] = spreads[i] > WideSpread * usual ? spreads[i] / usual : 1;
        }

        return scales;
    }

    // Zero, which changes nothing, when there are too few values for a median worth subtracting.
    private static double Median(int count, Func<int, double> value)
    {
        var sorted = Enumerable.Range(0, count).Select(value).Where(v => !double.IsNaN(v)).Order().ToArray();
        return sorted.Length < FewestForMedian ? 0 : SortedArrayStatistics.Median(sorted);
    }

    /// <summary>
    /// Values less the medians of their row and column and the effects of groups, in the spread of most rows and columns, and what was done.
    /// </summary>
    private sealed record Leveled(
        double[,] Values, double[] Rows, double[] Columns, double Centre, GroupEffects? Groups, double[,]? Effects,
        HashSet<(int Row, int Column)> AsOnePerson, double[] RowScales, double[] ColumnScales)
    {
        // Poor scans are alike too, and are brought to the others' spread instead.
        public bool IsSetAside(int row, int column) => AsOnePerson.Contains((row, column)) && RowScales[row] * ColumnScales[column] <= 1;

        public double At(int row, int column, double value) =>
            (value - Rows[row] - Columns[column] + Centre - (Effects is null ? 0 : Effects[row, column])) / (RowScales[row] * ColumnScales[column]);
    }

    /// <summary>The pairs that strangers are learnt from.</summary>
    /// <param name="Pool">Their levelled values, ascending.</param>
    /// <param name="Scores">Their values as they came, ascending.</param>
    /// <param name="Best">For each probe that has any: its best, and the best of them, levelled.</param>
    /// <param name="Compared">All pairs that have a score but those set aside.</param>
    /// <param name="SetAside">Pairs set aside because they lie out like links.</param>
    private sealed record Strangers(List<double> Pool, List<double> Scores, List<(double Value, double Next)> Best, int Compared, int SetAside)
    {
        public static Strangers Choose(double[,] values, Leveled level, CandidatePairs candidates, double? spread)
        {
            var leveled = level.Values;
            var (probes, gallery) = (values.GetLength(0), values.GetLength(1));
            var pool = new List<double>();
            var (compared, aside) = (0, 0);
            for (var i = 0; i < probes; i++)
            {
                for (var j = 0; j < gallery; j++)
                {
                    compared += double.IsNaN(leveled[i, j]) ? 0 : 1;
                    if (IsStranger(i, j))
                    {
                        pool.Add(leveled[i, j]);
                    }
                    else if (level.IsSetAside(i, j) && !candidates.OfProbe(i, j))
                    {
                        aside++;
                    }
                }
            }

            pool.Sort();
            var kept = CountBelowGap(pool, spread);
            var limit = kept < pool.Count ? pool[kept] : double.PositiveInfinity;
            aside += pool.Count - kept;
            pool.RemoveRange(kept, pool.Count - kept);
            var scores = new List<double>(kept);
            var best = new List<(double Value, double Next)>();
            for (var i = 0; i < probes; i++)
            {
                var next = double.NegativeInfinity;
                for (var j = 0; j < gallery; j++)
                {
                    if (IsStranger(i, j) && leveled[i, j] < limit)
                    {
                        next = Math.Max(next, leveled[i, j]);
                        scores.Add(values[i, j]);
                    }
                }

                if (candidates.BestOfProbe(i) is >= 0 and var at && !double.IsNegativeInfinity(next))
                {
                    best.Add((leveled[i, at], next));
                }
            }

            scores.Sort();
            return new(pool, scores, best, compared - aside, aside);

            bool IsStranger(int i, int j) => !double.IsNaN(leveled[i, j]) && !candidates.OfProbe(i, j) && !level.IsSetAside(i, j);
        }

        // A few values' own deviation is helped by that of strangers elsewhere.
        private static int CountBelowGap(List<double> sorted, double? spread)
        {
            if (sorted.Count < FewestPairs && spread is null)
            {
                return sorted.Count;
            }

            double[] values = [.. sorted];
            var middle = values.Length == 0 ? 0 : SortedArrayStatistics.Median(values);
            var deviation = values.Length == 0 ? 0 : Bandwidth.RobustDeviation(values, middle);
            if (values.Length < FewestPairs)
            {
                deviation = Math.Sqrt(((DegreesOfFreedom * spread!.Value * spread.Value) + (values.Length * deviation * deviation)) / (
                    DegreesOfFreedom + values.Length));
            }

            for (var k = 1; k < values.Length && deviation > 0; k++)
            {
                if (values[k] > middle + (FarOut * deviation) && values[k] - values[k - 1] > Gap * deviation)
                {
                    return k;
                }
            }

            return values.Length;
        }
    }
}
