namespace MriLink.Core.Similarity.Measures;

/// <summary>Pearson's correlation coefficient.</summary>
internal sealed class NormalizedCrossCorrelation : SimilarityMeasure
{
    public NormalizedCrossCorrelation()
        : base("NCC", higherIsBetter: true, -1, 1, "Pearson correlation of intensities", "Pearson 1895, Proc R Soc 58:240")
    {
        Aliases = ["Pearson", "CC"];
        Scale = ScoreScale.FisherZ;
    }

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        BlockSums.Joint(pair.X.Values, pair.Y.Values, pair.X.Standardization, pair.Y.Standardization).Correlation;
}
