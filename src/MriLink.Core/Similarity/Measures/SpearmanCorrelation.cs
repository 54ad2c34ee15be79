using MriLink.Core.Similarity.Products;

namespace MriLink.Core.Similarity.Measures;

/// <summary>Pearson's correlation of ranks, ties averaged, among the voxels in both masks.</summary>
internal sealed class SpearmanCorrelation : MomentMeasure
{
    public SpearmanCorrelation()
        : base("Spearman", higherIsBetter: true, -1, 1, "Rank correlation of intensities", "Spearman 1904, Am J Psychol 15:72")
    {
        Aliases = ["Rank", "SRCC"];
        Cost = "Where all masks are equal as NCC on ranks; otherwise a pass over each sorted volume per pair; 8 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;
    }

    /// <inheritdoc/>
    public override ProductSource Vectors => ProductSource.Ranks;

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        NormalizedCrossCorrelation.Correlation(moments);

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        pair.WithRanks(out var x, out var y);

        // Ranks run to the number of voxels; scaled, their squares stay small whatever the size.
        var scale = new Standardization(0, 1f / pair.Count);
        return BlockSums.Joint(x, y, scale, scale).Correlation;
    }
}
