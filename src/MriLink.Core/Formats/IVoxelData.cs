using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>The voxels of a file, where its header says they are.</summary>
internal interface IVoxelData
{
    /// <summary>Finds out whether all voxels are there, without keeping any and usually without reading them.</summary>
    /// <exception cref="MriFileException">The file is too short or its end is damaged.</exception>
    void CheckComplete(CancellationToken cancellationToken);

    /// <summary>Starts reading from the first voxel.</summary>
    /// <exception cref="MriFileException">The file is gone or has changed since the header was read.</exception>
    VoxelReader Open();
}
