using MriLink.Core.Linkage;
using MriLink.Core.Similarity;

namespace MriLink.Core.Search;

/// <summary>What a search for matches does.</summary>
public sealed record MatchSearchOptions
{
    /// <summary>The measure of pairs of one contrast.</summary>
    public SimilarityMeasure Measure { get; init; } = SimilarityMeasures.Default;

    /// <summary>Whether pairs of two contrasts are compared by it too, though it may say little of them.</summary>
    public bool IsMeasureAsked { get; init; }

    /// <summary>How matches are listed and judged, but for <see cref="Normalization"/>.</summary>
    public MatchOptions Match { get; init; } = new();

    /// <summary>How scores are normalised; null for as the threshold's were, or not at all.</summary>
    public CohortNormalization? Normalization { get; init; }

    /// <summary>How many gallery scans signatures choose for each probe, 0 for all; null to let the gallery's size decide.</summary>
    public int? Candidates { get; init; }

    /// <summary>Whether probes are compared with left and right exchanged too.</summary>
    public bool Mirrored { get; init; }
}
