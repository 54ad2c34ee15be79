using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>The lowest or highest value in the box around each voxel, one axis after the other; what lies beyond the grid does not count.</summary>
internal static class BoxExtremes
{
    /// <summary>The lowest value within so many voxels along each axis.</summary>
    public static float[] Lowest(float[] values, GridSize size, int reach, WorkOptions work) => Of(values, size, reach, isHighest: false, work);

    /// <summary>The highest value within so many voxels along each axis.</summary>
    public static float[] Highest(float[] values, GridSize size, int reach, WorkOptions work) => Of(values, size, reach, isHighest: true, work);

    private static float[] Of(float[] values, GridSize size, int reach, bool isHighest, WorkOptions work)
    {
        foreach (var (length, stride) in new[] { (size.X, 1), (size.Y, size.X), (size.Z, size.X * size.Y) })
        {
            var (source, target) = (values, new float[values.Length]);
            work.ForRanges(source.Length, (first, end) =>
            {
                for (var i = first; i < end; i++)
                {
                    var at = i / stride % length;
                    var to = i + (Math.Min(reach, length - 1 - at) * stride);
                    var extreme = source[i];
                    for (var n = i - (Math.Min(reach, at) * stride); n <= to; n += stride)
                    {
                        extreme = isHighest ? Math.Max(extreme, source[n]) : Math.Min(extreme, source[n]);
                    }

                    target[i] = extreme;
                }
            });
            values = target;
        }

        return values;
    }
}
