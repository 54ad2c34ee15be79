namespace MriLink.Core.Similarity;

/// <summary>Equal bins over a closed range: bin k holds [low + k·w, low + (k + 1)·w), and the last one its upper edge too.</summary>
internal static class Histogram
{
    /// <summary>The bin of each value; values beyond the range fall into the end bins.</summary>
    public static void Index(ReadOnlySpan<float> values, double low, double high, int bins, Span<byte> indices)
    {
        var factor = high > low ? bins / (high - low) : 0;
        for (var i = 0; i < values.Length; i++)
        {
            indices[i] = (byte)Math.Clamp((int)((values[i] - low) * factor), 0, bins - 1);
        }
    }

    /// <summary>How many voxels fall into each pair of bins: counts[bx·bins + by].</summary>
    public static void Joint(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, int bins, Span<int> counts)
    {
        counts.Clear();
        for (var i = 0; i < x.Length; i++)
        {
            counts[(x[i] * bins) + y[i]]++;
        }
    }

    /// <summary>−Σ p ln p of the counts' distribution, in nats.</summary>
    public static double Entropy(ReadOnlySpan<int> counts, int total)
    {
        var sum = 0.0;
        foreach (var count in counts)
        {
            if (count > 0)
            {
                sum += count * Math.Log(count);
            }
        }

        return Math.Log(total) - (sum / total);
    }
}
