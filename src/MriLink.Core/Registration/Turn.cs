using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>How far a map turns.</summary>
internal static class Turn
{
    /// <summary>More than a head may lie askew in a scanner, in degrees.</summary>
    public const double Large = 60;

    // On either side of it, the turn begins to count and counts in full.
    private const double Margin = 15;

    /// <summary>0 for a turn that a head may take, 1 for one that a header must be wrong about; between them without a step.</summary>
    public static double Largeness(Affine map) => Math.Clamp((Degrees(map) - Large + Margin) / (2 * Margin), 0, 1);

    /// <summary>
    /// The angle in degrees of the rotation that is nearest to the map's linear part: its polar factor, by Newton's iteration X &lt;- (X + X^-T) / 2
    /// (Higham 1986, SIAM J. Sci. Stat. Comput. 7:1160). NaN when the map has none.
    /// </summary>
    public static double Degrees(Affine map)
    {
        // Each step squares what is missing, and scales start within a few times of 1: a dozen reach the last digit.
        var m = map with { M14 = 0, M24 = 0, M34 = 0 };
        for (var step = 0; step < 12; step++)
        {
            if (!m.IsInvertible)
            {
                return double.NaN;
            }

            var i = m.Inverse();
            m = new(
                (m.M11 + i.M11) / 2, (m.M12 + i.M21) / 2, (m.M13 + i.M31) / 2, 0,
                (m.M21 + i.M12) / 2, (m.M22 + i.M22) / 2, (m.M23 + i.M32) / 2, 0,
                (m.M31 + i.M13) / 2, (m.M32 + i.M23) / 2, (m.M33 + i.M33) / 2, 0);
        }

        // From the antisymmetric part as well as the trace: the arc cosine alone is blind to small angles.
        var sine = new Point3(m.M32 - m.M23, m.M13 - m.M31, m.M21 - m.M12).Length / 2;
        return Math.Atan2(sine, (m.M11 + m.M22 + m.M33 - 1) / 2) * 180 / Math.PI;
    }
}
