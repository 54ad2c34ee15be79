namespace MriLink.Core.Similarity.Measures;

/// <summary>√MSE.</summary>
internal sealed class RootMeanSquaredError : MomentMeasure
{
    public RootMeanSquaredError()
        : base("RMSE", higherIsBetter: false, 0, double.PositiveInfinity, "Root of the mean squared difference", "Common usage")
    {
        Cost = "All pairs as one matrix product: a multiply-add per voxel";
        Scale = ScoreScale.Logarithm;
    }

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        MeanSquaredError.Of(moments, first, second) is { } error ? Math.Sqrt(error) : null;

    internal override double Compute(VolumePair pair, SimilarityOptions options) => Math.Sqrt(MeanSquaredError.Of(pair));
}
