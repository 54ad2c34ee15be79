using System.Numerics;
using System.Runtime.CompilerServices;

namespace MriLink.Core.Similarity.Measures;

/// <summary>A value per window as a function of the window's means, variances and covariance, averaged over windows.</summary>
/// <remarks>
/// How windows meet the mask: a window's statistics are taken over those of its voxels that lie in both masks, with the window's
/// weights divided by their sum there. With a full mask this is the plain definition. Windows are centred on each voxel of the joint
/// mask. Single-scale measures leave out centres whose window reaches beyond the grid, as scikit-image does.
/// </remarks>
internal static class WindowedSums
{
    private const int BlockLength = 1024;

    /// <summary>A value per window. Statistics come in SIMD lanes; two numbers leave, summed separately.</summary>
    public interface IWindowFunction
    {
        /// <summary>The values of some windows, and a second number for each (a weight, or another value).</summary>
        Vector<float> Of(
            Vector<float> meanX, Vector<float> meanY, Vector<float> varianceX, Vector<float> varianceY, Vector<float> covariance,
            out Vector<float> other);
    }

    /// <summary>The sums of both numbers over all windows, and how many windows there were.</summary>
    /// <param name="x">The first image.</param>
    /// <param name="y">The second image, of the same mask.</param>
    /// <param name="kernel">The window.</param>
    /// <param name="margin">Windows whose centre lies this close in voxels to a face of the grid are left out.</param>
    /// <param name="function">The function.</param>
    public static (double Value, double Other, int Count) Sum<T>(MaskedImage x, MaskedImage y, WindowKernel kernel, int margin, T function)
        where T : struct, IWindowFunction
    {
        var sums = new Summation<T>(x, y, kernel, x.Mask.Interior(margin), function, values: null);
        WindowFilter.Apply(x.Mask, kernel, margin, x.With(y), ref sums);
        return (sums.Value, sums.Other, sums.Count);
    }

    /// <summary>The value of every window.</summary>
    /// <param name="x">The first image.</param>
    /// <param name="y">The second image, of the same mask.</param>
    /// <param name="kernel">The window.</param>
    /// <param name="function">The function.</param>
    /// <param name="values">One value per voxel of the mask.</param>
    public static void Map<T>(MaskedImage x, MaskedImage y, WindowKernel kernel, T function, float[] values)
        where T : struct, IWindowFunction
    {
        var sums = new Summation<T>(x, y, kernel, x.Mask.Interior(0), function, values);
        WindowFilter.Apply(x.Mask, kernel, margin: 0, x.With(y), ref sums);
    }

    // Takes products' sums plane by plane, in the order of the mask's voxels.
    private struct Summation<T> : WindowFilter.ISink
        where T : struct, IWindowFunction
    {
        private readonly T _function;
        private readonly float[] _weights;
        private readonly MaskedImage.LocalMoments _ofX;
        private readonly MaskedImage.LocalMoments _ofY;
        private readonly IReadOnlyList<Range> _parts;
        private readonly float[]? _values;
        private readonly int _count;
        private int _part;

        public Summation(MaskedImage x, MaskedImage y, WindowKernel kernel, IReadOnlyList<Range> parts, T function, float[]? values)
        {
            _function = function;
            _weights = x.Mask.InverseWeights(kernel);
            _ofX = x.Moments(kernel);
            _ofY = y.Moments(kernel);
            _parts = parts;
            _values = values;
            _count = x.Mask.Count;
        }

        public double Value { get; private set; }

        public double Other { get; private set; }

        public int Count { get; private set; }

        public void Take(int first, Span<float> sums)
        {
            var end = first + sums.Length;
            while (_part < _parts.Count)
            {
                var (start, length) = _parts[_part].GetOffsetAndLength(_count);
                var from = Math.Max(start, first);
                var to = Math.Min(start + length, end);
                if (from < to)
                {
                    Add(from, sums[(from - first)..(to - first)]);
                }

                if (start + length > end)
                {
                    break;
                }

                _part++;
            }
        }

        private void Add(int first, ReadOnlySpan<float> sums)
        {
            Count += sums.Length;
            var width = Vector<float>.Count;
            ReadOnlySpan<float> weights = _weights.AsSpan(first, sums.Length);
            ReadOnlySpan<float> mx = _ofX.Mean(first, sums.Length), my = _ofY.Mean(first, sums.Length);
            ReadOnlySpan<float> vx = _ofX.Variance(first, sums.Length), vy = _ofY.Variance(first, sums.Length);
            var i = 0;
            while (i <= sums.Length - width)
            {
                var blockEnd = Math.Min(i + BlockLength, sums.Length);
                Vector<float> values = default, others = default;
                for (; i <= blockEnd - width; i += width)
                {
                    var v = Of(sums[i..], weights[i..], mx[i..], my[i..], vx[i..], vy[i..], out var o);
                    values += v;
                    others += o;
                    if (_values is not null)
                    {
                        v.CopyTo(_values, first + i);
                    }
                }

                Value += Vector.Sum(values);
                Other += Vector.Sum(others);
            }

            if (i < sums.Length)
            {
                // The last few windows go through the same function; lanes beyond them are not counted.
                var rest = sums.Length - i;
                Span<float> edge = stackalloc float[6 * width];
                edge.Clear();
                sums[i..].CopyTo(edge);
                weights[i..].CopyTo(edge[width..]);
                mx[i..].CopyTo(edge[(2 * width)..]);
                my[i..].CopyTo(edge[(3 * width)..]);
                vx[i..].CopyTo(edge[(4 * width)..]);
                vy[i..].CopyTo(edge[(5 * width)..]);
                var v = Of(edge, edge[width..], edge[(2 * width)..], edge[(3 * width)..], edge[(4 * width)..], edge[(5 * width)..], out var o);
                for (var lane = 0; lane < rest; lane++)
                {
                    Value += v[lane];
                    Other += o[lane];
                    if (_values is not null)
                    {
                        _values[first + i + lane] = v[lane];
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector<float> Of(
            ReadOnlySpan<float> sums,
            ReadOnlySpan<float> weights,
            ReadOnlySpan<float> mx,
            ReadOnlySpan<float> my,
            ReadOnlySpan<float> vx,
            ReadOnlySpan<float> vy,
            out Vector<float> other)
        {
            Vector<float> meanX = new(mx), meanY = new(my);
            return _function.Of(meanX, meanY, new(vx), new(vy), (new Vector<float>(sums) * new Vector<float>(weights)) - (meanX * meanY), out other);
        }
    }
}
