using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>The voxels of a DICOM series that SimpleITK reads.</summary>
/// <param name="api">SimpleITK.</param>
/// <param name="images">Copies voxels.</param>
/// <param name="path">The slice that was asked for, for messages.</param>
/// <param name="files">All slices, in their order.</param>
internal sealed class SimpleItkSeries(SimpleItkApi api, SimpleItkImages images, string path, string[] files) : IVoxelData
{
    /// <summary>Voxels along each axis, once they are known.</summary>
    public GridSize Size { get; set; }

    /// <summary>Reads all slices as floats.</summary>
    public IDisposable Read()
    {
        using var reader = api.Series.New();
        using var names = api.Vectors.String.Of(files);
        api.Series.SetFileNames(reader, names);
        api.Series.SetOutputPixelType(reader, api.Float32);
        return api.Series.Execute(reader);
    }

    /// <inheritdoc/>
    /// <remarks>The header was made by reading all of them.</remarks>
    public void CheckComplete(CancellationToken cancellationToken) => cancellationToken.ThrowIfCancellationRequested();

    /// <inheritdoc/>
    public VoxelReader Open() => SimpleItkHeaderReader.Guard(path, () => images.Open(Read(), Size));
}
