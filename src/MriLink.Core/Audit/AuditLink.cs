using System.Text.Json.Serialization;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Core.Audit;

/// <summary>Two entries that an audit judges to be one person, as a row of a table.</summary>
public sealed class AuditLink
{
    /// <summary>The entry that came later.</summary>
    public required ScanIdentity Probe { get; init; }

    /// <summary>The entry that was there.</summary>
    public required ScanIdentity Entry { get; init; }

    /// <summary>The number of <see cref="Probe"/> in the gallery.</summary>
    public required long ProbeId { get; init; }

    /// <summary>The number of <see cref="Entry"/> in the gallery.</summary>
    public required long EntryId { get; init; }

    /// <summary>Whether both carry the same participant label, so that the link says nothing new.</summary>
    public bool IsSameLabel => string.Equals(Probe.Participant, Entry.Participant, StringComparison.Ordinal);

    /// <summary>The measure.</summary>
    public required string Metric { get; init; }

    /// <summary>The score by that measure.</summary>
    public required double Score { get; init; }

    /// <summary>The p-value (<see cref="ScanMatch.PValue"/>); NaN where the rule gives none.</summary>
    [JsonConverter(typeof(NotANumberAsNull))]
    public double PValue { get; init; } = double.NaN;

    /// <summary><see cref="Probe"/>'s participant, as a column of its own for CSV.</summary>
    [JsonIgnore]
    public string ProbeParticipant => Probe.Participant;

    /// <summary><see cref="Probe"/>'s file.</summary>
    [JsonIgnore]
    public string? ProbePath => Probe.Path;

    /// <summary><see cref="Entry"/>'s participant.</summary>
    [JsonIgnore]
    public string EntryParticipant => Entry.Participant;

    /// <summary><see cref="Entry"/>'s file.</summary>
    [JsonIgnore]
    public string? EntryPath => Entry.Path;

    /// <summary>What the judgement rests on.</summary>
    public required string DecidingRule { get; init; }

    /// <summary>What a person should know before believing the link (<see cref="ScanMatch.Remark"/>); null when there is nothing.</summary>
    public string? Remark { get; init; }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Probe} -> {Entry} ({Score:0.000})");
}
