using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>A scan that was given to a search and not compared.</summary>
/// <param name="IsProbe">Whether it was to be looked for; otherwise it was to be searched.</param>
/// <param name="Scan">The scan.</param>
/// <param name="Reason">Why.</param>
public sealed record LeftOutScan(bool IsProbe, ScanIdentity Scan, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Scan}: {Reason}";
}
