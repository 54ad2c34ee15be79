namespace MriLink.Core.Volumes;

/// <summary>Something that can produce a volume's voxels when they are wanted: a file, a simulation, an array.</summary>
/// <remarks>Safe for use from several threads at once. A source does not keep what it has read.</remarks>
public interface IVoxelSource
{
    /// <summary>The geometry, known without reading voxels.</summary>
    VolumeGeometry Geometry { get; }

    /// <summary>Produces the voxels.</summary>
    /// <exception cref="MriFileException">The file behind the source is damaged or gone.</exception>
    Volume Read(CancellationToken cancellationToken);
}
