namespace MriLink.Core.Similarity;

/// <summary>What comparing two volumes gave.</summary>
/// <param name="Measure">The measure.</param>
/// <param name="Score">The score; NaN when <paramref name="Problem"/> says why there is none. Never infinite.</param>
/// <param name="JointVoxels">Voxels that lie in both masks.</param>
/// <param name="Dice">Overlap of the masks, 0 to 1.</param>
/// <param name="Problem">Why there is no score, as a sentence without the volumes' names; otherwise null.</param>
public readonly record struct SimilarityScore(SimilarityMeasure Measure, double Score, int JointVoxels, double Dice, string? Problem);
