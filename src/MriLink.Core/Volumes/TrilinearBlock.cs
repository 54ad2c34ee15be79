using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Volumes;

/// <summary>
/// Samples a volume trilinearly at eight points in a row and at the same few offsets from each, well inside the grid: the inner
/// loop of resampling.
/// </summary>
/// <remarks>
/// The eight voxels around a sample are loaded as four pairs and multiplied by their weights as one vector; samples are added
/// up as such vectors, and the eight lanes of a point only at its end.
/// </remarks>
internal ref struct TrilinearBlock
{
    /// <summary>Points worked on at a time.</summary>
    public const int Points = 8;

    private readonly ReadOnlySpan<float> _voxels;
    private readonly GridSize _size;
    private readonly ReadOnlySpan<(float X, float Y, float Z)> _offsets;
    private readonly (float X, float Y, float Z) _low;
    private readonly (float X, float Y, float Z) _high;

    // Of each sample, offset after offset and eight points each: the first of its eight voxels, and how far beyond it it lies.
    private readonly int[] _first;
    private readonly float[] _x;
    private readonly float[] _y;
    private readonly float[] _z;
    private Vector256<float> _pointX;
    private Vector256<float> _pointY;
    private Vector256<float> _pointZ;

    /// <summary>Prepares for a volume.</summary>
    /// <param name="volume">What is sampled.</param>
    /// <param name="offsets">Where around a point, in voxels; the mean of these samples is taken.</param>
    public TrilinearBlock(Volume volume, ReadOnlySpan<(float X, float Y, float Z)> offsets)
    {
        _voxels = volume.Voxels;
        _size = volume.Size;
        _offsets = offsets;
        _low = _high = offsets[0];
        foreach (var (x, y, z) in offsets)
        {
            _low = (MathF.Min(_low.X, x), MathF.Min(_low.Y, y), MathF.Min(_low.Z, z));
            _high = (MathF.Max(_high.X, x), MathF.Max(_high.Y, y), MathF.Max(_high.Z, z));
        }

        _first = new int[offsets.Length * Points];
        _x = new float[_first.Length];
        _y = new float[_first.Length];
        _z = new float[_first.Length];
    }

    /// <summary>Moves to the points start, start + step, …</summary>
    /// <param name="start">The first, in voxels.</param>
    /// <param name="step">From one point to the next, in voxels.</param>
    /// <param name="count">How many of the eight are meant.</param>
    /// <returns>Whether all samples of these points have eight voxels around them; <see cref="Mean"/> may be called only then.</returns>
    public bool MoveTo(Point3 start, Point3 step, int count)
    {
        _pointX = Along(start.X, step.X);
        _pointY = Along(start.Y, step.Y);
        _pointZ = Along(start.Z, step.Z);
        return IsInside(_pointX, count, _low.X, _high.X, _size.X)
            && IsInside(_pointY, count, _low.Y, _high.Y, _size.Y)
            && IsInside(_pointZ, count, _low.Z, _high.Z, _size.Z)
            && Locate();
    }

    /// <summary>The mean of the samples of a point.</summary>
    /// <param name="point">0 to 7.</param>
    public readonly float Mean(int point)
    {
        ref var voxels = ref MemoryMarshal.GetReference(_voxels);
        var (first, x, y, z) = (_first, _x, _y, _z);
        var (row, plane) = ((nuint)_size.X, (nuint)(_size.X * _size.Y));
        var sum = Vector256<float>.Zero;
        for (var k = point; k < first.Length; k += Points)
        {
            ref var corner = ref Unsafe.Add(ref voxels, first[k]);
            ref var above = ref Unsafe.Add(ref corner, plane);
            var eight = Vector256.Create(
                Pair(ref corner), Pair(ref Unsafe.Add(ref corner, row)), Pair(ref above), Pair(ref Unsafe.Add(ref above, row))).AsSingle();
            var weights = Near(x[k], Vector256.Create(1f, 0, 1, 0, 1, 0, 1, 0), Vector256.Create(-1f, 1, -1, 1, -1, 1, -1, 1))
                * Near(y[k], Vector256.Create(1f, 1, 0, 0, 1, 1, 0, 0), Vector256.Create(-1f, -1, 1, 1, -1, -1, 1, 1))
                * Near(z[k], Vector256.Create(1f, 1, 1, 1, 0, 0, 0, 0), Vector256.Create(-1f, -1, -1, -1, 1, 1, 1, 1));
            sum = MultiplyAdd(eight, weights, sum);
        }

        return Vector256.Sum(sum) / _offsets.Length;
    }

    private readonly bool Locate()
    {
        var (rows, planes) = (Vector256.Create(_size.X), Vector256.Create(_size.X * _size.Y));
        ref var first = ref MemoryMarshal.GetArrayDataReference(_first);
        ref var restX = ref MemoryMarshal.GetArrayDataReference(_x);
        ref var restY = ref MemoryMarshal.GetArrayDataReference(_y);
        ref var restZ = ref MemoryMarshal.GetArrayDataReference(_z);
        for (var o = 0; o < _offsets.Length; o++)
        {
            var k = (nuint)(o * Points);
            var x = Split(_pointX + Vector256.Create(_offsets[o].X), ref Unsafe.Add(ref restX, k));
            var y = Split(_pointY + Vector256.Create(_offsets[o].Y), ref Unsafe.Add(ref restY, k));
            var z = Split(_pointZ + Vector256.Create(_offsets[o].Z), ref Unsafe.Add(ref restZ, k));
            (x + (y * rows) + (z * planes)).StoreUnsafe(ref first, k);
        }

        return true;
    }

    // Positions above 0 into whole part and rest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Split(Vector256<float> position, ref float rest)
    {
        var whole = Truncate.ToInt(position);
        (position - Vector256.ConvertToSingle(whole)).StoreUnsafe(ref rest);
        return whole;
    }

    private static Vector256<float> Along(double start, double step) =>
        MultiplyAdd(Vector256.Create(0f, 1, 2, 3, 4, 5, 6, 7), Vector256.Create((float)step), Vector256.Create((float)start));

    // Positions run one way, so the first and the last point tell; NaN is not inside.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInside(Vector256<float> points, int count, float low, float high, int size)
    {
        // Read from memory: an element whose index is not constant keeps a method from being compiled ahead of time.
        ref var lanes = ref Unsafe.As<Vector256<float>, float>(ref points);
        var (first, last) = (lanes, Unsafe.Add(ref lanes, count - 1));
        return MathF.Min(first, last) + low >= 0 && MathF.Max(first, last) + high < size - 1;
    }

    // 1 - f for the nearer neighbour along an axis and f for the farther, in the lanes where each is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Near(float fraction, Vector256<float> start, Vector256<float> slope) =>
        MultiplyAdd(Vector256.Create(fraction), slope, start);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Pair(ref float first) => Unsafe.ReadUnaligned<double>(ref Unsafe.As<float, byte>(ref first));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Fma.IsSupported ? Fma.MultiplyAdd(a, b, c) : (a * b) + c;
}
