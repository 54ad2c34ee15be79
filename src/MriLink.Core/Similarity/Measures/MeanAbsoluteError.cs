namespace MriLink.Core.Similarity.Measures;

/// <summary>Mean of |x − y|.</summary>
internal sealed class MeanAbsoluteError : SimilarityMeasure
{
    public MeanAbsoluteError()
        : base("MAE", higherIsBetter: false, 0, double.PositiveInfinity, "Mean absolute difference of intensities", "Common usage")
    {
        Cost = "One pass over the joint mask per pair";
        Scale = ScoreScale.Logarithm;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        BlockSums.AbsoluteDifference(pair.X.Values, pair.Y.Values) / pair.Count;
}
