using MathNet.Numerics.Statistics;
using System.Globalization;
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

    // An extrapolated tail is believed to two orders of magnitude beyond one in as many pairs as it was learnt from.
    private const double Extrapolation = 100;

    /// <summary>Whether both are one and the same scan: the same identity object, or the same file.</summary>
    public static bool IsSameScan(ScanIdentity first, ScanIdentity second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return ReferenceEquals(first, second) || (first.Path is not null && string.Equals(first.Path, second.Path, PathComparison));
    }

    /// <inheritdoc cref="Find(double[,], SimilarityMeasure, IReadOnlyList{ScanIdentity}, IReadOnlyList{ScanIdentity}, MatchOptions, CancellationToken)"/>
    public static IReadOnlyList<ScanMatch> Find(
        SimilarityMatrix scores,
        IReadOnlyList<ScanIdentity> probes,
        IReadOnlyList<ScanIdentity> gallery,
        MatchOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var values = new double[scores.ProbeCount, scores.GalleryCount];
        for (var i = 0; i < scores.ProbeCount; i++)
        {
            for (var j = 0; j < scores.GalleryCount; j++)
            {
                values[i, j] = scores[i, j];
            }
        }

        return Find(values, scores.Measure, probes, gallery, options, cancellationToken);
    }

    /// <summary>Ranks each probe's gallery and judges the best.</summary>
    /// <param name="scores">A score per pair, probes in rows; NaN where there is none. Pairs of a scan with itself are left out whatever they score.</param>
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
    /// <exception cref="InvalidOperationException">There are too few scans for the normalisation, or too few impostor scores for the rate.</exception>
    public static IReadOnlyList<ScanMatch> Find(
        double[,] scores,
        SimilarityMeasure measure,
        IReadOnlyList<ScanIdentity> probes,
        IReadOnlyList<ScanIdentity> gallery,
        MatchOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        if (scores.GetLength(0) != probes.Count || scores.GetLength(1) != gallery.Count)
        {
            throw new ArgumentException($"There are {probes.Count} by {gallery.Count} names for {scores.GetLength(0)} by {scores.GetLength(1)} scores.", nameof(scores));
        }

        RequireFitting(options, measure);
        RequireFitting(options, gallery.Count);
        var values = new double[probes.Count, gallery.Count];
        for (var i = 0; i < probes.Count; i++)
        {
            for (var j = 0; j < gallery.Count; j++)
            {
                values[i, j] = double.IsNaN(scores[i, j]) || IsSameScan(probes[i], gallery[j]) ? double.NaN : ComparableScore.From(scores[i, j], measure);
            }
        }

        if (options.Normalization != CohortNormalization.None)
        {
            values = CohortNormalizer.Apply(values, new(values, probes, gallery), options.Normalization);
        }

        var assigned = options.OneToOne ? OptimalAssignment.Maximize(values, cancellationToken) : null;
        var tail = options.Screening is { } screening
            ? ImpostorTail.Fit(values, probes, gallery, screening)
            : ImpostorTail.Fit(values, new CandidatePairs(values, probes, gallery));
        var ranked = Enumerable.Range(0, probes.Count).Select(i => Rank(i, values)).ToArray();
        var judge = new Judge(options, measure, tail, Listed());
        var usual = LeastUsual(Listed().Where(p => judge.Of(p.Probe, p.Gallery, scores[p.Probe, p.Gallery], values[p.Probe, p.Gallery], lost: false).IsMatch == true).Select(p => values[p.Probe, p.Gallery]));
        var matches = new List<ScanMatch>();
        for (var i = 0; i < probes.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var chosen = assigned?[i] ?? -1;
            var first = chosen < 0 ? 0 : Array.IndexOf(ranked[i], chosen);
            for (var rank = first; rank < Math.Min(assigned is null ? options.Top : first + 1, ranked[i].Length); rank++)
            {
                var j = ranked[i][rank];
                var other = NextOfAnother(rank, ranked[i], gallery);
                var judgement = judge.Of(i, j, scores[i, j], values[i, j], lost: assigned is not null && chosen < 0);
                matches.Add(new()
                {
                    Probe = probes[i],
                    Gallery = gallery[j],
                    Rank = rank + 1,
                    Metric = measure.Name,
                    Score = scores[i, j],
                    NormalizedScore = options.Normalization == CohortNormalization.None ? null : values[i, j],
                    Normalization = options.Normalization,
                    Margin = other is not { } next ? null
                        : options.Normalization == CohortNormalization.None ? Math.Max(0, measure.HigherIsBetter ? scores[i, j] - scores[i, next] : scores[i, next] - scores[i, j])
                        : values[i, j] - values[i, next],
                    IsMatch = judgement.IsMatch,
                    Probability = judgement.Probability,
                    PValue = judgement.PValue,
                    DecidingRule = judgement.Rule,
                    Remark = judgement.IsMatch == true && values[i, j] < usual
                        ? "Far below the other links: a relative, or a poor scan?"
                        : null,
                });
            }
        }

        return matches;

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

    private static void RequireFitting(MatchOptions options, SimilarityMeasure measure)
    {
        if (options.Threshold is not { Rule: not ThresholdRule.Given } threshold)
        {
            return;
        }

        if (threshold.Metric is { } metric && !string.Equals(metric, measure.Name, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The threshold is one of {metric}, and the scores are {measure.Name}.", nameof(options));
        }

        if (threshold.Normalization != options.Normalization)
        {
            throw new ArgumentException(
                $"The threshold is one of scores with normalisation {threshold.Normalization}, and these have {options.Normalization}.", nameof(options));
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
            throw new ArgumentException($"The screening is one of {screening.Cohort.Count} of {screening.GalleryCount} gallery scans, and {measured} were measured.", nameof(options));
        }

        if (options.Normalization != CohortNormalization.None)
        {
            throw new ArgumentException("Cohort normalisation takes the scores of the whole gallery, and only candidates were measured.", nameof(options));
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

    private readonly record struct Judgement(bool? IsMatch, double? Probability, double? PValue, string Rule);

    /// <summary>Decides about pairs by the rule that the options name.</summary>
    private sealed class Judge
    {
        private readonly MatchOptions _options;
        private readonly SimilarityMeasure _measure;
        private readonly ImpostorTail _tail;
        private readonly FalseDiscovery.LocalRates? _local;
        private readonly double _limit;
        private readonly double? _knownLimit;
        private readonly string _rule;

        public Judge(MatchOptions options, SimilarityMeasure measure, ImpostorTail tail, IEnumerable<(int Probe, int Gallery)> listed)
        {
            (_options, _measure, _tail) = (options, measure, tail);
            if (tail.Problem is null)
            {
                var best = listed.Select(pair => tail.PValue(pair.Probe, pair.Gallery)).ToArray();
                _limit = FalseDiscovery.Limit(best, options.FalseDiscoveryRate);
                _local = FalseDiscovery.Local(best);
            }

            if (options.Threshold is null && options.FalseMatchRate is { } rate && options.ImpostorScores is { } known)
            {
                // Known scores are the measure's own; normalised ones would be those of their own audit.
                if (options.Normalization != CohortNormalization.None)
                {
                    throw new ArgumentException("Impostor scores that are known are not normalised, so they cannot judge normalised scores.", nameof(options));
                }

                var threshold = ThresholdEstimator.Estimate([], known, new() { Measure = measure, FalseMatchRate = rate });
                _knownLimit = ComparableScore.From(threshold.Threshold, measure);
            }

            _rule = Rule() + (options.Screening is { } screening ? $", {screening.Cohort.Count} of {screening.GalleryCount} gallery scans measured" : string.Empty)
                + (options.OneToOne ? ", one to one" : string.Empty);
        }

        public Judgement Of(int probe, int gallery, double score, double value, bool lost)
        {
            double? p = _tail.Problem is null ? _tail.PValue(probe, gallery) : null;

            // Beyond what so few impostors can show, a smaller p-value is no better evidence.
            double? local = p is null ? null : Math.Min(1 - _local!.At(p.Value), 1 - (1 / (Extrapolation * (_tail.Pairs + 1.0))));
            return new(
                IsMatch(probe, gallery, value, p) is { } match ? match && !lost : null,
                _options.Threshold?.Probability(_options.Normalization == CohortNormalization.None ? score : value) ?? local,
                p,
                lost ? $"{_rule}: its best gallery scans go to other probes" : _rule);
        }

        private bool? IsMatch(int probe, int gallery, double value, double? p)
        {
            if (_options.Threshold is { } threshold)
            {
                return value >= (_options.Normalization == CohortNormalization.None ? ComparableScore.From(threshold.Threshold, _measure) : threshold.Threshold);
            }

            if (_options.FalseMatchRate is { } rate)
            {
                return _knownLimit is { } limit ? value >= limit : p is null ? null : _tail.SinglePValue(probe, gallery) <= rate;
            }

            return p is null ? null : p <= _limit;
        }

        private string Rule()
        {
            if (_options.Threshold is { } threshold)
            {
                var sign = _measure.HigherIsBetter || _options.Normalization != CohortNormalization.None ? ">=" : "<=";
                var name = _options.Normalization == CohortNormalization.None ? _measure.Name : $"{_measure.Name} {_options.Normalization}";
                var how = threshold.Rule == ThresholdRule.Given ? string.Empty
                    : string.Create(CultureInfo.InvariantCulture, $" ({threshold.Rule}, prior {threshold.Prior:0.######})");
                return string.Create(CultureInfo.InvariantCulture, $"Threshold: {name} {sign} {threshold.Threshold}{how}");
            }

            if (_options.FalseMatchRate is { } rate)
            {
                return _knownLimit is not null
                    ? string.Create(CultureInfo.InvariantCulture, $"FalseMatchRate: {rate} of {_options.ImpostorScores!.Count} known impostor scores")
                    : _tail.Problem is null
                        ? string.Create(CultureInfo.InvariantCulture, $"FalseMatchRate: {rate} by the impostor tail ({_tail.Model}, {_tail.Pairs} pairs)")
                        : $"Undecided: {_tail.Problem}";
            }

            return _tail.Problem is null
                ? string.Create(CultureInfo.InvariantCulture, $"ImpostorTail: false discovery rate {_options.FalseDiscoveryRate} ({_tail.Model}, {_tail.Pairs} pairs)")
                : $"Undecided: {_tail.Problem}";
        }
    }
}
