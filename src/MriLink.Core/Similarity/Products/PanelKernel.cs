using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Similarity.Products;

/// <summary>
/// The innermost loops of the matrix product. A panel holds <see cref="Width"/> volumes side by side, voxel by voxel, so that one
/// vector load brings the same voxel of all of them.
/// </summary>
/// <remarks>
/// The design is that of Goto &amp; van de Geijn 2008 (ACM Trans Math Softw 34:12): a block of the result stays in registers while the
/// loop runs over the depth, and panels are packed so that every load is contiguous. Sums over <c>SingleDepth</c> voxels are
/// single precision and are added to the result in double precision, so that the error does not grow with the number of voxels.
/// </remarks>
internal static class PanelKernel
{
    /// <summary>Volumes per panel: one 512-bit vector of floats, and a multiple of every shorter one.</summary>
    public const int Width = 16;

    /// <summary>Results of a pair of panels.</summary>
    public const int Tile = Width * Width;

    // So many voxels are summed in single precision: an error of about 1e-7 of the sum of squares, whatever the number of voxels.
    private const int SingleDepth = 256;

    /// <summary>Which instructions a product is made of.</summary>
    public enum Instructions
    {
        /// <summary>Vectors of four, multiply-add where the processor has it.</summary>
        Portable,

        /// <summary>AVX2 with FMA.</summary>
        Avx2,

        /// <summary>AVX-512.</summary>
        Avx512,
    }

    /// <summary>The fastest that this processor has.</summary>
    public static Instructions Best =>
        Avx512F.IsSupported ? Instructions.Avx512 : Fma.IsSupported && Avx.IsSupported ? Instructions.Avx2 : Instructions.Portable;

    /// <summary>result[j·Width + i] += Σ a[k·Width + i]·b[k·Width + j] over <paramref name="depth"/> voxels k.</summary>
    public static void Multiply(Instructions instructions, ReadOnlySpan<float> a, ReadOnlySpan<float> b, int depth, Span<double> result)
    {
        if (a.Length < depth * Width || b.Length < depth * Width || result.Length < Tile)
        {
            throw new ArgumentException(
                $"Panels of {a.Length} and {b.Length} values and {result.Length} results do not fit a depth of {depth}.", nameof(depth));
        }

        for (var first = 0; first < depth; first += SingleDepth)
        {
            ref var x = ref Unsafe.Add(ref MemoryMarshal.GetReference(a), first * Width);
            ref var y = ref Unsafe.Add(ref MemoryMarshal.GetReference(b), first * Width);
            ref var c = ref MemoryMarshal.GetReference(result);
            var length = Math.Min(SingleDepth, depth - first);
            switch (instructions)
            {
                case Instructions.Avx512:
                    Multiply512(ref x, ref y, length, ref c);
                    break;
                case Instructions.Avx2:
                    Multiply256(ref x, ref y, length, ref c);
                    break;
                default:
                    Multiply128(ref x, ref y, length, ref c);
                    break;
            }
        }
    }

    /// <summary>Sums the values and squares of all volumes of a panel at some voxels.</summary>
    /// <param name="values">A panel; zero outside a volume's mask.</param>
    /// <param name="voxels">Voxels within the block, ascending.</param>
    /// <param name="sums">Σx per volume; added to.</param>
    /// <param name="squares">Σx² per volume; added to.</param>
    public static void AddVoxels(ReadOnlySpan<float> values, ReadOnlySpan<ushort> voxels, Span<float> sums, Span<float> squares)
    {
        Check(values, voxels, sums.Length, squares.Length);
        ref var x = ref MemoryMarshal.GetReference(values);
        ref var sum = ref MemoryMarshal.GetReference(sums);
        ref var square = ref MemoryMarshal.GetReference(squares);
        if (WideLanes.IsSupported)
        {
            AddVoxels<WideLanes>(ref x, voxels, ref sum, ref square);
            return;
        }

        for (var i = 0; i < Width; i += PlainLanes.Count)
        {
            AddVoxels<PlainLanes>(ref Unsafe.Add(ref x, i), voxels, ref Unsafe.Add(ref sum, i), ref Unsafe.Add(ref square, i));
        }
    }

    /// <summary>Counts the volumes of a panel that have each of some voxels in their masks.</summary>
    /// <param name="members">The panel's masks, 1 or 0.</param>
    /// <param name="voxels">Voxels within the block, ascending.</param>
    /// <param name="counts">Voxels per volume; added to.</param>
    public static void CountVoxels(ReadOnlySpan<ushort> members, ReadOnlySpan<ushort> voxels, Span<int> counts)
    {
        Check(members, voxels, counts.Length, Width);
        ref var m = ref MemoryMarshal.GetReference(members);
        Vector256<ushort> count = default;
        foreach (var voxel in voxels)
        {
            count += Vector256.LoadUnsafe(ref m, (nuint)voxel * Width);
        }

        var (first, second) = Vector256.Widen(count.AsInt16());
        (Vector256.Create<int>(counts) + first).CopyTo(counts);
        (Vector256.Create<int>(counts[(Width / 2)..]) + second).CopyTo(counts[(Width / 2)..]);
    }

    /// <summary>Adds the products of all volumes of a panel with another volume at some voxels.</summary>
    /// <param name="values">A panel; zero outside a volume's mask.</param>
    /// <param name="voxels">Voxels within the block, ascending.</param>
    /// <param name="other">The other volume's panel, from that volume's place on.</param>
    /// <param name="products">Σxy per volume; added to.</param>
    public static void AddProducts(ReadOnlySpan<float> values, ReadOnlySpan<ushort> voxels, ReadOnlySpan<float> other, Span<float> products)
    {
        Check(values, voxels, products.Length, Width);
        ref var x = ref MemoryMarshal.GetReference(values);
        Vector256<float> low = default, high = default;
        foreach (var voxel in voxels)
        {
            var at = (nuint)voxel * Width;
            var y = Vector256.Create(other[voxel * Width]);
            low += Vector256.LoadUnsafe(ref x, at) * y;
            high += Vector256.LoadUnsafe(ref x, at + (Width / 2)) * y;
        }

        Add(low, high, products);
    }

    // The loops read and write without bounds checks; voxels ascend, so that the last one says whether all are there.
    private static void Check<T>(ReadOnlySpan<T> panel, ReadOnlySpan<ushort> voxels, int results, int others)
    {
        if ((!voxels.IsEmpty && (voxels[^1] + 1) * Width > panel.Length) || Math.Min(results, others) < Width)
        {
            throw new ArgumentException(
                $"{voxels.Length} voxels do not lie in a panel of {panel.Length}, or there is no room for results.", nameof(voxels));
        }
    }

    // Of as many volumes as there are lanes. Voxels by turns to one sum and to another, so that no addition has to wait for the one before it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddVoxels<T>(ref float x, ReadOnlySpan<ushort> voxels, ref float sums, ref float squares)
        where T : struct, ILanes<T>
    {
        var (even, odd, evenSquares, oddSquares) = (T.Load(ref sums), T.Of(0), T.Load(ref squares), T.Of(0));
        var i = 0;
        for (; i < voxels.Length - 1; i += 2)
        {
            var a = T.Load(ref Unsafe.Add(ref x, voxels[i] * Width));
            var b = T.Load(ref Unsafe.Add(ref x, voxels[i + 1] * Width));
            even += a;
            odd += b;
            evenSquares = T.MultiplyAdd(a, a, evenSquares);
            oddSquares = T.MultiplyAdd(b, b, oddSquares);
        }

        if (i < voxels.Length)
        {
            var a = T.Load(ref Unsafe.Add(ref x, voxels[i] * Width));
            even += a;
            evenSquares = T.MultiplyAdd(a, a, evenSquares);
        }

        T.Store(even + odd, ref sums);
        T.Store(evenSquares + oddSquares, ref squares);
    }

    private static void Add(Vector256<float> low, Vector256<float> high, Span<float> sums)
    {
        (Vector256.Create<float>(sums) + low).CopyTo(sums);
        (Vector256.Create<float>(sums[(Width / 2)..]) + high).CopyTo(sums[(Width / 2)..]);
    }

    // Inlined into something larger, the sums no longer all stay in registers: half the speed.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply512(ref float a, ref float b, int depth, ref double result)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        Vector512<float> c8 = default, c9 = default, c10 = default, c11 = default, c12 = default, c13 = default, c14 = default, c15 = default;
        for (var k = 0; k < depth; k++)
        {
            var v = Vector512.LoadUnsafe(ref a);
            c0 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(b), c0);
            c1 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 1)), c1);
            c2 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 2)), c2);
            c3 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 3)), c3);
            c4 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 4)), c4);
            c5 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 5)), c5);
            c6 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 6)), c6);
            c7 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 7)), c7);
            c8 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 8)), c8);
            c9 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 9)), c9);
            c10 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 10)), c10);
            c11 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 11)), c11);
            c12 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 12)), c12);
            c13 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 13)), c13);
            c14 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 14)), c14);
            c15 = Avx512F.FusedMultiplyAdd(v, Vector512.Create(Unsafe.Add(ref b, 15)), c15);
            a = ref Unsafe.Add(ref a, Width);
            b = ref Unsafe.Add(ref b, Width);
        }

        Add(c0, ref result, 0);
        Add(c1, ref result, 1);
        Add(c2, ref result, 2);
        Add(c3, ref result, 3);
        Add(c4, ref result, 4);
        Add(c5, ref result, 5);
        Add(c6, ref result, 6);
        Add(c7, ref result, 7);
        Add(c8, ref result, 8);
        Add(c9, ref result, 9);
        Add(c10, ref result, 10);
        Add(c11, ref result, 11);
        Add(c12, ref result, 12);
        Add(c13, ref result, 13);
        Add(c14, ref result, 14);
        Add(c15, ref result, 15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<float> values, ref double result, int column)
    {
        ref var to = ref Unsafe.Add(ref result, column * Width);
        (Vector512.LoadUnsafe(ref to) + Avx512F.ConvertToVector512Double(values.GetLower())).StoreUnsafe(ref to);
        to = ref Unsafe.Add(ref to, Width / 2);
        (Vector512.LoadUnsafe(ref to) + Avx512F.ConvertToVector512Double(values.GetUpper())).StoreUnsafe(ref to);
    }

    // Sixteen registers hold the sums of four columns, two vectors each, and what comes in.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply256(ref float a, ref float b, int depth, ref double result)
    {
        const int columns = 4;
        for (var column = 0; column < Width; column += columns)
        {
            ref var x = ref a;
            ref var y = ref Unsafe.Add(ref b, column);
            Vector256<float> c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
            for (var k = 0; k < depth; k++)
            {
                var low = Vector256.LoadUnsafe(ref x);
                var high = Vector256.LoadUnsafe(ref x, Width / 2);
                var s = Vector256.Create(y);
                c0 = Fma.MultiplyAdd(low, s, c0);
                c1 = Fma.MultiplyAdd(high, s, c1);
                s = Vector256.Create(Unsafe.Add(ref y, 1));
                c2 = Fma.MultiplyAdd(low, s, c2);
                c3 = Fma.MultiplyAdd(high, s, c3);
                s = Vector256.Create(Unsafe.Add(ref y, 2));
                c4 = Fma.MultiplyAdd(low, s, c4);
                c5 = Fma.MultiplyAdd(high, s, c5);
                s = Vector256.Create(Unsafe.Add(ref y, 3));
                c6 = Fma.MultiplyAdd(low, s, c6);
                c7 = Fma.MultiplyAdd(high, s, c7);
                x = ref Unsafe.Add(ref x, Width);
                y = ref Unsafe.Add(ref y, Width);
            }

            ref var to = ref Unsafe.Add(ref result, column * Width);
            Add(c0, ref to, 0);
            Add(c1, ref to, 1);
            Add(c2, ref to, 2);
            Add(c3, ref to, 3);
            Add(c4, ref to, 4);
            Add(c5, ref to, 5);
            Add(c6, ref to, 6);
            Add(c7, ref to, 7);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector256<float> values, ref double result, int half)
    {
        ref var to = ref Unsafe.Add(ref result, half * (Width / 2));
        (Vector256.LoadUnsafe(ref to) + Avx.ConvertToVector256Double(values.GetLower())).StoreUnsafe(ref to);
        to = ref Unsafe.Add(ref to, Width / 4);
        (Vector256.LoadUnsafe(ref to) + Avx.ConvertToVector256Double(values.GetUpper())).StoreUnsafe(ref to);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Multiply128(ref float a, ref float b, int depth, ref double result)
    {
        const int lanes = 4;
        for (var row = 0; row < Width; row += lanes)
        {
            for (var column = 0; column < Width; column += lanes)
            {
                ref var x = ref Unsafe.Add(ref a, row);
                ref var y = ref Unsafe.Add(ref b, column);
                Vector128<float> c0 = default, c1 = default, c2 = default, c3 = default;
                for (var k = 0; k < depth; k++)
                {
                    var v = Vector128.LoadUnsafe(ref x);
                    c0 = MultiplyAdd(v, Vector128.Create(y), c0);
                    c1 = MultiplyAdd(v, Vector128.Create(Unsafe.Add(ref y, 1)), c1);
                    c2 = MultiplyAdd(v, Vector128.Create(Unsafe.Add(ref y, 2)), c2);
                    c3 = MultiplyAdd(v, Vector128.Create(Unsafe.Add(ref y, 3)), c3);
                    x = ref Unsafe.Add(ref x, Width);
                    y = ref Unsafe.Add(ref y, Width);
                }

                ref var to = ref Unsafe.Add(ref result, (column * Width) + row);
                Add(c0, ref to);
                Add(c1, ref Unsafe.Add(ref to, Width));
                Add(c2, ref Unsafe.Add(ref to, 2 * Width));
                Add(c3, ref Unsafe.Add(ref to, 3 * Width));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> sum) =>
        AdvSimd.IsSupported ? AdvSimd.FusedMultiplyAdd(sum, a, b) : (a * b) + sum;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector128<float> values, ref double to)
    {
        var (low, high) = Vector128.Widen(values);
        (Vector128.LoadUnsafe(ref to) + low).StoreUnsafe(ref to);
        to = ref Unsafe.Add(ref to, 2);
        (Vector128.LoadUnsafe(ref to) + high).StoreUnsafe(ref to);
    }
}
