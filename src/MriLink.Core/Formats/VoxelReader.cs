using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Reads the voxels of one volume from first to last, in the order of the file.</summary>
internal abstract class VoxelReader : IDisposable
{
    /// <summary>Whether the stored type cannot hold anything but finite numbers, so that none needs to be looked for.</summary>
    public abstract bool IsAlwaysFinite { get; }

    /// <summary>Fills <paramref name="voxels"/> with the next voxels, scaled as the header says.</summary>
    /// <exception cref="MriFileException">The file ends early or is damaged.</exception>
    public abstract void Read(Span<float> voxels);

    /// <summary>Called after the last voxel: verifies the checksum that follows, where the format has one.</summary>
    /// <exception cref="MriFileException">The file is damaged.</exception>
    public abstract void Finish(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
