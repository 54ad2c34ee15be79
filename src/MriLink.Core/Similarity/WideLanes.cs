using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Similarity;

/// <summary>Sixteen lanes, of processors with AVX-512.</summary>
internal readonly struct WideLanes(Vector512<float> values) : ILanes<WideLanes>
{
    private readonly Vector512<float> _values = values;

    /// <summary>Whether this processor has them.</summary>
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <inheritdoc/>
    public static int Count => Vector512<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Of(float value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Load(ref float from) => new(Vector512.LoadUnsafe(ref from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(WideLanes values, ref float to) => values._values.StoreUnsafe(ref to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes First(int count, WideLanes values, WideLanes others) => new(Vector512.ConditionalSelect(
        Vector512.LessThan(Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create(count)).AsSingle(),
        values._values, others._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Neighbours(WideLanes before, WideLanes at, WideLanes after, ref float memory, int distance)
    {
        // Shifted in registers: a load that is not aligned would cross a line of the cache each time.
        var (b, c, a) = (before._values.AsInt32(), at._values.AsInt32(), after._values.AsInt32());
        return distance switch
        {
            1 => new(Avx512F.AlignRight32(c, b, 15).AsSingle() + Avx512F.AlignRight32(a, c, 1).AsSingle()),
            2 => new(Avx512F.AlignRight32(c, b, 14).AsSingle() + Avx512F.AlignRight32(a, c, 2).AsSingle()),
            _ => new(Avx512F.AlignRight32(c, b, 13).AsSingle() + Avx512F.AlignRight32(a, c, 3).AsSingle()),
        };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes MultiplyAdd(WideLanes a, WideLanes b, WideLanes c) => new(Avx512F.FusedMultiplyAdd(a._values, b._values, c._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes Root(WideLanes values) => new(Vector512.Sqrt(Vector512.Max(values._values, Vector512<float>.Zero)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator +(WideLanes a, WideLanes b) => new(a._values + b._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator -(WideLanes a, WideLanes b) => new(a._values - b._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator *(WideLanes a, WideLanes b) => new(a._values * b._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WideLanes operator /(WideLanes a, WideLanes b) => new(a._values / b._values);
}
