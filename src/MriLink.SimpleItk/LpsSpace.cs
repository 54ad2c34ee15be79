using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>ITK's world and ours: its x grows to the left and its y to the back (LPS+), ours to the right and to the front (RAS+).</summary>
internal static class LpsSpace
{
    // Its own inverse.
    private static readonly Affine Flip = Affine.FromScale(-1, -1, 1);

    /// <summary>A point of one world in the other.</summary>
    public static Point3 Other(Point3 point) => Flip.Apply(point);

    /// <summary>A map from world to world, in the other convention.</summary>
    public static Affine Other(Affine worldToWorld) => Flip * worldToWorld * Flip;

    /// <summary>A grid as ITK describes it.</summary>
    public static (double[] Origin, double[] Spacing, double[] Direction) Describe(VolumeGeometry geometry)
    {
        var map = Flip * geometry.VoxelToWorld;
        var spacing = map.ColumnLengths;
        return (
            [map.M14, map.M24, map.M34],
            [spacing.X, spacing.Y, spacing.Z],
            [
                map.M11 / spacing.X, map.M12 / spacing.Y, map.M13 / spacing.Z,
                map.M21 / spacing.X, map.M22 / spacing.Y, map.M23 / spacing.Z,
                map.M31 / spacing.X, map.M32 / spacing.Y, map.M33 / spacing.Z,
            ]);
    }

    /// <summary>Voxel indices to RAS+ mm, from what ITK says of a grid of three axes or more; those beyond the third do not count.</summary>
    /// <param name="origin">Where the first voxel's centre lies.</param>
    /// <param name="spacing">Of each axis.</param>
    /// <param name="direction">As many rows as there are axes, one after the other.</param>
    public static Affine VoxelToWorld(ReadOnlySpan<double> origin, ReadOnlySpan<double> spacing, ReadOnlySpan<double> direction)
    {
        var axes = spacing.Length;
        var rows = new double[12];
        for (var row = 0; row < 3; row++)
        {
            for (var axis = 0; axis < 3; axis++)
            {
                rows[(4 * row) + axis] = direction[(row * axes) + axis] * spacing[axis];
            }

            rows[(4 * row) + 3] = origin[row];
        }

        return Flip * Affine.FromRows(rows);
    }
}
