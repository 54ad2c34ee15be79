namespace MriLink.Core.Volumes;

/// <summary>Voxels that are in memory already; every read gives the same array.</summary>
public sealed class MemoryVoxelSource(Volume volume) : IVoxelSource
{
    /// <inheritdoc/>
    public VolumeGeometry Geometry => volume.Geometry;

    /// <inheritdoc/>
    public Volume Read(CancellationToken cancellationToken) => volume;
}
