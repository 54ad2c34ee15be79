using System.Numerics;
using System.Runtime.CompilerServices;
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
    /// <param name="result">Takes u; may be where <paramref name="values"/> are.</param>
    public void Normalize(MaskRuns mask, ReadOnlySpan<float> values, Standardization map, Point3 spacing, Span<float> result)
    {
        if (WideLanes.IsSupported)
        {
            Normalize<WideLanes>(mask, values, map, spacing, result);
        }
        else
        {
            Normalize<PlainLanes>(mask, values, map, spacing, result);
        }
    }

    /// <summary>The same by vectors of a given width.</summary>
    internal void Normalize<T>(MaskRuns mask, ReadOnlySpan<float> values, Standardization map, Point3 spacing, Span<float> result)
        where T : struct, ILanes<T>
    {
        var wide = Widths(Sigma, spacing, least: 1);
        var kernels = Kernels(wide);
        using var gaussian = new MaskedGaussian<T>(mask, (kernels.X.Length - 1, kernels.Y.Length - 1, kernels.Z.Length - 1));
        using var scratch = Buffers.Pooled();

        // Vectors are read and written whole where the last run ends.
        var length = mask.Count + T.Count;
        var (smooth, deviations) = (scratch.Floats(length), scratch.Floats(length));
        if (Smoothing > 0)
        {
            var narrow = Widths(Smoothing, spacing, least: 0);
            var means = new Means(smooth);
            gaussian.Apply(values, map, ofSquares: false, Kernels(narrow), KnownWeights(gaussian, mask, narrow), ref means);
        }
        else
        {
            map.Apply(values, smooth);
        }

        var moments = new Moments(smooth, deviations);
        gaussian.Apply(smooth.AsSpan(0, length), Standardization.None, ofSquares: true, kernels, KnownWeights(gaussian, mask, wide), ref moments);
        var found = deviations.AsSpan(0, mask.Count);
        Divide(smooth.AsSpan(0, mask.Count), found, (float)Floor * Math.Max(Median.Of(found), LeastMedian), result);
    }

    // Of a mask that many volumes have, the weights are computed once. What values are summed meanwhile does not matter.
    private static float[]? KnownWeights<T>(MaskedGaussian<T> gaussian, MaskRuns mask, (float X, float Y, float Z) widths)
        where T : struct, ILanes<T> => !mask.IsShared ? null : mask.GaussianWeights(widths, () =>
    {
        var weights = new float[mask.Count + WideLanes.Count];
        var sink = new Weights(weights);
        gaussian.Apply(weights, Standardization.None, ofSquares: false, Kernels(widths), null, ref sink);
        return weights;
    });

    // In voxels.
    private static (float X, float Y, float Z) Widths(double sigma, Point3 spacing, double least) =>
        ((float)Math.Max(least, sigma / spacing.X), (float)Math.Max(least, sigma / spacing.Y), (float)Math.Max(least, sigma / spacing.Z));

    // The weights of a voxel itself and to one side, zeros where there are few: the sums over three to either side are the fast ones.
    private static (float[] X, float[] Y, float[] Z) Kernels((float X, float Y, float Z) widths)
    {
        return (Half(widths.X), Half(widths.Y), Half(widths.Z));

        static float[] Half(float sigma)
        {
            var kernel = GaussianFilter.Kernel(sigma);
            var half = kernel[(kernel.Length / 2)..];
            Array.Resize(ref half, Math.Max(4, half.Length));
            return half;
        }
    }

    // The last may be the first.
    private static void Divide(ReadOnlySpan<float> values, ReadOnlySpan<float> by, float floor, Span<float> into)
    {
        var i = 0;
        var least = new Vector<float>(floor);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(values[i..]) / (new Vector<float>(by[i..]) + least)).CopyTo(into[i..]);
        }

        for (; i < values.Length; i++)
        {
            into[i] = values[i] / (by[i] + floor);
        }
    }

    private readonly struct Weights(float[] result) : IGaussianSink
    {
        public void Take<T>(int first, int count, ref float weights, ref float sums, ref float squares)
            where T : struct, ILanes<T> => MemoryMarshal.CreateReadOnlySpan(ref weights, count).CopyTo(result.AsSpan(first));
    }

    private readonly struct Means(float[] result) : IGaussianSink
    {
        public void Take<T>(int first, int count, ref float weights, ref float sums, ref float squares)
            where T : struct, ILanes<T>
        {
            ref var to = ref result[first];
            var i = 0;
            for (; i <= count - T.Count; i += T.Count)
            {
                T.Store(T.Load(ref Unsafe.Add(ref sums, i)) / T.Load(ref Unsafe.Add(ref weights, i)), ref Unsafe.Add(ref to, i));
            }

            if (i < count)
            {
                ref var at = ref Unsafe.Add(ref to, i);
                T.Store(T.First(count - i, T.Load(ref Unsafe.Add(ref sums, i)) / T.Load(ref Unsafe.Add(ref weights, i)), T.Load(ref at)), ref at);
            }
        }
    }

    // Values become v − μ, and deviations s.
    private readonly struct Moments(float[] values, float[] deviations) : IGaussianSink
    {
        public void Take<T>(int first, int count, ref float weights, ref float sums, ref float squares)
            where T : struct, ILanes<T>
        {
            ref var value = ref values[first];
            ref var deviation = ref deviations[first];
            var i = 0;
            for (; i <= count - T.Count; i += T.Count)
            {
                ref var v = ref Unsafe.Add(ref value, i);
                var (mean, root) = Of<T>(i, ref weights, ref sums, ref squares);
                T.Store(T.Load(ref v) - mean, ref v);
                T.Store(root, ref Unsafe.Add(ref deviation, i));
            }

            if (i < count)
            {
                ref var v = ref Unsafe.Add(ref value, i);
                ref var s = ref Unsafe.Add(ref deviation, i);
                var (mean, root) = Of<T>(i, ref weights, ref sums, ref squares);
                var old = T.Load(ref v);
                T.Store(T.First(count - i, old - mean, old), ref v);
                T.Store(T.First(count - i, root, T.Load(ref s)), ref s);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static (T Mean, T Deviation) Of<T>(int i, ref float weights, ref float sums, ref float squares)
            where T : struct, ILanes<T>
        {
            var inverse = T.Of(1) / T.Load(ref Unsafe.Add(ref weights, i));
            var mean = T.Load(ref Unsafe.Add(ref sums, i)) * inverse;
            return (mean, T.Root((T.Load(ref Unsafe.Add(ref squares, i)) * inverse) - (mean * mean)));
        }
    }
}
