namespace MriLink.Core.Volumes;

/// <summary>Which anatomical direction each axis of a grid runs along.</summary>
public static class AxisOrientation
{
    /// <summary>
    /// For each voxel axis: the world axis (0 right, 1 anterior, 2 superior) it lies nearest to, and whether it runs
    /// towards the positive end. Each world axis is used once; the strongest alignment is settled first.
    /// </summary>
    public static (int[] WorldAxis, bool[] Positive) Of(Affine voxelToWorld)
    {
        var spacing = voxelToWorld.ColumnLengths;
        var rows = voxelToWorld.ToRows();
        double[] lengths = [spacing.X, spacing.Y, spacing.Z];
        var worldAxis = new[] { -1, -1, -1 };
        var positive = new bool[3];
        Span<bool> taken = stackalloc bool[3];
        for (var pass = 0; pass < 3; pass++)
        {
            var (best, bestAxis, bestWorld) = (-1.0, 0, 0);
            for (var axis = 0; axis < 3; axis++)
            {
                for (var world = 0; world < 3; world++)
                {
                    var cosine = Math.Abs(rows[(world * 4) + axis]) / lengths[axis];
                    if (worldAxis[axis] < 0 && !taken[world] && cosine > best)
                    {
                        (best, bestAxis, bestWorld) = (cosine, axis, world);
                    }
                }
            }

            taken[bestWorld] = true;
            worldAxis[bestAxis] = bestWorld;
            positive[bestAxis] = rows[(bestWorld * 4) + bestAxis] > 0;
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
}
