namespace MriLink.Core.Similarity.Measures;

/// <summary>x·y / (‖x‖·‖y‖).</summary>
internal sealed class CosineSimilarity : SimilarityMeasure
{
    public CosineSimilarity()
        : base("Cosine", higherIsBetter: true, -1, 1, "Cosine of the angle between the intensity vectors", "Common usage")
    {
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        BlockSums.Joint(pair.X.Values, pair.Y.Values, new(0, pair.X.Standardization.Factor), new(0, pair.Y.Standardization.Factor)).Cosine;
}
