using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

/// <summary>Anatomies of which one knows by heart what a scan must show.</summary>
internal static class Phantoms
{
    /// <summary>A scanner without any effect: no pose, field, noise, distortion or contrast.</summary>
    public static ScanConditions Ideal { get; } = new() { Rotation = 0, Translation = 0, BiasField = 0, Noise = 0, GradientDistortion = 0 };

    /// <summary>A 1 mm volume, axes RAS, whose middle is the origin of the world; the value is a function of the position in mm.</summary>
    public static Volume Draw(int side, Func<Point3, double> value)
    {
        var middle = (side - 1) / 2.0;
        var geometry = new VolumeGeometry(new(side, side, side), Affine.FromTranslation(-middle, -middle, -middle));
        var voxels = new float[geometry.Size.Count];
        for (var z = 0; z < side; z++)
        {
            for (var y = 0; y < side; y++)
            {
                for (var x = 0; x < side; x++)
                {
                    voxels[geometry.Size.IndexOf(x, y, z)] = (float)value(geometry.VoxelToWorld.Apply(new(x, y, z)));
                }
            }
        }

        return new(geometry, voxels);
    }

    /// <summary>A Gaussian spot.</summary>
    public static Func<Point3, double> Spot(Point3 at, double sigma) => p =>
    {
        var distance = (p - at).Length;
        return 100 * Math.Exp(-0.5 * distance * distance / (sigma * sigma));
    };

    /// <summary>Scans a raw phantom on a cubic field of view around the isocentre.</summary>
    public static SimulationResult Scan(Volume phantom, ScanConditions conditions, double fieldOfView, long seed = 1) =>
        new ScanSimulator(SimulationAnatomy.FromVolume(phantom, "phantom", conditions.Stripped)).Simulate(
            conditions,
            GridOrientation.Lay(conditions.Orientation, new(fieldOfView, fieldOfView, fieldOfView), conditions.Spacing),
            seed,
            scannerSeed: 2,
            WorkOptions.AllProcessors);

    /// <summary>Centre of mass in mm, and variances about it along the voxel axes in mm².</summary>
    public static (Point3 Center, Point3 Variance) Moments(Volume volume)
    {
        var (sum, first, second) = (0.0, default(Point3), default(Point3));
        for (var z = 0; z < volume.Size.Z; z++)
        {
            for (var y = 0; y < volume.Size.Y; y++)
            {
                for (var x = 0; x < volume.Size.X; x++)
                {
                    double v = volume[x, y, z];
                    sum += v;
                    first += new Point3(x, y, z) * v;
                    second += new Point3(x * x, y * y, z * z) * v;
                }
            }
        }

        var mean = first * (1 / sum);
        var s = volume.Geometry.Spacing;
        var square = second * (1 / sum);
        return (volume.Geometry.VoxelToWorld.Apply(mean), new(
            (square.X - (mean.X * mean.X)) * s.X * s.X,
            (square.Y - (mean.Y * mean.Y)) * s.Y * s.Y,
            (square.Z - (mean.Z * mean.Z)) * s.Z * s.Z));
    }
}
