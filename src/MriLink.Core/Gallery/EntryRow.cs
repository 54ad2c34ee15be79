using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>A row of the table of entries, as it is stored: under the names and hashes that the gallery keeps.</summary>
internal sealed record EntryRow(
    long Id, string Key, string Participant, string? Session, string? Run, string? Path, string InputHash, string Grid, string Record, long Bytes, string Added, string ContentHash)
{
    public const string Columns = "id, entry_key, participant, session, run, path, input_hash, grid, record, bytes, added, content_hash, checksum";

    /// <summary>The checksum that the row has.</summary>
    public string? Checksum { get; private init; }

    /// <summary>The checksum that the row must have.</summary>
    public string ExpectedChecksum => RowChecksum.Of("entries", Id, Key, Participant, Session, Run, Path, InputHash, Grid, Record, Bytes, Added, ContentHash);

    /// <summary>Whether the row is as it was written.</summary>
    public bool IsIntact => string.Equals(Checksum, ExpectedChecksum, StringComparison.Ordinal);

    public static EntryRow Read(DbDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.Text(3), row.Text(4), row.Text(5), row.GetString(6), row.GetString(7), row.GetString(8), row.GetInt64(9), row.GetString(10), row.GetString(11))
    {
        Checksum = row.Text(12),
    };
}
