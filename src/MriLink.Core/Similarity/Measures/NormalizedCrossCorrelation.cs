namespace MriLink.Core.Similarity.Measures;

/// <summary>Pearson's correlation coefficient.</summary>
internal sealed class NormalizedCrossCorrelation : MomentMeasure
{
    // Below this part of the mean square, a variance taken from single-precision sums has lost the digits that a score needs.
    private const double LeastVariance = 1e-3;

    public NormalizedCrossCorrelation()
        : base("NCC", higherIsBetter: true, -1, 1, "Pearson correlation of intensities", "Pearson 1895, Proc R Soc 58:240")
    {
        Aliases = ["Pearson", "CC"];
        Cost = "All pairs as one matrix product: a multiply-add per voxel";
        Scale = ScoreScale.FisherZ;

        // 72 real pairs of one person, seven public sets; strangers' spread is that within a set. How alike strangers can be hangs on scanner and grid:
        // 0.659 at most in these sets, and more on coarser grids and at other sites, so that no score says by itself that two are one.
        StrangerSpread = 0.08;
        WorstOfOnePerson = 0.719;
        PairsOfOnePerson = 72;
    }

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        Correlation(moments);

    /// <summary>The correlation, or null where the moments do not hold it to single precision.</summary>
    public static double? Correlation(in JointMoments moments) =>
        moments.CentralXX > LeastVariance * moments.XX && moments.CentralYY > LeastVariance * moments.YY ? moments.Correlation : null;

    internal override double Compute(VolumePair pair, SimilarityOptions options) =>
        BlockSums.Joint(pair.X.Values, pair.Y.Values, pair.X.Standardization, pair.Y.Standardization).Correlation;
}
