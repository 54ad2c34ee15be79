namespace MriLink.Core.Volumes;

/// <summary>
/// A volume as it travels along the pipeline: whose it is, where its voxels lie, and how to get them.
/// Voxels are read when a step asks for them, and not kept.
/// </summary>
public class MriVolume
{
    private readonly IVoxelSource _source;

    /// <summary>Makes a pipeline volume.</summary>
    public MriVolume(ScanIdentity identity, IVoxelSource source)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(source);
        Identity = identity;
        _source = source;
    }

    /// <summary>Whose scan this is.</summary>
    public ScanIdentity Identity { get; }

    /// <summary>A short name for people.</summary>
    public string Name => Identity.Name;

    /// <summary>Label of the person.</summary>
    public string Participant => Identity.Participant;

    /// <summary>Label of the visit, or null.</summary>
    public string? Session => Identity.Session;

    /// <summary>Label of the repetition, or null.</summary>
    public string? Run => Identity.Run;

    /// <summary>Full path of the file, or null.</summary>
    public string? Path => Identity.Path;

    /// <summary>Where the voxels lie.</summary>
    public VolumeGeometry Geometry => _source.Geometry;

    /// <summary>Voxels along each axis.</summary>
    public GridSize Size => Geometry.Size;

    /// <summary>Distance in mm between neighbouring voxel centres along each axis.</summary>
    public Point3 Spacing => Geometry.Spacing;

    /// <summary>Anatomical directions of the axes, "RAS" for example.</summary>
    public string Orientation => Geometry.Orientation;

    /// <summary>How far along the workflow the volume is: "Raw" until preprocessed.</summary>
    public virtual string Stage => "Raw";

    /// <summary>The name of the only measure by which the volume can be compared, because its voxels were made for it; null for any.</summary>
    internal virtual string? ComparedBy => null;

    /// <summary>The voxels, read afresh unless the volume lives in memory.</summary>
    /// <exception cref="MriFileException">The file is damaged or gone.</exception>
    public Volume ReadVoxels(CancellationToken cancellationToken = default) => _source.Read(cancellationToken);

    /// <summary>The files behind the volume, or null when it comes from memory or a simulation.</summary>
    internal IFileContent? FileContent => _source as IFileContent;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Geometry}, {Stage})";
}
