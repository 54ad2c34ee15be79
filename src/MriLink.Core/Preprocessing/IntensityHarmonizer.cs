using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>Brings the intensities within a mask to a common scale; voxels outside it become 0.</summary>
public static class IntensityHarmonizer
{
    // Deciles and, for the ends, the percentiles that robust clipping keeps.
    private static readonly double[] Landmarks = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99];

    /// <summary>Harmonises in place.</summary>
    /// <param name="volume">The volume to change.</param>
    /// <param name="mask">The voxels that count, on the same grid.</param>
    /// <param name="method">How.</param>
    /// <param name="reference">Ascending intensities of the template's brain; needed by the methods that match a histogram.</param>
    /// <exception cref="ArgumentException">The mask is empty, or the method needs a reference and there is none.</exception>
    public static void Apply(Volume volume, Mask mask, Harmonization method, float[]? reference)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(mask);
        var map = method switch
        {
            Harmonization.None => value => value,
            Harmonization.ZScore => ZScore(Percentiles.Selected(volume.Voxels, mask.Voxels)),
            Harmonization.Nyul => Between(Percentiles.Sorted(volume.Voxels, mask.Voxels), Reference(reference), Landmarks),
            Harmonization.HistogramMatch => Between(Percentiles.Sorted(volume.Voxels, mask.Voxels), Reference(reference), Dense()),
            _ => throw new ArgumentOutOfRangeException(nameof(method)),
        };
        var voxels = volume.Voxels;
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = mask.Voxels[i] ? map(voxels[i]) : 0;
        }
    }

    private static float[] Reference(float[]? reference) =>
        reference ?? throw new ArgumentException("Matching a histogram needs a reference.", nameof(reference));

    private static Func<float, float> ZScore(float[] values)
    {
        var low = Percentiles.Of(values, 0.01);
        var high = Percentiles.Of(values, 0.99);
        double sum = 0, squares = 0;
        foreach (var value in values)
        {
            var clipped = Math.Clamp(value, low, high);
            sum += clipped;
            squares += (double)clipped * clipped;
        }

        var mean = sum / values.Length;
        var deviation = Math.Sqrt(Math.Max(0, (squares / values.Length) - (mean * mean)));

        // One intensity everywhere has no scale; it becomes 0.
        var scale = deviation > 0 ? 1 / deviation : 0;
        return value => (float)((Math.Clamp(value, low, high) - mean) * scale);
    }

    // Piecewise linear through the quantiles of one distribution and those of the other; held at the ends.
    private static Func<float, float> Between(float[] sorted, float[] reference, double[] quantiles)
    {
        var from = Array.ConvertAll(quantiles, q => Percentiles.At(sorted, q));
        var to = Array.ConvertAll(quantiles, q => Percentiles.At(reference, q));
        return value =>
        {
            if (value <= from[0])
            {
                return to[0];
            }

            if (value >= from[^1])
            {
                return to[^1];
            }

            // The first landmark above the value; its predecessor is at or below, so the interval is not empty.
            var upper = Array.BinarySearch(from, value);
            upper = upper >= 0 ? upper : ~upper;
            var lower = Math.Max(upper - 1, 0);
            var width = from[upper] - from[lower];
            return width > 0 ? to[lower] + ((to[upper] - to[lower]) * (value - from[lower]) / width) : to[upper];
        };
    }

    private static double[] Dense() => Enumerable.Range(0, 257).Select(i => i / 256.0).ToArray();
}
