using System.Globalization;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>Turns the scores of all probe and gallery pairs into ranked and judged matches.</summary>
public static class MatchFinder
{
    private static readonly StringComparison PathComparison =
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Whether both are one and the same scan: the same identity object, or the same file.</summary>
    public static bool IsSameScan(ScanIdentity first, ScanIdentity second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return ReferenceEquals(first, second) || (first.Path is not null && string.Equals(first.Path, second.Path, PathComparison));
    }

    /// <summary>Ranks each probe's gallery and judges the best.</summary>
    /// <param name="scores">A score per pair; NaN where there is none. Pairs of a scan with itself are left out whatever they score.</param>
    /// <param name="probes">Whose scans the rows are.</param>
    /// <param name="gallery">Whose scans the columns are.</param>
    /// <param name="options">How many to list, and how to judge.</param>
    /// <returns>
    /// Matches in probe order, ranks ascending; nothing for a probe that has no score. With a threshold, every listed pair is held against
    /// it, whatever its rank. Without one, probes' best pairs are judged together (<see cref="ImpostorTail"/>), and pairs of lower rank
    /// match when their p-value is no larger than the limit found for the best.
    /// </returns>
    /// <exception cref="ArgumentException">Names and scores differ in number.</exception>
    public static IReadOnlyList<ScanMatch> Find(
        SimilarityMatrix scores, IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery, MatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        if (scores.ProbeCount != probes.Count || scores.GalleryCount != gallery.Count)
        {
            throw new ArgumentException($"There are {probes.Count} by {gallery.Count} names for {scores.ProbeCount} by {scores.GalleryCount} scores.", nameof(scores));
        }

        var measure = scores.Measure;
        var usable = new double[probes.Count, gallery.Count];
        var ranked = new int[probes.Count][];
        for (var i = 0; i < probes.Count; i++)
        {
            for (var j = 0; j < gallery.Count; j++)
            {
                usable[i, j] = IsSameScan(probes[i], gallery[j]) ? double.NaN : scores[i, j];
            }

            // Ties keep the gallery's order, so results do not depend on the sort.
            var candidates = Enumerable.Range(0, gallery.Count).Where(j => !double.IsNaN(usable[i, j]));
            ranked[i] = measure.HigherIsBetter
                ? [.. candidates.OrderByDescending(j => usable[i, j])]
                : [.. candidates.OrderBy(j => usable[i, j])];
        }

        var tail = ImpostorTail.Fit(usable, measure, options.CohortNormalization);
        double? limit = tail.Problem is null
            ? ImpostorTail.DiscoveryLimit([.. Enumerable.Range(0, probes.Count).Where(i => ranked[i].Length > 0).Select(i => tail.PValue(i, ranked[i][0]))], options.FalseDiscoveryRate)
            : null;
        var rule = Rule(measure, tail, options);
        var matches = new List<ScanMatch>();
        for (var i = 0; i < probes.Count; i++)
        {
            for (var rank = 0; rank < Math.Min(options.Top, ranked[i].Length); rank++)
            {
                var j = ranked[i][rank];
                var score = usable[i, j];
                double? p = limit is null ? null : tail.PValue(i, j);
                var other = ranked[i].Skip(rank + 1).Where(k => !string.Equals(gallery[k].Participant, gallery[j].Participant, StringComparison.Ordinal)).Select(k => (int?)k).FirstOrDefault();
                matches.Add(new()
                {
                    Probe = probes[i],
                    Gallery = gallery[j],
                    Rank = rank + 1,
                    Metric = measure.Name,
                    Score = score,
                    Margin = other is { } next ? Math.Abs(score - usable[i, next]) : null,
                    IsMatch = options.Threshold is { } threshold ? measure.IsAtLeastAsGood(score, threshold) : p is null ? null : p <= limit,
                    PValue = p,
                    DecidingRule = rule,
                });
            }
        }

        return matches;
    }

    private static string Rule(SimilarityMeasure measure, ImpostorTail tail, MatchOptions options)
    {
        if (options.Threshold is { } threshold)
        {
            return $"Threshold: {measure.Name} {(measure.HigherIsBetter ? ">=" : "<=")} {threshold.ToString(CultureInfo.InvariantCulture)}";
        }

        return tail.Problem is null
            ? $"ImpostorTail: false discovery rate {options.FalseDiscoveryRate.ToString(CultureInfo.InvariantCulture)}"
            : $"Undecided: {tail.Problem}";
    }
}
