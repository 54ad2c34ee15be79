namespace MriLink.Core.Similarity.Measures;

/// <summary>(H_x + H_y) / H_xy, binned as <see cref="MutualInformation"/> is.</summary>
internal sealed class NormalizedMutualInformation : SimilarityMeasure
{
    public NormalizedMutualInformation()
        : base("NMI", higherIsBetter: true, 1, 2, "Normalised mutual information, 1 (independent) to 2",
            "Studholme et al. 1999, Pattern Recognit 32:71")
    {
        Cost = "A joint histogram per pair; 1 byte per voxel kept";
        Scale = ScoreScale.FisherZAboveOne;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var (x, y, joint) = MutualInformation.Entropies(pair, options.Bins);
        return joint > 0 ? (x + y) / joint : double.NaN;
    }
}
