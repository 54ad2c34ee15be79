using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>DICOM Part 10 files, uncompressed and little-endian: a series of slices in one folder, or frames in one file.</summary>
internal sealed class DicomFormat : ISeriesFormat
{
    public string Name => "DICOM";

    public IReadOnlyList<string> Extensions { get; } = [".dicom", ".dcm", ".ima"];

    public string? Mismatch(VolumeFile file) => DicomFile.Mismatch(file.Start);

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        RequirePlain(file);
        return SeriesFolder.Scan(Path.GetDirectoryName(file.Path)!, CancellationToken.None).ReadHeader(file.Path, volume);
    }

    public VolumeHeader ReadOwnHeader(VolumeFile file)
    {
        RequirePlain(file);
        var image = new DicomImage(DicomFile.Read(file.Stamp));
        if (image.Frames.Count > 1)
        {
            var series = new DicomSeries(Path.GetDirectoryName(file.Path)!);
            series.Add(file.Path, image);
            return series.ToHeader(volume: 0, isOnly: true);
        }

        return DicomSlice.ToHeader(image.Frames[0], image.SliceThickness);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file)
    {
        RequirePlain(file);
        var dicom = DicomFile.Read(file.Stamp);
        var isUtf8 = dicom.Data.Text(DicomTags.CharacterSet)?.Contains("ISO_IR 192", StringComparison.Ordinal) == true;
        return dicom.Meta.Elements.Concat(dicom.Data.Elements).SelectMany(element => Flatten(element, string.Empty, isUtf8));
    }

    private static void RequirePlain(VolumeFile file)
    {
        if (file.IsGzip)
        {
            throw new MriFileException(file.Path, "is a gzipped DICOM file; it has to be unpacked.");
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
