using System.Numerics;

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
        (Vector<float> Value, Vector<float> Other) Of(Vector<float> meanX, Vector<float> meanY, Vector<float> varianceX, Vector<float> varianceY, Vector<float> covariance);
    }

    /// <summary>The sums of both numbers over the windows centred in <paramref name="parts"/>, and how many windows there were.</summary>
    public static (double Value, double Other, int Count) Sum<T>(
        MaskedImage x, MaskedImage y, WindowKernel kernel, ReadOnlySpan<float> covariance, IReadOnlyList<Range> parts, T function)
        where T : struct, IWindowFunction
    {
        var count = x.Mask.Count;
        var ofX = x.Moments(kernel);
        var ofY = y.Moments(kernel);
        ReadOnlySpan<float> mx = ofX.Mean(count), my = ofY.Mean(count), vx = ofX.Variance(count), vy = ofY.Variance(count);
        var width = Vector<float>.Count;
        Span<float> edge = stackalloc float[5 * width];
        double value = 0, other = 0;
        var windows = 0;
        foreach (var part in parts)
        {
            var (first, length) = part.GetOffsetAndLength(count);
            windows += length;
            for (var end = first + length; first < end;)
            {
                var blockEnd = Math.Min(first + BlockLength, end);
                Vector<float> values = default, others = default;
                for (; first <= blockEnd - width; first += width)
                {
                    var (v, o) = function.Of(new(mx[first..]), new(my[first..]), new(vx[first..]), new(vy[first..]), new(covariance[first..]));
                    values += v;
                    others += o;
                }

                value += Vector.Sum(values);
                other += Vector.Sum(others);
                if (first < blockEnd)
                {
                    // The last few windows go through the same function; lanes beyond them are not counted.
                    var rest = blockEnd - first;
                    edge.Clear();
                    mx.Slice(first, rest).CopyTo(edge);
                    my.Slice(first, rest).CopyTo(edge[width..]);
                    vx.Slice(first, rest).CopyTo(edge[(2 * width)..]);
                    vy.Slice(first, rest).CopyTo(edge[(3 * width)..]);
                    covariance.Slice(first, rest).CopyTo(edge[(4 * width)..]);
                    var (v, o) = function.Of(new(edge), new(edge[width..]), new(edge[(2 * width)..]), new(edge[(3 * width)..]), new(edge[(4 * width)..]));
                    for (var lane = 0; lane < rest; lane++)
                    {
                        value += v[lane];
                        other += o[lane];
                    }

                    first = blockEnd;
                }
            }
        }

        return (value, other, windows);
    }
}
