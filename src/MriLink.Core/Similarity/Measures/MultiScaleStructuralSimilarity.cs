namespace MriLink.Core.Similarity.Measures;

/// <summary>
/// The product of SSIM's contrast-structure factors at scales 1 to 4 and of SSIM at scale 5, each averaged over windows and raised to
/// the published weights 0.0448, 0.2856, 0.3001, 0.2363, 0.1333.
/// </summary>
/// <remarks>
/// Each scale halves the resolution by the mean of 2×2×2 voxels (see <see cref="MaskedImage.Half"/>). Windows as in
/// <see cref="WindowedSums"/>, except that windows cut by the grid's faces count too: whole ones at scale 5 would need 176 voxels along
/// each axis. A negative average counts as zero. With fewer than 8 voxels in the mask at scale 5 there is no score.
/// </remarks>
internal sealed class MultiScaleStructuralSimilarity : SimilarityMeasure
{
    private const int FewestVoxels = 8;
    private static readonly double[] Weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

    public MultiScaleStructuralSimilarity()
        : base("MS-SSIM", higherIsBetter: true, 0, 1, "Structural similarity over five scales",
            "Wang, Simoncelli & Bovik 2003, Asilomar Conf 37:1398")
    {
        Cost = "SSIM at five scales, each an eighth of the one before; 10 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var kernel = WindowKernel.Gaussian;
        var index = new StructuralSimilarity.Index.WithStructure(new(new(pair.X.Standardization, pair.Y.Standardization), pair.DataRange(options)));
        var (x, y) = (pair.X, pair.Y);
        var product = 1.0;
        for (var scale = 0; scale < Weights.Length; scale++)
        {
            var (value, structure, windows) = WindowedSums.Sum(x, y, kernel, margin: 0, index);
            var coarsest = scale == Weights.Length - 1;
            product *= Math.Pow(Math.Max(0, (coarsest ? value : structure) / windows), Weights[scale]);
            if (!coarsest)
            {
                (x, y) = (x.Half, y.Half);
                if (x.Mask.Count < FewestVoxels)
                {
                    return double.NaN;
                }
            }
        }

        return product;
    }
}
