namespace MriLink.Core.Similarity.Measures;

/// <summary>Mean of (x − y)².</summary>
internal sealed class MeanSquaredError : SimilarityMeasure
{
    public MeanSquaredError()
        : base("MSE", higherIsBetter: false, 0, double.PositiveInfinity, "Mean squared difference of intensities", "Common usage")
    {
        Aliases = ["MeanSquares"];
        Scale = ScoreScale.Logarithm;
    }

    /// <summary>The mean squared difference.</summary>
    public static double Of(VolumePair pair) => BlockSums.SquaredDifference(pair.X.Values, pair.Y.Values) / pair.Count;

    internal override double Compute(VolumePair pair, SimilarityOptions options) => Of(pair);
}
