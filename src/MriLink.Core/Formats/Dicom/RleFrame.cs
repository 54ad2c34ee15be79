using System.Buffers.Binary;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>
/// A frame in DICOM's run-length encoding (PS3.5, annex G): a segment for each byte of a pixel, the highest first, each packed like TIFF's PackBits.
/// </summary>
internal static class RleFrame
{
    /// <summary>The most bytes that one packed byte may stand for: two stand for 128.</summary>
    public const int MostPerByte = 64;

    private const int HeaderLength = 64;

    /// <summary>Unpacks a frame to pixels whose lowest byte comes first.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="packed">The whole frame, its header first.</param>
    /// <param name="count">Pixels.</param>
    /// <param name="size">Bytes of a pixel.</param>
    /// <exception cref="MriFileException">The frame is damaged.</exception>
    public static byte[] Unpack(string path, byte[] packed, int count, int size)
    {
        if (packed.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(packed) != size)
        {
            throw Damaged(path, $"it has not {size} segments, one for each byte of a pixel");
        }

        var pixels = new byte[count * size];
        for (var segment = 0; segment < size; segment++)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(4 * (segment + 1)));
            var end = segment + 1 < size ? BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(4 * (segment + 2))) : (uint)packed.Length;
            if (start < HeaderLength || start > end || end > packed.Length)
            {
                throw Damaged(path, "its segments are not where its header says");
            }

            Unpack(path, packed.AsSpan((int)start, (int)(end - start)), pixels.AsSpan(size - 1 - segment), size, count);
        }

        return pixels;
    }

    private static void Unpack(string path, ReadOnlySpan<byte> packed, Span<byte> pixels, int step, int count)
    {
        var done = 0;
        while (done < count)
        {
            if (packed.Length < 2)
            {
                throw Damaged(path, "a segment ends before its last pixel");
            }

            // Up to 127 and one more as they are, from 129 on one byte 257 - n times; 128 stands for nothing.
            int n = packed[0];
            packed = packed[1..];
            if (n == 128)
            {
                continue;
            }

            var length = n < 128 ? n + 1 : 257 - n;
            if (length > count - done || (n < 128 && length > packed.Length))
            {
                throw Damaged(path, "a run goes beyond its last pixel");
            }

            for (var i = 0; i < length; i++)
            {
                pixels[(done + i) * step] = packed[n < 128 ? i : 0];
            }

            packed = packed[(n < 128 ? length : 1)..];
            done += length;
        }
    }

    private static MriFileException Damaged(string path, string how) => new(path, $"is damaged: its pixels in RLE cannot be unpacked, for {how}.");
}
