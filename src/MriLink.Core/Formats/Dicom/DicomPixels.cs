using System.Buffers.Binary;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Where the pixels of a file are and how they are stored.</summary>
internal sealed class DicomPixels
{
    private readonly DicomFile _file;
    private readonly VoxelEncoding _encoding;
    private readonly int _columns;
    private readonly int _rows;
    private readonly int _frames;

    // Where each frame is, of those that are compressed one by one.
    private readonly List<IReadOnlyList<(long Offset, uint Length)>>? _pieces;

    /// <summary>Looks at how the pixels of a file are stored, and whether they are there.</summary>
    /// <param name="file">A file whose last element holds pixels.</param>
    /// <param name="columns">Pixels along a row.</param>
    /// <param name="rows">Rows of a frame.</param>
    /// <param name="frames">Frames of the file.</param>
    /// <exception cref="MriFileException">They are not, or stored in a way that cannot be read.</exception>
    public DicomPixels(DicomFile file, int columns, int rows, int frames)
    {
        if (DicomTags.UnreadableSyntax(file.TransferSyntax) is { } name)
        {
            throw new MriFileException(
                file.Path, $"is encoded as {name}, which cannot be read. A DICOM toolkit converts it (gdcmconv --raw, dcmdjpeg, dcmdjpls).");
        }

        _file = file;
        (_columns, _rows, _frames) = (columns, rows, frames);
        _encoding = ReadEncoding(file);
        if (DicomTags.IsCompressed(file.TransferSyntax))
        {
            _pieces = FindPieces();
        }
        else
        {
            RequirePresent();
        }
    }

    private DicomElement Element => _file.Data.Elements[^1];

    private long Count => (long)_rows * _columns;

    /// <summary>The voxels of one frame.</summary>
    public RawVoxels FrameAt(int index, double slope, double intercept)
    {
        var encoding = _encoding with { Slope = slope, Intercept = intercept };
        if (_pieces is not null)
        {
            var (path, columns, rows, size) = (_file.Path, _columns, _rows, encoding.Size);
            var isRle = _file.TransferSyntax is DicomTags.RunLength;
            return new(_file.Stamp, Packing.Frame, 0, 0, Count, encoding)
            {
                Pieces = _pieces[index],
                MostPerByte = isRle ? RleFrame.MostPerByte : JpegFrame.MostPerByte * size,
                Unpack = isRle
                    ? packed => RleFrame.Unpack(path, packed, columns * rows, size)
                    : packed => JpegFrame.Unpack(path, packed, columns, rows, size),
            };
        }

        var offset = Element.Offset + (index * Count * encoding.Size);
        return _file.DeflatedFrom is { } start
            ? new(_file.Stamp, Packing.Deflate, start, offset, Count, encoding) { Length = Element.Offset + (_frames * Count * encoding.Size) }
            : new(_file.Stamp, Packing.None, 0, offset, Count, encoding);
    }

    private void RequirePresent()
    {
        if (Element.Length == DicomReader.Undefined)
        {
            throw Bad("has compressed pixels but a transfer syntax that says otherwise.");
        }

        var bytes = Count * _encoding.Size;
        var end = _file.DeflatedFrom is null ? _file.Stamp.Length : long.MaxValue;
        if (bytes > Element.Length / _frames || Element.Offset + (bytes * _frames) > end)
        {
            throw Bad($"is truncated: by its header it has {_frames}x{bytes:N0} bytes of pixels, but there are "
                + $"{Math.Min(Element.Length, end - Element.Offset):N0}.");
        }
    }

    // The first fragment is a table of where frames begin, and may be empty; a frame may be in several.
    private List<IReadOnlyList<(long Offset, uint Length)>> FindPieces()
    {
        var bytes = Count * _encoding.Size;
        if ((_encoding.Size > 2 && _file.TransferSyntax is not DicomTags.RunLength) || _encoding.Size > 4 || bytes > Array.MaxLength)
        {
            throw Bad($"holds compressed pixels of {8 * _encoding.Size} bits, {_columns}x{_rows}, which cannot be read.");
        }

        if (Element.Length != DicomReader.Undefined || _file.Fragments.Count < 2)
        {
            throw Bad("is truncated or damaged: it lacks its compressed pixels.");
        }

        var fragments = _file.Fragments.Skip(1).ToArray();
        var (last, length) = fragments[^1];
        if (length > _file.Stamp.Length - last)
        {
            throw Bad($"is truncated: its compressed pixels break off after {_file.Stamp.Length - last:N0} of {length:N0} bytes.");
        }

        if (_frames == 1 || fragments.Length == _frames)
        {
            return _frames == 1 ? [fragments] : [.. fragments.Select(fragment => (IReadOnlyList<(long, uint)>)[fragment])];
        }

        var starts = ReadTable();
        var pieces = new List<IReadOnlyList<(long Offset, uint Length)>>();
        for (var i = 0; i < starts.Length; i++)
        {
            var (from, to) = (starts[i], i + 1 < starts.Length ? starts[i + 1] : uint.MaxValue);
            pieces.Add([.. fragments.Where(fragment => fragment.Offset - fragments[0].Offset is var at && at >= from && at < to)]);
        }

        return starts.Length == _frames && pieces.TrueForAll(frame => frame.Count > 0)
            ? pieces
            : throw Bad($"holds {_frames} compressed frames in {fragments.Length} pieces and does not say which belong to which.");
    }

    private uint[] ReadTable()
    {
        var (offset, length) = _file.Fragments[0];
        if (length != 4 * (long)_frames || length > _file.Stamp.Length - offset)
        {
            return [];
        }

        var bytes = new byte[length];
        using var handle = _file.Stamp.Reopen();
        for (var read = 0; read < bytes.Length;)
        {
            var more = RandomAccess.Read(handle, bytes.AsSpan(read), offset + read);
            read = more > 0 ? read + more : throw Bad("has changed since its header was read.");
        }

        return [.. Enumerable.Range(0, _frames).Select(i => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * i)))];
    }

    private static VoxelEncoding ReadEncoding(DicomFile file)
    {
        var data = file.Data;
        var bigEndian = file.IsBigEndian || file.TransferSyntax is DicomTags.GeBigEndian;
        switch (data.Elements[^1].Tag)
        {
            case DicomTags.FloatPixels:
                return new(VoxelType.Float32, bigEndian);
            case DicomTags.DoublePixels:
                return new(VoxelType.Float64, bigEndian);
        }

        var allocated = data.Integer(DicomTags.BitsAllocated) ?? 0;
        var stored = data.Integer(DicomTags.BitsStored) ?? allocated;
        var high = data.Integer(DicomTags.HighBit) ?? stored - 1;
        var signed = data.Integer(DicomTags.PixelRepresentation) == 1;
        var type = (allocated, signed) switch
        {
            (8, false) => VoxelType.UInt8,
            (8, true) => VoxelType.Int8,
            (16, false) => VoxelType.UInt16,
            (16, true) => VoxelType.Int16,
            (32, false) => VoxelType.UInt32,
            (32, true) => VoxelType.Int32,
            _ => throw new MriFileException(file.Path, $"holds pixels of {allocated} bits; only those of 8, 16 and 32 can be read."),
        };

        // Words of two bytes change places, and with them neighbouring pixels of one.
        if (bigEndian && allocated == 8 && data.Elements[^1].Type is "OW")
        {
            throw new MriFileException(file.Path, "holds pixels of 8 bits in big-endian words of 16, which is not understood.");
        }

        return stored >= 1 && stored <= allocated && high == stored - 1
            ? new(type, bigEndian, StoredBits: stored == allocated ? 0 : (int)stored)
            : throw new MriFileException(
                file.Path, $"holds pixels in bits that are not understood ({stored} stored of {allocated}, highest {high}).");
    }

    private MriFileException Bad(string problem) => new(_file.Path, problem);
}
