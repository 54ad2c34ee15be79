using System.Buffers.Binary;
using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>What one DICOM file says about its slices: series, size, type, and where each frame lies.</summary>
internal sealed class DicomImage
{
    // Direction cosines are written with six digits and more; farther from unit length or right angles they are damaged.
    private const double CosineTolerance = 1e-3;

    private readonly DicomFile _file;

    /// <exception cref="MriFileException">The file holds no image, none that can be read, or does not say where it lies.</exception>
    public DicomImage(DicomFile file)
    {
        _file = file;
        var data = file.Data;
        Series = data.Text(DicomTags.SeriesInstance) ?? string.Empty;
        SeriesNumber = data.Integer(DicomTags.SeriesNumber);
        SliceThickness = data.Decimal(DicomTags.SliceThickness);
        ImagesInAcquisition = data.Integer(DicomTags.ImagesInAcquisition);
        RequireMonochrome();
        Frames = ReadFrames();
    }

    /// <summary>The UID of the series.</summary>
    public string Series { get; }

    public long? SeriesNumber { get; }

    /// <summary>How many images the scanner says it made, or null.</summary>
    public long? ImagesInAcquisition { get; }

    /// <summary>mm, or null.</summary>
    public double? SliceThickness { get; }

    public IReadOnlyList<DicomFrame> Frames { get; }

    /// <summary>Whether a file holds pixels at all; reports and presentation states hold none.</summary>
    public static bool IsImage(DicomFile file) => file.Data.Elements is [.., var last] && DicomTags.IsPixels(last.Tag);

    private void RequireMonochrome()
    {
        if (!IsImage(_file))
        {
            throw Bad("holds no image.");
        }

        var photometric = _file.Data.Text(DicomTags.Photometric) ?? "MONOCHROME2";
        if ((_file.Data.UInt16(DicomTags.SamplesPerPixel) ?? 1) != 1 || !photometric.StartsWith("MONOCHROME", StringComparison.Ordinal))
        {
            throw Bad($"holds colours ({SafeText.ForTerminal(photometric, 40)}), not one number per pixel.");
        }

        // Siemens' mosaics are many slices in one picture; their places are in private elements.
        if (_file.Data.Text(DicomTags.ImageType)?.Contains("MOSAIC", StringComparison.Ordinal) == true)
        {
            throw Bad("is a mosaic of slices, which cannot be read.");
        }
    }

    private List<DicomFrame> ReadFrames()
    {
        var data = _file.Data;
        var (rows, columns) = (data.UInt16(DicomTags.Rows) ?? 0, data.UInt16(DicomTags.Columns) ?? 0);
        var count = data.Integer(DicomTags.NumberOfFrames) ?? 1;
        if (rows < 1 || columns < 1 || count < 1)
        {
            throw Bad($"has no voxels: its header claims a size of {columns}x{rows}x{count}.");
        }

        var encoding = ReadEncoding();
        var pixels = data.Elements[^1];
        var bytes = (long)rows * columns * encoding.Size;
        if (pixels.Length == DicomReader.Undefined)
        {
            throw Bad("has compressed pixels but a transfer syntax that says otherwise.");
        }

        if (bytes > pixels.Length / count || pixels.Offset + (bytes * count) > _file.Stamp.Length)
        {
            throw Bad($"is truncated: by its header it has {count}x{bytes:N0} bytes of pixels, but there are {Math.Min(pixels.Length, _file.Stamp.Length - pixels.Offset):N0}.");
        }

        var shared = data.Items(DicomTags.SharedGroups) is [var first, ..] ? first : data;
        var perFrame = data.Items(DicomTags.PerFrameGroups);
        if (count > 1 && perFrame.Count != count)
        {
            throw Bad(perFrame.Count == 0
                ? $"holds {count} frames but does not say where each lies."
                : $"holds {count} frames but says of {perFrame.Count} where they lie.");
        }

        var frames = new List<DicomFrame>();
        for (var i = 0; i < count; i++)
        {
            frames.Add(ReadFrame(perFrame.Count > 0 ? perFrame[i] : data, shared, columns, rows, pixels.Offset + (i * bytes), encoding, i));
        }

        return frames;
    }

    private DicomFrame ReadFrame(DicomDataSet own, DicomDataSet shared, int columns, int rows, long offset, VoxelEncoding encoding, int index)
    {
        var data = _file.Data;

        // Enhanced files keep these in sequences, of the frame or of all; others have them at the top.
        double[]? Find(uint group, uint tag) => (own.Items(group) is [var a, ..] ? a.Decimals(tag) : null)
            ?? (shared.Items(group) is [var b, ..] ? b.Decimals(tag) : null) ?? data.Decimals(tag);

        if (Find(DicomTags.PlanePosition, DicomTags.ImagePosition) is not [var px, var py, var pz])
        {
            throw Bad("does not say where its slice lies (ImagePositionPatient).");
        }

        if (Find(DicomTags.PlaneOrientation, DicomTags.ImageOrientation) is not [var rx, var ry, var rz, var cx, var cy, var cz])
        {
            throw Bad("does not say how its slice is turned (ImageOrientationPatient).");
        }

        if (Find(DicomTags.PixelMeasures, DicomTags.PixelSpacing) is not [> 0 and var rowSpacing, > 0 and var columnSpacing])
        {
            throw Bad("does not say how large its pixels are (PixelSpacing).");
        }

        var (row, column) = (new Point3(rx, ry, rz), new Point3(cx, cy, cz));
        var cosine = (rx * cx) + (ry * cy) + (rz * cz);
        if (Math.Abs(row.Length - 1) > CosineTolerance || Math.Abs(column.Length - 1) > CosineTolerance || Math.Abs(cosine) > CosineTolerance)
        {
            throw Bad("has a damaged header: its ImageOrientationPatient is no rotation.");
        }

        var slope = Find(DicomTags.PixelValueTransformation, DicomTags.RescaleSlope) is [var s, ..] && s != 0 ? s : 1;
        var intercept = Find(DicomTags.PixelValueTransformation, DicomTags.RescaleIntercept) is [var i, ..] ? i : 0;
        var content = own.Items(DicomTags.FrameContent) is [var c, ..] ? c : data;
        var time = content[DicomTags.TemporalPositionIndex] is { Value.Length: 4 } at ? BinaryPrimitives.ReadUInt32LittleEndian(at.Value) : data.Decimal(DicomTags.TemporalPosition);
        double[] keys =
        [
            time ?? double.NaN,
            Find(DicomTags.MrEcho, DicomTags.EffectiveEchoTime) is [var echo, ..] ? echo : data.Decimal(DicomTags.EchoTime) ?? double.NaN,
            data.Decimal(DicomTags.AcquisitionNumber) ?? double.NaN,
            KindOfImage(),
            double.TryParse(content.Text(DicomTags.StackId), NumberStyles.Float, CultureInfo.InvariantCulture, out var stack) ? stack : double.NaN,
        ];
        return new(
            new(_file.Stamp, Packing.None, 0, offset, (long)rows * columns, encoding with { Slope = slope, Intercept = intercept }),
            columns, rows, new(px, py, pz), row, column, columnSpacing, rowSpacing, keys, $"{data.Text(DicomTags.SopInstance)}/{index}");
    }

    // Magnitude, phase, real, imaginary; the letter is the third value of ImageType, or a later one.
    private double KindOfImage()
    {
        var values = _file.Data.Text(DicomTags.ImageType)?.Split('\\').Skip(2) ?? [];
        return values.Select(value => value switch
        {
            "M" or "M_FFE" or "MAGNITUDE" => 0,
            "P" or "P_FFE" or "PHASE" or "PHASE MAP" => 1,
            "R" or "REAL" => 2,
            "I" or "IMAGINARY" => 3,
            _ => double.NaN,
        }).FirstOrDefault(double.IsFinite, double.NaN);
    }

    private VoxelEncoding ReadEncoding()
    {
        var data = _file.Data;
        switch (data.Elements[^1].Tag)
        {
            case DicomTags.FloatPixels:
                return new(VoxelType.Float32, BigEndian: false);
            case DicomTags.DoublePixels:
                return new(VoxelType.Float64, BigEndian: false);
        }

        var allocated = data.UInt16(DicomTags.BitsAllocated) ?? 0;
        var stored = data.UInt16(DicomTags.BitsStored) ?? allocated;
        var high = data.UInt16(DicomTags.HighBit) ?? stored - 1;
        var signed = data.UInt16(DicomTags.PixelRepresentation) == 1;
        var type = (allocated, signed) switch
        {
            (8, false) => VoxelType.UInt8,
            (8, true) => VoxelType.Int8,
            (16, false) => VoxelType.UInt16,
            (16, true) => VoxelType.Int16,
            (32, false) => VoxelType.UInt32,
            (32, true) => VoxelType.Int32,
            _ => throw Bad($"holds pixels of {allocated} bits; only those of 8, 16 and 32 can be read."),
        };
        return stored >= 1 && stored <= allocated && high == stored - 1
            ? new(type, BigEndian: false, StoredBits: stored == allocated ? 0 : stored)
            : throw Bad($"holds pixels in bits that are not understood ({stored} stored of {allocated}, highest {high}).");
    }

    private MriFileException Bad(string problem) => new(_file.Path, problem);
}
