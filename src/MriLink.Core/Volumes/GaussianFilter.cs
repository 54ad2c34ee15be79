using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>Smooths a grid with a separable Gaussian; beyond the border the outermost voxel is repeated.</summary>
public static class GaussianFilter
{
    /// <summary>Gives a smooth copy of a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="sigma">Standard deviation in mm; the kernel ends at three of them.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static Volume Smooth(Volume volume, double sigma, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var voxels = (float[])volume.Voxels.Clone();
        var spacing = volume.Geometry.Spacing;
        Smooth(voxels, new float[voxels.Length], volume.Size,
            ((float)(sigma / spacing.X), (float)(sigma / spacing.Y), (float)(sigma / spacing.Z)), work);
        return new(volume.Geometry, voxels);
    }

    /// <summary>Smooths in place.</summary>
    /// <param name="values">The grid, x fastest.</param>
    /// <param name="scratch">Room of the same length.</param>
    /// <param name="size">The grid's size.</param>
    /// <param name="sigma">Standard deviation in voxels; the kernel ends at three of them.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static void Smooth(float[] values, float[] scratch, GridSize size, float sigma, WorkOptions work) =>
        Smooth(values, scratch, size, (sigma, sigma, sigma), work);

    /// <summary>Smooths in place, with a standard deviation for each axis.</summary>
    /// <param name="values">The grid, x fastest.</param>
    /// <param name="scratch">Room of the same length.</param>
    /// <param name="size">The grid's size.</param>
    /// <param name="sigma">Standard deviations in voxels; each kernel ends at three of them.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static void Smooth(float[] values, float[] scratch, GridSize size, (float X, float Y, float Z) sigma, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(scratch);
        Smooth([values], [scratch], size, sigma, work);
        scratch.AsSpan(0, values.Length).CopyTo(values);
    }

    /// <summary>Smooths several grids of one size side by side: small ones keep more threads busy so than one after the other.</summary>
    /// <param name="values">The grids, x fastest; what is left in them has no meaning.</param>
    /// <param name="results">As many of the same length, which receive them smoothed.</param>
    /// <param name="size">The grids' size.</param>
    /// <param name="sigma">Standard deviations in voxels; each kernel ends at three of them.</param>
    /// <param name="work">Threads and cancellation.</param>
    internal static void Smooth(float[][] values, float[][] results, GridSize size, (float X, float Y, float Z) sigma, WorkOptions work)
    {
        var (kernelX, kernelY, kernelZ) = (Kernel(sigma.X), Kernel(sigma.Y), Kernel(sigma.Z));

        // x and y stay within a slice, so both are done while it is in the cache.
        work.ForBlocks(values.Length * size.Z, block =>
        {
            var (grid, z) = Math.DivRem(block, size.Z);
            var plane = size.X * size.Y;
            var from = values[grid].AsSpan(z * plane, plane);
            var to = results[grid].AsSpan(z * plane, plane);
            Span<float> line = new float[size.X + kernelX.Length - 1];
            for (var y = 0; y < size.Y; y++)
            {
                AlongRow(from.Slice(y * size.X, size.X), to.Slice(y * size.X, size.X), line, kernelX);
            }

            for (var y = 0; y < size.Y; y++)
            {
                Combine(to, from.Slice(y * size.X, size.X), y, size.Y, size.X, kernelY);
            }
        });
        work.ForBlocks(values.Length * size.Z, block =>
        {
            var (grid, z) = Math.DivRem(block, size.Z);
            var plane = size.X * size.Y;
            Combine(values[grid], results[grid].AsSpan(z * plane, plane), z, size.Z, plane, kernelZ);
        });
    }

    /// <summary>The weights of a kernel that ends at three standard deviations; they sum to 1.</summary>
    internal static float[] Kernel(float sigma)
    {
        var radius = Math.Max(1, (int)MathF.Ceiling(3 * sigma));
        var kernel = new float[(2 * radius) + 1];
        for (var i = 0; i < kernel.Length; i++)
        {
            var distance = i - radius;
            kernel[i] = MathF.Exp(-(distance * distance) / (2 * sigma * sigma));
        }

        var sum = kernel.Sum();
        return Array.ConvertAll(kernel, w => w / sum);
    }

    private static void AlongRow(ReadOnlySpan<float> row, Span<float> result, Span<float> line, float[] kernel)
    {
        var radius = kernel.Length / 2;
        line[..radius].Fill(row[0]);
        row.CopyTo(line[radius..]);
        line[(radius + row.Length)..].Fill(row[^1]);
        Span<int> starts = stackalloc int[kernel.Length];
        for (var k = 0; k < kernel.Length; k++)
        {
            starts[k] = k;
        }

        WeightedSum(line, starts, kernel, result);
    }

    // Sums whole rows (or planes) around position `at`, weighted by the kernel.
    private static void Combine(ReadOnlySpan<float> source, Span<float> result, int at, int count, int length, float[] kernel)
    {
        var radius = kernel.Length / 2;
        Span<int> starts = stackalloc int[kernel.Length];
        for (var k = 0; k < kernel.Length; k++)
        {
            starts[k] = Math.Clamp(at + k - radius, 0, count - 1) * length;
        }

        WeightedSum(source, starts, kernel, result);
    }

    /// <summary>result[i] = Σ kernel[k]·source[starts[k] + i], the sums kept in registers.</summary>
    internal static void WeightedSum(ReadOnlySpan<float> source, ReadOnlySpan<int> starts, ReadOnlySpan<float> kernel, Span<float> result)
    {
        var width = Vector<float>.Count;
        foreach (var start in starts)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(start + result.Length, source.Length, nameof(starts));
        }

        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(result);
        var i = 0;
        for (; i <= result.Length - (4 * width); i += 4 * width)
        {
            var (a, b, c, d) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
            for (var k = 0; k < kernel.Length; k++)
            {
                ref var values = ref Unsafe.Add(ref from, starts[k] + i);
                var weight = new Vector<float>(kernel[k]);
                a += Vector.LoadUnsafe(ref values) * weight;
                b += Vector.LoadUnsafe(ref values, (nuint)width) * weight;
                c += Vector.LoadUnsafe(ref values, (nuint)(2 * width)) * weight;
                d += Vector.LoadUnsafe(ref values, (nuint)(3 * width)) * weight;
            }

            ref var target = ref Unsafe.Add(ref to, i);
            a.StoreUnsafe(ref target);
            b.StoreUnsafe(ref target, (nuint)width);
            c.StoreUnsafe(ref target, (nuint)(2 * width));
            d.StoreUnsafe(ref target, (nuint)(3 * width));
        }

        for (; i < result.Length && result.Length >= width; i += width)
        {
            // The last vector goes back so far that it ends with the row; what is summed twice comes out the same.
            var at = Math.Min(i, result.Length - width);
            var sum = Vector<float>.Zero;
            for (var k = 0; k < kernel.Length; k++)
            {
                sum += Vector.LoadUnsafe(ref Unsafe.Add(ref from, starts[k] + at)) * new Vector<float>(kernel[k]);
            }

            sum.StoreUnsafe(ref Unsafe.Add(ref to, at));
        }

        for (; i < result.Length; i++)
        {
            var sum = 0f;
            for (var k = 0; k < kernel.Length; k++)
            {
                sum += kernel[k] * source[starts[k] + i];
            }

            result[i] = sum;
        }
    }

    /// <summary>Adds weighted values to sums of the same length.</summary>
    internal static void AddScaled(Span<float> sums, ReadOnlySpan<float> values, float weight)
    {
        var width = Vector<float>.Count;
        var i = 0;
        for (; i <= sums.Length - width; i += width)
        {
            var slice = sums[i..];
            (new Vector<float>(slice) + (new Vector<float>(values[i..]) * weight)).CopyTo(slice);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += weight * values[i];
        }
    }
}
