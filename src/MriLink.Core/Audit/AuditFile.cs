using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>A scan that an audit found, as its folder lists it.</summary>
/// <param name="Path">Full path of its file; of several, the one with the header or the first slice.</param>
/// <param name="Length">The length of its files in bytes.</param>
/// <param name="ChangedUtc">When one of them was last written.</param>
public readonly record struct AuditFile(string Path, long Length, DateTime ChangedUtc)
{
    /// <summary>Which files make it; null when that is still to be found out.</summary>
    public FoundScan? Scan { get; init; }

    /// <summary>Whose it is; null for what its name says.</summary>
    public ScanIdentity? Identity { get; init; }

    /// <summary>Lists a scan. Files that are gone count as empty: whoever reads them says so.</summary>
    public static AuditFile Of(FoundScan scan)
    {
        ArgumentNullException.ThrowIfNull(scan);
        var (length, changed) = (0L, DateTime.MinValue);
        foreach (var path in scan.Group.Files)
        {
            FileSystemInfo? file = new FileInfo(path);
            try
            {
                file = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true);
            }
            catch (IOException)
            {
                file = null;
            }

            if (file is FileInfo { Exists: true } there)
            {
                length += there.Length;
                changed = there.LastWriteTimeUtc > changed ? there.LastWriteTimeUtc : changed;
            }
        }

        return new(scan.Path, length, changed) { Scan = scan, Identity = scan.Identity };
    }
}
