using System.Globalization;
using MriLink.Core.Linkage;

namespace MriLink.Core.Reporting;

/// <summary>What matches come to, in numbers and in plain words.</summary>
public sealed class LinkageSummary
{
    // Links of which at most this part may be strangers' are called very probable.
    private const double Probable = 0.1;

    /// <summary>Sums up what Find-MriMatch gave, all measures of one kind.</summary>
    /// <exception cref="ArgumentException">There are no matches, or of several measures.</exception>
    public LinkageSummary(IReadOnlyList<ScanMatch> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        if (matches.Count == 0 || matches.Any(m => !string.Equals(m.Metric, matches[0].Metric, StringComparison.Ordinal)))
        {
            throw new ArgumentException("A report is about the matches of one measure, at least one.", nameof(matches));
        }

        Metric = matches[0].Metric;
        Probes = matches.Select(m => m.Probe).Distinct().Count();
        GalleryScans = matches.Select(m => m.Gallery).Distinct().Count();

        // One to one, a scan's match may be of a lower rank than the first.
        var best = matches.GroupBy(m => m.Probe).Select(g => g.MinBy(m => m.Rank)!).ToArray();
        Links = [.. best.Where(m => m.IsMatch == true).OrderBy(m => double.IsNaN(m.PValue) ? double.PositiveInfinity : m.PValue).ThenByDescending(m => double.IsNaN(m.Margin) ? 0 : m.Margin)];
        Undecided = best.Count(m => m.IsMatch is null);
        Rules = [.. matches.Select(m => m.DecidingRule).Distinct(StringComparer.Ordinal)];

        // Of n probes without a counterpart, n·p have a best score that strangers reach with probability p; the least certain link sets p.
        ExpectedFalseLinks = Links.Count > 0 && !Links.Any(l => double.IsNaN(l.PValue)) ? Math.Min(Links.Count, Probes * Links.Max(l => l.PValue)) : null;
    }

    /// <summary>The measure.</summary>
    public string Metric { get; }

    /// <summary>Scans that were looked for.</summary>
    public int Probes { get; }

    /// <summary>Gallery scans among those listed.</summary>
    public int GalleryScans { get; }

    /// <summary>The links, strongest evidence first.</summary>
    public IReadOnlyList<ScanMatch> Links { get; }

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
            // What strangers alone might give is no evidence, and little less than that is weak.
            var certainty = ExpectedFalseLinks is not { } chance || chance <= Probable * Links.Count ? "very probably"
                : chance < Links.Count / 2.0 ? "possibly"
                : null;
            var links = (Links.Count, certainty) switch
            {
                (0, _) => $"None of {Probes} scans was linked to a scan of the gallery.",
                (var n, null) => $"{n} of {Probes} scans reach what counts as a link here, but strangers alone may do so as often: this says nothing about whose they are.",
                (1, _) => $"1 of {Probes} scans is {certainty} of a person in the gallery.",
                (var n, _) => $"{n} of {Probes} scans are {certainty} of people in the gallery.",
            };
            var remarked = Links.Count(l => l.Remark is not null);
            var remarks = remarked > 0 ? $" {remarked} of them {(remarked == 1 ? "is" : "are")} less alike than one person's scans usually are: relatives, perhaps." : string.Empty;
            var expected = ExpectedFalseLinks is { } count ? string.Create(CultureInfo.InvariantCulture, $" Expected false links: {(count < 0.01 ? "fewer than 0.01" : count.ToString("0.##", CultureInfo.InvariantCulture))}.") : string.Empty;
            var undecided = Undecided > 0 ? $" About {Undecided} nothing could be decided: too few pairs to judge by." : string.Empty;
            return links + expected + remarks + undecided;
        }
    }
}
