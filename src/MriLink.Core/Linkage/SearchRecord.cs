using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>What a search compared, and what it did not: matches alone do not tell how much of either side they are about.</summary>
public sealed class SearchRecord
{
    /// <summary>When it was made (UTC).</summary>
    public required DateTime Made { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>What was asked for, "-Top 5" for example.</summary>
    public required IReadOnlyList<string> Parameters { get; init; }

    /// <summary>Scans that were looked for and have a score with somebody.</summary>
    public required IReadOnlyList<ScanIdentity> Probes { get; init; }

    /// <summary>Scans that were searched.</summary>
    public required IReadOnlyList<ScanIdentity> Gallery { get; init; }

    /// <summary>Scans of either side that were given and not compared.</summary>
    public required IReadOnlyList<LeftOutScan> LeftOut { get; init; }

    /// <summary>Scans of either side that were compared though a person should look at them (verdict Review).</summary>
    public IReadOnlyList<ReviewedScan> Reviewed { get; init; } = [];

    /// <summary>Pairs that have no score.</summary>
    public long PairsWithoutScore { get; init; }

    /// <summary>Probes about whose best pair nothing could be decided.</summary>
    public int Undecided { get; private init; }

    /// <summary>Lets matches tell what search they are of; probes without any match are left out for having no score.</summary>
    public void AttachTo(IReadOnlyCollection<ScanMatch> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        var found = matches.Select(match => match.Probe).ToHashSet<ScanIdentity>(ReferenceEqualityComparer.Instance);
        var search = new SearchRecord
        {
            Made = Made,
            Version = Version,
            Parameters = Parameters,
            Probes = [.. Probes.Where(found.Contains)],
            Gallery = Gallery,
            LeftOut = [.. LeftOut, .. Probes.Where(probe => !found.Contains(probe))
                .Select(probe => new LeftOutScan(IsProbe: true, probe, "has no score with any scan of the gallery"))],
            Reviewed = [.. Reviewed.Where(scan => !scan.IsProbe || found.Contains(scan.Scan))],
            PairsWithoutScore = PairsWithoutScore,
            Undecided = matches.GroupBy(match => match.Probe).Count(group => group.All(match => match.IsMatch is null)),
        };
        foreach (var match in matches)
        {
            match.Search = search;
        }
    }
}
