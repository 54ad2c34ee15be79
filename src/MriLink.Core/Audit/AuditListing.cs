using MriLink.Core.Formats.Inventory;

namespace MriLink.Core.Audit;

/// <summary>What an audit is to check, and what it is not.</summary>
/// <param name="Files">The scans.</param>
/// <param name="Problems">What keeps the audit from checking more: folders that cannot be listed or hold no scan, labels that several people
/// share.</param>
/// <param name="PassedOver">How many files were passed over, by reason.</param>
public sealed record AuditListing(
    IReadOnlyList<AuditFile> Files, IReadOnlyList<AuditProblem> Problems, IReadOnlyList<KeyValuePair<string, int>> PassedOver)
{
    /// <summary>The folders and files that were asked for and in which there is no scan at all.</summary>
    public IReadOnlyList<string> Empty { get; init; } = [];

    /// <summary>Files that are there and not checked, for a reason that <see cref="Problems"/> tells.</summary>
    public IReadOnlyList<AuditFile> LeftOut { get; init; } = [];

    /// <summary>Lists the scans of an inventory, whose labels are still to be looked at.</summary>
    /// <param name="inventory">The inventory.</param>
    /// <param name="roots">The paths of which it was taken.</param>
    public static AuditListing Of(ScanInventory inventory, IReadOnlyList<string> roots)
    {
        ArgumentNullException.ThrowIfNull(inventory);
        return new(
            [.. inventory.Scans.Select(scan => AuditFile.Of(scan, roots))],
            [.. inventory.Problems.Select(problem => new AuditProblem(problem.Path, problem.Problem))],
            inventory.PassedOverByReason)
        {
            Empty = [.. inventory.Empty.Select(problem => problem.Path)],
        };
    }

    /// <summary>
    /// The same without scans whose labels clash: they are not checked, for a wrong label would make every link of theirs look expected.
    /// </summary>
    public AuditListing Without(IReadOnlyList<LabelClash> clashes)
    {
        ArgumentNullException.ThrowIfNull(clashes);
        var clashing = clashes.SelectMany(clash => clash.Scans).ToHashSet<FoundScan>(ReferenceEqualityComparer.Instance);
        return clashing.Count == 0
            ? this
            : this with
            {
                Files = [.. Files.Where(file => file.Scan is null || !clashing.Contains(file.Scan))],
                LeftOut = [.. LeftOut, .. Files.Where(file => file.Scan is not null && clashing.Contains(file.Scan))],
                Problems = [.. Problems, .. clashes.Select(clash => new AuditProblem(clash.Scans[0].Path, clash.Message))],
            };
    }
}
