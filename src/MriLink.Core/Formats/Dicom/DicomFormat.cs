using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>DICOM Part 10 files, a series of slices in one folder, or frames in one file.</summary>
internal sealed class DicomFormat : ISeriesFormat
{
    /// <summary>What is said of a gzipped file.</summary>
    public const string Zipped = "is a gzipped DICOM file; it has to be unpacked.";

    public string Name => "DICOM";

    public IReadOnlyList<string> Extensions { get; } = [".dicom", ".dcm", ".ima"];

    public string? Mismatch(VolumeFile file) => DicomFile.Mismatch(file.Start);

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        RequirePlain(file);
        return SeriesFolder.Scan(Path.GetDirectoryName(file.Path)!, new(), CancellationToken.None).GroupOf(file.Path).ReadHeader(volume);
    }

    public VolumeHeader ReadOwnHeader(VolumeFile file)
    {
        RequirePlain(file);
        var image = DicomImage.Of(Open(file));
        return image switch
        {
            { Problem: { } problem } => throw problem,
            { Frames.Count: > 1 } => new DicomSeries(new([image]), file.Path, []).ToHeader(volume: 0),
            _ => DicomSlice.ToHeader(image.Frames[0], image.SliceThickness),
        };
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file)
    {
        RequirePlain(file);
        var dicom = Open(file);
        var elements = dicom.Meta.Elements.Concat(dicom.Data.Elements).ToArray();
        if (elements.Length == 0 && dicom.Damage is not null)
        {
            throw dicom.Damage;
        }

        var isUtf8 = dicom.Data.IsUtf8;
        return elements.SelectMany(element => Flatten(element, string.Empty, isUtf8));
    }

    private static DicomFile Open(VolumeFile file)
    {
        using var handle = file.Stamp.Reopen();
        return DicomFile.Read(handle, file.Stamp) ?? throw new MriFileException(file.Path, "has changed since its header was read.");
    }

    private static void RequirePlain(VolumeFile file)
    {
        if (file.IsGzip)
        {
            throw new MriFileException(file.Path, Zipped);
        }
    }

    private static IEnumerable<HeaderField> Flatten(DicomElement element, string prefix, bool isUtf8)
    {
        var name = prefix + DicomTags.NameOf(element.Tag);
        yield return new(name, element.Text(isUtf8), DicomTags.MayIdentify(element));
        for (var i = 0; i < element.Items.Count; i++)
        {
            foreach (var field in element.Items[i].Elements.SelectMany(inner => Flatten(inner, $"{name}[{i}].", isUtf8)))
            {
                yield return field;
            }
        }
    }
}
