using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>Voxels as the writers of all formats store them.</summary>
internal static class StoredVoxels
{
    // Voxels converted, compressed and written at once.
    private const int ChunkVoxels = 1 << 16;

    /// <summary>Writes all voxels of a volume.</summary>
    public static void Write(
        Stream content, ReadOnlySpan<float> voxels, VolumeDataType dataType, float slope, float intercept, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkVoxels * sizeof(float));
        try
        {
            for (var first = 0; first < voxels.Length; first += ChunkVoxels)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var chunk = voxels.Slice(first, Math.Min(ChunkVoxels, voxels.Length - first));
                content.Write(buffer.AsSpan(0, Encode(chunk, buffer, dataType, slope, intercept)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Little-endian; gives the number of bytes.
    private static int Encode(ReadOnlySpan<float> voxels, Span<byte> buffer, VolumeDataType dataType, float slope, float intercept)
    {
        switch (dataType)
        {
            case VolumeDataType.UInt8:
                for (var i = 0; i < voxels.Length; i++)
                {
                    buffer[i] = (byte)Code(voxels[i], byte.MinValue, byte.MaxValue);
                }

                return voxels.Length;
            case VolumeDataType.Int16:
                for (var i = 0; i < voxels.Length; i++)
                {
                    BinaryPrimitives.WriteInt16LittleEndian(buffer[(2 * i)..], (short)Code(voxels[i], short.MinValue, short.MaxValue));
                }

                return 2 * voxels.Length;
            default:
                if (BitConverter.IsLittleEndian)
                {
                    MemoryMarshal.AsBytes(voxels).CopyTo(buffer);
                }
                else
                {
                    BinaryPrimitives.ReverseEndianness(
                        MemoryMarshal.Cast<float, int>(voxels), MemoryMarshal.Cast<byte, int>(buffer)[..voxels.Length]);
                }

                return 4 * voxels.Length;
        }

        double Code(float voxel, double lowest, double highest) => Math.Clamp(Math.Round(((double)voxel - intercept) / slope), lowest, highest);
    }

    /// <summary>The straight line from stored to true value.</summary>
    /// <remarks>
    /// A slope of eight significant bits times an integer of sixteen is exact as float, so the intercept can be a whole number of
    /// steps and zero, the background, is stored exactly.
    /// </remarks>
    /// <exception cref="MriFileException">There are voxels that are not finite, which no integer can stand for.</exception>
    public static (float Slope, float Intercept) Scaling(ReadOnlySpan<float> voxels, VolumeDataType dataType, string path)
    {
        if (dataType is VolumeDataType.Float32)
        {
            return (1, 0);
        }

        var (lowest, highest) = dataType is VolumeDataType.UInt8 ? (byte.MinValue, byte.MaxValue) : ((int)short.MinValue, (int)short.MaxValue);
        var (min, max, integers) = (double.PositiveInfinity, double.NegativeInfinity, true);
        foreach (var voxel in voxels)
        {
            if (!float.IsFinite(voxel))
            {
                throw new MriFileException(path, $"cannot hold the volume as {dataType}: it has voxels that are not finite numbers.");
            }

            min = Math.Min(min, voxel);
            max = Math.Max(max, voxel);
            integers &= voxel == MathF.Round(voxel);
        }

        if (integers && min >= lowest && max <= highest)
        {
            return (1, 0);
        }

        if (min == max)
        {
            return (1, (float)min);
        }

        // One code fewer than there are: a whole number of steps below the minimum may cost one.
        var slope = RoundUpToEightBits((max - min) / (highest - lowest - 1));
        return ((float)slope, (float)((Math.Floor(min / slope) - lowest) * slope));
    }

    private static double RoundUpToEightBits(double value)
    {
        var unit = Math.ScaleB(1, Math.ILogB(value) - 7);
        return Math.Ceiling(value / unit) * unit;
    }
}
