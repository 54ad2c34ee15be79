using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>A preprocessed volume as bytes: compact, checksummed, bit for bit. Used by the cache and the gallery.</summary>
/// <remarks>
/// <para>Layout, numbers little-endian: "MRILINKV", version (int32), metadata (<see cref="PreprocessedRecord"/> as JSON), mask,
/// four planes of voxels, SHA-256 of all before. Metadata, mask and planes are each preceded by their length (int32). The mask is
/// run lengths over the grid, x fastest, outside first, 7 bits a byte. Of the voxels only those in the mask are kept: all their
/// lowest bytes, then all second ones, and so on, each plane preceded by 0 (as it is) or 1 (deflated; the highest bytes, sign and
/// exponent, shrink to a third, mantissas hardly at all).</para>
/// <para>Neither name nor path is in it. A brain at 2 mm takes about 0.8 MB, a fifth of voxels and mask in memory.</para>
/// </remarks>
public static class PreprocessedVolumeCodec
{
    /// <summary>The version of the layout that is written. Others are refused.</summary>
    public const int FormatVersion = 1;

    private const int Planes = 4;
    private const int Plain = 0;
    private const int Deflated = 1;

    // Deflate cannot pack more than 1032 bytes into one (RFC 1951: 258 bytes per two bits).
    private const int MostPerByte = 1032;

    // Two lines of numbers and a dozen parameters; ours are some 2 KB.
    private const int LongestMetadata = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "MRILINKV"u8;

    /// <summary>Packs a volume.</summary>
    /// <exception cref="ArgumentException">A voxel outside the mask is not 0, so that voxels would be lost; or the grid is too large.</exception>
    public static byte[] Encode(PreprocessedVolume volume, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var (voxels, mask) = volume.ReadBrain(cancellationToken);
        if (voxels.Size != mask.Size || voxels.Size.Count > PreprocessedRecord.MaxVoxels)
        {
            throw new ArgumentException(
                $"'{volume.Name}' has {voxels.Size} voxels and a mask of {mask.Size}; both must be the same and at most "
                    + $"{PreprocessedRecord.MaxVoxels:N0}.", nameof(volume));
        }

        var inside = Inside(voxels.Voxels, mask, volume);
        using var bytes = new MemoryStream(inside.Length * sizeof(float));
        bytes.Write(Magic);
        WriteInt32(bytes, FormatVersion);
        WriteBlock(bytes, JsonSerializer.SerializeToUtf8Bytes(PreprocessedRecord.Of(volume), ProvenanceJson.Compact));
        WriteBlock(bytes, Runs(mask.Voxels));
        var plane = new byte[inside.Length];
        for (var i = 0; i < Planes; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var voxel = 0; voxel < inside.Length; voxel++)
            {
                plane[voxel] = (byte)(inside[voxel] >> (8 * i));
            }

            var packed = Deflate(plane);
            bytes.WriteByte(packed.Length < plane.Length ? (byte)Deflated : (byte)Plain);
            WriteBlock(bytes, packed.Length < plane.Length ? packed : plane);
        }

        bytes.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <summary>Unpacks a volume. Whatever the bytes hold, no more memory is taken than a volume of their length can need.</summary>
    /// <param name="bytes">What <see cref="Encode"/> gave.</param>
    /// <param name="source">What to call it in messages: a file's path, for example.</param>
    /// <param name="identity">Whose scan it is.</param>
    /// <param name="timings">How long what took.</param>
    /// <exception cref="MriFileException">The bytes are damaged, are none of this kind, or come from a newer version.</exception>
    public static PreprocessedVolume Decode(ReadOnlySpan<byte> bytes, string source, ScanIdentity identity, IReadOnlyList<StepTiming> timings)
    {
        var reader = Open(bytes, source);
        var (record, geometry) = ReadRecord(ref reader);
        var (voxels, mask) = ReadVoxels(ref reader, record, geometry);
        return new(identity, voxels, mask, record.Template, Affine.FromRows(record.TemplateToScan), record.Quality!,
            timings)
        { Provenance = record.Provenance };
    }

    /// <summary>Checks everything and unpacks voxels and mask alone.</summary>
    internal static (Volume Voxels, Mask Mask) DecodeVoxels(ReadOnlySpan<byte> bytes, string source)
    {
        var reader = Open(bytes, source);
        var (record, geometry) = ReadRecord(ref reader);
        return ReadVoxels(ref reader, record, geometry);
    }

    /// <summary>Checks the checksum and gives what is known beside the voxels.</summary>
    internal static PreprocessedRecord DecodeRecord(ReadOnlySpan<byte> bytes, string source)
    {
        var reader = Open(bytes, source);
        return ReadRecord(ref reader).Record;
    }

    private static Reader Open(ReadOnlySpan<byte> bytes, string source)
    {
        if (bytes.Length < Magic.Length + sizeof(int) + SHA256.HashSizeInBytes || !bytes.StartsWith(Magic))
        {
            throw new MriFileException(source, "is no preprocessed volume of MriLink, or is cut off.");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[Magic.Length..]);
        if (version != FormatVersion)
        {
            throw new MriFileException(source, $"has layout {version}; this version of MriLink reads {FormatVersion}.");
        }

        var content = bytes[..^SHA256.HashSizeInBytes];
        Span<byte> checksum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, checksum);
        return checksum.SequenceEqual(bytes[content.Length..])
            ? new(content[(Magic.Length + sizeof(int))..], source)
            : throw new MriFileException(source, "is damaged: its checksum is wrong.");
    }

    private static (PreprocessedRecord Record, VolumeGeometry Geometry) ReadRecord(ref Reader reader)
    {
        var json = reader.Block();
        if (json.Length > LongestMetadata)
        {
            throw reader.Damaged($"its metadata take {json.Length:N0} bytes");
        }

        try
        {
            var record = JsonSerializer.Deserialize<PreprocessedRecord>(json, ProvenanceJson.Compact);
            return record?.Geometry() is not { } geometry ? throw reader.Damaged("its metadata describe no grid")
                : record.Quality is null ? throw reader.Damaged("its metadata do not say how well preprocessing went")
                : (record, geometry);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            throw reader.Damaged("its metadata cannot be read", exception);
        }
    }

    private static (Volume Voxels, Mask Mask) ReadVoxels(ref Reader reader, PreprocessedRecord record, VolumeGeometry geometry)
    {
        // Everything is counted before anything large is allocated.
        var runs = ReadRuns(ref reader, geometry.Size.Count, out var inside);
        if (inside != record.BrainVoxels)
        {
            throw reader.Damaged($"its mask has {inside:N0} voxels, not {record.BrainVoxels:N0}");
        }

        var packed = new PackedPlane[Planes];
        for (var i = 0; i < Planes; i++)
        {
            var kind = reader.Byte();
            var block = reader.BlockRange();
            if (kind == Plain ? block.Length != inside : kind != Deflated || inside > (long)block.Length * MostPerByte)
            {
                throw reader.Damaged($"a plane of {inside:N0} voxels takes {block.Length:N0} bytes");
            }

            packed[i] = new(kind, block.Start, block.Length);
        }

        reader.RequireEnd();
        var bits = new uint[inside];
        var plane = new byte[inside];
        for (var i = 0; i < Planes; i++)
        {
            var block = reader.Slice(packed[i].Start, packed[i].Length);
            if (packed[i].Kind == Plain)
            {
                block.CopyTo(plane);
            }
            else if (!Inflate(block, plane))
            {
                throw reader.Damaged("a plane of voxels cannot be decompressed");
            }

            for (var voxel = 0; voxel < plane.Length; voxel++)
            {
                bits[voxel] |= (uint)plane[voxel] << (8 * i);
            }
        }

        var voxels = new float[geometry.Size.Count];
        var mask = new bool[voxels.Length];
        int at = 0, taken = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            if (i % 2 == 1)
            {
                mask.AsSpan(at, runs[i]).Fill(true);
                MemoryMarshal.Cast<uint, float>(bits.AsSpan(taken, runs[i])).CopyTo(voxels.AsSpan(at));
                taken += runs[i];
            }

            at += runs[i];
        }

        return (new(geometry, voxels), new(geometry, mask));
    }

    private static uint[] Inside(float[] voxels, Mask mask, PreprocessedVolume volume)
    {
        var inside = new uint[mask.Count];
        var at = 0;
        for (var i = 0; i < voxels.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(voxels[i]);
            if (mask.Voxels[i])
            {
                inside[at++] = bits;
            }
            else if (bits != 0)
            {
                throw new ArgumentException($"'{volume.Name}' is not 0 outside its brain mask.", nameof(volume));
            }
        }

        return inside;
    }

    private static byte[] Runs(bool[] mask)
    {
        using var bytes = new MemoryStream();
        Span<bool> rest = mask;
        for (var value = false; !rest.IsEmpty; value = !value)
        {
            var length = rest.IndexOf(!value);
            length = length < 0 ? rest.Length : length;
            rest = rest[length..];
            var left = (uint)length;
            for (; left >= 0x80; left >>= 7)
            {
                bytes.WriteByte((byte)(left | 0x80));
            }

            bytes.WriteByte((byte)left);
        }

        return bytes.ToArray();
    }

    private static List<int> ReadRuns(ref Reader reader, long total, out int inside)
    {
        var bytes = reader.Block();
        var runs = new List<int>();
        long sum = 0;
        inside = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var length = 0L;
            var shift = 0;
            for (; i < bytes.Length && bytes[i] >= 0x80 && shift < 28; i++, shift += 7)
            {
                length |= (long)(bytes[i] & 0x7f) << shift;
            }

            length |= i < bytes.Length ? (long)bytes[i] << shift : 0;
            sum += length;
            if (i >= bytes.Length || length > total || sum > total)
            {
                throw reader.Damaged("its mask does not fit its grid");
            }

            inside += runs.Count % 2 == 1 ? (int)length : 0;
            runs.Add((int)length);
        }

        return sum == total ? runs : throw reader.Damaged("its mask does not fill its grid");
    }

    private static byte[] Deflate(byte[] bytes)
    {
        using var packed = new MemoryStream(bytes.Length);
        using (var stream = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(bytes);
        }

        return packed.ToArray();
    }

    // Whether the bytes unpack to exactly as many as there is room for.
    private static bool Inflate(ReadOnlySpan<byte> packed, Span<byte> into)
    {
        using var bytes = new MemoryStream(packed.ToArray(), writable: false);
        using var stream = new DeflateStream(bytes, CompressionMode.Decompress);
        try
        {
            return stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false) == into.Length && stream.ReadByte() < 0;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static void WriteBlock(MemoryStream stream, ReadOnlySpan<byte> block)
    {
        WriteInt32(stream, block.Length);
        stream.Write(block);
    }

    private static void WriteInt32(MemoryStream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private readonly record struct PackedPlane(int Kind, int Start, int Length);

    /// <summary>Reads forward and never beyond the end.</summary>
    private ref struct Reader(ReadOnlySpan<byte> bytes, string source)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private int _at;

        public readonly MriFileException Damaged(string how, Exception? inner = null) => new(source, $"is damaged: {how}.", inner);

        public byte Byte() => _at < _bytes.Length ? _bytes[_at++] : throw Damaged("it ends early");

        public (int Start, int Length) BlockRange()
        {
            if (_bytes.Length - _at < sizeof(int))
            {
                throw Damaged("it ends early");
            }

            var length = BinaryPrimitives.ReadInt32LittleEndian(_bytes[_at..]);
            _at += sizeof(int);
            if (length < 0 || length > _bytes.Length - _at)
            {
                throw Damaged($"a part of {length:N0} bytes does not fit");
            }

            var start = _at;
            _at += length;
            return (start, length);
        }

        public ReadOnlySpan<byte> Block()
        {
            var (start, length) = BlockRange();
            return Slice(start, length);
        }

        public readonly ReadOnlySpan<byte> Slice(int start, int length) => _bytes.Slice(start, length);

        public readonly void RequireEnd()
        {
            if (_at != _bytes.Length)
            {
                throw Damaged("bytes follow its end");
            }
        }
    }
}
