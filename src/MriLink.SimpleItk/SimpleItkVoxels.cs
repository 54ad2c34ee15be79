using MriLink.Core.Formats;

namespace MriLink.SimpleItk;

/// <summary>The voxels of a file that SimpleITK reads.</summary>
/// <param name="api">SimpleITK.</param>
/// <param name="images">Copies voxels.</param>
/// <param name="path">The file.</param>
/// <param name="sizes">Along all of its axes.</param>
/// <param name="volume">Which of its volumes.</param>
internal sealed class SimpleItkVoxels(SimpleItkApi api, SimpleItkImages images, string path, long[] sizes, long volume) : IVoxelData
{
    /// <inheritdoc/>
    /// <remarks>
    /// Of formats that are known here the header reader has looked; of others ITK finds out by reading (Import-MriVolume -Validate).
    /// </remarks>
    public void CheckComplete(CancellationToken cancellationToken) => cancellationToken.ThrowIfCancellationRequested();

    /// <inheritdoc/>
    /// <remarks>ITK reads the whole volume here, as floats.</remarks>
    public VoxelReader Open() => SimpleItkHeaderReader.Guard(path, () =>
    {
        using var reader = api.Files.New();
        api.Files.SetFileName(reader, path);
        api.Files.SetOutputPixelType(reader, api.Float32);
        if (sizes.Length > 3)
        {
            Extract(reader);
        }

        return images.Open(api.Files.Execute(reader), new((int)sizes[0], (int)sizes[1], (int)sizes[2]));
    });

    // Axes beyond the third are taken at one index each, and so vanish.
    private void Extract(IDisposable reader)
    {
        var (size, index) = (new uint[sizes.Length], new int[sizes.Length]);
        var rest = volume;
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            if (axis < 3)
            {
                size[axis] = (uint)sizes[axis];
            }
            else
            {
                index[axis] = (int)(rest % sizes[axis]);
                rest /= sizes[axis];
            }
        }

        using var sizeVector = api.Vectors.UInt32.Of(size);
        using var indexVector = api.Vectors.Int32.Of(index);
        api.Files.SetExtractSize(reader, sizeVector);
        api.Files.SetExtractIndex(reader, indexVector);
    }
}
