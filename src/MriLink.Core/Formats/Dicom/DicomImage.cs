using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>
/// What one DICOM file says about its slices: whose they are, size, type, and where each frame lies; or, of a file whose slices cannot be
/// used, why not. The elements themselves are not kept.
/// </summary>
internal sealed class DicomImage
{
    // Direction cosines are written with six digits and more; farther from unit length or right angles they are damaged.
    private const double CosineTolerance = 1e-3;

    private readonly DicomFile _file;

    private DicomImage(DicomFile file)
    {
        _file = file;
        var data = file.Data;
        var isUtf8 = data.IsUtf8;
        Stamp = file.Stamp;
        Identity = new()
        {
            PatientId = data.Text(DicomTags.PatientId, isUtf8),
            PatientName = data.Text(DicomTags.PatientName, isUtf8),
            PatientBirthDate = data.Text(DicomTags.PatientBirthDate),
            StudyUid = data.Text(DicomTags.StudyInstance),
            StudyDate = data.Text(DicomTags.StudyDate),
            StudyTime = data.Text(DicomTags.StudyTime),
            SeriesUid = data.Text(DicomTags.SeriesInstance),
            SeriesNumber = data.Integer(DicomTags.SeriesNumber)?.ToString(CultureInfo.InvariantCulture) ?? data.Text(DicomTags.SeriesNumber),
            SeriesDescription = data.Text(DicomTags.SeriesDescription, isUtf8),
            FrameOfReference = data.Text(DicomTags.FrameOfReference),
            Modality = data.Text(DicomTags.Modality),
        };
        SliceThickness = data.Decimal(DicomTags.SliceThickness);
        Number = data.Integer(DicomTags.InstanceNumber);
        ImagesInAcquisition = data.Integer(DicomTags.ImagesInAcquisition);
        Contrast = DicomContrast.Of((_, tag) => data[tag]);
        IsDamaged = file.Damage is not null;
        IsImage = DicomTags.IsPixels(data.Elements is [.., var last] ? last.Tag : 0) || data[DicomTags.Rows] is not null
            || (data.Text(DicomTags.SopClass) is { } sop ? DicomTags.IsImageClass(sop) : IsDamaged);
        try
        {
            Frames = file.Damage is null ? ReadFrames() : throw file.Damage;
        }
        catch (MriFileException exception)
        {
            Problem = exception;
        }
    }

    public FileStamp Stamp { get; }

    public string Path => Stamp.Path;

    public DicomIdentity Identity { get; }

    /// <summary>How many images the scanner says it made, or null.</summary>
    public long? ImagesInAcquisition { get; }

    /// <summary>The number of the image in its series, or null.</summary>
    public long? Number { get; }

    /// <summary>mm, or null.</summary>
    public double? SliceThickness { get; }

    /// <summary>What the file says of itself as a whole.</summary>
    public DicomContrast Contrast { get; }

    /// <summary>Whether it holds pixels or was to; reports and presentation states do not.</summary>
    public bool IsImage { get; }

    /// <summary>Whether it is cut off or broken before its pixels.</summary>
    public bool IsDamaged { get; }

    /// <summary>Why the slices cannot be used, or null.</summary>
    public MriFileException? Problem { get; }

    /// <summary>The slices; none when there is a problem.</summary>
    public IReadOnlyList<DicomFrame> Frames { get; } = [];

    /// <summary>Reads a file; null when it does not start like DICOM.</summary>
    /// <exception cref="MriFileException">The file cannot be read at all.</exception>
    public static DicomImage? Read(SafeFileHandle handle, FileStamp stamp) => DicomFile.Read(handle, stamp) is { } file ? new(file) : null;

    /// <summary>Takes what a file says that was read before.</summary>
    public static DicomImage Of(DicomFile file) => new(file);

    private void RequireMonochrome()
    {
        var data = _file.Data;
        if (!DicomTags.IsPixels(data.Elements is [.., var last] ? last.Tag : 0))
        {
            throw Bad(!IsImage ? "holds no image." : "is truncated: it describes an image but ends before its pixels.");
        }

        var photometric = data.Text(DicomTags.Photometric) ?? "MONOCHROME2";
        if ((data.Integer(DicomTags.SamplesPerPixel) ?? 1) != 1 || !photometric.StartsWith("MONOCHROME", StringComparison.Ordinal))
        {
            throw Bad($"holds colours ({SafeText.ForTerminal(photometric, 40)}), not one number per pixel.");
        }

        // Siemens' mosaics are many slices in one picture; their places are in private elements.
        if (data.Text(DicomTags.ImageType)?.Contains("MOSAIC", StringComparison.Ordinal) == true)
        {
            throw Bad("is a mosaic of slices, which cannot be read.");
        }
    }

    private List<DicomFrame> ReadFrames()
    {
        RequireMonochrome();
        var data = _file.Data;
        var (rows, columns) = (data.Integer(DicomTags.Rows) ?? 0, data.Integer(DicomTags.Columns) ?? 0);
        var count = data[DicomTags.NumberOfFrames] is { Length: > 0 } ? Required(data[DicomTags.NumberOfFrames], "NumberOfFrames")[0] : 1;
        if (rows is < 1 or > ushort.MaxValue || columns is < 1 or > ushort.MaxValue || count is < 1 or > int.MaxValue || !double.IsInteger(count))
        {
            throw Bad($"has no voxels: its header claims a size of {columns}x{rows}x{count}.");
        }

        var pixels = new DicomPixels(_file, (int)columns, (int)rows, (int)count);
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
            frames.Add(ReadFrame(perFrame.Count > 0 ? perFrame[i] : data, shared, (int)columns, (int)rows, pixels, i));
        }

        return frames;
    }

    private DicomFrame ReadFrame(DicomDataSet own, DicomDataSet shared, int columns, int rows, DicomPixels pixels, int index)
    {
        var data = _file.Data;

        // Enhanced files keep these in sequences, of the frame or of all; others have them at the top.
        DicomElement? Find(uint group, uint tag) => (own.Items(group) is [var a, ..] ? a[tag] : null)
            ?? (shared.Items(group) is [var b, ..] ? b[tag] : null) ?? data[tag];

        if (Find(DicomTags.PlanePosition, DicomTags.ImagePosition)?.Decimals() is not [var px, var py, var pz])
        {
            throw Bad("does not say where its slice lies (ImagePositionPatient).");
        }

        if (Find(DicomTags.PlaneOrientation, DicomTags.ImageOrientation)?.Decimals() is not [var rx, var ry, var rz, var cx, var cy, var cz])
        {
            throw Bad("does not say how its slice is turned (ImageOrientationPatient).");
        }

        if (Find(DicomTags.PixelMeasures, DicomTags.PixelSpacing)?.Decimals() is not [> 0 and var rowSpacing, > 0 and var columnSpacing])
        {
            throw Bad("does not say how large its pixels are (PixelSpacing).");
        }

        var (row, column) = (new Point3(rx, ry, rz), new Point3(cx, cy, cz));
        var cosine = (rx * cx) + (ry * cy) + (rz * cz);
        if (Math.Abs(row.Length - 1) > CosineTolerance || Math.Abs(column.Length - 1) > CosineTolerance || Math.Abs(cosine) > CosineTolerance)
        {
            throw Bad("has a damaged header: its ImageOrientationPatient is no rotation.");
        }

        double? givenSlope = Find(DicomTags.PixelValueTransformation, DicomTags.RescaleSlope) is { Length: > 0 } s ? Required(s, "RescaleSlope")[0]
            : null;
        double? givenIntercept = Find(DicomTags.PixelValueTransformation, DicomTags.RescaleIntercept) is { Length: > 0 } i
            ? Required(i, "RescaleIntercept")[0] : null;
        var (slope, intercept) = (givenSlope ?? 1, givenIntercept ?? 0);
        var content = own.Items(DicomTags.FrameContent) is [var c, ..] ? c : data;
        double[] keys =
        [
            content.Decimal(DicomTags.TemporalPositionIndex) ?? data.Decimal(DicomTags.TemporalPosition) ?? double.NaN,
            data.Decimal(DicomTags.AcquisitionNumber) ?? double.NaN,
            double.TryParse(content.Text(DicomTags.StackId), NumberStyles.Float, CultureInfo.InvariantCulture, out var stack) ? stack : double.NaN,
            .. content.Decimals(DicomTags.DimensionIndexValues) ?? [],
        ];
        return new(
            pixels.FrameAt(index, slope == 0 ? 1 : slope, intercept),
            columns, rows, new(px, py, pz), row, column, columnSpacing, rowSpacing, givenSlope is null && givenIntercept is null ? null : slope != 1
                || intercept != 0,
            DicomContrast.Of(Find), keys, $"{data.Text(DicomTags.SopInstance)}/{index}", data.Text(DicomTags.InstanceNumber));
    }

    private double[] Required(DicomElement? element, string name) => element?.Decimals() is { Length: > 0 } numbers
        ? numbers
        : throw Bad($"has a damaged header: its {name}, '{SafeText.ForTerminal(element?.Text(isUtf8: false) ?? string.Empty, 40)}', is no number.");

    private MriFileException Bad(string problem) => new(_file.Path, problem);
}
