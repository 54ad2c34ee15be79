using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>Finds out whether a gzip file holds as many bytes as a header promises, without keeping them.</summary>
internal static class GzipCheck
{
    /// <summary>
    /// Looks at the length in the last four bytes (RFC 1952: ISIZE, modulo 2^32). Only if that is not the expected one (several
    /// members, bytes after the voxels, truncation) is the file decompressed to decide.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Bytes before its gzip data.</param>
    /// <param name="expected">Bytes that there should be after decompression.</param>
    /// <param name="cancellationToken">Looked at while decompressing.</param>
    /// <exception cref="MriFileException">The file decompresses to fewer bytes, breaks off, or is damaged.</exception>
    public static void RequireLength(FileStamp file, long start, long expected, CancellationToken cancellationToken)
    {
        try
        {
            RequireLengthOf(file, start, expected, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new MriFileException(file.Path, "is damaged or truncated: its gzip data cannot be decompressed to the end.", exception);
        }
        catch (IOException exception) when (exception is not MriFileException)
        {
            throw new MriFileException(file.Path, $"cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>How many bytes a gzip file decompresses to; all of it is decompressed to know.</summary>
    /// <exception cref="MriFileException">The file is damaged.</exception>
    public static long LengthOf(FileStamp file, long start, CancellationToken cancellationToken)
    {
        try
        {
            using var handle = file.Reopen();
            return Inflate(handle, start, padding: 0, cancellationToken);
        }
        catch (InvalidDataException exception)
        {
            throw new MriFileException(file.Path, "is damaged or truncated: its gzip data cannot be decompressed to the end.", exception);
        }
        catch (IOException exception) when (exception is not MriFileException)
        {
            throw new MriFileException(file.Path, $"cannot be read: {exception.Message}", exception);
        }
    }

    private static void RequireLengthOf(FileStamp file, long start, long expected, CancellationToken cancellationToken)
    {
        using var handle = file.Reopen();
        Span<byte> tail = stackalloc byte[4];
        if (file.Length - start > 4 && RandomAccess.Read(handle, tail, file.Length - 4) == 4
            && BinaryPrimitives.ReadUInt32LittleEndian(tail) == (uint)expected)
        {
            return;
        }

        var length = Inflate(handle, start, padding: 0, cancellationToken);
        if (length < expected)
        {
            throw Truncated(file, $"by its header it has {expected:N0} bytes, but decompresses to {length:N0}");
        }

        // The decompressor accepts a stream that simply ends. Bytes after the end of a whole file change nothing; bytes after
        // a broken-off one are taken for its data or its checksum.
        if (Inflate(handle, start, padding: 64, cancellationToken) != length)
        {
            throw Truncated(file, "its gzip data break off before their end");
        }
    }

    private static MriFileException Truncated(FileStamp file, string how) => new(file.Path, $"is truncated: {how}.");

    private static long Inflate(SafeFileHandle handle, long start, int padding, CancellationToken cancellationToken)
    {
        using var padded = new HandleStream(handle, start, padding);
        using var content = new GZipStream(padded, CompressionMode.Decompress);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            long length = 0;
            int read;
            while ((read = content.Read(buffer)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                length += read;
            }

            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
