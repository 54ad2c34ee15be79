using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>Gradient magnitude by the Prewitt operator in three dimensions.</summary>
internal static class Gradient
{
    /// <summary>
    /// Per voxel of the mask: the length of the vector of differences between the two neighbouring 3×3 face means along each axis.
    /// NaN where one of the 3×3×3 voxels is outside the mask: a step at the mask's edge is no anatomy.
    /// </summary>
    public static float[] Magnitude(MaskedImage image)
    {
        var mask = image.Mask;
        var result = new float[mask.Count];
        var size = mask.Size;
        var dense = new float[size.Count];
        Array.Fill(dense, float.NaN);
        for (var run = 0; run < mask.RunCount; run++)
        {
            image.Values[mask.Offsets[run]..mask.Offsets[run + 1]].CopyTo(dense.AsSpan(mask.Starts[run]));
        }

        for (var run = 0; run < mask.RunCount; run++)
        {
            var (x, y, z) = mask.Locate(mask.Starts[run]);
            for (var i = mask.Offsets[run]; i < mask.Offsets[run + 1]; i++, x++)
            {
                result[i] = At(dense, size, x, y, z);
            }
        }

        return result;
    }

    private static float At(float[] dense, GridSize size, int x, int y, int z)
    {
        if (x == 0 || y == 0 || z == 0 || x == size.X - 1 || y == size.Y - 1 || z == size.Z - 1)
        {
            return float.NaN;
        }

        double gx = 0, gy = 0, gz = 0;
        for (var dz = -1; dz <= 1; dz++)
        {
            for (var dy = -1; dy <= 1; dy++)
            {
                var at = size.IndexOf(x, y + dy, z + dz);
                double before = dense[at - 1];
                double after = dense[at + 1];
                var sum = before + dense[at] + after;
                gx += after - before;
                gy += dy * sum;
                gz += dz * sum;
            }
        }

        // A NaN anywhere in the neighbourhood has reached gy and gz: 0 times NaN is NaN.
        return (float)(Math.Sqrt((gx * gx) + (gy * gy) + (gz * gz)) / 9);
    }
}
