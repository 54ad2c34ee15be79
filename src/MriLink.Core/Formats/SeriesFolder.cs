using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>The volumes in one folder, with the files in folders beside it that belong to the same DICOM series.</summary>
internal sealed class SeriesFolder
{
    private readonly VolumeGroups _groups;

    private SeriesFolder(string folder, VolumeGroups groups)
    {
        Folder = folder;
        _groups = groups;
    }

    /// <summary>Full path.</summary>
    public string Folder { get; }

    /// <summary>Reads the headers of all DICOM files of a folder. What is wrong with a file is told when it is asked for.</summary>
    /// <param name="folder">Full path.</param>
    /// <param name="neighbours">What is known of folders beside others.</param>
    /// <param name="cancellationToken">Obeyed between files.</param>
    /// <exception cref="MriFileException">The folder cannot be listed.</exception>
    public static SeriesFolder Scan(string folder, SeriesNeighbours neighbours, CancellationToken cancellationToken)
    {
        try
        {
            return new(folder, Group(folder, [.. SeriesNeighbours.FilesIn(folder)], neighbours, new(Environment.ProcessorCount, cancellationToken)));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException and not MriFileException)
        {
            throw new MriFileException(folder, $"cannot be listed: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Sorts the files of a folder, and of folders below it, into volumes, with those in folders beside it that belong to the same DICOM series.
    /// </summary>
    /// <exception cref="IOException">A folder beside it cannot be listed.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder beside it cannot be listed.</exception>
    public static VolumeGroups Group(string folder, IReadOnlyList<string> files, SeriesNeighbours neighbours, WorkOptions work)
    {
        // A scanner's export starts a new folder wherever the last one is full. Only a series that lies in the folder itself can go on beside it.
        var groups = VolumeGroups.Of(files, work);
        var series = groups.Groups.Where(
            group => group.Dicom?.SeriesUid is not null
            && group.Files.Any(file => string.Equals(Path.GetDirectoryName(file), folder, StringComparison.Ordinal)))
            .Select(group => group.Dicom!.SeriesUid!).ToHashSet(StringComparer.Ordinal);
        string[] others = series.Count == 0
            ? []
            : [.. neighbours.Of(folder, work.CancellationToken).Where(other => other.Series.Overlaps(series))
                .SelectMany(other => SeriesNeighbours.FilesIn(other.Folder)).Except(files, StringComparer.Ordinal)];
        return others.Length == 0 ? groups : VolumeGroups.Of([.. files, .. others], work);
    }

    /// <summary>The group that a file is part of.</summary>
    /// <exception cref="MriFileException">It is part of none: the folder has changed.</exception>
    public VolumeGroup GroupOf(string path) =>
        _groups.Find(path) ?? throw new MriFileException(
            path, _groups.PassedOver.FirstOrDefault(file => string.Equals(file.Path, path, StringComparison.Ordinal))?.Reason
            ?? "has changed since its folder was looked at.");
}
