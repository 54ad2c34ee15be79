using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Where the pixels of a file are and how they are stored.</summary>
internal sealed class DicomPixels
{
    private readonly DicomFile _file;
    private readonly VoxelEncoding _encoding;
    private readonly long _count;
    private readonly int _frames;

    private DicomPixels(DicomFile file, VoxelEncoding encoding, long count, int frames)
    {
        _file = file;
        _encoding = encoding;
        _count = count;
        _frames = frames;
    }

    private DicomElement Element => _file.Data.Elements[^1];

    /// <summary>Looks at how the pixels of a file are stored, and whether they are there.</summary>
    /// <param name="file">A file whose last element holds pixels.</param>
    /// <param name="columns">Pixels along a row.</param>
    /// <param name="rows">Rows of a frame.</param>
    /// <param name="frames">Frames of the file.</param>
    /// <exception cref="MriFileException">They are not, or stored in a way that cannot be read.</exception>
    public static DicomPixels Of(DicomFile file, int columns, int rows, int frames)
    {
        if (DicomTags.UnreadableSyntax(file.TransferSyntax) is { } name)
        {
            throw new MriFileException(file.Path, $"is encoded as {name}, which cannot be read; only uncompressed DICOM can. A DICOM toolkit converts it (gdcmconv --raw, dcmdjpeg, dcmdrle).");
        }

        var pixels = new DicomPixels(file, ReadEncoding(file), (long)rows * columns, frames);
        pixels.RequirePresent();
        return pixels;
    }

    /// <summary>The voxels of one frame.</summary>
    public RawVoxels FrameAt(int index, double slope, double intercept)
    {
        var encoding = _encoding with { Slope = slope, Intercept = intercept };
        var offset = Element.Offset + (index * _count * encoding.Size);
        return _file.DeflatedFrom is { } start
            ? new(_file.Stamp, Packing.Deflate, start, offset, _count, encoding) { Length = Element.Offset + (_frames * _count * encoding.Size) }
            : new(_file.Stamp, Packing.None, 0, offset, _count, encoding);
    }

    private void RequirePresent()
    {
        if (Element.Length == DicomReader.Undefined)
        {
            throw Bad("has compressed pixels but a transfer syntax that says otherwise.");
        }

        var bytes = _count * _encoding.Size;
        var end = _file.DeflatedFrom is null ? _file.Stamp.Length : long.MaxValue;
        if (bytes > Element.Length / _frames || Element.Offset + (bytes * _frames) > end)
        {
            throw Bad($"is truncated: by its header it has {_frames}x{bytes:N0} bytes of pixels, but there are {Math.Min(Element.Length, end - Element.Offset):N0}.");
        }
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
            : throw new MriFileException(file.Path, $"holds pixels in bits that are not understood ({stored} stored of {allocated}, highest {high}).");
    }

    private MriFileException Bad(string problem) => new(_file.Path, problem);
}
