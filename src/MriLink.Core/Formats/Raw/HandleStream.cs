using Microsoft.Win32.SafeHandles;

namespace MriLink.Core.Formats.Raw;

/// <summary>Reads a file from one place to its end by a handle that stays open.</summary>
/// <param name="handle">The file; not closed.</param>
/// <param name="start">The first byte that is read.</param>
/// <param name="padding">Bytes of ones given after the file's end: no gzip header starts so, and no volume's length does.</param>
internal sealed class HandleStream(SafeFileHandle handle, long start = 0, int padding = 0) : Stream
{
    private long _position = start;
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
