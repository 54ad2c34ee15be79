namespace MriLink.Core.Similarity.Measures;

/// <summary>√MSE / L, with the data range L of <see cref="SimilarityOptions.DataRange"/>.</summary>
internal sealed class NormalizedRootMeanSquaredError : MomentMeasure
{
    public NormalizedRootMeanSquaredError()
        : base("NRMSE", higherIsBetter: false, 0, double.PositiveInfinity, "Root of the mean squared difference over the data range", "Common usage")
    {
        Cost = "All pairs as one matrix product: a multiply-add per voxel";
        Scale = ScoreScale.Logarithm;
    }

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        MeanSquaredError.Of(moments, first, second) is { } error ? Math.Sqrt(error) / options.DataRangeOf(first, second) : null;

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        Math.Sqrt(MeanSquaredError.Of(pair)) / pair.DataRange(options);
}
