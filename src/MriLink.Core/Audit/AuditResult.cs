using System.Text.Json.Serialization;
using MriLink.Core.Basics;

namespace MriLink.Core.Audit;

/// <summary>What an audit found.</summary>
public sealed record AuditResult
{
    /// <summary>The exit code of an audit that failed, or had nothing to check: nothing is known about the release.</summary>
    public const int NotDone = 1;

    /// <summary>The exit code of an audit that found scans of different labels to be one person.</summary>
    public const int Linked = 2;

    /// <summary>The exit code of an audit that was done and could not check everything.</summary>
    public const int NotAllChecked = 3;

    /// <summary>The gallery.</summary>
    public required string Gallery { get; init; }

    /// <summary>The version of MriLink.</summary>
    public required string Version { get; init; }

    /// <summary>When it began (UTC).</summary>
    public required DateTime Started { get; init; }

    /// <summary>When it ended (UTC).</summary>
    public required DateTime Finished { get; init; }

    /// <summary>Scans that were listed; one may be many files.</summary>
    public required int Files { get; init; }

    /// <summary>Files that an earlier audit has seen as they are now: not read.</summary>
    public required int Unchanged { get; init; }

    /// <summary>Volumes that were added.</summary>
    public required int Added { get; init; }

    /// <summary>New or changed files whose very content was in the gallery already, under the same labels.</summary>
    public required int Copies { get; init; }

    /// <summary>Entries that were compared with all others.</summary>
    public required int Compared { get; init; }

    /// <summary>Entries of the gallery when it ended, those included that cannot be compared.</summary>
    public int Entries { get; init; }

    /// <summary>Of those, the ones that new entries were compared with: neither damaged, nor with a preprocessing that failed.</summary>
    public int EntriesUsable { get; init; }

    /// <summary>Measure, rule and preprocessing, "Metric LocalNCC" for example.</summary>
    public PlainList<string> Parameters { get; init; } = [];

    /// <summary>Pairs of different labels that are one person: what an audit is for.</summary>
    public required PlainList<AuditLink> Links { get; init; }

    /// <summary>Pairs of the same label that are one person, as they should be.</summary>
    public required PlainList<AuditLink> Expected { get; init; }

    /// <summary>How many <see cref="Expected"/> there are.</summary>
    [JsonIgnore]
    public int ExpectedCount => Expected.Count;

    /// <summary>How many <see cref="Unresolved"/> there are.</summary>
    [JsonIgnore]
    public int UnresolvedCount => Unresolved.Count;

    /// <summary>Files that could not be checked, and what else a person should know.</summary>
    public required PlainList<AuditProblem> Problems { get; init; }

    /// <summary>
    /// Files that an earlier audit could not check and that are still there, unchanged: a release is not known to be clean until they are
    /// mended or gone, so they count for <see cref="ExitCode"/> every time. They are no news, and make no report.
    /// </summary>
    public required PlainList<AuditProblem> Unresolved { get; init; }

    /// <summary>How many files were no scans or not taken, by reason.</summary>
    public PlainList<KeyValuePair<string, int>> PassedOver { get; init; } = [];

    /// <summary>The report's JSON file; null when there was nothing to report.</summary>
    public string? ReportPath { get; init; }

    /// <summary>
    /// For a scheduler: <see cref="Linked"/> when links were found, otherwise <see cref="NotDone"/> when there was nothing to check, otherwise
    /// <see cref="NotAllChecked"/> when something could not be checked, now or earlier, otherwise 0.
    /// </summary>
    public int ExitCode => Links.Count > 0 ? Linked : Files == 0 ? NotDone : Problems.Count + Unresolved.Count > 0 ? NotAllChecked : 0;

    /// <summary>Whether anything has happened that a report should tell.</summary>
    internal bool HasNews => Added + Copies + Compared + Links.Count + Expected.Count + Problems.Count > 0;

    /// <inheritdoc/>
    public override string ToString() => $"{Gallery}: {Files} files, {Added} added, {Links.Count} links, {Problems.Count} problems";
}
