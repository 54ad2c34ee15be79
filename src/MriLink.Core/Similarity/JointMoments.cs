namespace MriLink.Core.Similarity;

/// <summary>Sums over a pair's joint mask of two vectors, their squares and their product.</summary>
/// <param name="Count">Voxels.</param>
/// <param name="X">Σx.</param>
/// <param name="Y">Σy.</param>
/// <param name="XX">Σx².</param>
/// <param name="YY">Σy².</param>
/// <param name="XY">Σxy.</param>
internal readonly record struct JointMoments(int Count, double X, double Y, double XX, double YY, double XY)
{
    // A variance below this part of the mean square is rounding: the volume is constant.
    private const double Flat = 1e-12;

    /// <summary>Σ(x − mean)².</summary>
    public double CentralXX => XX - (X * X / Count);

    /// <summary>Σ(y − mean)².</summary>
    public double CentralYY => YY - (Y * Y / Count);

    /// <summary>Pearson's correlation; NaN when either vector is constant.</summary>
    public double Correlation
    {
        get
        {
            var vx = CentralXX;
            var vy = CentralYY;
            return vx <= Flat * XX || vy <= Flat * YY || Count < 2
                ? double.NaN
                : Math.Clamp((XY - (X * Y / Count)) / Math.Sqrt(vx * vy), -1, 1);
        }
    }

    /// <summary>The cosine of the angle between the vectors; NaN when either is zero.</summary>
    public double Cosine => XX > 0 && YY > 0 ? Math.Clamp(XY / Math.Sqrt(XX * YY), -1, 1) : double.NaN;

    /// <summary>The moments of x/fx + sx and y/fy + sy: back from standardised values to intensities.</summary>
    public JointMoments Restore(Standardization ofX, Standardization ofY)
    {
        // With a = s·f, x/f + s = (x + a)/f.
        double a = (double)ofX.Shift * ofX.Factor, b = (double)ofY.Shift * ofY.Factor;
        double u = 1.0 / ofX.Factor, v = 1.0 / ofY.Factor;
        return new(
            Count,
            u * (X + (Count * a)),
            v * (Y + (Count * b)),
            u * u * (XX + (2 * a * X) + (Count * a * a)),
            v * v * (YY + (2 * b * Y) + (Count * b * b)),
            u * v * (XY + (b * X) + (a * Y) + (Count * a * b)));
    }
}
