using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>
/// Local contrast normalisation (Pinto et al. 2008; Jarrett et al. 2009): each voxel less the mean around it, over the standard deviation
/// around it. What all brains have in common, tissue classes and ventricles, goes; what differs from person to person, the folds, stays.
/// </summary>
/// <remarks>
/// With the mask m and Gaussians G and H: v = H∗(x·m)/H∗m of intensities x, w = G∗m, μ = G∗(v·m)/w, s² = G∗(v²·m)/w − μ², and
/// u = (v − μ)/(s + floor · median of s) in the mask. Windows at the mask's edge thus see the mask's own voxels alone.
/// </remarks>
/// <param name="Sigma">Standard deviation of G in mm, but a voxel at least along each axis; G ends at three of them.</param>
/// <param name="Smoothing">Standard deviation of H in mm, by which noise is taken off; 0 leaves intensities as they are.</param>
/// <param name="Floor">So much of the median of s is added to s, so that noise in flat places is not made large.</param>
internal sealed record LocalContrast(double Sigma, double Smoothing, double Floor)
{
    // v has unit variance over the mask, and its squares an error of some 1e-7, so s is noise of 1e-3 where nothing varies: what is added
    // to it stays above that even where most of the brain is flat.
    private const float LeastMedian = 0.01f;

    /// <summary>What the measure and signatures use: the best of the sweep that the linkage benchmark makes (see its results).</summary>
    public static LocalContrast Default { get; } = new(2, 1, 0.2);

    /// <summary>u, one value per voxel of the mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">v, one per voxel of the mask.</param>
    /// <param name="map">Brings v to zero mean and unit variance.</param>
    /// <param name="spacing">Spacing of the grid in mm.</param>
    public float[] Normalize(MaskRuns mask, ReadOnlySpan<float> values, Standardization map, Point3 spacing)
    {
        var result = GC.AllocateUninitializedArray<float>(mask.Count);
        map.Apply(values, result);
        using var scratch = Buffers.Pooled();
        var deviations = scratch.Floats(mask.Count);
        if (Smoothing > 0)
        {
            var smoothing = ((float)(Smoothing / spacing.X), (float)(Smoothing / spacing.Y), (float)(Smoothing / spacing.Z));
            MaskedGaussian.Apply(mask, result, smoothing, ofSquares: false, (first, weights, sums, _) => Divide(sums, weights, result.AsSpan(first)));
        }

        var sigma = ((float)Math.Max(1, Sigma / spacing.X), (float)Math.Max(1, Sigma / spacing.Y), (float)Math.Max(1, Sigma / spacing.Z));
        MaskedGaussian.Apply(mask, result, sigma, ofSquares: true, (first, weights, sums, squares) =>
            Center(result.AsSpan(first, weights.Length), weights, sums, squares, deviations.AsSpan(first)));
        var found = deviations.AsSpan(0, mask.Count);
        var floor = (float)Floor * Math.Max(Median(found, scratch), LeastMedian);
        foreach (ref var deviation in found)
        {
            deviation += floor;
        }

        Divide(result, found, result);
        return result;
    }

    // Values become v − μ, and deviations s.
    private static void Center(
        Span<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<float> sums, ReadOnlySpan<float> squares, Span<float> deviations)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var inverse = Vector<float>.One / new Vector<float>(weights[i..]);
            var mean = new Vector<float>(sums[i..]) * inverse;
            Vector.SquareRoot(Vector.Max((new Vector<float>(squares[i..]) * inverse) - (mean * mean), Vector<float>.Zero)).CopyTo(deviations[i..]);
            (new Vector<float>(values[i..]) - mean).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            var inverse = 1 / weights[i];
            var mean = sums[i] * inverse;
            deviations[i] = MathF.Sqrt(Math.Max((squares[i] * inverse) - (mean * mean), 0));
            values[i] -= mean;
        }
    }

    // The last may be the first.
    private static void Divide(ReadOnlySpan<float> values, ReadOnlySpan<float> by, Span<float> into)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(values[i..]) / new Vector<float>(by[i..])).CopyTo(into[i..]);
        }

        for (; i < values.Length; i++)
        {
            into[i] = values[i] / by[i];
        }
    }

    // Of numbers that are not negative, whose bits ascend as they do: counted by their first bits, then selected among those that share the
    // median's. Of an even number of values, the lower of the two in the middle.
    private static float Median(ReadOnlySpan<float> values, Buffers scratch)
    {
        const int shift = 19;
        Span<int> counts = stackalloc int[1 << (31 - shift)];
        counts.Clear();
        var bits = MemoryMarshal.Cast<float, int>(values);
        foreach (var value in bits)
        {
            counts[value >> shift]++;
        }

        var rank = (values.Length - 1) / 2;
        var bin = 0;
        while (rank >= counts[bin])
        {
            rank -= counts[bin++];
        }

        var chosen = scratch.Floats(counts[bin]).AsSpan(0, counts[bin]);
        var next = 0;
        for (var i = 0; i < bits.Length; i++)
        {
            if (bits[i] >> shift == bin)
            {
                chosen[next++] = values[i];
            }
        }

        return Percentiles.AtRank(chosen, rank);
    }
}
