using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Similarity;

/// <summary>
/// Filters the voxels of a mask with a separable window. Voxels outside the mask, and beyond the grid, count as zero; dividing by
/// the filtered mask (<see cref="InverseWeights"/>) makes weighted means of the mask's voxels alone.
/// </summary>
/// <remarks>
/// Goes plane by plane: the values of a plane are asked for when the window first reaches it, and the filtered ones are handed over at
/// once, so that nothing but a few planes is ever held, which the processor's cache holds too.
/// </remarks>
internal static class WindowFilter
{
    /// <summary>Where values come from.</summary>
    public interface ISource
    {
        /// <summary>The values of some consecutive voxels of the mask.</summary>
        void Read(int first, Span<float> values);
    }

    /// <summary>Where filtered values go.</summary>
    public interface ISink
    {
        /// <summary>Takes the sums around some consecutive voxels of the mask; may change them.</summary>
        void Take(int first, Span<float> sums);
    }

    /// <summary>The window's weighted sum around each voxel of the mask.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">One value per voxel of the mask; may be longer.</param>
    /// <param name="kernel">The window.</param>
    /// <param name="result">One sum per voxel of the mask; may be longer.</param>
    public static void Apply(MaskRuns mask, float[] values, WindowKernel kernel, float[] result)
    {
        var sink = new Writer(result);
        Apply(mask, kernel, margin: 0, new Reader(values), ref sink);
    }

    /// <summary>The window's weighted sums, from a source to a sink, plane by plane.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="kernel">The window.</param>
    /// <param name="margin">Sums this close in voxels to a face of the grid are not needed: what the sink gets there means nothing.</param>
    /// <param name="source">Gives the values.</param>
    /// <param name="sink">Takes the sums.</param>
    public static void Apply<TSource, TSink>(MaskRuns mask, WindowKernel kernel, int margin, TSource source, ref TSink sink)
        where TSource : struct, ISource
        where TSink : struct, ISink
    {
        if (mask.Count == 0)
        {
            return;
        }

        var layout = mask.Layout(kernel.Radius);
        var box = mask.Box;
        var (firstPlane, endPlane) = Needed(box.Z0, box.Z1, mask.Size.Z, margin);
        var (firstRow, endRow) = Needed(box.Y0, box.Y1, mask.Size.Y, margin);
        if (firstPlane >= endPlane || firstRow >= endRow)
        {
            return;
        }

        var r = kernel.Radius;
        var length = layout.PlaneLength;
        var slots = (2 * r) + 1;
        var ring = ArrayPool<float>.Shared.Rent((slots + 1) * length);
        var overPlanes = ArrayPool<float>.Shared.Rent(length + (2 * layout.Slack));
        var overRows = ArrayPool<float>.Shared.Rent(length + (2 * layout.Slack));
        var overColumns = ArrayPool<float>.Shared.Rent(length);
        var compact = ArrayPool<float>.Shared.Rent(layout.Stride * layout.Rows);
        Span<int> planes = stackalloc int[slots];
        try
        {
            // The last slot stays zero and stands for planes beyond the box.
            ring.AsSpan(slots * length, length).Clear();
            overPlanes.AsSpan().Clear();
            overRows.AsSpan().Clear();
            var loaded = Math.Max(0, firstPlane - r);
            for (var plane = firstPlane; plane < endPlane; plane++)
            {
                for (; loaded < Math.Min(plane + r + 1, layout.Planes); loaded++)
                {
                    var (from, voxels) = layout.Voxels(loaded);
                    source.Read(from, compact.AsSpan(0, voxels));
                    layout.Spread(loaded, compact.AsSpan(0, voxels), ring.AsSpan(loaded % slots * length, length));
                }

                for (var i = 0; i < slots; i++)
                {
                    var at = plane - r + i;
                    planes[i] = at < 0 || at >= layout.Planes ? slots * length : at % slots * length;
                }

                var (first, count) = layout.Voxels(plane);
                if (count == 0)
                {
                    continue;
                }

                var begin = Math.Max(0, firstRow - r) * layout.Stride;
                var end = Math.Min(layout.Rows, endRow + r) * layout.Stride;
                ConvolvePlanes(ring, planes, begin, overPlanes, layout.Slack + begin, end - begin, kernel.Weights);
                begin = firstRow * layout.Stride;
                end = endRow * layout.Stride;
                Convolve(overPlanes, layout.Slack + begin, layout.Stride, overRows, layout.Slack + begin, end - begin, kernel.Weights);
                Convolve(overRows, layout.Slack + begin, 1, overColumns, begin, end - begin, kernel.Weights);
                layout.Collect(plane, overColumns, compact);
                sink.Take(first, compact.AsSpan(0, count));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(ring);
            ArrayPool<float>.Shared.Return(overPlanes);
            ArrayPool<float>.Shared.Return(overRows);
            ArrayPool<float>.Shared.Return(overColumns);
            ArrayPool<float>.Shared.Return(compact);
        }
    }

    /// <summary>One over the part of the window's weight that lies on the mask, per voxel of the mask.</summary>
    public static void InverseWeights(MaskRuns mask, WindowKernel kernel, float[] result)
    {
        var sink = new Writer(result);
        Apply(mask, kernel, margin: 0, default(Ones), ref sink);
        foreach (ref var weight in result.AsSpan(0, mask.Count))
        {
            weight = 1 / weight;
        }
    }

    // The part of an axis, from the box's beginning, that keeps the margin.
    private static (int First, int End) Needed(int begin, int end, int size, int margin) =>
        (Math.Max(begin, margin) - begin, Math.Min(end, size - margin) - begin);

    // target[i] = Σ weights[|d|]·source[planes[r + d] + i]
    private static void ConvolvePlanes(
        float[] source, ReadOnlySpan<int> planes, int start, float[] target, int targetStart, int count, ReadOnlySpan<float> weights)
    {
        foreach (var plane in planes)
        {
            Check(source, plane + start, count);
        }

        Check(target, targetStart, count);
        ref var s = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(source), start);
        ref var t = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(target), targetStart);
        ref var w = ref MemoryMarshal.GetReference(weights);
        ref var p = ref MemoryMarshal.GetReference(planes);
        var r = weights.Length - 1;
        var width = Vector256<float>.Count;
        var i = 0;
        for (; i <= count - (4 * width); i += 4 * width)
        {
            ref var center = ref Unsafe.Add(ref s, Unsafe.Add(ref p, r) + i);
            var weight = Vector256.Create(w);
            var a = Load(ref center, 0) * weight;
            var b = Load(ref center, width) * weight;
            var c = Load(ref center, 2 * width) * weight;
            var d = Load(ref center, 3 * width) * weight;
            for (var tap = 1; tap <= r; tap++)
            {
                weight = Vector256.Create(Unsafe.Add(ref w, tap));
                ref var after = ref Unsafe.Add(ref s, Unsafe.Add(ref p, r + tap) + i);
                ref var before = ref Unsafe.Add(ref s, Unsafe.Add(ref p, r - tap) + i);
                a = MultiplyAdd(Load(ref after, 0) + Load(ref before, 0), weight, a);
                b = MultiplyAdd(Load(ref after, width) + Load(ref before, width), weight, b);
                c = MultiplyAdd(Load(ref after, 2 * width) + Load(ref before, 2 * width), weight, c);
                d = MultiplyAdd(Load(ref after, 3 * width) + Load(ref before, 3 * width), weight, d);
            }

            Store(a, b, c, d, ref Unsafe.Add(ref t, i));
        }

        for (; i < count; i++)
        {
            var sum = w * Unsafe.Add(ref s, Unsafe.Add(ref p, r) + i);
            for (var tap = 1; tap <= r; tap++)
            {
                sum += (Unsafe.Add(ref s, Unsafe.Add(ref p, r + tap) + i) + Unsafe.Add(ref s, Unsafe.Add(ref p, r - tap) + i))
                    * Unsafe.Add(ref w, tap);
            }

            Unsafe.Add(ref t, i) = sum;
        }
    }

    // target[i] = Σ weights[|d|]·source[i + d·step]; four vectors at a time, so that a weight is fetched once for all of them.
    private static void Convolve(float[] source, int start, int step, float[] target, int targetStart, int count, ReadOnlySpan<float> weights)
    {
        var reach = (weights.Length - 1) * step;
        Check(source, start - reach, count + (2 * reach));
        Check(target, targetStart, count);
        ref var s = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(source), start);
        ref var t = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(target), targetStart);
        ref var w = ref MemoryMarshal.GetReference(weights);
        var width = Vector256<float>.Count;
        var i = 0;
        for (; i <= count - (4 * width); i += 4 * width)
        {
            ref var center = ref Unsafe.Add(ref s, i);
            var weight = Vector256.Create(w);
            var a = Load(ref center, 0) * weight;
            var b = Load(ref center, width) * weight;
            var c = Load(ref center, 2 * width) * weight;
            var d = Load(ref center, 3 * width) * weight;
            var distance = step;
            for (var tap = 1; tap < weights.Length; tap++, distance += step)
            {
                weight = Vector256.Create(Unsafe.Add(ref w, tap));
                ref var after = ref Unsafe.Add(ref center, distance);
                ref var before = ref Unsafe.Subtract(ref center, distance);
                a = MultiplyAdd(Load(ref after, 0) + Load(ref before, 0), weight, a);
                b = MultiplyAdd(Load(ref after, width) + Load(ref before, width), weight, b);
                c = MultiplyAdd(Load(ref after, 2 * width) + Load(ref before, 2 * width), weight, c);
                d = MultiplyAdd(Load(ref after, 3 * width) + Load(ref before, 3 * width), weight, d);
            }

            Store(a, b, c, d, ref Unsafe.Add(ref t, i));
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

    private static void Check(float[] array, int start, int count)
    {
        if (start < 0 || start + count > array.Length)
        {
            throw new ArgumentException($"{count} values from {start} do not fit an array of {array.Length}.", nameof(count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Load(ref float start, int offset) => Vector256.LoadUnsafe(ref Unsafe.Add(ref start, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, ref float to)
    {
        a.StoreUnsafe(ref to);
        b.StoreUnsafe(ref to, (nuint)Vector256<float>.Count);
        c.StoreUnsafe(ref to, 2 * (nuint)Vector256<float>.Count);
        d.StoreUnsafe(ref to, 3 * (nuint)Vector256<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> sum) =>
        Fma.IsSupported ? Fma.MultiplyAdd(a, b, sum) : (a * b) + sum;

    private readonly struct Ones : ISource
    {
        public void Read(int first, Span<float> values) => values.Fill(1);
    }

    private readonly struct Reader(float[] source) : ISource
    {
        public void Read(int first, Span<float> values) => source.AsSpan(first, values.Length).CopyTo(values);
    }

    private readonly struct Writer(float[] result) : ISink
    {
        public void Take(int first, Span<float> sums) => sums.CopyTo(result.AsSpan(first));
    }
}
