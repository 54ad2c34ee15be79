using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>
/// Reads a volume between its voxels by interpolating cubic B-splines (Unser 1999, IEEE Signal Processing Magazine 16:22): it goes
/// through every voxel and blurs far less than trilinear interpolation does.
/// </summary>
/// <remarks>The volume is mirrored about its outermost voxel centres. Takes the memory of one copy of the volume.</remarks>
public sealed class CubicSpline
{
    // The mirrored line's sum of Pole^|n|: after 16 items nothing is left that a float can hold (0.27^16 = 7e-10).
    private const int Horizon = 16;

    // The pole of the cubic B-spline's inverse filter.
    private static readonly float Pole = MathF.Sqrt(3) - 2;

    private static readonly float Gain = (1 - Pole) * (1 - (1 / Pole));
    private static readonly float Edge = Pole / ((Pole * Pole) - 1);

    private readonly float[] _coefficients;
    private readonly GridSize _size;

    private CubicSpline(GridSize size, float[] coefficients) => (_size, _coefficients) = (size, coefficients);

    /// <summary>Finds the spline's coefficients.</summary>
    /// <param name="volume">The volume; it is not changed.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static CubicSpline Of(Volume volume, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var size = volume.Size;
        var c = (float[])volume.Voxels.Clone();
        var plane = size.X * size.Y;

        // Along x and y while a slice is in the cache, then along z for whole rows at a time.
        work.ForBlocks(size.Z, z =>
        {
            var slice = c.AsSpan(z * plane, plane);
            for (var y = 0; y < size.Y; y++)
            {
                FilterRow(slice.Slice(y * size.X, size.X));
            }

            Filter(slice, size.Y, size.X, size.X);
        });
        work.ForBlocks(size.Y, y => Filter(c.AsSpan(y * size.X), size.Z, plane, size.X));
        return new(size, c);
    }

    /// <summary>The intensity at a position in voxel indices; false when the four neighbours along an axis do not all exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySample(float x, float y, float z, out float value)
    {
        // Written so that NaN counts as outside.
        if (!(x >= 1 && y >= 1 && z >= 1 && x < _size.X - 2 && y < _size.Y - 2 && z < _size.Z - 2))
        {
            value = 0;
            return false;
        }

        int x0 = (int)x, y0 = (int)y, z0 = (int)z;
        var wx = Weights(x - x0);
        var wy = Weights(y - y0);
        var wz = Weights(z - z0);
        ref var corner = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_coefficients), _size.IndexOf(x0 - 1, y0 - 1, z0 - 1));
        var plane = _size.X * _size.Y;
        var sum = Vector128<float>.Zero;
        for (var k = 0; k < 4; k++)
        {
            ref var row = ref Unsafe.Add(ref corner, k * plane);
            var along = (Vector128.LoadUnsafe(ref row) * wy[0])
                + (Vector128.LoadUnsafe(ref Unsafe.Add(ref row, _size.X)) * wy[1])
                + (Vector128.LoadUnsafe(ref Unsafe.Add(ref row, 2 * _size.X)) * wy[2])
                + (Vector128.LoadUnsafe(ref Unsafe.Add(ref row, 3 * _size.X)) * wy[3]);
            sum += along * wz[k];
        }

        value = Vector128.Dot(sum, wx);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Weights(float t)
    {
        var s = 1 - t;
        return Vector128.Create(
            s * s * s / 6,
            (2f / 3) - (t * t * (1 - (t / 2))),
            (2f / 3) - (s * s * (1 - (s / 2))),
            t * t * t / 6);
    }

    // The same as Filter for one line whose items lie side by side.
    private static void FilterRow(Span<float> row)
    {
        if (row.Length == 1)
        {
            return;
        }

        var period = 2 * (row.Length - 1);
        var (sum, power) = (0f, 1f);
        for (var n = 0; n < Horizon; n++)
        {
            var at = n % period;
            sum += power * row[at < row.Length ? at : period - at];
            power *= Pole;
        }

        var value = Gain * sum;
        row[0] = value;
        for (var i = 1; i < row.Length; i++)
        {
            value = (Gain * row[i]) + (Pole * value);
            row[i] = value;
        }

        value = Edge * (row[^1] + (Pole * row[^2]));
        row[^1] = value;
        for (var i = row.Length - 2; i >= 0; i--)
        {
            value = Pole * (value - row[i]);
            row[i] = value;
        }
    }

    // Filters `width` neighbouring lines of `count` items at once, in place: causal, then anticausal.
    private static void Filter(Span<float> lines, int count, int step, int width)
    {
        if (count == 1)
        {
            return;
        }

        Span<float> first = new float[width];

        var power = 1f;
        for (var n = 0; n < Horizon; n++)
        {
            var period = 2 * (count - 1);
            var at = n % period;
            var source = lines.Slice((at < count ? at : period - at) * step, width);
            for (var i = 0; i < width; i++)
            {
                first[i] += power * source[i];
            }

            power *= Pole;
        }

        for (var i = 0; i < width; i++)
        {
            lines[i] = Gain * first[i];
        }

        for (var n = 1; n < count; n++)
        {
            var previous = lines.Slice((n - 1) * step, width);
            var here = lines.Slice(n * step, width);
            for (var i = 0; i < here.Length; i++)
            {
                here[i] = (Gain * here[i]) + (Pole * previous[i]);
            }
        }

        var last = lines.Slice((count - 1) * step, width);
        var before = lines.Slice((count - 2) * step, width);
        for (var i = 0; i < last.Length; i++)
        {
            last[i] = Edge * (last[i] + (Pole * before[i]));
        }

        for (var n = count - 2; n >= 0; n--)
        {
            var next = lines.Slice((n + 1) * step, width);
            var here = lines.Slice(n * step, width);
            for (var i = 0; i < here.Length; i++)
            {
                here[i] = Pole * (next[i] - here[i]);
            }
        }
    }
}
