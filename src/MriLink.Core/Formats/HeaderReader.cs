using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>
/// Reads the volumes among many files, each once, however many files it is made of: the parts of a pair, the slices of a series.
/// </summary>
/// <param name="volume">Which of several volumes in a file, from 0 on; null for the first, with a warning if there are others.</param>
public sealed class HeaderReader(int? volume = null) : IHeaderReader
{
    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);

    private readonly SeriesNeighbours _neighbours = new();

    // The folder of the last series: files come folder by folder.
    private SeriesFolder? _folder;

    /// <summary>Whether a file is named like a volume or, whatever it is called, is one by its content.</summary>
    public static bool IsVolume(string path)
    {
        try
        {
            return VolumeFormats.HasKnownExtension(path) || VolumeFormats.ByContent(VolumeFile.Probe(path)) is not null || IsSlice(path);
        }
        catch (MriFileException)
        {
            // As for a slice.
            return false;
        }
    }

    /// <summary>Whether a file is DICOM by its content.</summary>
    public static bool IsSlice(string path)
    {
        try
        {
            return VolumeFile.IsDicom(FileStamp.Of(path));
        }
        catch (MriFileException)
        {
            // What cannot be opened is not known to be one; whoever asks for the file itself is told why.
            return false;
        }
    }

    /// <summary>Reads the header of the volume that a file is, or is part of, and checks that all its voxels are there.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="cancellationToken">Obeyed between the files of a series.</param>
    /// <returns>The header, or null when the file is part of a volume that was read or refused before.</returns>
    /// <exception cref="MriFileException">The file is missing, damaged, or no volume; or its series makes none.</exception>
    public VolumeHeader? Read(string path, CancellationToken cancellationToken = default)
    {
        if (_parts.Contains(path))
        {
            return null;
        }

        var (format, file) = VolumeFormats.Detect(path);
        if (format is ISeriesFormat && !file.IsGzip)
        {
            return ReadSeries(file.Path, cancellationToken);
        }

        var header = format.ReadHeader(file, volume);
        if (header.Files.Count > 1 && !header.Files.All(_parts.Add))
        {
            return null;
        }

        header.Voxels.CheckComplete(cancellationToken);
        return header;
    }

    /// <inheritdoc/>
    public VolumeHeader? Read(VolumeGroup group, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.ReadHeader(volume, cancellationToken);
    }

    private VolumeHeader? ReadSeries(string path, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(path)!;
        if (_folder is null || !string.Equals(_folder.Folder, folder, StringComparison.Ordinal))
        {
            _folder = SeriesFolder.Scan(folder, _neighbours, cancellationToken);
        }

        // A series that makes no volume is told once, not once a slice.
        var group = _folder.GroupOf(path);
        _parts.UnionWith(group.Files);
        return group.ReadHeader(volume, cancellationToken);
    }
}
