using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Finds out whether a gzip file holds as many bytes as a header promises, without keeping them.</summary>
internal static class GzipCheck
{
    // Deflate cannot pack more than 1032 bytes into one (RFC 1951: 258 bytes per two bits).
    private const long MostPerByte = 1032;

    /// <summary>
    /// Looks at the length in the last four bytes (RFC 1952: ISIZE, modulo 2^32). Only if that is not the expected one (several
    /// members, bytes after the voxels, truncation) is the file decompressed to decide.
    /// </summary>
    /// <exception cref="MriFileException">The file decompresses to fewer bytes, breaks off, or is damaged.</exception>
    public static void RequireLength(FileStamp file, long expected, CancellationToken cancellationToken)
    {
        if (expected > file.Length * MostPerByte)
        {
            throw new MriFileException(file.Path, $"is truncated: by its header it has {expected:N0} bytes, more than {file.Length:N0} bytes of gzip can hold.");
        }

        using var handle = file.Reopen();
        Span<byte> tail = stackalloc byte[4];
        if (RandomAccess.Read(handle, tail, file.Length - 4) == 4 && BinaryPrimitives.ReadUInt32LittleEndian(tail) == (uint)expected)
        {
            return;
        }

        try
        {
            var length = Inflate(handle, padding: 0, cancellationToken);
            if (length < expected)
            {
                throw Truncated(file, $"by its header it has {expected:N0} bytes, but decompresses to {length:N0}");
            }

            // The decompressor accepts a stream that simply ends. Bytes after the end of a whole file change nothing; bytes after
            // a broken-off one are taken for its data or its checksum.
            if (Inflate(handle, padding: 64, cancellationToken) != length)
            {
                throw Truncated(file, "its gzip data break off before their end");
            }
        }
        catch (InvalidDataException exception)
        {
            throw new MriFileException(file.Path, "is damaged or truncated: its gzip data cannot be decompressed to the end.", exception);
        }
    }

    private static MriFileException Truncated(FileStamp file, string how) => new(file.Path, $"is truncated: {how}.");

    private static long Inflate(SafeFileHandle handle, int padding, CancellationToken cancellationToken)
    {
        using var padded = new PaddedStream(handle, padding);
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

    // The file, followed by some bytes of ones: no gzip header starts so, and no volume's length does.
    private sealed class PaddedStream(SafeFileHandle handle, int padding) : Stream
    {
        private long _position;
        private int _left = padding;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            var read = RandomAccess.Read(handle, buffer, _position);
            _position += read;
            if (read == 0)
            {
                read = Math.Min(_left, buffer.Length);
                buffer[..read].Fill(0xff);
                _left -= read;
            }

            return read;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
