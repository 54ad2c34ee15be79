using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;

namespace MriLink.Core.Search;

/// <summary>How the pairs of one kind are compared and judged, and what a person should know of it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Measure">The measure that they are compared by.</param>
/// <param name="Options">How they are judged.</param>
public sealed record KindComparison(ContrastKind Kind, SimilarityMeasure Measure, MatchOptions Options)
{
    /// <summary>Why their measure says little of them; null where it suits them.</summary>
    public string? MeasureNote { get; private init; }

    /// <summary>Why they are judged otherwise than was asked for; null where they are not.</summary>
    public string? RuleNote { get; private init; }

    /// <summary>Chooses for a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="chosen">The measure of pairs of one contrast.</param>
    /// <param name="isAsked">Whether all pairs are to be compared by it, though it may say little of two contrasts.</param>
    /// <param name="options">How pairs of one contrast are judged.</param>
    public static KindComparison Of(ContrastKind kind, SimilarityMeasure chosen, bool isAsked, MatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentNullException.ThrowIfNull(options);
        var usual = kind.Measure(chosen, options.Threshold);
        var measure = isAsked ? chosen : usual;
        var (own, note) = kind.Options(options, chosen, measure);
        return new(kind, measure, own)
        {
            MeasureNote = kind.IsOneContrast || measure == usual ? null : kind.Named(
                $"{measure.Name} says little of two contrasts, whoever they are of; without -Metric they are compared by {usual.Name}."),
            RuleNote = note is null ? null : kind.Named(note),
        };
    }

    /// <summary>Compares every probe, and if asked its mirror image too, with every gallery scan.</summary>
    /// <param name="probes">The kind's probes.</param>
    /// <param name="gallery">The kind's gallery scans.</param>
    /// <param name="mirrored">Whether the better of a probe and its mirror image counts.</param>
    /// <param name="similarity">The measure's parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about finished blocks of work, or null.</param>
    public SimilarityMatrix Score(
        IReadOnlyList<PreparedVolume> probes, IReadOnlyList<PreparedVolume> gallery, bool mirrored, SimilarityOptions similarity, WorkOptions work,
        IProgress<WorkProgress>? progress) => mirrored
            ? PairwiseScorer.ScoreAllMirrored(Measure, probes, gallery, similarity, work, progress)
            : PairwiseScorer.ScoreAll(Measure, probes, gallery, similarity, work, progress);
}
