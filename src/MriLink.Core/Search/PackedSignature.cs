using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Search;

/// <summary>Numbers in a byte each: a float, the step, and d signed bytes q, so that step·(q + ½) is the number.</summary>
internal static class PackedSignature
{
    /// <summary>Bytes of a packed signature.</summary>
    public static int Length(int dimensions) => sizeof(float) + dimensions;

    /// <summary>Packs numbers: q + ½ in steps of the largest over 127½, never 0, which would read as "no voxel".</summary>
    public static void Pack(float[] values, Span<byte> packed)
    {
        var step = values.Max(MathF.Abs) / 127.5f;
        step = step > 0 ? step : 1;
        BinaryPrimitives.WriteSingleLittleEndian(packed, step);
        for (var i = 0; i < values.Length; i++)
        {
            packed[sizeof(float) + i] = (byte)(sbyte)Math.Clamp(MathF.Floor(values[i] / step), -128, 127);
        }
    }

    /// <summary>
    /// The largest number that a signature may hold. Ours are below 1: brains are projected at unit length. Sums of products stay finite.
    /// </summary>
    public const float Largest = 1e6f;

    /// <summary>Whether bytes are what <see cref="Pack"/> gives: their step is above 0, and no number too large.</summary>
    public static bool IsSound(ReadOnlySpan<byte> packed) => BinaryPrimitives.ReadSingleLittleEndian(packed) is > 0 and <= Largest / 128;

    /// <summary>Adds the numbers to what is there.</summary>
    public static void AddTo(ReadOnlySpan<byte> packed, Span<float> values)
    {
        var step = BinaryPrimitives.ReadSingleLittleEndian(packed);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] += step * ((sbyte)packed[sizeof(float) + i] + 0.5f);
        }
    }

    /// <summary>
    /// Numbers that many packed ones are multiplied with, in 15-bit steps: products are then of integers, exact and the same on every processor.
    /// </summary>
    internal sealed class Probe
    {
        private readonly short[] _codes;
        private readonly float _scale;
        private readonly float _half;

        public Probe(float[] values)
        {
            var largest = values.Max(MathF.Abs);
            _scale = largest > 0 ? largest / 8191 : 1;
            _codes = Array.ConvertAll(values, v => (short)MathF.Round(v / _scale));
            _half = 0.5f * _codes.Sum(code => (long)code);
        }

        /// <summary>The sum of products with packed numbers.</summary>
        public float Times(ReadOnlySpan<byte> packed) =>
            BinaryPrimitives.ReadSingleLittleEndian(packed) * _scale
                * (Dot(_codes, MemoryMarshal.Cast<byte, sbyte>(packed.Slice(sizeof(float), _codes.Length))) + _half);
    }

    // 8191 · 128 · 16384 stays below 2^31 in each of the vector's lanes.
    private static long Dot(short[] codes, ReadOnlySpan<sbyte> bytes)
    {
        if (Avx2.IsSupported)
        {
            return DotOfPairs(MemoryMarshal.Cast<short, Vector256<short>>(codes), MemoryMarshal.Cast<sbyte, Vector128<sbyte>>(bytes));
        }

        var sum = Vector<int>.Zero;
        for (var i = 0; i < bytes.Length; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(bytes[i..]), out var low, out var high);
            Vector.Widen(low, out var a, out var b);
            Vector.Widen(high, out var c, out var d);
            Vector.Widen(new Vector<short>(codes, i), out var e, out var f);
            Vector.Widen(new Vector<short>(codes, i + Vector<short>.Count), out var g, out var h);
            sum += (a * e) + (b * f) + (c * g) + (d * h);
        }

        long total = 0;
        for (var lane = 0; lane < Vector<int>.Count; lane++)
        {
            total += sum[lane];
        }

        return total;
    }

    // The same sum by the instruction that multiplies shorts and adds neighbours, for which Vector has no name.
    private static long DotOfPairs(ReadOnlySpan<Vector256<short>> codes, ReadOnlySpan<Vector128<sbyte>> bytes)
    {
        var sum = Vector256<int>.Zero;
        codes = codes[..bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            sum += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(bytes[i]), codes[i]);
        }

        long total = 0;
        for (var lane = 0; lane < Vector256<int>.Count; lane++)
        {
            total += sum[lane];
        }

        return total;
    }
}
