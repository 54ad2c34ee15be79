using System.Globalization;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Core.Reporting;

/// <summary>What matches come to, in numbers and in plain words.</summary>
public sealed class LinkageSummary
{
    // Links of which at most this part may be strangers' are called very probable.
    private const double Probable = 0.1;

    /// <summary>Sums up what Find-MriMatch gave, all matches of one kind of pair of one measure.</summary>
    /// <param name="matches">The matches; none is an answer too.</param>
    /// <param name="probes">The scans that were to be looked for, where the caller has them: of those that the matches do not know of it is said that
    /// they were not compared.</param>
    /// <param name="gallery">The scans that were to be searched.</param>
    /// <exception cref="ArgumentException">Matches of one kind of pair are of several measures.</exception>
    public LinkageSummary(IReadOnlyList<ScanMatch> matches, IReadOnlyList<ScanIdentity>? probes = null, IReadOnlyList<ScanIdentity>? gallery = null)
    {
        ArgumentNullException.ThrowIfNull(matches);
        Kinds = [.. matches.GroupBy(match => match.Kind).OrderByDescending(g => g.Key.IsOneContrast)
            .ThenBy(g => g.Key.Probe).ThenBy(g => g.Key.Gallery).Select(g => (g.Key, (IReadOnlyList<ScanMatch>)[.. g]))];
        if (Kinds.Any(kind => kind.Matches.Any(m => !string.Equals(m.Metric, kind.Matches[0].Metric, StringComparison.Ordinal))))
        {
            throw new ArgumentException("A report is about the matches of one measure.", nameof(matches));
        }

        Metric = Kinds.Count switch
        {
            0 => null,
            1 => matches[0].Metric,
            _ => string.Join(", ", Kinds.Select(kind => $"{kind.Matches[0].Metric} ({kind.Kind})")),
        };
        Pairs = matches.Count;

        // What of a search was handed on is often a part of it, only its links for example: the search itself knows how much there was.
        SearchRecord[] searches = matches.All(m => m.Search is not null) ? [.. matches.Select(m => m.Search!).Distinct()] : [];
        IsSearchKnown = searches.Length > 0;
        Made = IsSearchKnown ? searches.Max(s => s.Made) : null;
        Versions = [.. searches.Select(s => s.Version).Distinct(StringComparer.Ordinal)];
        Parameters = [.. searches.SelectMany(s => s.Parameters).Distinct(StringComparer.Ordinal)];
        PairsWithoutScore = searches.Sum(s => s.PairsWithoutScore);
        HashSet<ScanIdentity> looked = [.. IsSearchKnown ? searches.SelectMany(s => s.Probes) : matches.Select(m => m.Probe)];
        HashSet<ScanIdentity> searched = [.. IsSearchKnown ? searches.SelectMany(s => s.Gallery) : matches.Select(m => m.Gallery)];
        var leftOut = searches.SelectMany(s => s.LeftOut).Distinct().ToList();
        var unknown = IsSearchKnown ? "was not given to the search" : "no pair of it was handed to this report";
        foreach (var (isProbe, given, compared) in matches.Count == 0 ? [] : new[] { (true, probes, looked), (false, gallery, searched) })
        {
            leftOut.AddRange((given ?? []).Except(compared).Except(leftOut.Where(l => l.IsProbe == isProbe).Select(l => l.Scan))
                .Select(scan => new LeftOutScan(isProbe, scan, unknown)).ToArray());
        }

        LeftOut = leftOut;
        Reviewed = [.. searches.SelectMany(s => s.Reviewed).Distinct()];
        (Probes, GalleryScans) = (looked.Count, searched.Count);

        // Where there is no match at all, nothing tells which of the scans were compared.
        (ProbesGiven, GalleryGiven) = matches.Count == 0
            ? (probes?.Count ?? 0, gallery?.Count ?? 0)
            : (Probes + leftOut.Count(l => l.IsProbe), GalleryScans + leftOut.Count(l => !l.IsProbe));

        // One to one, a scan's match may be of a lower rank than the first.
        var best = matches.GroupBy(m => (m.Probe, m.Gallery.Kind)).Select(g => g.MinBy(m => m.Rank)!).ToArray();
        Links = [.. best.Where(m => m.IsMatch == true).OrderBy(m => double.IsNaN(m.PValue) ? double.PositiveInfinity : m.PValue)
            .ThenByDescending(m => double.IsNaN(m.Margin) ? 0 : m.Margin)];
        LinkedProbes = Links.Select(m => m.Probe).Distinct().Count();
        Doubtful = [.. best.Where(m => m is { IsMatch: false, Remark: not null })];
        Undecided = IsSearchKnown ? searches.Sum(s => s.Undecided) : best.GroupBy(m => m.Probe).Count(g => g.All(m => m.IsMatch is null));
        Rules = [.. matches.Select(m => m.DecidingRule).Distinct(StringComparer.Ordinal)];

        // Of n probes without a counterpart, n·p for each kind of pair that they are judged by have a best score that strangers reach with
        // probability p; the least certain link sets p.
        ExpectedFalseLinks = Links.Count > 0 && !Links.Any(l => double.IsNaN(l.PValue))
            ? Math.Min(Links.Count, Probes * Math.Max(1, Kinds.Count) * Links.Max(l => l.PValue))
            : null;
    }

    /// <summary>The kinds of pair there are, by the contrasts of their scans, and the matches of each.</summary>
    public IReadOnlyList<(ContrastKind Kind, IReadOnlyList<ScanMatch> Matches)> Kinds { get; }

    /// <summary>Probes that have a link.</summary>
    public int LinkedProbes { get; }

    /// <summary>The measure, or those of several kinds of pair; null where there are no matches.</summary>
    public string? Metric { get; }

    /// <summary>Matches that were handed over.</summary>
    public int Pairs { get; }

    /// <summary>Scans that were looked for and compared; those among the matches where the search is not known.</summary>
    public int Probes { get; }

    /// <summary>Scans of the gallery that were compared; those among the matches where the search is not known.</summary>
    public int GalleryScans { get; }

    /// <summary>Scans that were to be looked for.</summary>
    public int ProbesGiven { get; }

    /// <summary>Scans that were to be searched.</summary>
    public int GalleryGiven { get; }

    /// <summary>Scans of either side that were not compared, and why.</summary>
    public IReadOnlyList<LeftOutScan> LeftOut { get; }

    /// <summary>Scans of either side that were compared though a person should look at them, and why.</summary>
    public IReadOnlyList<ReviewedScan> Reviewed { get; }

    /// <summary>Whether the matches tell what search they are of; those from files do not.</summary>
    public bool IsSearchKnown { get; }

    /// <summary>When they were found (UTC); null where that is not known.</summary>
    public DateTime? Made { get; }

    /// <summary>The program's versions that found them.</summary>
    public IReadOnlyList<string> Versions { get; }

    /// <summary>What was asked of the search, "-Top 5" for example.</summary>
    public IReadOnlyList<string> Parameters { get; }

    /// <summary>Pairs that have no score.</summary>
    public long PairsWithoutScore { get; }

    /// <summary>The links, strongest evidence first.</summary>
    public IReadOnlyList<ScanMatch> Links { get; }

    /// <summary>Best pairs that are no links and as alike as one person's scans all the same (<see cref="ScanMatch.Remark"/>).</summary>
    public IReadOnlyList<ScanMatch> Doubtful { get; }

    /// <summary>Probes about which nothing could be said.</summary>
    public int Undecided { get; }

    /// <summary>What decided.</summary>
    public IReadOnlyList<string> Rules { get; }

    /// <summary>How many of so many links would be strangers, at most, were all probes strangers; null where no p-values are known.</summary>
    public double? ExpectedFalseLinks { get; }

    /// <summary>The summary in plain words.</summary>
    public string Sentence
    {
        get
        {
            if (Pairs == 0)
            {
                var given = ProbesGiven > 0
                    ? $" {ProbesGiven} scans were to be looked for{(GalleryGiven > 0 ? $" among {GalleryGiven} of the gallery" : string.Empty)}."
                    : string.Empty;
                return $"No pair of scans was handed to this report: there is no link in it, be it that none was found or that nothing was "
                    + $"compared.{given}";
            }

            // What strangers alone might give is no evidence, and little less than that is weak.
            var certainty = ExpectedFalseLinks is not { } chance || chance <= Probable * Links.Count ? "very probably"
                : chance < Links.Count / 2.0 ? "possibly"
                : null;
            var links = (LinkedProbes, certainty) switch
            {
                (0, _) => $"None of {Probes} scans was linked to a scan of the gallery.",
                (var n, null) => $"{n} of {Probes} scans reach what counts as a link here, but strangers alone may do so as often: this says nothing "
                    + $"about whose they are.",
                (1, _) => $"1 of {Probes} scans is {certainty} of a person in the gallery.",
                (var n, _) => $"{n} of {Probes} scans are {certainty} of people in the gallery.",
            };
            var remarked = Links.Count(l => l.Remark is not null);
            var remarks = remarked > 0
                ? $" {remarked} of them {(remarked == 1 ? "has" : "have")} a remark that should be read: relatives, perhaps."
                : string.Empty;
            var expected = ExpectedFalseLinks is { } count
                ? string.Create(CultureInfo.InvariantCulture,
                $" Expected false links: {(count < 0.01 ? "fewer than 0.01" : count.ToString("0.##", CultureInfo.InvariantCulture))}.")
                : string.Empty;
            var doubtful = Doubtful.Count == 0 ? string.Empty
                : $" {Doubtful.Count} that {(Doubtful.Count == 1 ? "is" : "are")} not linked {(Doubtful.Count == 1 ? "is" : "are")} as alike as one "
                    + "person's scans are: it could not be told from strangers here.";
            var undecided = Undecided > 0 ? $" About {Undecided} nothing could be decided: too few pairs to judge by." : string.Empty;
            var (probes, gallery) = (ProbesGiven - Probes, GalleryGiven - GalleryScans);
            var leftOut = probes + gallery > 0
                ? $" Not examined: {probes} of {ProbesGiven} scans to be looked for and {gallery} of {GalleryGiven} of the gallery." : string.Empty;
            return links + expected + remarks + doubtful + undecided + leftOut;
        }
    }
}
