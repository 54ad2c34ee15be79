namespace MriLink.Core.Similarity.Measures;

/// <summary>Mean of (x − y)².</summary>
internal sealed class MeanSquaredError : MomentMeasure
{
    // A difference of volumes far smaller than they are themselves is not to be had from their squares in single precision.
    private const double LeastPart = 1e-2;

    public MeanSquaredError()
        : base("MSE", higherIsBetter: false, 0, double.PositiveInfinity, "Mean squared difference of intensities", "Common usage")
    {
        Aliases = ["MeanSquares"];
        Cost = "All pairs as one matrix product: a multiply-add per voxel";
        Scale = ScoreScale.Logarithm;
    }

    /// <summary>The mean squared difference.</summary>
    public static double Of(VolumePair pair) => BlockSums.SquaredDifference(pair.X.Values, pair.Y.Values) / pair.Count;

    /// <summary>The mean squared difference from moments of standardised values; null where they do not hold it to single precision.</summary>
    public static double? Of(in JointMoments moments, PreparedVolume first, PreparedVolume second)
    {
        // x/fx + sx − y/fy − sy, the offsets' difference taken first.
        Standardization ofX = first.Image.Standardization, ofY = second.Image.Standardization;
        double u = 1.0 / ofX.Factor, v = 1.0 / ofY.Factor, offset = (double)ofX.Shift - ofY.Shift;
        var squares = (u * u * moments.XX) + (v * v * moments.YY) + (moments.Count * offset * offset);
        var difference = squares - (2 * u * v * moments.XY) + (2 * offset * ((u * moments.X) - (v * moments.Y)));
        return difference > LeastPart * squares ? difference / moments.Count : null;
    }

    /// <inheritdoc/>
    public override double? FromMoments(in JointMoments moments, PreparedVolume first, PreparedVolume second, SimilarityOptions options) =>
        Of(moments, first, second);

    internal override double Compute(VolumePair pair, SimilarityOptions options) => Of(pair);
}
