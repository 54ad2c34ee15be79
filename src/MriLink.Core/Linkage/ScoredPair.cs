using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>The score of two scans, from whichever result it came, with who they are said to be.</summary>
/// <param name="Probe">The scan looked for: the volume of a similarity, the probe of a match.</param>
/// <param name="Gallery">The scan compared with: the reference of a similarity, the gallery scan of a match.</param>
/// <param name="Metric">The measure's name.</param>
/// <param name="HigherIsBetter">Whether a larger score means more alike.</param>
/// <param name="Score">The score; one that is normalised where the match was decided on it.</param>
/// <param name="Normalization">How it was normalised.</param>
public sealed record ScoredPair(
    ScanIdentity Probe, ScanIdentity Gallery, string Metric, bool HigherIsBetter, double Score,
    CohortNormalization Normalization = CohortNormalization.None)
{
    /// <summary>The kind of pair, by the contrasts of its scans.</summary>
    public ContrastKind Kind => ContrastKind.Of(Probe, Gallery);

    /// <summary>A match as a pair.</summary>
    public static ScoredPair From(ScanMatch match)
    {
        ArgumentNullException.ThrowIfNull(match);
        return match.NormalizedScore is { } normalized
            ? new(match.Probe, match.Gallery, match.Metric, HigherIsBetter: true, normalized, Enum.Parse<CohortNormalization>(match.Normalization))
            : new(match.Probe, match.Gallery, match.Metric, SimilarityMeasures.Find(match.Metric)?.HigherIsBetter ?? true, match.Score);
    }

    /// <summary>A similarity as a pair; null when it has no score.</summary>
    public static ScoredPair? From(ScanSimilarity similarity)
    {
        ArgumentNullException.ThrowIfNull(similarity);
        return double.IsNaN(similarity.Score)
            ? null
            : new(similarity.Volume, similarity.Reference, similarity.Metric, similarity.HigherIsBetter, similarity.Score);
    }

    /// <summary>The pairs of a matrix that have a score.</summary>
    public static IEnumerable<ScoredPair> From(SimilarityMatrix matrix)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        for (var i = 0; i < matrix.ProbeCount; i++)
        {
            for (var j = 0; j < matrix.GalleryCount; j++)
            {
                if (!double.IsNaN(matrix[i, j]))
                {
                    yield return new(matrix.Probes[i], matrix.Gallery[j], matrix.Measure.Name, matrix.Measure.HigherIsBetter, matrix[i, j]);
                }
            }
        }
    }
}
