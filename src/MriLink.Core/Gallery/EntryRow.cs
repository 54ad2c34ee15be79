using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>A row of the table of entries, as it is stored: under the names and hashes that the gallery keeps.</summary>
internal sealed record EntryRow(
    long Id, string Key, string Participant, string? Session, string? Run, string? Path, string InputHash, string Grid, string Record, long Bytes,
    string Added, string ContentHash)
{
    public const string Columns = "id, entry_key, participant, session, run, path, input_hash, grid, record, bytes, added, content_hash, checksum";

    /// <summary>The checksum that the row has.</summary>
    public string? Checksum { get; private init; }

    /// <summary>The checksum that the row must have.</summary>
    public string ExpectedChecksum =>
        RowChecksum.Of("entries", Id, Key, Participant, Session, Run, Path, InputHash, Grid, Record, Bytes, Added, ContentHash);

    /// <summary>Whether the row is as it was written.</summary>
    public bool IsIntact => string.Equals(Checksum, ExpectedChecksum, StringComparison.Ordinal);

    public static EntryRow Read(DbDataReader row) => new(
        row.Integer(0), row.String(1), row.String(2), row.Text(3), row.Text(4), row.Text(5), row.String(6), row.String(7), row.String(8),
        row.Integer(9), row.String(10), row.String(11))
    {
        Checksum = row.Text(12),
    };
}
