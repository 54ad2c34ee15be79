namespace MriLink.Core.Volumes;

/// <summary>
/// A volume as it travels along the pipeline: whose it is, where its voxels lie, and how to get them.
/// Voxels are read when a step asks for them, and not kept.
/// </summary>
public class MriVolume : MriScan
{
    private readonly IVoxelSource _source;

    /// <summary>Makes a pipeline volume.</summary>
    public MriVolume(ScanIdentity identity, IVoxelSource source)
        : base(identity)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
    }

    /// <summary>Where the voxels lie.</summary>
    public VolumeGeometry Geometry => _source.Geometry;

    /// <summary>Voxels along each axis.</summary>
    public GridSize Size => Geometry.Size;

    /// <summary>Distance in mm between neighbouring voxel centres along each axis.</summary>
    public Point3 Spacing => Geometry.Spacing;

    /// <summary>Anatomical directions of the axes, "RAS" for example.</summary>
    public string Orientation => Geometry.Orientation;

    /// <inheritdoc/>
    public override string Stage => "Raw";

    /// <summary>The voxels, read afresh unless the volume lives in memory.</summary>
    /// <exception cref="MriFileException">The file is damaged or gone.</exception>
    public Volume ReadVoxels(CancellationToken cancellationToken = default) => _source.Read(cancellationToken);

    /// <summary>The files behind the volume, or null when it comes from memory or a simulation.</summary>
    internal IFileContent? FileContent => _source as IFileContent;

    /// <inheritdoc/>
    internal override (Volume Voxels, Mask? Mask) ReadCompared(CancellationToken cancellationToken) => (ReadVoxels(cancellationToken), null);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Geometry}, {Stage})";
}
