using System.Buffers;

namespace MriLink.Core.Similarity.Measures;

/// <summary>A measure of the two intensity distributions, blind to where intensities lie: weak, kept as a contrast.</summary>
/// <remarks>
/// Both histograms are taken over one range, from the lower of the volumes' first percentiles to the higher of their 99th
/// (<see cref="PreparedVolume.Range"/>); what lies beyond counts in the end bins.
/// </remarks>
internal abstract class MarginalHistogramMeasure : SimilarityMeasure
{
    private protected MarginalHistogramMeasure(string name, bool higherIsBetter, double maximum, string description, string source)
        : base(name, higherIsBetter, 0, maximum, description, source)
    {
    }

    /// <inheritdoc/>
    internal sealed override double Compute(VolumePair pair, SimilarityOptions options)
    {
        var low = Math.Min(pair.First.Range.Low, pair.Second.Range.Low);
        var high = Math.Max(pair.First.Range.High, pair.Second.Range.High);
        if (!(high > low))
        {
            return double.NaN;
        }

        var x = ArrayPool<double>.Shared.Rent(options.Bins);
        var y = ArrayPool<double>.Shared.Rent(options.Bins);
        var indices = ArrayPool<byte>.Shared.Rent(pair.Count);
        try
        {
            Fill(pair.X.Values, low, high, indices, x.AsSpan(0, options.Bins));
            Fill(pair.Y.Values, low, high, indices, y.AsSpan(0, options.Bins));
            return Compare(x.AsSpan(0, options.Bins), y.AsSpan(0, options.Bins));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(x);
            ArrayPool<double>.Shared.Return(y);
            ArrayPool<byte>.Shared.Return(indices);
        }
    }

    /// <summary>Compares two distributions; each sums to one.</summary>
    protected abstract double Compare(ReadOnlySpan<double> x, ReadOnlySpan<double> y);

    private static void Fill(ReadOnlySpan<float> values, double low, double high, byte[] indices, Span<double> distribution)
    {
        Histogram.Index(values, low, high, distribution.Length, indices);
        distribution.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            distribution[indices[i]]++;
        }

        foreach (ref var part in distribution)
        {
            part /= values.Length;
        }
    }
}
