using MriLink.Core.Formats;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>
/// Reads headers through SimpleITK, of whatever format ITK knows. A DICOM series is one volume, of the slices that GDCM says belong
/// together; of any other format, every file is.
/// </summary>
internal sealed class SimpleItkHeaderReader(SimpleItkApi api, SimpleItkImages images, string name, int? volume) : IHeaderReader
{
    private readonly HashSet<string> _parts = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public VolumeHeader? Read(string path, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_parts.Contains(path))
        {
            return null;
        }

        // Missing and empty files are told of in the same words whoever reads.
        var stamp = FileStamp.Of(path);
        var series = VolumeFile.IsDicom(stamp) ? Guard(path, () => SeriesOf(path)) : [];
        return Guard(path, () => series.Length > 1 ? ReadSeries(path, series) : ReadFile(stamp));
    }

    /// <summary>Reads, and tells of what SimpleITK throws as of a problem of the file.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return SimpleItkWork.Guard(read, CancellationToken.None);
        }
        catch (EngineException exception)
        {
            throw new MriFileException(path, $"cannot be read by SimpleITK: {exception.Message}.", exception);
        }
    }

    private string[] SeriesOf(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        foreach (var id in api.Vectors.String.Take(api.Series.GetGDCMSeriesIDs(folder)))
        {
            // GDCM writes folders and names with slashes, on Windows too.
            var files = Array.ConvertAll(api.Vectors.String.Take(api.Series.GetGDCMSeriesFileNames(folder, id)), Path.GetFullPath);
            if (files.Contains(path, StringComparer.Ordinal))
            {
                _parts.UnionWith(files);
                return files;
            }
        }

        return [];
    }

    // ITK knows where a series lies once it has sorted its slices, which it does when it reads them.
    private VolumeHeader ReadSeries(string path, string[] series)
    {
        var voxels = new SimpleItkSeries(api, images, path, series);
        using var image = voxels.Read();
        var size = Array.ConvertAll(api.Vectors.UInt32.Take(api.Images.GetSize(image)), n => (long)n);
        var map = LpsSpace.VoxelToWorld(
            api.Vectors.Double.Take(api.Images.GetOrigin(image)), api.Vectors.Double.Take(api.Images.GetSpacing(image)),
            api.Vectors.Double.Take(api.Images.GetDirection(image)));
        var warnings = new List<string>();
        var shape = VolumeShape.Of(path, size);
        shape.Choose(volume, warnings);
        voxels.Size = shape.Size;
        return new("GDCMImageIO", shape.Place(map, "direction cosines"), [.. series.Select(FileStamp.Of)], warnings, voxels, "series")
        {
            NamePath = Path.GetDirectoryName(path)!,
            Reader = name,
        };
    }

    private VolumeHeader ReadFile(FileStamp stamp)
    {
        var path = stamp.Path;
        var own = OwnHeader(path);

        // ITK reads a NIfTI file that is cut off as if it went on with zeros. Where the format is known here too, its end is looked for.
        own?.Voxels.CheckComplete(CancellationToken.None);
        using var reader = api.Files.New();
        api.Files.SetFileName(reader, path);
        api.Files.ReadImageInformation(reader);
        if (api.Files.GetNumberOfComponents(reader) is var components and not 1)
        {
            throw new MriFileException(path, $"is not a scalar volume: it has {components} values for each voxel.");
        }

        var sizes = Array.ConvertAll(
            api.Vectors.TakeUInt64(api.Files.GetSize(reader)), n => n <= long.MaxValue ? (long)n : throw new MriFileException(path, "is too large."));
        var warnings = new List<string>();
        var shape = VolumeShape.Of(path, sizes);
        var chosen = shape.Choose(volume, warnings);
        var map = LpsSpace.VoxelToWorld(
            api.Vectors.Double.Take(api.Files.GetOrigin(reader)), api.Vectors.Double.Take(api.Files.GetSpacing(reader)),
            api.Vectors.Double.Take(api.Files.GetDirection(reader)));
        return new(
            api.Files.GetImageIOFromFileName(path),
            shape.Place(map, "direction cosines"),
            own?.Stamps ?? [stamp],
            warnings,
            new SimpleItkVoxels(api, images, path, sizes, chosen),
            api.Files.GetPixelIDValueAsString(api.Files.GetPixelIDValue(reader)),
            shape.Volumes,
            chosen)
        {
            Reader = name,
            NamesAllFiles = own is not null,
        };
    }

    // What the built-in readers make of the file, when they make anything of it: which files belong to it, and where they end.
    private VolumeHeader? OwnHeader(string path)
    {
        try
        {
            var (format, file) = VolumeFormats.Detect(path);
            return format.ReadHeader(file, volume);
        }
        catch (MriFileException)
        {
            return null;
        }
    }
}
