namespace MriLink.Core.Similarity.Measures;

/// <summary>√MSE / L, with the data range L of <see cref="SimilarityOptions.DataRange"/>.</summary>
internal sealed class NormalizedRootMeanSquaredError : SimilarityMeasure
{
    public NormalizedRootMeanSquaredError()
        : base("NRMSE", higherIsBetter: false, 0, double.PositiveInfinity, "Root of the mean squared difference over the data range", "Common usage")
    {
        Scale = ScoreScale.Logarithm;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        Math.Sqrt(MeanSquaredError.Of(pair)) / pair.DataRange(options);
}
