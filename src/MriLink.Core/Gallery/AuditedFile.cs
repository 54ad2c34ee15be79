using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>What audits know of a file.</summary>
/// <param name="Name">Its path, or the pseudonym of that.</param>
/// <param name="Root">What it was found below, or the pseudonym of that.</param>
/// <param name="Stamp">By what a change shows itself; empty when the file has to be looked at again whatever it looks like.</param>
/// <param name="Content">The hash of its content, or the pseudonym of that; null when it could not be read.</param>
/// <param name="EntryId">The entry that was made of it; null when none was.</param>
/// <param name="Problem">Why it could not be checked; null when it could.</param>
internal sealed record AuditedFile(string Name, string? Root, string Stamp, string? Content, long? EntryId, string? Problem)
{
    public const string Columns = "name, root, stamp, content, entry_id, problem, checksum";

    public string? Checksum { get; private init; }

    public string ExpectedChecksum => RowChecksum.Of("files", Name, Root, Stamp, Content, EntryId, Problem);

    public bool IsIntact => string.Equals(Checksum, ExpectedChecksum, StringComparison.Ordinal);

    public static AuditedFile Read(DbDataReader row) => new(row.String(0), row.Text(1), row.String(2), row.Text(3), row.Number(4), row.Text(5))
    {
        Checksum = row.Text(6),
    };
}
