using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>The outcome of a rigid refinement between two aligned brains.</summary>
/// <param name="ProbeToCandidate">
/// World mm of the probe to world mm of the candidate: rigid. What the probe shows at p, the candidate shows at the mapped p.
/// The identity when nothing better was found.
/// </param>
/// <param name="InitialCorrelation">Pearson correlation over the compared points before the refinement.</param>
/// <param name="Correlation">The same after it.</param>
/// <param name="Converged">Whether the steps came to rest within what a refinement may do; if not, the map is the identity.</param>
public sealed record RefinementResult(Affine ProbeToCandidate, double InitialCorrelation, double Correlation, bool Converged)
{
    /// <summary>The angle by which the candidate is turned, in degrees.</summary>
    public double RotationDegrees
    {
        get
        {
            var m = ProbeToCandidate;

            // From the antisymmetric part as well as the trace: the arc cosine alone is blind to small angles.
            var sine = new Point3(m.M32 - m.M23, m.M13 - m.M31, m.M21 - m.M12).Length / 2;
            return Math.Atan2(sine, (m.M11 + m.M22 + m.M33 - 1) / 2) * 180 / Math.PI;
        }
    }
}
