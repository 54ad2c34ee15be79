using System.Buffers;
using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Reads voxels that follow one another in a stream, a chunk at a time.</summary>
internal sealed class RawVoxelReader : VoxelReader
{
    // Small enough to stay in the processor's cache between decompression and conversion.
    private const int ChunkLength = 1 << 16;

    private readonly Stream _content;
    private readonly string _name;
    private readonly VoxelEncoding _encoding;
    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkLength);
    private long _skip;

    /// <param name="content">Decompressed bytes; disposed with the reader.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="skip">Bytes before the first voxel.</param>
    /// <param name="encoding">How each voxel is stored.</param>
    public RawVoxelReader(Stream content, string name, long skip, VoxelEncoding encoding)
    {
        _content = content;
        _name = name;
        _skip = skip;
        _encoding = encoding;
    }

    public override bool IsAlwaysFinite => _encoding.IsAlwaysFinite;

    public override void Read(Span<float> voxels)
    {
        while (_skip > 0)
        {
            var part = _chunk.AsSpan(0, (int)Math.Min(_skip, ChunkLength));
            Fill(part);
            _skip -= part.Length;
        }

        if (_encoding.IsNativeFloat)
        {
            Fill(MemoryMarshal.AsBytes(voxels));
            return;
        }

        while (!voxels.IsEmpty)
        {
            var count = Math.Min(voxels.Length, ChunkLength / _encoding.Size);
            var stored = _chunk.AsSpan(0, count * _encoding.Size);
            Fill(stored);
            _encoding.Decode(stored, voxels[..count]);
            voxels = voxels[count..];
        }
    }

    // The decompressor compares the checksum when it meets it, so it has to be led to the end.
    public override void Finish(CancellationToken cancellationToken)
    {
        while (ReadSome(_chunk) > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
            ArrayPool<byte>.Shared.Return(_chunk);
        }
    }

    private void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = ReadSome(bytes);
            if (read == 0)
            {
                throw new MriFileException(_name, "is truncated: it ends before its last voxel.");
            }

            bytes = bytes[read..];
        }
    }

    private int ReadSome(Span<byte> bytes)
    {
        try
        {
            return _content.Read(bytes);
        }
        catch (InvalidDataException exception)
        {
            throw new MriFileException(_name, "is damaged: its gzip data cannot be decompressed, or their checksum is wrong.", exception);
        }
        catch (IOException exception)
        {
            throw new MriFileException(_name, $"cannot be read: {exception.Message}", exception);
        }
    }
}
