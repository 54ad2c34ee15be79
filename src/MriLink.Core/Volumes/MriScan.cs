namespace MriLink.Core.Volumes;

/// <summary>
/// A scan as it can be compared with others: whose it is, and numbers that tell how alike two are. A volume, or a signature of one.
/// </summary>
public abstract class MriScan
{
    private protected MriScan(ScanIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        Identity = identity;
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

    /// <summary>How far along the workflow the scan is: "Raw" until preprocessed.</summary>
    public abstract string Stage { get; }

    /// <summary>The name of the only measure by which the scan can be compared, because its numbers were made for it; null for any.</summary>
    internal virtual string? ComparedBy => null;

    /// <summary>The numbers that are compared, and where among them there is a brain; without a mask, where they are not zero.</summary>
    /// <exception cref="MriFileException">The file is damaged or gone.</exception>
    internal abstract (Volume Voxels, Mask? Mask) ReadCompared(CancellationToken cancellationToken);
}
