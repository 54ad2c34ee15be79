namespace MriLink.Core.Preprocessing;

/// <summary>Order statistics of the voxels in a region.</summary>
internal static class Percentiles
{
    /// <summary>Two quantiles (0 to 1) of the values where <paramref name="region"/> is true.</summary>
    public static (float Low, float High) Of(float[] values, bool[] region, double low, double high)
    {
        var sorted = Sorted(values, region);
        return (At(sorted, low), At(sorted, high));
    }

    /// <summary>The values where <paramref name="region"/> is true, ascending.</summary>
    /// <exception cref="ArgumentException">The region is empty.</exception>
    public static float[] Sorted(float[] values, bool[] region)
    {
        var selected = new float[region.AsSpan().Count(true)];
        if (selected.Length == 0)
        {
            throw new ArgumentException("The region is empty.", nameof(region));
        }

        var n = 0;
        for (var i = 0; i < values.Length; i++)
        {
            if (region[i])
            {
                selected[n++] = values[i];
            }
        }

        Array.Sort(selected);
        return selected;
    }

    /// <summary>The quantile of ascending values, linear between neighbours.</summary>
    public static float At(float[] sorted, double quantile)
    {
        var position = quantile * (sorted.Length - 1);
        var index = Math.Min((int)position, Math.Max(0, sorted.Length - 2));
        var next = Math.Min(index + 1, sorted.Length - 1);
        return sorted[index] + ((sorted[next] - sorted[index]) * (float)(position - index));
    }
}
