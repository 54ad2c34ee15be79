using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>A scan that was compared, and that a person should look at: what is wrong with it may hide a link.</summary>
/// <param name="IsProbe">Whether it was looked for; otherwise it was searched.</param>
/// <param name="Scan">The scan.</param>
/// <param name="Reason">What its quality record says.</param>
public sealed record ReviewedScan(bool IsProbe, ScanIdentity Scan, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Scan}: {Reason}";
}
