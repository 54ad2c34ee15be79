using System.Data.Common;

namespace MriLink.Core.Gallery;

/// <summary>Two entries that an audit judged to be one person, as the gallery keeps it.</summary>
/// <param name="ProbeId">The larger of both numbers: the entry that came later, unless the gallery is pseudonymised and numbers are drawn.</param>
/// <param name="EntryId">The smaller of both numbers.</param>
/// <param name="Metric">The measure.</param>
/// <param name="Score">The score by it.</param>
/// <param name="PValue">The p-value, where the rule gives one.</param>
/// <param name="Rule">What the judgement rests on.</param>
/// <param name="Remark">What a person should know before believing it; null when there is nothing.</param>
/// <param name="Reported">Whether a report that is on the disk has told of it.</param>
internal sealed record StoredLink(long ProbeId, long EntryId, string Metric, double Score, double? PValue, string Rule, string? Remark, bool Reported)
{
    public const string Columns = "probe_id, entry_id, metric, score, p_value, rule, remark, reported, checksum";

    public string? Checksum { get; private init; }

    // Without a remark, that of the time before there were any.
    public string ExpectedChecksum => Remark is null
        ? RowChecksum.Of("links", ProbeId, EntryId, Metric, Score, PValue, Rule, Reported ? 1 : 0)
        : RowChecksum.Of("links", ProbeId, EntryId, Metric, Score, PValue, Rule, Remark, Reported ? 1 : 0);

    public bool IsIntact => string.Equals(Checksum, ExpectedChecksum, StringComparison.Ordinal);

    public static StoredLink Read(DbDataReader row) => new(
        row.Integer(0), row.Integer(1), row.String(2), row.Real(3), row.IsDBNull(4) ? null
            : row.Real(4), row.String(5), row.Text(6), IsReported(row.Integer(7)))
    {
        Checksum = row.Text(8),
    };

    private static bool IsReported(long value) => value is 0 or 1 ? value == 1 : throw new InvalidCastException("A truth value was expected.");
}
