namespace MriLink.Core.Similarity.Measures;

/// <summary>x·y / (‖x‖·‖y‖).</summary>
internal sealed class CosineSimilarity : MomentMeasure
{
    // Taking an offset back must leave this part of the squares, or single-precision sums no longer hold the score.
    private const double LeastPart = 1e-3;

    public CosineSimilarity()
        : base("Cosine", higherIsBetter: true, -1, 1, "Cosine of the angle between the intensity vectors", "Common usage")
    {
        Cost = "All pairs as one matrix product: a multiply-add per voxel";
        Scale = ScoreScale.FisherZ;
    }

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options)
    {
        Standardization ofX = first.Image.Standardization, ofY = second.Image.Standardization;
        var restored = moments.Restore(ofX, ofY);
        return IsKept(restored.XX, moments.XX, ofX, moments.Count) && IsKept(restored.YY, moments.YY, ofY, moments.Count) ? restored.Cosine : null;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        BlockSums.Joint(pair.X.Values, pair.Y.Values, new(0, pair.X.Standardization.Factor), new(0, pair.Y.Standardization.Factor)).Cosine;

    private static bool IsKept(double restored, double squares, Standardization map, int count)
    {
        double factor = map.Factor, shift = map.Shift;
        return restored > LeastPart * ((squares / (factor * factor)) + (count * shift * shift));
    }
}
