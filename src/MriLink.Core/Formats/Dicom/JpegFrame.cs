using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using JpegLibrary;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>
/// A frame in lossless JPEG (ITU-T T.81, annex H), as far as JpegLibrary unpacks it exactly: with each pixel foretold by the one before it, as nearly
/// all files have it.
/// </summary>
internal static class JpegFrame
{
    /// <summary>The most pixels that one packed byte may stand for: each takes a bit at least.</summary>
    public const int MostPerByte = 8;

    // Markers of T.81, table B.1.
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte LosslessFrame = 0xC3;
    private const byte StartOfScan = 0xDA;

    /// <summary>Unpacks a frame to pixels whose lowest byte comes first.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="packed">The whole frame.</param>
    /// <param name="columns">Pixels along a row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="size">Bytes of a pixel, 1 or 2.</param>
    /// <exception cref="MriFileException">The frame is damaged, or of a kind that is not unpacked exactly.</exception>
    public static byte[] Unpack(string path, byte[] packed, int columns, int rows, int size)
    {
        var length = packed.AsSpan().TrimEnd((byte)0).Length;
        RequireExact(path, packed.AsSpan(0, length), columns, rows, size);
        var writer = new PixelWriter(columns, rows, size);
        try
        {
            var decoder = new JpegDecoder();
            decoder.SetInput(packed.AsMemory(0, length));
            decoder.Identify();
            decoder.SetOutputWriter(writer);
            decoder.Decode();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The library meets damage as whatever comes of it: an index out of range, a table that is not there.
            throw Damaged(path, "its codes make no sense", exception);
        }

        return writer.IsComplete ? writer.Pixels : throw Damaged(path, "it ends before its last pixel", null);
    }

    // The library's own header is read only where it decodes; what it would get wrong must be known before.
    private static void RequireExact(string path, ReadOnlySpan<byte> packed, int columns, int rows, int size)
    {
        if (packed is not [0xFF, StartOfImage, .., 0xFF, EndOfImage])
        {
            throw Damaged(path, "it does not begin and end as JPEG does", null);
        }

        var hasFrame = false;
        for (var at = 2; at + 4 <= packed.Length;)
        {
            var marker = packed[at + 1];
            var segment = packed[(at + 2)..];
            var length = BinaryPrimitives.ReadUInt16BigEndian(segment);
            if (packed[at] != 0xFF || length < 2 || length > segment.Length)
            {
                break;
            }

            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                if (marker != LosslessFrame || length < 11)
                {
                    throw new MriFileException(
                        path, "is encoded as lossless JPEG, but its pixels are of another kind of JPEG, which cannot be read.");
                }

                var (precision, height, width, components) =
                    (segment[2], BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), BinaryPrimitives.ReadUInt16BigEndian(segment[5..]), segment[7]);
                if (height != rows || width != columns || components != 1 || precision is < 2 or > 16 || (precision + 7) / 8 > size
                    || segment[9] != 0x11)
                {
                    throw Damaged(path, $"its header says {width}x{height} pixels of {precision} bits and {components} components", null);
                }

                hasFrame = true;
            }

            if (marker == StartOfScan && length >= 8)
            {
                // Predictor and point transform. With any but the first the library errs in the first row, or above 32767.
                var (predictor, shift) = (segment[5], segment[7] & 15);
                if (segment[2] != 1 || predictor != 1 || shift != 0)
                {
                    throw new MriFileException(
                        path, $"is encoded as lossless JPEG with predictor {predictor} and point transform {shift}, which cannot be read; only "
                            + $"predictor 1 without transform can. A DICOM toolkit converts it (gdcmconv --raw, dcmdjpeg).");
                }

                if (hasFrame)
                {
                    return;
                }
            }

            at += 2 + length;
        }

        throw Damaged(path, "it lacks the header of a frame or of a scan", null);
    }

    private static MriFileException Damaged(string path, string how, Exception? exception) =>
        new(path, $"is damaged: its pixels in JPEG cannot be unpacked, for {how}.", exception);

    // Takes blocks of eight times eight.
    private sealed class PixelWriter(int columns, int rows, int size) : JpegBlockOutputWriter
    {
        private long _written;

        public byte[] Pixels { get; } = new byte[columns * rows * size];

        public bool IsComplete => _written == (long)columns * rows;

        public override void WriteBlock(ref short blockRef, int componentIndex, int x, int y)
        {
            for (var row = y; row < Math.Min(y + 8, rows); row++)
            {
                for (var column = x; column < Math.Min(x + 8, columns); column++)
                {
                    var value = Unsafe.Add(ref blockRef, ((row - y) * 8) + column - x);
                    var at = ((row * columns) + column) * size;
                    Pixels[at] = (byte)value;
                    if (size > 1)
                    {
                        Pixels[at + 1] = (byte)(value >> 8);
                    }

                    _written++;
                }
            }
        }
    }
}
