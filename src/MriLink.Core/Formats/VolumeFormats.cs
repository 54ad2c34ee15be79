using MriLink.Core.Formats.Dicom;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Formats.MetaImage;
using MriLink.Core.Formats.Mgh;
using MriLink.Core.Formats.Nifti;
using MriLink.Core.Formats.Nrrd;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>The file formats that can be read.</summary>
public static class VolumeFormats
{
    // Detection asks them in this order.
    private static readonly IVolumeFormat[] Formats =
        [new NiftiFormat(), new MghFormat(), new NrrdFormat(), new MetaImageFormat(), new AnalyzeFormat(), new DicomFormat()];

    /// <summary>Whether a file's name ends like that of a volume. Reading goes by content, not by name.</summary>
    public static bool HasKnownExtension(string path) => FindByName(path) is not null;

    /// <summary>The file's name without folder and without its ending: "scan" for "/data/scan.nii.gz".</summary>
    public static string GetStem(string path)
    {
        var name = Path.GetFileName(path);
        var extension = FindByName(path)?.Extensions.First(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ?? Path.GetExtension(name);
        return name[..^extension.Length];
    }

    /// <summary>Reads a file's header, whatever the file is called, and checks that the file is long enough for its voxels.</summary>
    /// <param name="path">Full path of the file; of a pair, either part.</param>
    /// <param name="volume">Which of several volumes, from 0 on; null for the first, with a warning if there are others.</param>
    /// <param name="cancellationToken">Obeyed while the end of an unusual gzip file is searched.</param>
    /// <exception cref="MriFileException">The file is missing, damaged, of no known format, or not a scalar volume.</exception>
    public static VolumeHeader ReadHeader(string path, int? volume = null, CancellationToken cancellationToken = default)
    {
        var (format, file) = Detect(path);
        var header = format.ReadHeader(file, volume);
        header.Voxels.CheckComplete(cancellationToken);
        return header;
    }

    /// <summary>All that the header of one file says. What the file is a part of is not looked at: of a DICOM series, this is one slice.</summary>
    /// <param name="path">Full path of the file; of a pair, either part.</param>
    /// <param name="withTrailing">Whether fields behind the voxels are read too, even if the file has to be decompressed for that.</param>
    /// <param name="identity">Whose scan it is, if that is known.</param>
    /// <exception cref="MriFileException">The file is missing, its header is damaged, or it is of no known format.</exception>
    public static MriHeader Describe(string path, bool withTrailing = false, ScanIdentity? identity = null)
    {
        var (format, file) = Detect(path);
        return Describe(format, file, () => format.ReadOwnHeader(file), withTrailing, identity);
    }

    /// <summary>What the header of a scan says: geometry and problems of the whole, of a series its first slice's fields.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="cancellationToken">Obeyed between files.</param>
    /// <exception cref="MriFileException">The file is missing, its header is damaged, or it is of no known format.</exception>
    public static MriHeader Describe(FoundScan scan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scan);
        var (format, file) = Detect(scan.Path);
        return Describe(format, file, () => scan.Group.ReadHeader(volume: 0, cancellationToken), withTrailing: false, scan.Identity);
    }

    private static MriHeader Describe(IVolumeFormat format, VolumeFile file, Func<VolumeHeader> read, bool withTrailing, ScanIdentity? identity)
    {
        List<HeaderField> fields = [.. format.ReadFields(file)];
        if (file.IsGzip)
        {
            fields.AddRange(GzipName.Read(file.Stamp));
        }

        VolumeHeader? header = null;
        string? problem = null;
        try
        {
            header = read();
            if (withTrailing || !file.IsGzip)
            {
                fields.AddRange(format.ReadTrailingFields(file));
            }
        }
        catch (MriFileException exception)
        {
            problem = exception.Message;
        }

        return new(file.Path, header?.Format ?? format.Name, header, problem, fields) { Identity = identity };
    }

    internal static (IVolumeFormat Format, VolumeFile File) Detect(string path)
    {
        var named = FindByName(path);
        var file = VolumeFile.Probe(named?.HeaderPath(path) ?? path);
        var format = Array.Find(Formats, f => f.Mismatch(file) is null);
        if (format is not null)
        {
            return (format, file);
        }

        throw new MriFileException(file.Path, named is null
            ? $"is not a volume in a format that can be read ({string.Join(", ", Formats.Select(f => f.Name))})."
            : $"is named like a {named.Name} file but is none: it {named.Mismatch(file)}.");
    }

    /// <summary>The format that a file's content names by letters of its own: what MGH and ANALYZE start with, other files may too.</summary>
    internal static IVolumeFormat? ByContent(VolumeFile file) =>
        Array.Find(Formats, format => format is not (MghFormat or AnalyzeFormat) && format.Mismatch(file) is null);

    /// <summary>Whether a file is named like a header whose voxels are in other files, or like one of these.</summary>
    internal static bool IsDetached(string path) =>
        FilePair.StemOf(path, ".hdr") is not null || FilePair.StemOf(path, ".img") is not null || FilePair.StemOf(path, ".nhdr") is not null
            || FilePair.StemOf(path, ".mhd") is not null;

    /// <summary>The format that a file is named like, or null.</summary>
    internal static IVolumeFormat? FindByName(string path) =>
        Array.Find(Formats, format => format.Extensions.Any(e => path.EndsWith(e, StringComparison.OrdinalIgnoreCase)));
}
