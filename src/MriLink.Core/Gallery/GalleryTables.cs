using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>Checks the rows of all tables but that of entries against their checksums and against each other.</summary>
internal static class GalleryTables
{
    private const string NoEntry = "belongs to no entry";
    private const string Changed = "is not as it was written";

    /// <summary>What is wrong, a text each.</summary>
    public static IReadOnlyList<string> FindProblems(GalleryServer server, CancellationToken cancellationToken) => server.Run(
        connection =>
        {
            var entries = connection.Query("SELECT id FROM entries", row => row.GetInt64(0)).ToHashSet();
            var problems = new List<string>();
            problems.AddRange(connection.Query("SELECT entry_id FROM volumes", row => row.Reference(0))
                .Where(id => id is null || !entries.Contains(id.Value)).Select(id => $"volume {id} {NoEntry}"));
            problems.AddRange(Numbered(
                connection, "SELECT entry_id, checksum, content FROM signatures", StoredSignatures.ChecksumOf, "signature", entries));
            problems.AddRange(Numbered(
                connection, "SELECT entry_id, checksum FROM matched", AuditMemory.ChecksumOfMatched, "match of entry", entries));
            problems.AddRange(connection.Query($"SELECT {AuditedFile.Columns} FROM files", row => row.ReadOrNull(AuditedFile.Read)).Select(file =>
                file is not { IsIntact: true } ? $"what audits know of file '{file?.Name}' {Changed}"
                : file.EntryId is { } id && !entries.Contains(id) ? $"what audits know of file '{file.Name}' {NoEntry}"
                : null).OfType<string>());
            problems.AddRange(connection.Query($"SELECT {StoredLink.Columns} FROM links", row => row.ReadOrNull(StoredLink.Read)).Select(link =>
                link is not { IsIntact: true } ? $"link {link?.ProbeId}, {link?.EntryId} {Changed}"
                : !entries.Contains(link.ProbeId) || !entries.Contains(link.EntryId) ? $"link {link.ProbeId}, {link.EntryId} {NoEntry}"
                : null).OfType<string>());
            problems.AddRange(connection.Query(
                "SELECT id, started, finished, summary, checksum FROM audits",
                row => row.ReadOrNull(r =>
                    string.Equals(r.Text(4), AuditMemory.ChecksumOfAudit(r.String(1), r.String(2), r.String(3)), StringComparison.Ordinal) ? ""
                    : null)
                    ?? $"audit {row.Reference(0)} {Changed}").Where(problem => problem.Length > 0));
            return problems;
        },
        cancellationToken);

    private static IEnumerable<string> Numbered(
        GalleryConnection connection, string sql, Func<DbDataReader, string> expected, string what, HashSet<long> entries) =>
        connection.Query(sql, row =>
        {
            var id = row.Reference(0);
            var sum = row.ReadOrNull(r => r.Text(1));
            return !string.Equals(sum, row.ReadOrNull(expected), StringComparison.Ordinal) || sum is null ? $"{what} {id} {Changed}"
                : id is null || !entries.Contains(id.Value) ? $"{what} {id} {NoEntry}"
                : string.Empty;
        }).Where(problem => problem.Length > 0);
}
