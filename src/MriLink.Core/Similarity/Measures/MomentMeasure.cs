using MriLink.Core.Similarity.Products;

namespace MriLink.Core.Similarity.Measures;

/// <summary>A measure that follows from a pair's sums, squares and products, which all pairs of two sets get as a matrix product.</summary>
internal abstract class MomentMeasure : SimilarityMeasure
{
    private protected MomentMeasure(string name, bool higherIsBetter, double minimum, double maximum, string description, string source)
        : base(name, higherIsBetter, minimum, maximum, description, source)
    {
    }

    /// <summary>What of each volume the moments are of.</summary>
    public virtual ProductSource Vectors => ProductSource.Intensities;

    /// <summary>
    /// The score from moments that are known to single precision, relative to Σx² and Σy²; null where so little is left after
    /// subtraction that it must be computed from the volumes.
    /// </summary>
    /// <param name="moments">Moments of standardised values (<see cref="ProductSource.Standardization"/>).</param>
    /// <param name="first">The first volume.</param>
    /// <param name="second">The second volume.</param>
    /// <param name="options">The measure's parameters.</param>
    public abstract double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options);
}
