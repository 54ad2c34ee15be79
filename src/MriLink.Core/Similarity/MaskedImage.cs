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

    /// <summary>The products of the standardised values with another image's, of the same mask.</summary>
    public Products With(MaskedImage other) => new(this, other);

    private LocalMoments MakeMoments(WindowKernel kernel)
    {
        var count = Mask.Count;
        var means = new Means(Mask.InverseWeights(kernel), _buffers.Floats(count));
        WindowFilter.Apply(Mask, kernel, margin: 0, new Standardized(this), ref means);
        var variances = new Variances(means, _buffers.Floats(count));
        WindowFilter.Apply(Mask, kernel, margin: 0, With(this), ref variances);
        return new(means.Result, variances.Result);
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
        /// <summary>Means of some voxels.</summary>
        public ReadOnlySpan<float> Mean(int first, int count) => means.AsSpan(first, count);

        /// <summary>Variances (divided by the sum of weights) of some voxels, never negative.</summary>
        public ReadOnlySpan<float> Variance(int first, int count) => variances.AsSpan(first, count);
    }

    /// <summary>Products of two images' standardised values, voxel by voxel.</summary>
    internal readonly struct Products(MaskedImage x, MaskedImage y) : WindowFilter.ISource
    {
        /// <inheritdoc/>
        public void Read(int first, Span<float> values)
        {
            var a = x._values.AsSpan(first, values.Length);
            var b = y._values.AsSpan(first, values.Length);
            Standardization ofX = x.Standardization, ofY = y.Standardization;
            var width = Vector<float>.Count;
            var shiftX = new Vector<float>(ofX.Shift);
            var shiftY = new Vector<float>(ofY.Shift);
            var factor = new Vector<float>(ofX.Factor * ofY.Factor);
            var i = 0;
            for (; i <= values.Length - width; i += width)
            {
                ((new Vector<float>(a[i..]) - shiftX) * (new Vector<float>(b[i..]) - shiftY) * factor).CopyTo(values[i..]);
            }

            for (; i < values.Length; i++)
            {
                values[i] = (a[i] - ofX.Shift) * (b[i] - ofY.Shift) * (ofX.Factor * ofY.Factor);
            }
        }
    }

    private readonly struct Standardized(MaskedImage image) : WindowFilter.ISource
    {
        public void Read(int first, Span<float> values) => image.Standardization.Apply(image._values.AsSpan(first, values.Length), values);
    }

    // Sums times inverse weights.
    private readonly struct Means(float[] weights, float[] result) : WindowFilter.ISink
    {
        public float[] Weights => weights;

        public float[] Result => result;

        public void Take(int first, Span<float> sums)
        {
            var to = result.AsSpan(first, sums.Length);
            var inverse = weights.AsSpan(first, sums.Length);
            var width = Vector<float>.Count;
            var i = 0;
            for (; i <= sums.Length - width; i += width)
            {
                (new Vector<float>(sums[i..]) * new Vector<float>(inverse[i..])).CopyTo(to[i..]);
            }

            for (; i < sums.Length; i++)
            {
                to[i] = sums[i] * inverse[i];
            }
        }
    }

    // Sums of squares times inverse weights, less the squared mean; rounding must not make them negative.
    private readonly struct Variances(Means means, float[] result) : WindowFilter.ISink
    {
        public float[] Result => result;

        public void Take(int first, Span<float> sums)
        {
            var mean = means.Result.AsSpan(first, sums.Length);
            var weights = means.Weights.AsSpan(first, sums.Length);
            var to = result.AsSpan(first, sums.Length);
            var width = Vector<float>.Count;
            var i = 0;
            for (; i <= sums.Length - width; i += width)
            {
                var m = new Vector<float>(mean[i..]);
                Vector.Max((new Vector<float>(sums[i..]) * new Vector<float>(weights[i..])) - (m * m), Vector<float>.Zero).CopyTo(to[i..]);
            }

            for (; i < sums.Length; i++)
            {
                to[i] = Math.Max((sums[i] * weights[i]) - (mean[i] * mean[i]), 0);
            }
        }
    }
}
