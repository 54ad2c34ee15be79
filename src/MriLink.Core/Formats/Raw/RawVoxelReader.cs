using System.Buffers;
using System.Runtime.InteropServices;
using ICSharpCode.SharpZipLib;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>Reads voxels that follow one another in a stream, a chunk at a time.</summary>
internal sealed class RawVoxelReader : VoxelReader
{
    // Small enough to stay in the processor's cache between decompression and conversion.
    private const int ChunkLength = 1 << 16;

    private readonly Stream _content;
    private readonly string _name;
    private readonly VoxelEncoding _encoding;
    private readonly bool _hasChecksum;
    private readonly int _lanes;
    private readonly int _lane;
    private readonly byte[] _chunk = ArrayPool<byte>.Shared.Rent(ChunkLength);
    private float[]? _interleaved;
    private long _skip;

    /// <param name="content">Decompressed bytes; disposed with the reader.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="skip">Bytes before the first voxel.</param>
    /// <param name="encoding">How each voxel is stored.</param>
    public RawVoxelReader(Stream content, string name, long skip, VoxelEncoding encoding)
        : this(content, name, skip, encoding, hasChecksum: true, lanes: 1, lane: 0)
    {
    }

    /// <param name="content">Bytes of the file, decompressed where they are packed; disposed with the reader. At the first voxel where they are
    /// plain.</param>
    /// <param name="name">The file, for messages.</param>
    /// <param name="voxels">What is read.</param>
    public RawVoxelReader(Stream content, string name, RawVoxels voxels)
        : this(content, name, voxels.Packing is Packing.None ? 0
            : voxels.Offset, voxels.Encoding, voxels.Packing is not Packing.None, voxels.Lanes, voxels.Lane)
    {
    }

    private RawVoxelReader(Stream content, string name, long skip, VoxelEncoding encoding, bool hasChecksum, int lanes, int lane)
    {
        _content = content;
        _name = name;
        _skip = skip;
        _encoding = encoding;
        _hasChecksum = hasChecksum;
        _lanes = lanes;
        _lane = lane;
    }

    public override bool IsAlwaysFinite => _encoding.IsAlwaysFinite;

    /// <summary>Whether a decompressor throws this for data that are not what they should be.</summary>
    /// <remarks>SharpZipLib's bzip2 meets some damage as an index out of range.</remarks>
    public static bool IsDamage(Exception exception) =>
        exception is InvalidDataException or SharpZipBaseException or IndexOutOfRangeException or EndOfStreamException;

    public override void Read(Span<float> voxels)
    {
        while (_skip > 0)
        {
            var part = _chunk.AsSpan(0, (int)Math.Min(_skip, ChunkLength));
            Fill(part);
            _skip -= part.Length;
        }

        if (_lanes > 1)
        {
            ReadLane(voxels);
            return;
        }

        if (_encoding.IsNativeFloat)
        {
            Fill(MemoryMarshal.AsBytes(voxels));
            return;
        }

        while (!voxels.IsEmpty)
        {
            var count = Math.Min(voxels.Length, ChunkLength / _encoding.Size);
            ReadStored(voxels[..count]);
            voxels = voxels[count..];
        }
    }

    // The decompressor compares the checksum when it meets it, so it has to be led to the end.
    public override void Finish(CancellationToken cancellationToken)
    {
        while (_hasChecksum && ReadSome(_chunk) > 0)
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
            if (_interleaved is not null)
            {
                ArrayPool<float>.Shared.Return(_interleaved);
            }
        }
    }

    private void ReadStored(Span<float> voxels)
    {
        var stored = _chunk.AsSpan(0, voxels.Length * _encoding.Size);
        Fill(stored);
        _encoding.Decode(stored, voxels);
    }

    private void ReadLane(Span<float> voxels)
    {
        _interleaved ??= ArrayPool<float>.Shared.Rent(ChunkLength / _encoding.Size);
        var (at, lane) = (0, 0);
        while (at < voxels.Length)
        {
            var left = ((voxels.Length - at) * (long)_lanes) - lane;
            var values = _interleaved.AsSpan(0, (int)Math.Min(ChunkLength / _encoding.Size, left));
            ReadStored(values);
            foreach (var value in values)
            {
                if (lane == _lane)
                {
                    voxels[at] = value;
                }

                if (++lane == _lanes)
                {
                    lane = 0;
                    at++;
                }
            }
        }
    }

    private void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var read = ReadSome(bytes);
            if (read <= 0)
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
        catch (Exception exception) when (IsDamage(exception))
        {
            throw new MriFileException(_name, "is damaged: its compressed data cannot be decompressed, or their checksum is wrong.", exception);
        }
        catch (IOException exception)
        {
            throw new MriFileException(_name, $"cannot be read: {exception.Message}", exception);
        }
    }
}
