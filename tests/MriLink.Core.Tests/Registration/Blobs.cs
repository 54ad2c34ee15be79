using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Registration;

/// <summary>
/// A "brain" that is a formula: a sum of Gaussian spots within an ellipsoid, lopsided in every way. It is drawn at exact
/// positions, so that what a registration finds in it owes nothing to an interpolation of ours.
/// </summary>
internal static class Blobs
{
    private static readonly (Point3 At, double Sigma, double Height)[] Spots = Scatter();

    /// <summary>A grid of 2 mm with the origin inside: 44×52×46 voxels, axes RAS.</summary>
    public static VolumeGeometry Grid { get; } = new(new(44, 52, 46), Affine.FromTranslation(-43, -51, -44) * Affine.FromScale(2, 2, 2));

    /// <summary>Draws the brain as it looks when space is mapped: at p stands what the formula gives at <paramref name="map"/>(p).</summary>
    /// <param name="map">World mm of the picture to world mm of the formula.</param>
    /// <param name="grid">Where to draw; <see cref="Grid"/> when null.</param>
    /// <param name="noise">Standard deviation of normal noise; the spots' own is about 1.</param>
    /// <param name="seed">Of the noise.</param>
    public static (Volume Volume, Mask Mask) Draw(Affine map, VolumeGeometry? grid = null, double noise = 0, ulong seed = 1)
    {
        grid ??= Grid;
        var random = new RandomStream(seed);
        var voxels = new float[grid.Size.Count];
        var inside = new bool[voxels.Length];
        var toFormula = map * grid.VoxelToWorld;
        for (var z = 0; z < grid.Size.Z; z++)
        {
            for (var y = 0; y < grid.Size.Y; y++)
            {
                for (var x = 0; x < grid.Size.X; x++)
                {
                    var p = toFormula.Apply(new(x, y, z));
                    var i = grid.Size.IndexOf(x, y, z);
                    inside[i] = new Point3(p.X / 32, p.Y / 40, (p.Z - 2) / 34).Length < 1;
                    voxels[i] = (float)((inside[i] ? Value(p) : 0) + (noise > 0 ? noise * random.NextNormalPair().First : 0));
                }
            }
        }

        return (new(grid, voxels), new(grid, inside));
    }

    /// <summary>The mean distance in mm between where two maps take the points of the brain.</summary>
    public static double Error(Affine found, Affine expected)
    {
        var (sum, count) = (0.0, 0);
        for (var x = -30; x <= 30; x += 10)
        {
            for (var y = -40; y <= 40; y += 10)
            {
                for (var z = -30; z <= 30; z += 10)
                {
                    sum += (found.Apply(new(x, y, z)) - expected.Apply(new(x, y, z))).Length;
                    count++;
                }
            }
        }

        return sum / count;
    }

    private static double Value(Point3 p)
    {
        var sum = 0.0;
        foreach (var (at, sigma, height) in Spots)
        {
            var d = p - at;
            var square = (d.X * d.X) + (d.Y * d.Y) + (d.Z * d.Z);
            if (square < 16 * sigma * sigma)
            {
                sum += height * Math.Exp(-0.5 * square / (sigma * sigma));
            }
        }

        return sum;
    }

    private static (Point3 At, double Sigma, double Height)[] Scatter()
    {
        var random = new RandomStream(5);
        var spots = new (Point3, double, double)[90];
        for (var i = 0; i < spots.Length; i++)
        {
            spots[i] = (new(random.Uniform(-36, 36), random.Uniform(-44, 44), random.Uniform(-38, 38)), random.Uniform(4, 9), random.Uniform(-2, 2));
        }

        return spots;
    }
}
