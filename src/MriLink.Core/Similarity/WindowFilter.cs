using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MriLink.Core.Similarity;

/// <summary>
/// Filters the voxels of a mask with a separable window. Voxels outside the mask, and beyond the grid, count as zero; dividing by
/// the filtered mask (<see cref="InverseWeights"/>) makes weighted means of the mask's voxels alone.
/// </summary>
internal static class WindowFilter
{
    /// <summary>The window's weighted sum around each voxel of the mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">One value per voxel of the mask.</param>
    /// <param name="kernel">The window.</param>
    /// <param name="result">One sum per voxel of the mask.</param>
    public static void Apply(MaskRuns mask, ReadOnlySpan<float> values, WindowKernel kernel, Span<float> result)
    {
        if (mask.Count == 0)
        {
            return;
        }

        // The mask's box with a rim of zeros as wide as the window. Along x and y one rim serves both neighbours: what runs off a
        // row's end lands in the zeros before the next one.
        var r = kernel.Radius;
        var box = mask.Box;
        var stride = box.X1 - box.X0 + r;
        var plane = stride * (box.Y1 - box.Y0 + r);
        var depth = box.Z1 - box.Z0;
        var slack = (r * stride) + r;
        var padded = ArrayPool<float>.Shared.Rent((plane * (depth + (2 * r))) + slack);
        var overPlanes = ArrayPool<float>.Shared.Rent(plane + (2 * slack));
        var overRows = ArrayPool<float>.Shared.Rent(plane + (2 * slack));
        var overColumns = ArrayPool<float>.Shared.Rent(plane);
        try
        {
            padded.AsSpan(0, (plane * (depth + (2 * r))) + slack).Clear();
            foreach (var buffer in new[] { overPlanes, overRows })
            {
                buffer.AsSpan(0, slack).Clear();
                buffer.AsSpan(slack + plane, slack).Clear();
            }

            var starts = mask.Starts;
            var offsets = mask.Offsets;
            for (var run = 0; run < starts.Length; run++)
            {
                var (x, y, z) = mask.Locate(starts[run]);
                var at = ((z - box.Z0 + r) * plane) + ((y - box.Y0) * stride) + (x - box.X0);
                values[offsets[run]..offsets[run + 1]].CopyTo(padded.AsSpan(at));
            }

            var next = 0;
            for (var z = 0; z < depth; z++)
            {
                Convolve(padded, (z + r) * plane, plane, overPlanes, slack, plane, kernel.Weights);
                Convolve(overPlanes, slack, stride, overRows, slack, plane, kernel.Weights);
                Convolve(overRows, slack, 1, overColumns, 0, plane, kernel.Weights);
                for (; next < starts.Length; next++)
                {
                    var (x, y, runZ) = mask.Locate(starts[next]);
                    if (runZ != z + box.Z0)
                    {
                        break;
                    }

                    var length = offsets[next + 1] - offsets[next];
                    overColumns.AsSpan(((y - box.Y0) * stride) + (x - box.X0), length).CopyTo(result[offsets[next]..]);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(padded);
            ArrayPool<float>.Shared.Return(overPlanes);
            ArrayPool<float>.Shared.Return(overRows);
            ArrayPool<float>.Shared.Return(overColumns);
        }
    }

    /// <summary>One over the part of the window's weight that lies on the mask, per voxel of the mask.</summary>
    public static void InverseWeights(MaskRuns mask, WindowKernel kernel, Span<float> result)
    {
        var ones = ArrayPool<float>.Shared.Rent(mask.Count);
        try
        {
            ones.AsSpan(0, mask.Count).Fill(1);
            Apply(mask, ones.AsSpan(0, mask.Count), kernel, result);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(ones);
        }

        foreach (ref var weight in result[..mask.Count])
        {
            weight = 1 / weight;
        }
    }

    // target[i] = Σ weights[|d|]·source[i + d·step]; four vectors at a time, so that a weight is fetched once for all of them.
    private static void Convolve(float[] source, int start, int step, float[] target, int targetStart, int count, ReadOnlySpan<float> weights)
    {
        var reach = (weights.Length - 1) * step;
        if (start < reach || start + reach + count > source.Length || targetStart + count > target.Length)
        {
            throw new ArgumentException($"{count} values from {start} with a reach of {reach} do not fit.", nameof(count));
        }

        ref var s = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(source), start);
        ref var t = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(target), targetStart);
        ref var w = ref MemoryMarshal.GetReference(weights);
        var width = Vector<float>.Count;
        var i = 0;
        for (; i <= count - (4 * width); i += 4 * width)
        {
            ref var center = ref Unsafe.Add(ref s, i);
            var weight = new Vector<float>(w);
            var a = Load(ref center, 0) * weight;
            var b = Load(ref center, width) * weight;
            var c = Load(ref center, 2 * width) * weight;
            var d = Load(ref center, 3 * width) * weight;
            var distance = step;
            for (var tap = 1; tap < weights.Length; tap++, distance += step)
            {
                weight = new Vector<float>(Unsafe.Add(ref w, tap));
                ref var after = ref Unsafe.Add(ref center, distance);
                ref var before = ref Unsafe.Subtract(ref center, distance);
                a += (Load(ref after, 0) + Load(ref before, 0)) * weight;
                b += (Load(ref after, width) + Load(ref before, width)) * weight;
                c += (Load(ref after, 2 * width) + Load(ref before, 2 * width)) * weight;
                d += (Load(ref after, 3 * width) + Load(ref before, 3 * width)) * weight;
            }

            ref var to = ref Unsafe.Add(ref t, i);
            a.StoreUnsafe(ref to);
            b.StoreUnsafe(ref Unsafe.Add(ref to, width));
            c.StoreUnsafe(ref Unsafe.Add(ref to, 2 * width));
            d.StoreUnsafe(ref Unsafe.Add(ref to, 3 * width));
        }

        for (; i < count; i++)
        {
            ref var center = ref Unsafe.Add(ref s, i);
            var sum = center * w;
            for (var tap = 1; tap < weights.Length; tap++)
            {
                sum += (Unsafe.Add(ref center, tap * step) + Unsafe.Subtract(ref center, tap * step)) * Unsafe.Add(ref w, tap);
            }

            Unsafe.Add(ref t, i) = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Load(ref float start, int offset) => Vector.LoadUnsafe(ref Unsafe.Add(ref start, offset));
}
