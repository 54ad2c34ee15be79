using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using MriLink.Core.Similarity;

namespace MriLink.Core.Linkage;

/// <summary>Finds scans of one label that look like different people, and scans of different labels that look like one.</summary>
/// <remarks>
/// <para>
/// Chauvin et al. 2021 (arXiv 2110.04055) found such errors in public datasets. Labels are mostly right, so pairs under different labels say
/// how strangers score, and pairs under one label how one person's scans do. Different labels look like one person when their score is a
/// discovery against the strangers' tail (as in matching without ground truth), at the false discovery rate asked for.
/// </para>
/// <para>
/// One label looks like two people when the score is within what strangers reach (one pair of strangers in 1000 or more scores as well) and
/// among the lowest that one person's scans give (one pair in 20 or fewer as low): Student's t with 8 degrees of freedom about the median,
/// its scale the median absolute deviation, so that a third of the labels may be wrong. With fewer than <see cref="FewestGenuine"/> pairs of
/// one label the first condition alone decides. A bad scan of the right person passes: it scores low, and still above strangers. Where
/// genuine and impostor scores overlap, some findings of this kind are such pairs; their evidence is then weak.
/// </para>
/// <para>
/// Where scores are the better of two, as read and mirrored, a pair of one label that strangers do not reach and that is better mirrored is a
/// finding too: one of the two has left and right exchanged.
/// </para>
/// <para>Twins and siblings score above strangers and may be reported as one person.</para>
/// </remarks>
public static class LabelAuditor
{
    /// <summary>The fewest pairs of one label from which their distribution is taken.</summary>
    public const int FewestGenuine = 5;

    private const int MostNamed = 5;
    private const double StrangersReach = 1e-3;
    private const double RareForOnePerson = 0.05;
    private const double DegreesOfFreedom = 8;

    /// <summary>Puts the findings of several kinds of pair together, by falling evidence.</summary>
    public static IReadOnlyList<LabelFinding> Join(IReadOnlyList<NotedList<LabelFinding>> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts.Count == 1 ? parts[0]
            : [.. parts.SelectMany(part => part).OrderBy(finding => double.IsNaN(finding.PValue) ? double.PositiveInfinity : finding.PValue)
                .Select((finding, rank) => finding with { Rank = rank + 1 })];
    }

    /// <summary>Looks for wrong labels.</summary>
    /// <param name="scores">Every scan with every scan, rows and columns in the same order.</param>
    /// <param name="options">
    /// How they are judged: by the part of the findings of two labels for one person that may be false on average, or by a threshold in the place of
    /// that and of evidence. <see cref="MatchOptions.ScoreError"/> and <see cref="MatchOptions.Spacing"/> are heeded, and nothing else is.
    /// </param>
    /// <returns>Findings by falling evidence; those without a p-value last.</returns>
    /// <exception cref="InvalidOperationException">There are too few pairs of different labels to say how strangers score, and no threshold; or it is
    /// one of normalised scores.</exception>
    public static NotedList<LabelFinding> Audit(SimilarityMatrix scores, MatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(options);
        var threshold = options.Threshold;
        var scans = scores.Probes;
        var count = scans.Count;
        if (count != scores.GalleryCount || !Enumerable.Range(0, count).All(i => ReferenceEquals(scans[i], scores.Gallery[i])))
        {
            throw new ArgumentException("Rows and columns must be the same scans.", nameof(scores));
        }

        var strangers = new double[count, count];
        var all = new double[count, count];
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < count; j++)
            {
                // A measure need not be symmetric; the pair is judged by the mean of both directions.
                var value = i == j || MatchFinder.IsSameScan(scans[i], scans[j])
                    ? double.NaN
                    : (ComparableScore.From(scores[i, j], scores.Measure) + ComparableScore.From(scores[j, i], scores.Measure)) / 2;
                all[i, j] = value;
                strangers[i, j] = SameLabel(i, j) ? double.NaN : value;
            }
        }

        var candidates = new CandidatePairs(strangers, scans, scans);
        var tail = ImpostorTail.Fit(strangers, candidates, MatchFinder.Spread(scores.Measure, options));
        if (threshold is { NormalizedBy: not CohortNormalization.None })
        {
            throw new InvalidOperationException($"The threshold is one of scores with normalisation {threshold.Normalization}, and these have none.");
        }

        double? limitOfOne = threshold is null ? null : ComparableScore.From(threshold.Threshold, scores.Measure);
        if (tail.Problem is not null && limitOfOne is null)
        {
            throw new InvalidOperationException($"How strangers score cannot be told: {tail.Problem}.");
        }

        var duplicates = Duplicates();
        var mixed = Mixed();
        var found = duplicates.Select(f => (f.I, f.J)).ToHashSet();
        (int I, int J)[] doubtful = limitOfOne is not null ? [] : [.. Pairs(strangers).Where(p => !found.Contains(p)
            && scores.Measure.IsLikeOnePerson(scores[p.I, p.J], options.Spacing)
            && scores.Measure.IsLikeOnePerson(scores[p.J, p.I], options.Spacing))];
        var mirrored = Pairs(all).Where(p => SameLabel(p.I, p.J) && scores.IsMirrored(p.I, p.J))
            .Select(p => new Found(p.I, p.J, tail.SinglePValue(p.I, p.J, all[p.I, p.J]), LabelProblem.OneLabelMirrored))
                .Where(f => f.P < StrangersReach);
        return new(
            [.. duplicates.Concat(mixed).Concat(mirrored).OrderBy(f => f.P ?? double.PositiveInfinity).Select((f, rank) => new LabelFinding
            {
                Rank = rank + 1,
                Problem = f.Problem.ToString(),
                First = scans[f.I],
                Second = scans[f.J],
                Metric = scores.Measure.Name,
                Score = scores[f.I, f.J],
                IsMirrored = scores.IsMirrored(f.I, f.J),
                PValue = f.P ?? double.NaN,
                Suspect = SuspectOf(f) is { } suspect ? scans[suspect] : null,
                LooksLike = LooksLike(f),
                Remark = SameLabel(f.I, f.J) ? null : MatchFinder.Unlikely(scores.Measure, scores[f.I, f.J]),
            })],
            tail.Problem is null
                ? doubtful.Length == 0 ? tail.Notes : [.. tail.Notes, Doubt()]
                : [$"How strangers score cannot be told: {tail.Problem}. The threshold alone decides."]);

        // No finding and no remark shows these pairs, so the note has to name them.
        string Doubt()
        {
            var named = string.Join("; ", doubtful.OrderByDescending(p => all[p.I, p.J]).Take(MostNamed).Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{scans[p.I].Name} and {scans[p.J].Name} ({scores[p.I, p.J]:0.000})")));
            var more = doubtful.Length > MostNamed ? $"; and {doubtful.Length - MostNamed} more" : string.Empty;
            var what = doubtful.Length == 1 ? "pair of two labels" : "pairs of two labels";
            return $"{MatchFinder.NotLinked(scores.Measure, doubtful.Length, what, options.Spacing)} They are {named}{more}.";
        }

        bool SameLabel(int i, int j) => string.Equals(scans[i].Participant, scans[j].Participant, StringComparison.Ordinal);

        List<Found> Duplicates()
        {
            if (limitOfOne is { } from)
            {
                return [.. Pairs(strangers).Where(p => strangers[p.I, p.J] >= from)
                    .Select(p => new Found(
                    p.I, p.J, tail.Problem is null ? Math.Min(tail.PValue(p.I, p.J), tail.PValue(p.J, p.I))
                    : null, LabelProblem.TwoLabelsOnePerson))];
            }

            var best = Enumerable.Range(0, count).Where(i => candidates.BestOfProbe(i) >= 0).Select(i => tail.PValue(i, candidates.BestOfProbe(i)))
                .ToList();
            var limit = FalseDiscovery.Limit(best, options.FalseDiscoveryRate);
            return [.. Pairs(strangers)
                .Select(p => new Found(p.I, p.J, Math.Min(tail.PValue(p.I, p.J), tail.PValue(p.J, p.I)), LabelProblem.TwoLabelsOnePerson))
                .Where(f => f.P <= limit)];
        }

        List<Found> Mixed()
        {
            var genuine = Pairs(all).Where(p => SameLabel(p.I, p.J)).ToList();
            var suspicious = limitOfOne is { } from ? genuine.Where(p => all[p.I, p.J] < from)
                : genuine.Where(p => tail.SinglePValue(p.I, p.J, all[p.I, p.J]) >= StrangersReach);
            if (genuine.Count < FewestGenuine)
            {
                return [.. suspicious.Select(p => new Found(p.I, p.J, P: null, LabelProblem.OneLabelTwoPeople))];
            }

            var sorted = genuine.Select(p => all[p.I, p.J]).Order().ToArray();
            var middle = SortedArrayStatistics.Median(sorted);
            var scale = Bandwidth.RobustDeviation(sorted, middle);
            double Below(double value) => scale > 0 ? StudentT.CDF(middle, scale, DegreesOfFreedom, value) : value < middle ? 0 : 1;
            return [.. suspicious.Select(p => new Found(p.I, p.J, Below(all[p.I, p.J]), LabelProblem.OneLabelTwoPeople))
                .Where(f => limitOfOne is not null || f.P <= RareForOnePerson)];
        }

        // Of two scans under one label the one that fits fewer of the label's others.
        int? SuspectOf(Found found)
        {
            if (found.Problem != LabelProblem.OneLabelTwoPeople)
            {
                return null;
            }

            var (first, second) = (mixed.Count(m => m.I == found.I || m.J == found.I), mixed.Count(m => m.I == found.J || m.J == found.J));
            return first == second ? null : first > second ? found.I : found.J;
        }

        string? LooksLike(Found found)
        {
            if (found.Problem != LabelProblem.OneLabelTwoPeople)
            {
                return null;
            }

            int[] which = SuspectOf(found) is { } suspect ? [suspect] : [found.I, found.J];
            foreach (var duplicate in duplicates.OrderBy(d => d.P))
            {
                if (which.Contains(duplicate.I) || which.Contains(duplicate.J))
                {
                    return scans[which.Contains(duplicate.I) ? duplicate.J : duplicate.I].Participant;
                }
            }

            return null;
        }
    }

    private static IEnumerable<(int I, int J)> Pairs(double[,] values)
    {
        for (var i = 0; i < values.GetLength(0); i++)
        {
            for (var j = i + 1; j < values.GetLength(1); j++)
            {
                if (!double.IsNaN(values[i, j]))
                {
                    yield return (i, j);
                }
            }
        }
    }

    private readonly record struct Found(int I, int J, double? P, LabelProblem Problem);
}
