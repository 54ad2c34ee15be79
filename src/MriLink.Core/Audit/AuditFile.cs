using MriLink.Core.Basics;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>A scan that an audit found, as its folder lists it.</summary>
public sealed record AuditFile
{
    private FileSeal _seal;

    /// <summary>Full path of its file, or of the one that has its header.</summary>
    public required string Path { get; init; }

    /// <summary>Length in bytes of all its files.</summary>
    public required long Length { get; init; }

    /// <summary>When the last of its files was written.</summary>
    public required DateTime ChangedUtc { get; init; }

    /// <summary>The folder, or file, that was asked for and under which it was found.</summary>
    public required string Root { get; init; }

    /// <summary>Which files make it; null when that is still to be found out.</summary>
    public FoundScan? Scan { get; init; }

    /// <summary>Whose it is; null for what its name says.</summary>
    public ScanIdentity? Identity { get; init; }

    /// <summary>What its files look like, to notice a change of any.</summary>
    internal FileSeal Seal => _seal;

    /// <summary>Lists a scan of an inventory.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="roots">The paths of which the inventory was taken.</param>
    public static AuditFile Of(FoundScan scan, IReadOnlyList<string> roots)
    {
        ArgumentNullException.ThrowIfNull(scan);
        ArgumentNullException.ThrowIfNull(roots);
        return Of(scan.Path, scan.Group.Files, roots[scan.Index]) with { Scan = scan, Identity = scan.Identity };
    }

    /// <summary>Looks at the files of a volume. Files that are gone count as empty: whoever reads them says so.</summary>
    /// <param name="path">The file with its header.</param>
    /// <param name="parts">All its files: header and voxels of a pair, the slices of a series.</param>
    /// <param name="root">What was asked for.</param>
    public static AuditFile Of(string path, IReadOnlyCollection<string> parts, string root)
    {
        ArgumentNullException.ThrowIfNull(parts);

        // Before they are read: what changes afterwards is seen by the next audit.
        var seal = FileSeal.Of(parts.Prepend(path).Distinct(StringComparer.Ordinal));
        FileInfo[] files = [.. parts.Select(part => new FileInfo(part)).Where(file => file.Exists)];
        return new()
        {
            Path = path,
            Length = files.Sum(file => file.Length),
            ChangedUtc = files.Select(file => file.LastWriteTimeUtc).DefaultIfEmpty().Max(),
            Root = root,
            _seal = seal,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
