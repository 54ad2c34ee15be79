using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// The fixed side of a rigid refinement: points inside a brain and, for each, the row from which all sums of a Gauss-Newton step
/// come: derivatives by three translations and three rotations, the intensity, and 1.
/// </summary>
internal sealed class RigidPoints
{
    /// <summary>Numbers in a row: one vector register.</summary>
    public const int Width = 8;

    /// <summary>Where the intensity stands in a row.</summary>
    public const int Value = 6;

    /// <summary>Where the 1 stands in a row.</summary>
    public const int One = 7;

    /// <summary>Rotations are in radians times this (mm), so that all six parameters move points by like amounts.</summary>
    public const float Unit = 60;

    private readonly float[] _rows;

    private RigidPoints(Point3 center, float[] offsets, float[] rows)
    {
        (Center, Offsets, _rows) = (center, offsets, rows);
        Count = rows.Length / Width;
        for (var i = 0; i < Count; i++)
        {
            AddOuterProduct(i, Gram);
        }
    }

    /// <summary>What rotations turn about, in world mm.</summary>
    public Point3 Center { get; }

    /// <summary>How many points.</summary>
    public int Count { get; }

    /// <summary>x, y and z in mm from <see cref="Center"/>, point after point.</summary>
    public float[] Offsets { get; }

    /// <summary>The rows, point after point.</summary>
    public ReadOnlySpan<Vector256<float>> Rows => MemoryMarshal.Cast<float, Vector256<float>>(_rows);

    /// <summary>The sum over all points of each row's outer product with itself: 8×8.</summary>
    public double[] Gram { get; } = new double[Width * Width];

    /// <summary>Collects points that have all 26 neighbours inside; gradients are Sobel's, which noise moves far less than plain differences.</summary>
    /// <param name="image">Intensities, NaN outside.</param>
    /// <param name="center">What rotations turn about.</param>
    /// <param name="most">At most about this many points are kept, evenly thinned.</param>
    public static RigidPoints Of(Volume image, Point3 center, int most)
    {
        var (size, v) = (image.Size, image.Voxels);
        var (dy, dz) = (size.X, size.X * size.Y);
        var inside = new List<int>();
        for (var z = 1; z < size.Z - 1; z++)
        {
            for (var y = 1; y < size.Y - 1; y++)
            {
                for (var x = 1; x < size.X - 1; x++)
                {
                    // NaN is contagious, so one sum tells of a whole row of neighbours.
                    var i = size.IndexOf(x, y, z);
                    if (IsWhole(v, i - dz, dy) && IsWhole(v, i, dy) && IsWhole(v, i + dz, dy))
                    {
                        inside.Add(i);
                    }
                }
            }
        }

        var stride = Math.Max(1, (int)Math.Ceiling(inside.Count / (double)most));
        var count = (inside.Count + stride - 1) / stride;
        var offsets = new float[3 * count];
        var rows = new float[Width * count];
        var toWorld = image.Geometry.VoxelToWorld;

        // The gradient by voxel index becomes one by world position through the inverse transpose.
        var inverse = image.Geometry.WorldToVoxel;
        for (var n = 0; n < count; n++)
        {
            var i = inside[n * stride];
            var u = toWorld.Apply(new(i % dy, i / dy % size.Y, i / dz)) - center;
            var gx = Smooth(v, i + 1, dy, dz) - Smooth(v, i - 1, dy, dz);
            var gy = Smooth(v, i + dy, 1, dz) - Smooth(v, i - dy, 1, dz);
            var gz = Smooth(v, i + dz, 1, dy) - Smooth(v, i - dz, 1, dy);
            var g = new Point3(
                (inverse.M11 * gx) + (inverse.M21 * gy) + (inverse.M31 * gz),
                (inverse.M12 * gx) + (inverse.M22 * gy) + (inverse.M32 * gz),
                (inverse.M13 * gx) + (inverse.M23 * gy) + (inverse.M33 * gz));
            (offsets[3 * n], offsets[(3 * n) + 1], offsets[(3 * n) + 2]) = ((float)u.X, (float)u.Y, (float)u.Z);

            // A turn by w moves u by w × u, and g · (w × u) = w · (u × g).
            ReadOnlySpan<float> row =
            [
                (float)g.X,
                (float)g.Y,
                (float)g.Z,
                (float)((u.Y * g.Z) - (u.Z * g.Y)) / Unit,
                (float)((u.Z * g.X) - (u.X * g.Z)) / Unit,
                (float)((u.X * g.Y) - (u.Y * g.X)) / Unit,
                v[i],
                1,
            ];
            row.CopyTo(rows.AsSpan(n * Width));
        }

        return new(center, offsets, rows);
    }

    // Whether the nine voxels around `i` in its slice are inside.
    private static bool IsWhole(float[] v, int i, int dy) => !float.IsNaN(
        v[i] + v[i - 1] + v[i + 1] + v[i - dy] + v[i - dy - 1] + v[i - dy + 1] + v[i + dy] + v[i + dy - 1] + v[i + dy + 1]);

    // Half the mean over 1-2-1 by 1-2-1 voxels around `i`: the difference of two, two voxels apart, is a derivative.
    private static float Smooth(float[] v, int i, int a, int b) =>
        ((4 * v[i]) + (2 * (v[i - a] + v[i + a] + v[i - b] + v[i + b])) + v[i - a - b] + v[i - a + b] + v[i + a - b] + v[i + a + b]) / 32;

    /// <summary>Adds the outer product of point <paramref name="i"/>'s row with itself to <paramref name="sums"/> (8×8).</summary>
    public void AddOuterProduct(int i, Span<double> sums)
    {
        var row = _rows.AsSpan(i * Width, Width);
        for (var a = 0; a < Width; a++)
        {
            for (var b = 0; b < Width; b++)
            {
                sums[(a * Width) + b] += (double)row[a] * row[b];
            }
        }
    }
}
