using MriLink.Core.Formats.Inventory;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>How an audit works.</summary>
public sealed record AuditOptions
{
    /// <summary>How new scans are preprocessed; must fit what the gallery holds.</summary>
    public PreprocessOptions Preprocess { get; init; } = new();

    /// <summary>How pairs are judged.</summary>
    public MatchOptions Match { get; init; } = new();

    /// <summary>Whose scan a file is when its listing does not say.</summary>
    public Func<string, ScanIdentity> Identify { get; init; } = ScanInventory.Identify;

    /// <summary>The key of a pseudonymised gallery.</summary>
    public Pseudonymizer? Pseudonymizer { get; init; }

    /// <summary>The folder that the report goes to; null for none.</summary>
    public string? ReportFolder { get; init; }
}
