using System.Numerics;
using System.Runtime.CompilerServices;

namespace MriLink.Core.Similarity.Measures;

/// <summary>The mean over windows of the squared correlation within a (2r + 1)³ window.</summary>
/// <remarks>
/// Windows as in <see cref="WindowedSums"/>. A window in which either volume varies by less than 10⁻⁵ of its overall variance has no
/// correlation and is left out of the mean.
/// </remarks>
internal sealed class LocalCrossCorrelation : WindowMeasure
{
    private const float FlatVariance = 1e-5f;

    public LocalCrossCorrelation()
        : base("LNCC", 0, 1, "Mean squared local correlation", "Avants et al. 2008, Med Image Anal 12:26")
    {
        Aliases = ["LCC"];
        Cost = "A separable filter of the products per pair, and of five more images where masks differ; 8 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var kernel = WindowKernel.Box(options.WindowRadius);
        var (sum, windows, _) = WindowedSums.Sum(pair.X, pair.Y, kernel, kernel.Radius, default(SquaredCorrelation));
        return sum / windows;
    }

    /// <inheritdoc/>
    public override void Map(VolumePair pair, SimilarityOptions options, float[] values) =>
        WindowedSums.Map(pair.X, pair.Y, WindowKernel.Box(options.WindowRadius), default(SquaredCorrelation), values);

    private readonly struct SquaredCorrelation : WindowedSums.IWindowFunction
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector<float> Of(
            Vector<float> meanX, Vector<float> meanY, Vector<float> varianceX, Vector<float> varianceY, Vector<float> covariance,
            out Vector<float> other)
        {
            var flat = new Vector<float>(FlatVariance);
            var varies = Vector.GreaterThan(varianceX, flat) & Vector.GreaterThan(varianceY, flat);
            var product = Vector.ConditionalSelect(varies, varianceX * varianceY, Vector<float>.One);
            var squared = Vector.Min(covariance * covariance / product, Vector<float>.One);
            other = Vector.ConditionalSelect(varies, Vector<float>.One, Vector<float>.Zero);
            return Vector.ConditionalSelect(varies, squared, Vector<float>.Zero);
        }
    }
}
