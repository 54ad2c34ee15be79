using MriLink.Core.Formats.Dicom;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Which DICOM series begin and end the folders beside a folder; each of these is looked at once.</summary>
internal sealed class SeriesNeighbours
{
    private readonly Dictionary<string, List<(string Folder, HashSet<string> Series)>> _beside = new(StringComparer.Ordinal);

    /// <summary>The files of a folder in their natural order, hidden ones left out.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be listed.</exception>
    public static IEnumerable<string> FilesIn(string folder) => Directory.EnumerateFiles(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(NaturalOrder.Instance);

    /// <summary>The folders beside one that hold DICOM, with the series of their first and last files.</summary>
    public IEnumerable<(string Folder, IReadOnlySet<string> Series)> Of(string folder, CancellationToken cancellationToken)
    {
        if (Path.GetDirectoryName(folder) is not { } parent)
        {
            return [];
        }

        if (!_beside.TryGetValue(parent, out var beside))
        {
            _beside.Add(parent, beside = Look(parent, cancellationToken));
        }

        return beside.Where(other => !string.Equals(other.Folder, folder, StringComparison.Ordinal)).Select(other => (other.Folder, (IReadOnlySet<string>)other.Series));
    }

    private static List<(string Folder, HashSet<string> Series)> Look(string parent, CancellationToken cancellationToken)
    {
        var beside = new List<(string, HashSet<string>)>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(parent).Where(path => !Path.GetFileName(path).StartsWith('.')))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (FilesIn(folder).ToArray() is { Length: > 0 } files && SeriesOf(files[0]) is { } first)
                {
                    beside.Add((folder, files.Length > 1 && SeriesOf(files[^1]) is { } last ? [first, last] : [first]));
                }
            }
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // What may not be looked at is not asked for either: the folder that is meant is listed by itself.
        }

        return beside;
    }

    private static string? SeriesOf(string path)
    {
        if (VolumeFormats.FindByName(path) is not (null or DicomFormat))
        {
            return null;
        }

        try
        {
            var (handle, stamp) = FileStamp.Open(path);
            using (handle)
            {
                return DicomImage.Read(handle, stamp)?.Identity.SeriesUid;
            }
        }
        catch (MriFileException)
        {
            return null;
        }
    }
}
