using System.Numerics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>
/// Gaussian sums over a mask's own voxels: around each of them G∗m, G∗(v·m) and, if wanted, G∗(v²·m), where m is the mask and v its values.
/// </summary>
/// <remarks>
/// Goes through the mask's box once, plane by plane, and keeps as many planes as the kernel is deep, so that all but the values stays in the
/// processor's cache. Beyond the box there is nothing, so its border needs no rule.
/// </remarks>
internal sealed class MaskedGaussian
{
    private readonly MaskRuns _mask;

    // The mask, the values, and their squares if they are wanted.
    private readonly int _channels;
    private readonly float[] _kernelX;
    private readonly float[] _kernelY;
    private readonly float[] _kernelZ;
    private readonly int[] _startsX;
    private readonly int[] _startsY;
    private readonly int _width;
    private readonly int _height;
    private readonly int _depth;

    // Channel after channel: a row with room for the kernel on either side; a plane that is smooth along x, with rows of nothing before and
    // behind it; the planes that are smooth along x and y, in a ring; and one that is smooth along all axes.
    private readonly float[] _row;
    private readonly float[] _rows;
    private readonly float[] _ring;
    private readonly float[] _result;

    private MaskedGaussian(MaskRuns mask, (float X, float Y, float Z) sigma, bool ofSquares, Buffers scratch)
    {
        _mask = mask;
        _channels = ofSquares ? 3 : 2;
        (_kernelX, _kernelY, _kernelZ) = (GaussianFilter.Kernel(sigma.X), GaussianFilter.Kernel(sigma.Y), GaussianFilter.Kernel(sigma.Z));
        (_width, _height, _depth) = (mask.Box.X1 - mask.Box.X0, mask.Box.Y1 - mask.Box.Y0, mask.Box.Z1 - mask.Box.Z0);
        _startsX = [.. Enumerable.Range(0, _kernelX.Length)];
        _startsY = [.. Enumerable.Range(0, _kernelY.Length).Select(k => k * _width)];
        _row = scratch.Floats(_channels * RowLength);
        _rows = scratch.Floats(_channels * RowsLength);
        _rows.AsSpan(0, _channels * RowsLength).Clear();
        _ring = scratch.Floats(_kernelZ.Length * _channels * Plane);
        _result = scratch.Floats(_channels * Plane);
    }

    /// <summary>Takes the sums of one run of the mask.</summary>
    /// <param name="first">Where the run's voxels begin in the mask's vectors.</param>
    /// <param name="weights">G∗m.</param>
    /// <param name="sums">G∗(v·m).</param>
    /// <param name="squares">G∗(v²·m); empty where it is not wanted.</param>
    internal delegate void Sink(int first, ReadOnlySpan<float> weights, ReadOnlySpan<float> sums, ReadOnlySpan<float> squares);

    private int RowLength => _width + _kernelX.Length - 1;

    private int RowsLength => (_height + _kernelY.Length - 1) * _width;

    private int Plane => _width * _height;

    /// <summary>Sums over the windows around all voxels.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">One value per voxel of the mask.</param>
    /// <param name="sigma">Standard deviations in voxels; each kernel ends at three of them.</param>
    /// <param name="ofSquares">Whether sums of squares are wanted.</param>
    /// <param name="sink">Takes the sums of each run, in their order; may write to values of that run and of those before.</param>
    public static void Apply(MaskRuns mask, ReadOnlySpan<float> values, (float X, float Y, float Z) sigma, bool ofSquares, Sink sink)
    {
        using var scratch = Buffers.Pooled();
        var filter = new MaskedGaussian(mask, sigma, ofSquares, scratch);
        var reach = filter._kernelZ.Length / 2;
        int taken = 0, given = 0;
        for (var z = 0; z < filter._depth + reach; z++)
        {
            taken = z < filter._depth ? filter.Take(z, taken, values) : taken;
            given = z >= reach ? filter.Give(z - reach, given, sink) : given;
        }
    }

    // Smooths a plane along x and y; gives the first run of the next.
    private int Take(int z, int run, ReadOnlySpan<float> values)
    {
        ReadOnlySpan<int> starts = _mask.Starts, offsets = _mask.Offsets;
        for (var y = 0; y < _height; y++)
        {
            var to = (y + (_kernelY.Length / 2)) * _width;
            var first = At(y, z);
            var isEmpty = run == starts.Length || starts[run] >= first + _width;
            _row.AsSpan(0, isEmpty ? 0 : _channels * RowLength).Clear();
            for (; run < starts.Length && starts[run] < first + _width; run++)
            {
                var at = starts[run] - first + (_kernelX.Length / 2);
                var own = values[offsets[run]..offsets[run + 1]];
                _row.AsSpan(at, own.Length).Fill(1);
                own.CopyTo(_row.AsSpan(RowLength + at));
                if (_channels > 2)
                {
                    Square(own, _row.AsSpan((2 * RowLength) + at, own.Length));
                }
            }

            for (var channel = 0; channel < _channels; channel++)
            {
                var smooth = _rows.AsSpan((channel * RowsLength) + to, _width);
                if (isEmpty)
                {
                    smooth.Clear();
                }
                else
                {
                    GaussianFilter.WeightedSum(_row.AsSpan(channel * RowLength, RowLength), _startsX, _kernelX, smooth);
                }
            }
        }

        // Rows lie one behind the other: along y, a plane is one long row.
        for (var channel = 0; channel < _channels; channel++)
        {
            GaussianFilter.WeightedSum(
                _rows.AsSpan(channel * RowsLength, RowsLength), _startsY, _kernelY, _ring.AsSpan(Slot(z) + (channel * Plane), Plane));
        }

        return run;
    }

    // Smooths a plane along z, from its first voxel in the mask to its last, and gives its runs; gives the first run of the next.
    private int Give(int z, int run, Sink sink)
    {
        ReadOnlySpan<int> starts = _mask.Starts, offsets = _mask.Offsets;
        var (origin, end) = (At(0, z), At(_height - 1, z) + _width);
        var next = run;
        while (next < starts.Length && starts[next] < end)
        {
            next++;
        }

        if (next == run)
        {
            return next;
        }

        var reach = _kernelZ.Length / 2;
        var (below, above) = (Math.Min(reach, z), Math.Min(reach, _depth - 1 - z));
        Span<int> planes = stackalloc int[below + above + 1];
        var first = InPlane(starts[run], z);
        var length = InPlane(starts[next - 1], z) + offsets[next] - offsets[next - 1] - first;
        for (var channel = 0; channel < _channels; channel++)
        {
            for (var k = 0; k < planes.Length; k++)
            {
                planes[k] = Slot(z - below + k) + (channel * Plane) + first;
            }

            GaussianFilter.WeightedSum(
                _ring, planes, _kernelZ.AsSpan(reach - below, planes.Length), _result.AsSpan((channel * Plane) + first, length));
        }

        for (; run < next; run++)
        {
            var (at, count) = (InPlane(starts[run], z), offsets[run + 1] - offsets[run]);
            sink(offsets[run], _result.AsSpan(at, count), _result.AsSpan(Plane + at, count), _channels > 2 ? _result.AsSpan((2 * Plane) + at, count)
                : default);
        }

        return next;
    }

    private static void Square(ReadOnlySpan<float> values, Span<float> squares)
    {
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var v = new Vector<float>(values[i..]);
            (v * v).CopyTo(squares[i..]);
        }

        for (; i < values.Length; i++)
        {
            squares[i] = values[i] * values[i];
        }
    }

    // The grid index of a row's first voxel in the box.
    private int At(int y, int z) => _mask.Size.IndexOf(_mask.Box.X0, _mask.Box.Y0 + y, _mask.Box.Z0 + z);

    // Where a voxel of the grid lies in its plane of the box.
    private int InPlane(int index, int z)
    {
        var (y, x) = Math.DivRem(index - At(0, z), _mask.Size.X);
        return (y * _width) + x;
    }

    private int Slot(int z) => z % _kernelZ.Length * _channels * Plane;
}
