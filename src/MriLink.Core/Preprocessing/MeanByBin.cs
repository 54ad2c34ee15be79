namespace MriLink.Core.Preprocessing;

/// <summary>What one image shows on average where another's intensities fall into a bin: how the one's grey levels look in the other.</summary>
internal static class MeanByBin
{
    /// <summary>The means; not a number for bins without a voxel.</summary>
    /// <param name="bins">How many bins there are.</param>
    /// <param name="bin">The bin of an intensity of <paramref name="own"/>.</param>
    /// <param name="own">The image whose intensities are binned.</param>
    /// <param name="shown">The image whose values are averaged.</param>
    /// <param name="region">The voxels that count.</param>
    public static float[] Of(int bins, Func<float, int> bin, ReadOnlySpan<float> own, ReadOnlySpan<float> shown, ReadOnlySpan<bool> region)
    {
        var (sums, counts) = (new double[bins], new int[bins]);
        for (var i = 0; i < region.Length; i++)
        {
            if (region[i])
            {
                var at = bin(own[i]);
                sums[at] += shown[i];
                counts[at]++;
            }
        }

        var means = new float[bins];
        for (var at = 0; at < bins; at++)
        {
            means[at] = (float)(sums[at] / counts[at]);
        }

        return means;
    }
}
