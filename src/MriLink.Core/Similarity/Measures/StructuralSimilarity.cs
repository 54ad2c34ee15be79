using System.Numerics;
using System.Runtime.CompilerServices;

namespace MriLink.Core.Similarity.Measures;

/// <summary>
/// The mean over Gaussian windows (σ = 1.5 voxels, 11 wide) of (2·μ_x·μ_y + C1)·(2·σ_xy + C2) / ((μ_x² + μ_y² + C1)·(σ_x² + σ_y² + C2)),
/// with C1 = (0.01·L)² and C2 = (0.03·L)².
/// </summary>
/// <remarks>Windows as in <see cref="WindowedSums"/>; L as in <see cref="SimilarityOptions.DataRange"/>.</remarks>
internal sealed class StructuralSimilarity : WindowMeasure
{
    public StructuralSimilarity()
        : base("SSIM", -1, 1, "Structural similarity", "Wang et al. 2004, IEEE Trans Image Process 13:600")
    {
        Cost = "A separable filter of the products per pair, and of five more images where masks differ; 8 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var kernel = WindowKernel.Gaussian;
        var (sum, _, windows) = WindowedSums.Sum(pair.X, pair.Y, kernel, kernel.Radius, IndexOf(pair, options));
        return sum / windows;
    }

    /// <inheritdoc/>
    public override void Map(VolumePair pair, SimilarityOptions options, float[] values) =>
        WindowedSums.Map(pair.X, pair.Y, WindowKernel.Gaussian, IndexOf(pair, options), values);

    private static Index IndexOf(VolumePair pair, SimilarityOptions options) =>
        new(new(pair.X.Standardization, pair.Y.Standardization), pair.DataRange(options));

    /// <summary>SSIM of windows.</summary>
    internal readonly struct Index : WindowedSums.IWindowFunction
    {
        private readonly IntensityScale _scale;
        private readonly float _c1;
        private readonly float _c2;

        /// <summary>For images of a scale and a data range.</summary>
        public Index(IntensityScale scale, double range)
        {
            _scale = scale;
            var inUnits = range / scale.Unit;
            _c1 = (float)(0.01 * inUnits * (0.01 * inUnits));
            _c2 = (float)(0.03 * inUnits * (0.03 * inUnits));
        }

        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Of(
            Vector<float> meanX, Vector<float> meanY, Vector<float> varianceX, Vector<float> varianceY, Vector<float> covariance,
            out Vector<float> other)
        {
            Factors(meanX, meanY, varianceX, varianceY, covariance, out var luminance, out var luminanceScale, out var structure,
                out var structureScale);
            other = Vector<float>.Zero;
            return luminance * structure / (luminanceScale * structureScale);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Factors(
            Vector<float> meanX,
            Vector<float> meanY,
            Vector<float> varianceX,
            Vector<float> varianceY,
            Vector<float> covariance,
            out Vector<float> luminance,
            out Vector<float> luminanceScale,
            out Vector<float> structure,
            out Vector<float> structureScale)
        {
            _scale.Restore(ref meanX, ref meanY, ref varianceX, ref varianceY, ref covariance);
            var c1 = new Vector<float>(_c1);
            var c2 = new Vector<float>(_c2);
            var product = meanX * meanY;
            luminance = product + product + c1;
            luminanceScale = (meanX * meanX) + (meanY * meanY) + c1;
            structure = covariance + covariance + c2;
            structureScale = varianceX + varianceY + c2;
        }

        /// <summary>SSIM of windows, and its contrast-structure factor.</summary>
        internal readonly struct WithStructure(Index index) : WindowedSums.IWindowFunction
        {
            /// <inheritdoc/>
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            public Vector<float> Of(
                Vector<float> meanX, Vector<float> meanY, Vector<float> varianceX, Vector<float> varianceY, Vector<float> covariance,
                out Vector<float> other)
            {
                index.Factors(meanX, meanY, varianceX, varianceY, covariance, out var luminance, out var luminanceScale, out var structure,
                    out var structureScale);
                other = structure / structureScale;
                return luminance / luminanceScale * other;
            }
        }
    }
}
