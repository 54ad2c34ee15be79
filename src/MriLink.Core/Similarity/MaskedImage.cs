using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>The intensities within a mask, and what windowed measures derive from them once: local moments and the next coarser scale.</summary>
internal sealed class MaskedImage
{
    private readonly ConcurrentDictionary<WindowKernel, Lazy<LocalMoments>> _moments = new();
    private readonly Lazy<MaskedImage> _half;
    private readonly float[] _values;
    private readonly Buffers _buffers;

    /// <summary>Takes one value per voxel of the mask; the array may be longer and is not copied.</summary>
    public MaskedImage(MaskRuns mask, float[] values, Standardization standardization, Buffers buffers)
    {
        Mask = mask;
        _values = values;
        Standardization = standardization;
        _buffers = buffers;
        _half = new(MakeHalf);
    }

    /// <summary>The voxels.</summary>
    public MaskRuns Mask { get; }

    /// <summary>Intensities, one per voxel of the mask.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, Mask.Count);

    /// <summary>The map under which moments are kept.</summary>
    public Standardization Standardization { get; }

    /// <summary>The image at half the resolution; kept.</summary>
    /// <remarks>
    /// A coarse voxel is the mean of those of its 2×2×2 voxels that lie in the mask, and belongs to the coarse mask when at least half
    /// of them do. An odd last plane, row or column is dropped.
    /// </remarks>
    public MaskedImage Half => _half.Value;

    /// <summary>Weighted mean and variance of the standardised values in the window around each voxel, over the mask's voxels alone; kept.</summary>
    public LocalMoments Moments(WindowKernel kernel) => _moments.GetOrAdd(kernel, k => new(() => MakeMoments(k))).Value;

    /// <summary>
    /// Weighted covariance with <paramref name="other"/>, of the same mask, in the window around each voxel; both standardised.
    /// </summary>
    public void Covariance(MaskedImage other, WindowKernel kernel, Span<float> result)
    {
        var count = Mask.Count;
        var products = ArrayPool<float>.Shared.Rent(count);
        try
        {
            var p = products.AsSpan(0, count);
            Multiply(Values, Standardization, other.Values, other.Standardization, p);
            WindowFilter.Apply(Mask, p, kernel, result);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(products);
        }

        SubtractProduct(result[..count], Mask.InverseWeights(kernel), Moments(kernel).Mean(count), other.Moments(kernel).Mean(count));
    }

    private static void Multiply(ReadOnlySpan<float> x, Standardization ofX, ReadOnlySpan<float> y, Standardization ofY, Span<float> result)
    {
        var width = Vector<float>.Count;
        var shiftX = new Vector<float>(ofX.Shift);
        var shiftY = new Vector<float>(ofY.Shift);
        var factor = new Vector<float>(ofX.Factor * ofY.Factor);
        var i = 0;
        for (; i <= x.Length - width; i += width)
        {
            ((new Vector<float>(x[i..]) - shiftX) * (new Vector<float>(y[i..]) - shiftY) * factor).CopyTo(result[i..]);
        }

        for (; i < x.Length; i++)
        {
            result[i] = (x[i] - ofX.Shift) * (y[i] - ofY.Shift) * (ofX.Factor * ofY.Factor);
        }
    }

    // sums·weights − a·b, in place: from raw second moments to central ones.
    private static void SubtractProduct(Span<float> sums, ReadOnlySpan<float> weights, ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var width = Vector<float>.Count;
        var i = 0;
        for (; i <= sums.Length - width; i += width)
        {
            var sum = new Vector<float>(sums[i..]) * new Vector<float>(weights[i..]);
            (sum - (new Vector<float>(a[i..]) * new Vector<float>(b[i..]))).CopyTo(sums[i..]);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] = (sums[i] * weights[i]) - (a[i] * b[i]);
        }
    }

    private LocalMoments MakeMoments(WindowKernel kernel)
    {
        var count = Mask.Count;
        var weights = Mask.InverseWeights(kernel);
        var means = _buffers.Floats(count);
        var variances = _buffers.Floats(count);
        var mean = means.AsSpan(0, count);
        var variance = variances.AsSpan(0, count);
        var scratch = ArrayPool<float>.Shared.Rent(count);
        try
        {
            var powers = scratch.AsSpan(0, count);
            Standardization.Apply(Values, powers);
            WindowFilter.Apply(Mask, powers, kernel, mean);
            for (var i = 0; i < count; i++)
            {
                mean[i] *= weights[i];
            }

            Multiply(Values, Standardization, Values, Standardization, powers);
            WindowFilter.Apply(Mask, powers, kernel, variance);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }

        SubtractProduct(variance, weights, mean, mean);
        foreach (ref var v in variance)
        {
            v = Math.Max(v, 0);
        }

        return new(means, variances);
    }

    private MaskedImage MakeHalf()
    {
        var size = new GridSize(Mask.Size.X / 2, Mask.Size.Y / 2, Mask.Size.Z / 2);
        var count = (int)size.Count;
        using var scratch = Buffers.Pooled();
        var sums = scratch.Floats(count);
        var members = scratch.Bytes(count);
        sums.AsSpan(0, count).Clear();
        members.AsSpan(0, count).Clear();
        var offsets = Mask.Offsets;
        for (var run = 0; run < Mask.RunCount; run++)
        {
            var (x, y, z) = Mask.Locate(Mask.Starts[run]);
            if (y / 2 >= size.Y || z / 2 >= size.Z)
            {
                continue;
            }

            var row = size.IndexOf(0, y / 2, z / 2);
            var end = Math.Min(x + offsets[run + 1] - offsets[run], 2 * size.X);
            for (var (i, from) = (x, offsets[run]); i < end; i++, from++)
            {
                sums[row + (i / 2)] += _values[from];
                members[row + (i / 2)]++;
            }
        }

        const int halfOfABlock = 4;
        var mask = count == 0
            ? new MaskRuns(new(1, 1, 1), [], [0], 0, _buffers)
            : MaskRuns.Create(size, i => members[i] >= halfOfABlock, _buffers);
        var values = _buffers.Floats(mask.Count);
        var next = 0;
        for (var i = 0; i < count; i++)
        {
            if (members[i] >= halfOfABlock)
            {
                values[next++] = sums[i] / members[i];
            }
        }

        return new(mask, values, Standardization, _buffers);
    }

    /// <summary>Mean and variance in the window around each voxel.</summary>
    internal sealed class LocalMoments(float[] means, float[] variances)
    {
        /// <summary>Means of the first <paramref name="count"/> voxels.</summary>
        public ReadOnlySpan<float> Mean(int count) => means.AsSpan(0, count);

        /// <summary>Variances (divided by the sum of weights) of the first <paramref name="count"/> voxels, never negative.</summary>
        public ReadOnlySpan<float> Variance(int count) => variances.AsSpan(0, count);
    }
}
