using System.Globalization;
using MathNet.Numerics.Statistics;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>Turns the scores of all probe and gallery pairs into ranked and judged matches.</summary>
public static class MatchFinder
{
    private static readonly StringComparison PathComparison =
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    // Links this many robust standard deviations below the median of all are remarked upon, from this many links on. People's own scans spread
    // by scanner and age, so what lies out so far among them is not one of them.
    private const double FarBelow = 5;
    private const int FewestLinks = 5;

    private const string OneOfMany = "One of many pairs of the same few scans: somebody under several labels, or a group of scans of another kind?";
    private const string MaybeOnePerson = "As alike as one person's scans are, and not told from this audit's strangers.";
    private const string OneIsMirrored = "One of the two has left and right exchanged.";

    /// <summary>Whether both are one and the same scan: the same identity object, or the same file.</summary>
    public static bool IsSameScan(ScanIdentity first, ScanIdentity second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return ReferenceEquals(first, second) || (first.Path is not null && string.Equals(first.Path, second.Path, PathComparison));
    }

    /// <inheritdoc cref="Find(double[,], SimilarityMeasure, IReadOnlyList{ScanIdentity}, IReadOnlyList{ScanIdentity}, MatchOptions,
    /// CancellationToken)"/>
    public static NotedList<ScanMatch> Find(
        SimilarityMatrix scores,
        IReadOnlyList<ScanIdentity> probes,
        IReadOnlyList<ScanIdentity> gallery,
        MatchOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return Find(
            new Scores((i, j) => scores[i, j], scores.IsMirrored, scores.ProbeCount, scores.GalleryCount), scores.Measure, probes, gallery, options,
            cancellationToken);
    }

    /// <summary>Ranks each probe's gallery and judges the best.</summary>
    /// <param name="scores">A score per pair, probes in rows; NaN where there is none. Pairs of a scan with itself are left out whatever they
    /// score.</param>
    /// <param name="measure">The measure that gave them.</param>
    /// <param name="probes">Whose scans the rows are.</param>
    /// <param name="gallery">Whose scans the columns are.</param>
    /// <param name="options">How many to list, and how to judge.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>
    /// Matches in probe order, ranks ascending; nothing for a probe that has no score. With a threshold or a false match rate every listed
    /// pair is judged by itself, whatever its rank. Otherwise probes' best pairs are judged together by their p-values against the
    /// impostors' tail, and pairs of lower rank match when their p-value is no larger than the limit found for the best. One to one, each
    /// probe has one match, the gallery scan assigned to it.
    /// </returns>
    /// <exception cref="ArgumentException">Names and scores differ in number, or the threshold belongs to another measure.</exception>
    /// <exception cref="InvalidOperationException">There are too few scans for the normalisation, or too few impostor scores for the
    /// rate.</exception>
    public static NotedList<ScanMatch> Find(
        double[,] scores,
        SimilarityMeasure measure,
        IReadOnlyList<ScanIdentity> probes,
        IReadOnlyList<ScanIdentity> gallery,
        MatchOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return Find(
            new Scores((i, j) => scores[i, j], (_, _) => false, scores.GetLength(0), scores.GetLength(1)), measure, probes, gallery, options,
            cancellationToken);
    }

    private static NotedList<ScanMatch> Find(
        Scores scores,
        SimilarityMeasure measure,
        IReadOnlyList<ScanIdentity> probes,
        IReadOnlyList<ScanIdentity> gallery,
        MatchOptions options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        if (scores.Probes != probes.Count || scores.Gallery != gallery.Count)
        {
            throw new ArgumentException(
                $"There are {probes.Count} by {gallery.Count} names for {scores.Probes} by {scores.Gallery} scores.", nameof(scores));
        }

        RequireFitting(options, measure);
        RequireFitting(options, gallery.Count);
        var values = new double[probes.Count, gallery.Count];
        for (var i = 0; i < probes.Count; i++)
        {
            for (var j = 0; j < gallery.Count; j++)
            {
                values[i, j] = double.IsNaN(scores.Of(i, j)) || IsSameScan(probes[i], gallery[j]) ? double.NaN
                    : ComparableScore.From(scores.Of(i, j), measure);
            }
        }

        if (options.Normalization != CohortNormalization.None)
        {
            values = CohortNormalizer.Apply(values, new(values, probes, gallery), options.Normalization);
        }

        var assigned = options.OneToOne ? OptimalAssignment.Maximize(values, cancellationToken) : null;

        // Normalised scores are in standard deviations of strangers already.
        var spread = options.Normalization == CohortNormalization.None ? Spread(measure, options) : 1;
        var tail = options.Screening is { } screening
            ? ImpostorTail.Fit(values, probes, gallery, screening, spread)
            : ImpostorTail.Fit(values, new CandidatePairs(values, probes, gallery), spread);
        var ranked = Enumerable.Range(0, probes.Count).Select(i => Rank(i, values)).ToArray();
        var judge = new MatchJudge(options, measure, tail, Listed(), scores.Of);
        var usual = LeastUsual(Listed()
            .Where(p => judge.Of(p.Probe, p.Gallery, scores.Of(p.Probe, p.Gallery), values[p.Probe, p.Gallery], lost: false).IsMatch == true)
            .Select(p => values[p.Probe, p.Gallery]));
        var matches = new List<ScanMatch>();
        var doubtful = 0;
        for (var i = 0; i < probes.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chosen = assigned?[i] ?? -1;
            var first = chosen < 0 ? 0 : Array.IndexOf(ranked[i], chosen);
            for (var rank = first; rank < Math.Min(assigned is null ? options.Top : first + 1, ranked[i].Length); rank++)
            {
                var j = ranked[i][rank];
                var other = NextOfAnother(rank, ranked[i], gallery);
                var lost = assigned is not null && chosen < 0;
                var judgement = judge.Of(i, j, scores.Of(i, j), values[i, j], lost);

                // Whatever makes strangers look so wide that a mate is lost among them, a mate's own score gives it away. A threshold of the user's
                // is the user's word on it.
                var isDoubtful = judgement.IsMatch == false && options.Threshold is null && !lost
                    && measure.IsLikeOnePerson(scores.Of(i, j), options.Spacing);
                doubtful += isDoubtful && rank == first ? 1 : 0;
                matches.Add(new()
                {
                    Probe = probes[i],
                    Gallery = gallery[j],
                    Rank = rank + 1,
                    Metric = measure.Name,
                    Score = scores.Of(i, j),
                    NormalizedScore = options.Normalization == CohortNormalization.None ? null : values[i, j],
                    Normalization = options.Normalization.ToString(),
                    Margin = other is not { } next ? double.NaN
                        : options.Normalization == CohortNormalization.None
                            ? Math.Max(0, measure.HigherIsBetter ? scores.Of(i, j) - scores.Of(i, next) : scores.Of(i, next) - scores.Of(i, j))
                        : values[i, j] - values[i, next],
                    IsMatch = judgement.IsMatch,
                    Probability = judgement.Probability ?? double.NaN,
                    PValue = judgement.PValue ?? double.NaN,
                    IsMirrored = scores.IsMirrored(i, j),
                    DecidingRule = scores.IsMirrored(i, j) ? judgement.Rule + ", mirrored" : judgement.Rule,
                    Remark = judgement.IsMatch == true ? RemarkOn(i, j) : isDoubtful ? MaybeOnePerson : null,
                });
            }
        }

        string[] told = doubtful == 0 ? [] : [NotLinked(measure, doubtful, doubtful == 1 ? "scan" : "scans", options.Spacing)];
        return new(matches, [.. judge.Notes, .. told]) { Standing = [.. tail.Notes, .. told] };

        string? RemarkOn(int i, int j)
        {
            string?[] remarks =
            [
                scores.IsMirrored(i, j) ? OneIsMirrored : null,
                tail.IsOneOfMany(i, j) ? OneOfMany : null,
                values[i, j] < usual ? "Far below the other links: a relative, or a poor scan?" : Unlikely(measure, scores.Of(i, j)),
            ];
            return remarks.OfType<string>().ToArray() is { Length: > 0 } said ? string.Join(' ', said) : null;
        }

        // The pairs that are judged together: each probe's own.
        IEnumerable<(int Probe, int Gallery)> Listed()
        {
            for (var i = 0; i < probes.Count; i++)
            {
                if (ranked[i].Length > 0)
                {
                    yield return (i, assigned is null || assigned[i] < 0 ? ranked[i][0] : assigned[i]);
                }
            }
        }
    }

    /// <summary>How widely strangers have spread elsewhere, with the error of scores that are estimates; null when not known.</summary>
    internal static double? Spread(SimilarityMeasure measure, MatchOptions options) => measure.SpreadOn(options.Spacing) is { } spread
        ? Math.Sqrt((spread * spread) + (options.ScoreError * options.ScoreError)) : null;

    /// <summary>What there is to say of two scans of one person that score so; null when nothing.</summary>
    internal static string? Unlikely(SimilarityMeasure measure, double score) =>
        measure.WorstOfOnePerson is { } worst && !measure.IsAtLeastAsGood(score, worst)
        ? string.Create(CultureInfo.InvariantCulture,
            $"Less alike than real scans of one person have been ({measure.Name} {worst}): a relative, another contrast, or a poor scan?")
        : null;

    /// <summary>What there is to say of scans that are as alike as one person's and yet not told from strangers.</summary>
    /// <param name="measure">What they are compared by.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="what">What they are, one or several.</param>
    /// <param name="spacing">Spacing of the grid that they were compared on, in mm; null where it is not known.</param>
    internal static string NotLinked(SimilarityMeasure measure, int count, string what, double? spacing) => string.Create(
        CultureInfo.InvariantCulture,
        $"{count} {what} {(count == 1 ? "is" : "are")} not linked, though as alike as one person's scans are and strangers have not been "
            + $"({measure.Name} {measure.LikeOnePersonFrom(spacing):0.###} or better): the strangers here are too few or too unlike each other to "
            + $"tell, as where some are of another site. Look at these, judge sites by themselves, or let a threshold decide.");

    private static void RequireFitting(MatchOptions options, SimilarityMeasure measure)
    {
        if (options.Threshold is not { FoundBy: not ThresholdRule.Given } threshold)
        {
            return;
        }

        if (threshold.Metric is { } metric && !string.Equals(metric, measure.Name, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The threshold is one of {metric}, and the scores are {measure.Name}.", nameof(options));
        }

        if (threshold.NormalizedBy != options.Normalization)
        {
            throw new ArgumentException(
                $"The threshold is one of scores with normalisation {threshold.Normalization}, and these have {options.Normalization}.",
                nameof(options));
        }
    }

    private static void RequireFitting(MatchOptions options, int measured)
    {
        if (options.Screening is not { } screening)
        {
            return;
        }

        if (screening.Cohort.Count != measured || screening.GalleryCount < measured)
        {
            throw new ArgumentException(
                $"The screening is one of {screening.Cohort.Count} of {screening.GalleryCount} gallery scans, and {measured} were measured.",
                nameof(options));
        }

        if (options.Normalization != CohortNormalization.None)
        {
            throw new ArgumentException(
                "Cohort normalisation takes the scores of the whole gallery, and only candidates were measured.", nameof(options));
        }
    }

    // The value below which a link is unlike the others.
    private static double LeastUsual(IEnumerable<double> links)
    {
        var sorted = links.Order().ToArray();
        if (sorted.Length < FewestLinks)
        {
            return double.NegativeInfinity;
        }

        var middle = SortedArrayStatistics.Median(sorted);
        return middle - (FarBelow * Bandwidth.RobustDeviation(sorted, middle));
    }

    // Ties keep the gallery's order, so results do not depend on the sort.
    private static int[] Rank(int probe, double[,] values) =>
        [.. Enumerable.Range(0, values.GetLength(1)).Where(j => !double.IsNaN(values[probe, j])).OrderByDescending(j => values[probe, j])];

    private static int? NextOfAnother(int rank, int[] ranked, IReadOnlyList<ScanIdentity> gallery)
    {
        for (var next = rank + 1; next < ranked.Length; next++)
        {
            if (!string.Equals(gallery[ranked[next]].Participant, gallery[ranked[rank]].Participant, StringComparison.Ordinal))
            {
                return ranked[next];
            }
        }

        return null;
    }

    // Scores where they lie, whatever holds them.
    private readonly record struct Scores(Func<int, int, double> Of, Func<int, int, bool> IsMirrored, int Probes, int Gallery);
}
