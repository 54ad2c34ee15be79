using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MriLink.Core.Formats.Raw;

/// <summary>How voxels are stored: type, byte order, and the straight line from stored to true value.</summary>
/// <param name="Type">The type of a stored voxel.</param>
/// <param name="BigEndian">Whether its highest byte comes first.</param>
/// <param name="Slope">True value = Slope · stored + Intercept.</param>
/// <param name="Intercept">See <paramref name="Slope"/>.</param>
/// <param name="StoredBits">The lowest bits of an integer, when only these count; 0 when all do.</param>
internal sealed record VoxelEncoding(VoxelType Type, bool BigEndian, double Slope = 1, double Intercept = 0, int StoredBits = 0)
{
    /// <summary>Bytes per voxel.</summary>
    public int Size => Type switch
    {
        VoxelType.UInt8 or VoxelType.Int8 => 1,
        VoxelType.UInt16 or VoxelType.Int16 => 2,
        VoxelType.UInt32 or VoxelType.Int32 or VoxelType.Float32 => 4,
        _ => 8,
    };

    /// <summary>Whether stored bytes are floats just as memory holds them, so that they can be read in place.</summary>
    public bool IsNativeFloat => Type is VoxelType.Float32 && !MustSwap && !IsScaled;

    /// <summary>Whether every voxel is a finite number, whatever is stored.</summary>
    public bool IsAlwaysFinite => Type is not (VoxelType.Float32 or VoxelType.Float64) && !IsScaled;

    private bool MustSwap => BigEndian == BitConverter.IsLittleEndian && Size > 1;

    private bool IsScaled => Slope is not 1 || Intercept is not 0;

    /// <summary>
    /// Converts stored voxels. Values are scaled in double precision and rounded to float once. <paramref name="stored"/> is overwritten.
    /// </summary>
    public void Decode(Span<byte> stored, Span<float> voxels)
    {
        if (MustSwap)
        {
            Swap(stored);
        }

        if (StoredBits > 0)
        {
            ClearUnused(stored);
        }

        switch (Type)
        {
            case VoxelType.UInt8:
                Widen(stored, voxels);
                break;
            case VoxelType.Int8:
                Widen(MemoryMarshal.Cast<byte, sbyte>(stored), voxels);
                break;
            case VoxelType.UInt16:
                Widen(MemoryMarshal.Cast<byte, ushort>(stored), voxels);
                break;
            case VoxelType.Int16:
                Widen(MemoryMarshal.Cast<byte, short>(stored), voxels);
                break;
            case VoxelType.Float32:
                MemoryMarshal.Cast<byte, float>(stored).CopyTo(voxels);
                break;
            case VoxelType.UInt32:
                ScaleWide(MemoryMarshal.Cast<byte, uint>(stored), voxels);
                return;
            case VoxelType.Int32:
                ScaleWide(MemoryMarshal.Cast<byte, int>(stored), voxels);
                return;
            case VoxelType.UInt64:
                ScaleWide(MemoryMarshal.Cast<byte, ulong>(stored), voxels);
                return;
            case VoxelType.Int64:
                ScaleWide(MemoryMarshal.Cast<byte, long>(stored), voxels);
                return;
            default:
                ScaleWide(MemoryMarshal.Cast<byte, double>(stored), voxels);
                return;
        }

        // Every type of at most 16 bits is exact as float, so scaling can start from there.
        if (IsScaled)
        {
            Scale(voxels);
        }
    }

    // These loops are compiled in full at their first call: a command that reads one volume has no second.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ReadOnlySpan<byte> stored, Span<float> voxels)
    {
        var i = 0;
        for (; i <= stored.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.Widen(new Vector<byte>(stored[i..]), out var low, out var high);
            StoreTwo(Vector.AsVectorInt16(low), voxels[i..]);
            StoreTwo(Vector.AsVectorInt16(high), voxels[(i + Vector<short>.Count)..]);
        }

        for (; i < stored.Length; i++)
        {
            voxels[i] = stored[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ReadOnlySpan<sbyte> stored, Span<float> voxels)
    {
        var i = 0;
        for (; i <= stored.Length - Vector<sbyte>.Count; i += Vector<sbyte>.Count)
        {
            Vector.Widen(new Vector<sbyte>(stored[i..]), out var low, out var high);
            StoreTwo(low, voxels[i..]);
            StoreTwo(high, voxels[(i + Vector<short>.Count)..]);
        }

        for (; i < stored.Length; i++)
        {
            voxels[i] = stored[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ReadOnlySpan<ushort> stored, Span<float> voxels)
    {
        var i = 0;
        for (; i <= stored.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector.Widen(new Vector<ushort>(stored[i..]), out var low, out var high);
            Vector.ConvertToSingle(Vector.AsVectorInt32(low)).CopyTo(voxels[i..]);
            Vector.ConvertToSingle(Vector.AsVectorInt32(high)).CopyTo(voxels[(i + Vector<float>.Count)..]);
        }

        for (; i < stored.Length; i++)
        {
            voxels[i] = stored[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen(ReadOnlySpan<short> stored, Span<float> voxels)
    {
        var i = 0;
        for (; i <= stored.Length - Vector<short>.Count; i += Vector<short>.Count)
        {
            StoreTwo(new Vector<short>(stored[i..]), voxels[i..]);
        }

        for (; i < stored.Length; i++)
        {
            voxels[i] = stored[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreTwo(Vector<short> values, Span<float> voxels)
    {
        Vector.Widen(values, out var low, out var high);
        Vector.ConvertToSingle(low).CopyTo(voxels);
        Vector.ConvertToSingle(high).CopyTo(voxels[Vector<float>.Count..]);
    }

    // Bits above those that count may hold anything: overlays, in old files. Signed numbers are extended by their highest bit.
    private void ClearUnused(Span<byte> stored)
    {
        var shift = (8 * Size) - StoredBits;
        switch (Type)
        {
            case VoxelType.UInt8:
                foreach (ref var v in stored)
                {
                    v = (byte)((v << shift & 0xff) >> shift);
                }

                break;
            case VoxelType.Int8:
                foreach (ref var v in MemoryMarshal.Cast<byte, sbyte>(stored))
                {
                    v = (sbyte)((sbyte)(v << shift) >> shift);
                }

                break;
            case VoxelType.UInt16:
                foreach (ref var v in MemoryMarshal.Cast<byte, ushort>(stored))
                {
                    v = (ushort)((ushort)(v << shift) >> shift);
                }

                break;
            case VoxelType.Int16:
                foreach (ref var v in MemoryMarshal.Cast<byte, short>(stored))
                {
                    v = (short)((short)(v << shift) >> shift);
                }

                break;
            case VoxelType.UInt32:
                foreach (ref var v in MemoryMarshal.Cast<byte, uint>(stored))
                {
                    v = v << shift >> shift;
                }

                break;
            case VoxelType.Int32:
                foreach (ref var v in MemoryMarshal.Cast<byte, int>(stored))
                {
                    v = v << shift >> shift;
                }

                break;
        }
    }

    private void Swap(Span<byte> stored)
    {
        switch (Size)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(stored);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var words = MemoryMarshal.Cast<byte, uint>(stored);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            default:
                var longs = MemoryMarshal.Cast<byte, ulong>(stored);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Scale(Span<float> voxels)
    {
        var slope = new Vector<double>(Slope);
        var intercept = new Vector<double>(Intercept);
        var i = 0;
        for (; i <= voxels.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(voxels[i..]), out var low, out var high);
            Vector.Narrow((low * slope) + intercept, (high * slope) + intercept).CopyTo(voxels[i..]);
        }

        for (; i < voxels.Length; i++)
        {
            voxels[i] = (float)((voxels[i] * Slope) + Intercept);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScaleWide<T>(ReadOnlySpan<T> stored, Span<float> voxels)
        where T : struct, INumberBase<T>
    {
        for (var i = 0; i < stored.Length; i++)
        {
            voxels[i] = (float)((double.CreateTruncating(stored[i]) * Slope) + Intercept);
        }
    }
}
