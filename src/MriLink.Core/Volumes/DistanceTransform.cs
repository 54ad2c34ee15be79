using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>
/// Exact Euclidean distances to a mask, in mm, along the grid's axes (Felzenszwalb and Huttenlocher 2012, Theory of Computing 8:415).
/// </summary>
public static class DistanceTransform
{
    // Farther than any head; finite so that sums of squares stay finite.
    private const float Far = 1e10f;

    /// <summary>
    /// The signed distance of each voxel to the mask's border: negative inside, positive outside, ±half a voxel at the border.
    /// </summary>
    public static float[] SignedDistance(Mask mask, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var outside = Squared(mask, true, work);
        var inside = Squared(mask, false, work);
        var spacing = mask.Geometry.Spacing;
        var half = (float)Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z)) / 2;
        for (var i = 0; i < outside.Length; i++)
        {
            outside[i] = mask.Voxels[i] ? half - MathF.Sqrt(inside[i]) : MathF.Sqrt(outside[i]) - half;
        }

        return outside;
    }

    /// <summary>The voxels within <paramref name="distance"/> mm of the mask.</summary>
    public static Mask Dilate(Mask mask, double distance, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var limit = (float)(distance * distance) + 1e-3f;
        return new(mask.Geometry, Array.ConvertAll(Squared(mask, true, work), d => d <= limit));
    }

    /// <summary>The voxels of the mask farther than <paramref name="distance"/> mm from what is outside it.</summary>
    public static Mask Erode(Mask mask, double distance, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(mask);
        var limit = (float)(distance * distance) + 1e-3f;
        return new(mask.Geometry, Array.ConvertAll(Squared(mask, false, work), d => d > limit));
    }

    // Squared distance in mm² of each voxel to the nearest voxel whose mask value is `target`.
    private static float[] Squared(Mask mask, bool target, WorkOptions work)
    {
        var size = mask.Size;
        var spacing = mask.Geometry.Spacing;
        var result = new float[mask.Voxels.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = mask.Voxels[i] == target ? 0 : Far;
        }

        Sweep(result, size.Z, size.X * size.Y, size.Y, size.X, size.X, 1, (float)spacing.X, work);
        Sweep(result, size.Z, size.X * size.Y, size.X, 1, size.Y, size.X, (float)spacing.Y, work);
        Sweep(result, size.Y, size.X, size.X, 1, size.Z, size.X * size.Y, (float)spacing.Z, work);
        return result;
    }

    // Lower envelope of parabolas along every line of one axis.
    private static void Sweep(
        float[] values, int outer, int outerStride, int inner, int innerStride, int length, int stride, float spacing, WorkOptions work) =>
        work.ForBlocks(outer, o =>
        {
            var line = new float[length];
            var site = new int[length];
            var border = new float[length + 1];
            var square = spacing * spacing;
            for (var n = 0; n < inner; n++)
            {
                var start = (o * outerStride) + (n * innerStride);
                var any = false;
                for (var i = 0; i < length; i++)
                {
                    line[i] = values[start + (i * stride)];
                    any |= line[i] < Far;
                }

                if (!any)
                {
                    continue;
                }

                var top = -1;
                for (var q = 0; q < length; q++)
                {
                    if (line[q] >= Far)
                    {
                        continue;
                    }

                    var cross = float.NegativeInfinity;
                    while (top >= 0)
                    {
                        var p = site[top];
                        cross = ((line[q] + (square * q * q)) - (line[p] + (square * p * p))) / (2 * square * (q - p));
                        if (cross > border[top])
                        {
                            break;
                        }

                        cross = float.NegativeInfinity;
                        top--;
                    }

                    top++;
                    site[top] = q;
                    border[top] = cross;
                    border[top + 1] = float.PositiveInfinity;
                }

                var k = 0;
                for (var i = 0; i < length; i++)
                {
                    while (border[k + 1] < i)
                    {
                        k++;
                    }

                    var d = i - site[k];
                    values[start + (i * stride)] = (square * d * d) + line[site[k]];
                }
            }
        });
}
