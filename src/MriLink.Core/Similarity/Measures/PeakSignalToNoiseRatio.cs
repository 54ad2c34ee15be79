namespace MriLink.Core.Similarity.Measures;

/// <summary>10·log10(L² / MSE) in decibels.</summary>
/// <remarks>
/// Identical volumes would have an infinite ratio. The error is taken as no smaller than single precision resolves, (L·2⁻²⁴)², so that
/// scores stay finite: they have 144.5 dB.
/// </remarks>
internal sealed class PeakSignalToNoiseRatio : MomentMeasure
{
    private const double Resolution = 1.0 / (1 << 24);

    public PeakSignalToNoiseRatio()
        : base("PSNR", higherIsBetter: true, double.NegativeInfinity, -20 * Math.Log10(Resolution), "Peak signal-to-noise ratio in dB",
            "Common usage")
    {
        Cost = "All pairs as one matrix product: a multiply-add per voxel";
        Scale = ScoreScale.Linear;
    }

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        MeanSquaredError.Of(moments, first, second) is { } error ? Decibels(error, options.DataRangeOf(first, second)) : null;

    internal override double Compute(VolumePair pair, SimilarityOptions options) => Decibels(MeanSquaredError.Of(pair), pair.DataRange(options));

    private static double Decibels(double error, double range) => -20 * Math.Log10(Math.Max(Math.Sqrt(error) / range, Resolution));
}
