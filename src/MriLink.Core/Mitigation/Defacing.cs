using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// Cuts the face off along a plane that leans back by 45° and lies so many mm before the foremost and lowest part of the brain: never
/// through it. After Schimke and Hale 2011 (USENIX HealthSec, "Quickshear"), whose plane follows the hull of the brain's own profile.
/// </summary>
internal sealed class Defacing(MitigationKind kind, double margin) : IMitigation
{
    public MitigationKind Kind => kind;

    public double Strength => margin;

    public string? WhyNot(MitigationTarget scan) => scan.IsStripped ? "is stripped already: it has no face" : null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        // How far to the front and below a place lies, in the template's axes: (y - z) / sqrt 2, as a function of the voxel.
        var toTemplate = scan.TemplateToScan.Inverse();
        var perMillimetre = Forward(toTemplate);
        var (stepX, stepY, stepZ, start) = Forward(toTemplate * scan.Volume.Geometry.VoxelToWorld);
        var length = new Point3(perMillimetre.X, perMillimetre.Y, perMillimetre.Z).Length;
        var (size, brain) = (scan.Volume.Size, scan.Brain.Voxels);
        var foremost = double.NegativeInfinity;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = size.IndexOf(0, y, z);
                for (var x = 0; x < size.X; x++)
                {
                    foremost = brain[row + x] ? Math.Max(foremost, start + (stepX * x) + (stepY * y) + (stepZ * z)) : foremost;
                }
            }
        }

        // A hair beyond, so that rounding takes no voxel of the brain at a margin of 0.
        var limit = foremost + (margin * length) + 1e-6;
        var voxels = (float[])scan.Volume.Voxels.Clone();
        work.ForBlocks(size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = size.IndexOf(0, y, z);
                for (var x = 0; x < size.X; x++)
                {
                    if (start + (stepX * x) + (stepY * y) + (stepZ * z) > limit)
                    {
                        voxels[row + x] = scan.Background;
                    }
                }
            }
        });
        return new(scan.Volume.Geometry, voxels);
    }

    private static (double X, double Y, double Z, double Start) Forward(Affine map)
    {
        var half = Math.Sqrt(0.5);
        return (half * (map.M21 - map.M31), half * (map.M22 - map.M32), half * (map.M23 - map.M33), half * (map.M24 - map.M34));
    }
}
