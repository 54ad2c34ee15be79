using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>Blurs a scan with a Gaussian, equally wide in all directions of space; a stripped scan stays empty where it is.</summary>
internal sealed class Smoothing(MitigationKind kind, double fwhm) : IMitigation
{
    // The full width at half maximum of a Gaussian in standard deviations: 2·sqrt(2·ln 2).
    private static readonly double WidthOfDeviation = 2 * Math.Sqrt(2 * Math.Log(2));

    public MitigationKind Kind => kind;

    public double Strength => fwhm;

    public string? WhyNot(MitigationTarget scan) => null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var spacing = scan.Volume.Geometry.Spacing;
        var sigma = fwhm / WidthOfDeviation;
        var voxels = (float[])scan.Volume.Voxels.Clone();
        GaussianFilter.Smooth(
            voxels, new float[voxels.Length], scan.Volume.Size,
            ((float)(sigma / spacing.X), (float)(sigma / spacing.Y), (float)(sigma / spacing.Z)), work);
        scan.KeepBackground(voxels);
        return new(scan.Volume.Geometry, voxels);
    }
}
