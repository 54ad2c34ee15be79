using MriLink.Core.Similarity.Products;

namespace MriLink.Core.Similarity.Measures;

/// <summary>Pearson's correlation after local contrast normalisation of each volume (<see cref="LocalContrast"/>).</summary>
/// <remarks>
/// Each volume is normalised once, over its own mask; a pair is correlated over the voxels in both masks, all pairs as one matrix product.
/// LNCC, in contrast, correlates window by window, which has to be done anew for each pair.
/// </remarks>
internal sealed class LocalCorrelation : MomentMeasure
{
    private readonly LocalContrast _contrast;

    public LocalCorrelation(LocalContrast contrast)
        : base(
            "LocalNCC",
            higherIsBetter: true,
            -1,
            1,
            "Pearson correlation after local contrast normalisation",
            "Pinto et al. 2008, PLoS Comput Biol 4:e27; Jarrett et al. 2009, ICCV:2146")
    {
        Aliases = ["LCN", "LocalContrast"];
        Cost = "All pairs as one matrix product, as NCC, after a few milliseconds per volume; 4 bytes per voxel kept";
        Scale = ScoreScale.FisherZ;

        // 23,993 real pairs of strangers have 0.149 ± 0.038, which is 0.039 on Fisher's z, and 0.265 at most; simulated people, who are all one brain
        // deformed, 0.355. 72 real pairs of one person have 0.606 or more.
        StrangerSpread = 0.04;
        WorstOfOnePerson = 0.606;
        PairsOfOnePerson = 72;
        BestOfStrangers = 0.355;

        // On grids of 4, 5, 6 and 8 mm simulated strangers have 0.49, 0.57, 0.64 and 0.75 at most; real pairs of one person from 4 mm on 0.92 or more.
        CoarsestKnown = 4;
        LikeOnePersonOnCoarseGrids = 0.85;
        _contrast = contrast;
        Vectors = ProductSource.Of(contrast);
    }

    /// <inheritdoc/>
    public override ProductSource Vectors { get; }

    /// <inheritdoc/>
    internal override bool NeedsIntensities => false;

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        NormalizedCrossCorrelation.Correlation(moments);

    internal override void Prepare(PreparedVolume volume) => volume.Contrast(_contrast);

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        pair.WithContrast(_contrast, out var x, out var y);
        return BlockSums.Joint(x, y, Standardization.None, Standardization.None).Correlation;
    }
}
