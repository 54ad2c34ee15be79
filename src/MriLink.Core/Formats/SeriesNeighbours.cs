using MriLink.Core.Formats.Dicom;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Which DICOM series begin and end the folders beside, above and in a folder; each of these is looked at once.</summary>
internal sealed class SeriesNeighbours
{
    // Of each folder itself and all in it, those that hold DICOM.
    private readonly Dictionary<string, List<(string Folder, HashSet<string> Series)>> _within = new(StringComparer.Ordinal);

    /// <summary>The files of a folder in their natural order, hidden ones left out.</summary>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be listed.</exception>
    public static IEnumerable<string> FilesIn(string folder) =>
        Directory.EnumerateFiles(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(NaturalOrder.Instance);

    /// <summary>The folders around one that hold DICOM, with the series of their first and last files.</summary>
    public IEnumerable<(string Folder, IReadOnlySet<string> Series)> Of(string folder, CancellationToken cancellationToken)
    {
        IEnumerable<string> roots = Path.GetDirectoryName(folder) is { } parent ? [parent, folder] : [folder];
        return roots.SelectMany(root => Within(root, cancellationToken))
            .Where(other => !string.Equals(other.Folder, folder, StringComparison.Ordinal))
            .Select(other => (other.Folder, (IReadOnlySet<string>)other.Series));
    }

    private List<(string Folder, HashSet<string> Series)> Within(string root, CancellationToken cancellationToken)
    {
        if (!_within.TryGetValue(root, out var within))
        {
            _within.Add(root, within = Look(root, cancellationToken));
        }

        return within;
    }

    private static List<(string Folder, HashSet<string> Series)> Look(string root, CancellationToken cancellationToken)
    {
        var within = new List<(string, HashSet<string>)>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(root).Where(path => !Path.GetFileName(path).StartsWith('.')).Prepend(root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (FilesIn(folder).ToArray() is { Length: > 0 } files && SeriesOf(files[0]) is { } first)
                {
                    within.Add((folder, files.Length > 1 && SeriesOf(files[^1]) is { } last ? [first, last] : [first]));
                }
            }
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // What may not be looked at is not asked for either: the folder that is meant is listed by itself.
        }

        return within;
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
