namespace MriLink.Core.Similarity.Measures;

/// <summary>√MSE.</summary>
internal sealed class RootMeanSquaredError : SimilarityMeasure
{
    public RootMeanSquaredError()
        : base("RMSE", higherIsBetter: false, 0, double.PositiveInfinity, "Root of the mean squared difference", "Common usage")
    {
        Scale = ScoreScale.Logarithm;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options) => Math.Sqrt(MeanSquaredError.Of(pair));
}
