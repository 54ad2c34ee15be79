namespace MriLink.Core.Volumes;

/// <summary>Order statistics of the voxels in a region.</summary>
internal static class Percentiles
{
    /// <summary>Two quantiles (0 to 1) of the values where <paramref name="region"/> is true.</summary>
    /// <exception cref="ArgumentException">The region is empty.</exception>
    public static (float Low, float High) Of(float[] values, bool[] region, double low, double high)
    {
        var selected = Selected(values, region);
        return (Of(selected, low), Of(selected, high));
    }

    /// <summary>
    /// A quantile of values in any order, linear between neighbours; the values change places. Takes time in proportion to their number.
    /// </summary>
    public static float Of(Span<float> values, double quantile)
    {
        var position = quantile * (values.Length - 1);
        var index = Math.Min((int)position, Math.Max(0, values.Length - 2));
        Select(values, index);
        if (values.Length == 1)
        {
            return values[0];
        }

        var next = values[index + 1];
        foreach (var value in values[(index + 2)..])
        {
            next = Math.Min(next, value);
        }

        return values[index] + ((next - values[index]) * (float)(position - index));
    }

    /// <summary>The value that so many others come before in ascending order; the values change places.</summary>
    public static float AtRank(Span<float> values, int rank)
    {
        Select(values, rank);
        return values[rank];
    }

    /// <summary>The values where <paramref name="region"/> is true, ascending.</summary>
    /// <exception cref="ArgumentException">The region is empty.</exception>
    public static float[] Sorted(float[] values, bool[] region)
    {
        var selected = Selected(values, region);
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

    /// <summary>The values where <paramref name="region"/> is true, in the grid's order.</summary>
    /// <exception cref="ArgumentException">The region is empty.</exception>
    public static float[] Selected(float[] values, bool[] region)
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

        return selected;
    }

    // Hoare's selection (1961, CACM 4:321): afterwards the value of that rank stands at its place, none before it is greater and
    // none behind it is less.
    private static void Select(Span<float> values, int rank)
    {
        var (low, high) = (0, values.Length - 1);
        while (low < high)
        {
            var pivot = Median(values[low], values[(low + high) / 2], values[high]);
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (values[i] < pivot)
                {
                    i++;
                }

                while (values[j] > pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (rank <= j)
            {
                high = j;
            }
            else if (rank >= i)
            {
                low = i;
            }
            else
            {
                return;
            }
        }
    }

    private static float Median(float a, float b, float c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
