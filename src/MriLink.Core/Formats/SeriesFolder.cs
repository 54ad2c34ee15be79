using MriLink.Core.Formats.Dicom;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>The DICOM series in one folder; folders below it are not looked at.</summary>
internal sealed class SeriesFolder
{
    private readonly Dictionary<string, DicomSeries> _series = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DicomSeries> _seriesOfPath = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MriFileException> _bad = new(StringComparer.Ordinal);

    // Bad files by what is wrong with them: two hundred slices in JPEG are one thing to tell.
    private readonly Dictionary<string, List<string>> _alike = new(StringComparer.Ordinal);

    private SeriesFolder(string folder) => Folder = folder;

    /// <summary>Full path.</summary>
    public string Folder { get; }

    /// <summary>Reads the headers of all DICOM files of a folder. A bad file is kept in mind and told when it is asked for.</summary>
    /// <exception cref="MriFileException">The folder cannot be listed.</exception>
    public static SeriesFolder Scan(string folder, CancellationToken cancellationToken)
    {
        var scanned = new SeriesFolder(folder);
        string[] paths;
        try
        {
            paths = [.. Directory.EnumerateFiles(folder).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(NaturalOrder.Instance)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MriFileException(folder, $"cannot be listed: {exception.Message}", exception);
        }

        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            scanned.Add(path);
        }

        return scanned;
    }

    /// <summary>The files of the series that a file is part of; of a bad file, all that are bad in the same way.</summary>
    /// <exception cref="MriFileException">The folder has changed.</exception>
    public IReadOnlyList<string> FilesOf(string path) => _bad.TryGetValue(path, out var exception) ? _alike[exception.Problem] : SeriesOf(path).Paths;

    /// <summary>The volume that the series of a file makes.</summary>
    /// <exception cref="MriFileException">The file itself is bad, or its series makes no volume.</exception>
    public VolumeHeader ReadHeader(string path, int? volume)
    {
        if (!_bad.TryGetValue(path, out var exception))
        {
            return SeriesOf(path).ToHeader(volume, _series.Count == 1);
        }

        var others = _alike[exception.Problem].Count - 1;
        throw others == 0 ? exception : new MriFileException(path, $"{exception.Problem} The same is true of {others} other {(others == 1 ? "file" : "files")} of its folder.", exception);
    }

    private DicomSeries SeriesOf(string path) =>
        _seriesOfPath.TryGetValue(path, out var series) ? series : throw new MriFileException(path, "has changed since its folder was looked at.");

    private void Add(string path)
    {
        try
        {
            var stamp = FileStamp.Of(path);
            if (VolumeFile.IsDicom(stamp))
            {
                var file = DicomFile.Read(stamp);
                var image = new DicomImage(file);
                if (!_series.TryGetValue(image.Series, out var series))
                {
                    _series.Add(image.Series, series = new(Folder));
                }

                series.Add(path, image);
                _seriesOfPath.Add(path, series);
            }
        }
        catch (MriFileException exception)
        {
            _bad.Add(path, exception);
            if (!_alike.TryGetValue(exception.Problem, out var paths))
            {
                _alike.Add(exception.Problem, paths = []);
            }

            paths.Add(path);
        }
    }
}
