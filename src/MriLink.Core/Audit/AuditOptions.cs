using MriLink.Core.Formats.Inventory;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>How an audit works.</summary>
public sealed record AuditOptions
{
    /// <summary>How new scans are preprocessed; must fit what the gallery holds.</summary>
    public PreprocessOptions Preprocess { get; init; } = new();

    /// <summary>The measure by which scans are compared.</summary>
    public SimilarityMeasure Measure { get; init; } = SimilarityMeasures.Default;

    /// <summary>How pairs are judged.</summary>
    public MatchOptions Match { get; init; } = new();

    /// <summary>Whose scan a file is when its listing does not say.</summary>
    public Func<string, ScanIdentity> Identify { get; init; } = ScanInventory.Identify;

    /// <summary>The key of a pseudonymised gallery.</summary>
    public Pseudonymizer? Pseudonymizer { get; init; }

    /// <summary>The folder that the report goes to; null for none.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>
    /// The folders and files that are looked through, as <see cref="AuditFile.Root"/> names them: one without any volume is a problem.
    /// </summary>
    public IReadOnlyList<string> Roots { get; init; } = [];

    /// <summary>Whether new scans are also compared with left and right exchanged; then with the whole gallery, however large.</summary>
    public bool Mirrored { get; init; }

    /// <summary>Takes files that earlier audits checked and that are gone for withdrawn, rather than for a problem.</summary>
    public bool AcceptMissing { get; init; }
}
