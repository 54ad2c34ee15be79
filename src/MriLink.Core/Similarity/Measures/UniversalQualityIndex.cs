using System.Numerics;
using System.Runtime.CompilerServices;

namespace MriLink.Core.Similarity.Measures;

/// <summary>The mean over 7×7×7 windows of 4·σ_xy·μ_x·μ_y / ((σ_x² + σ_y²)·(μ_x² + μ_y²)).</summary>
/// <remarks>
/// Windows as in <see cref="WindowedSums"/>; Wang and Bovik slide an 8×8 one, which has no centre voxel. Where both variances are zero
/// the luminance term alone counts, and 1 where both means are zero too, as in the authors' code. The index compares means as ratios:
/// on z-scored volumes, whose means lie about zero, it is restless.
/// </remarks>
internal sealed class UniversalQualityIndex : WindowMeasure
{
    public UniversalQualityIndex()
        : base("UQI", -1, 1, "Universal image quality index", "Wang & Bovik 2002, IEEE Signal Process Lett 9:81")
    {
        Aliases = ["UIQI"];
        Cost = "A separable filter of the products per pair, and of five more images where masks differ; 8 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var kernel = WindowKernel.Box(3);
        var (sum, _, windows) = WindowedSums.Sum(pair.X, pair.Y, kernel, kernel.Radius, QualityOf(pair));
        return sum / windows;
    }

    /// <inheritdoc/>
    public override void Map(VolumePair pair, SimilarityOptions options, float[] values) =>
        WindowedSums.Map(pair.X, pair.Y, WindowKernel.Box(3), QualityOf(pair), values);

    private static Quality QualityOf(VolumePair pair) => new(new(pair.X.Standardization, pair.Y.Standardization));

    private readonly struct Quality(IntensityScale scale) : WindowedSums.IWindowFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Of(
            Vector<float> meanX, Vector<float> meanY, Vector<float> varianceX, Vector<float> varianceY, Vector<float> covariance,
            out Vector<float> other)
        {
            scale.Restore(ref meanX, ref meanY, ref varianceX, ref varianceY, ref covariance);
            other = Vector<float>.Zero;
            return Ratio(meanX * meanY, (meanX * meanX) + (meanY * meanY)) * Ratio(covariance, varianceX + varianceY);
        }

        // 2·product / sum, and 1 where both are zero.
        private static Vector<float> Ratio(Vector<float> product, Vector<float> sum)
        {
            var zero = Vector.Equals(sum, Vector<float>.Zero);
            return Vector.ConditionalSelect(zero, Vector<float>.One, (product + product) / Vector.ConditionalSelect(zero, Vector<float>.One, sum));
        }
    }
}
