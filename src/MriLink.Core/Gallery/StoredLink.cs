using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>Two entries that an audit judged to be one person, as the gallery keeps it.</summary>
/// <param name="ProbeId">The larger of both numbers: the entry that came later, unless the gallery is pseudonymised and numbers are drawn.</param>
/// <param name="EntryId">The smaller of both numbers.</param>
/// <param name="Metric">The measure.</param>
/// <param name="Score">The score by it.</param>
/// <param name="PValue">The p-value, where the rule gives one.</param>
/// <param name="Rule">What the judgement rests on.</param>
/// <param name="Reported">Whether a report that is on the disk has told of it.</param>
internal sealed record StoredLink(long ProbeId, long EntryId, string Metric, double Score, double? PValue, string Rule, bool Reported)
{
    public const string Columns = "probe_id, entry_id, metric, score, p_value, rule, reported, checksum";

    public string? Checksum { get; private init; }

    public string ExpectedChecksum => RowChecksum.Of("links", ProbeId, EntryId, Metric, Score, PValue, Rule, Reported ? 1 : 0);

    public bool IsIntact => string.Equals(Checksum, ExpectedChecksum, StringComparison.Ordinal);

    public static StoredLink Read(DbDataReader row) => new(
        row.Integer(0), row.Integer(1), row.String(2), row.Real(3), row.IsDBNull(4) ? null : row.Real(4), row.String(5), row.Integer(6) != 0)
    {
        Checksum = row.Text(7),
    };
}
