using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Similarity;

/// <summary>As many lanes as .NET's own vectors have on this processor.</summary>
internal readonly struct PlainLanes(Vector<float> values) : ILanes<PlainLanes>
{
    private static readonly Vector<int> Numbers = Numbered();
    private readonly Vector<float> _values = values;

    /// <inheritdoc/>
    public static int Count => Vector<float>.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes Of(float value) => new(new Vector<float>(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes Load(ref float from) => new(Vector.LoadUnsafe(ref from));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(PlainLanes values, ref float to) => values._values.StoreUnsafe(ref to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes First(int count, PlainLanes values, PlainLanes others) =>
        new(Vector.ConditionalSelect(Vector.LessThan(Numbers, new Vector<int>(count)), values._values, others._values));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes Neighbours(PlainLanes before, PlainLanes at, PlainLanes after, ref float memory, int distance) =>
        new(Vector.LoadUnsafe(ref Unsafe.Subtract(ref memory, distance)) + Vector.LoadUnsafe(ref Unsafe.Add(ref memory, distance)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes MultiplyAdd(PlainLanes a, PlainLanes b, PlainLanes c) => new(
        Fma.IsSupported && Vector<float>.Count == Vector256<float>.Count
            ? Fma.MultiplyAdd(a._values.AsVector256(), b._values.AsVector256(), c._values.AsVector256()).AsVector()
            : (a._values * b._values) + c._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes Root(PlainLanes values) => new(Vector.SquareRoot(Vector.Max(values._values, Vector<float>.Zero)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes operator +(PlainLanes a, PlainLanes b) => new(a._values + b._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes operator -(PlainLanes a, PlainLanes b) => new(a._values - b._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes operator *(PlainLanes a, PlainLanes b) => new(a._values * b._values);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PlainLanes operator /(PlainLanes a, PlainLanes b) => new(a._values / b._values);

    private static Vector<int> Numbered()
    {
        Span<int> numbers = stackalloc int[Vector<int>.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = i;
        }

        return new(numbers);
    }
}
