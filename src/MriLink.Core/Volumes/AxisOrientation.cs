namespace MriLink.Core.Volumes;

/// <summary>Which anatomical direction each axis of a grid runs along.</summary>
public static class AxisOrientation
{
    /// <summary>
    /// For each voxel axis: the world axis (0 right, 1 anterior, 2 superior) it lies nearest to, and whether it runs
    /// towards the positive end. Each world axis is used once; the first voxel axis chooses first.
    /// </summary>
    /// <remarks>
    /// Sheared grids (gantry tilt) are judged by the rotation nearest to them, the polar factor of the direction cosines,
    /// and the axes choose in their order: the answer is that of nibabel 5.0 for every matrix.
    /// </remarks>
    public static (int[] WorldAxis, bool[] Positive) Of(Affine voxelToWorld)
    {
        var spacing = voxelToWorld.ColumnLengths;
        var rotation = NearestRotation(voxelToWorld * Affine.FromScale(1 / spacing.X, 1 / spacing.Y, 1 / spacing.Z)).ToRows();
        var worldAxis = new int[3];
        var positive = new bool[3];
        var taken = new bool[3];
        for (var axis = 0; axis < 3; axis++)
        {
            var nearest = Enumerable.Range(0, 3).Where(world => !taken[world]).MaxBy(world => Math.Abs(rotation[(world * 4) + axis]));
            taken[nearest] = true;
            worldAxis[axis] = nearest;
            positive[axis] = rotation[(nearest * 4) + axis] >= 0;
        }

        return (worldAxis, positive);
    }

    /// <summary>The orientation as three letters, "RAS" for a grid whose axes run right, anterior and superior.</summary>
    public static string Describe(Affine voxelToWorld)
    {
        var (axis, positive) = Of(voxelToWorld);
        return string.Create(3, (axis, positive), static (text, orientation) =>
        {
            for (var i = 0; i < 3; i++)
            {
                text[i] = (orientation.positive[i] ? "RAS" : "LPI")[orientation.axis[i]];
            }
        });
    }

    // Newton's iteration for the polar factor, R <- (R + R^-T) / 2: quadratic, so a handful of steps even for strong shear.
    private static Affine NearestRotation(Affine cosines)
    {
        var rotation = cosines with { M14 = 0, M24 = 0, M34 = 0 };
        for (var step = 0; step < 20 && rotation.IsInvertible; step++)
        {
            var i = rotation.Inverse();
            var next = new Affine(
                (rotation.M11 + i.M11) / 2, (rotation.M12 + i.M21) / 2, (rotation.M13 + i.M31) / 2, 0,
                (rotation.M21 + i.M12) / 2, (rotation.M22 + i.M22) / 2, (rotation.M23 + i.M32) / 2, 0,
                (rotation.M31 + i.M13) / 2, (rotation.M32 + i.M23) / 2, (rotation.M33 + i.M33) / 2, 0);
            var change = next.ToRows().Zip(rotation.ToRows(), (a, b) => Math.Abs(a - b)).Max();
            rotation = next;
            if (change < 1e-12)
            {
                break;
            }
        }

        return rotation;
    }
}
