using System.Globalization;
using System.Text;
using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Reporting;

/// <summary>A report on which scans were linked, for people who decide: HTML, JSON, CSV or Markdown.</summary>
public sealed class LinkageReport
{
    // Beyond this the heat map is a grey field and the file large.
    private const int LargestHeatMap = 10_000;

    // PSNR of an image that did not change is 144.5 dB; what was changed at all stays far below.
    private const double Unchanged = 144;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly IReadOnlyList<ScanMatch> _matches;

    /// <summary>Makes a report.</summary>
    /// <param name="matches">What Find-MriMatch gave, of one measure for each kind of pair; none makes a report that says so.</param>
    /// <param name="probes">The scans that were to be looked for, as for <see cref="LinkageSummary"/>.</param>
    /// <param name="gallery">The scans that were to be searched.</param>
    /// <exception cref="ArgumentException">Matches of one kind of pair are of several measures.</exception>
    public LinkageReport(IReadOnlyList<ScanMatch> matches, IReadOnlyList<ScanIdentity>? probes = null, IReadOnlyList<ScanIdentity>? gallery = null)
    {
        Summary = new(matches, probes, gallery);
        _matches = matches;
    }

    /// <summary>What the matches come to.</summary>
    public LinkageSummary Summary { get; }

    /// <summary>The heading.</summary>
    public string Title { get; init; } = "Linkage report";

    /// <summary>What the report was made by: the program and its version.</summary>
    public string Generator { get; init; } = "MriLink";

    /// <summary>The evaluation against the truth, or null where that is not known.</summary>
    public LinkageEvaluation? Evaluation { get; init; }

    /// <summary>Pictures of a link, or null for none; asked for one link at a time.</summary>
    public Func<ScanMatch, LinkPictures?>? Pictures { get; init; }

    /// <summary>What mitigations would do, the release as it is first; empty where none were tried.</summary>
    public IReadOnlyList<MitigationResult> Mitigations { get; init; } = [];

    /// <summary>When the report is written (UTC).</summary>
    public DateTime Written { get; init; } = DateTime.UtcNow;

    /// <summary>The score that decided, or null where another rule did.</summary>
    public double? Threshold { get; init; }

    private static CultureInfo Plain => CultureInfo.InvariantCulture;

    /// <summary>One self-contained HTML page.</summary>
    public string ToHtml()
    {
        var page = new StringBuilder();
        page.Append(Plain, $"<p class=\"summary\">{SafeText.ForHtml(Summary.Sentence)}</p>\n");
        if (Summary.Pairs > 0)
        {
            page.Append(Plain, $"<p>{Of(Summary.Probes, Summary.ProbesGiven)} scans were looked for among "
                + $"{Of(Summary.GalleryScans, Summary.GalleryGiven)} scans of the gallery, by {SafeText.ForHtml(Summary.Metric)}.</p>\n");
        }

        AppendLinks(page);
        AppendExamined(page);
        if (Summary.Pairs > 0)
        {
            AppendScores(page);
        }

        AppendEvaluation(page);
        AppendMitigations(page);
        page.Append(Plain, $"""
            <h2>Method</h2>
            <p>Each scan was corrected for its receive field, its brain taken out and aligned to a template, and its intensities brought to a common
            scale; then brains were compared{(Summary.Metric is { } metric ? $" by {SafeText.ForHtml(metric)}" : string.Empty)}. Nothing was
            trained. The idea is that of Sharma et al. (2026), arXiv 2602.10043.</p>
            <p>{SafeText.ForHtml(string.Join(" ", Facts))}</p>
            <h2>What this does not say</h2>
            <ul><li>A link is evidence, not proof. Identical twins and siblings score above strangers.</li>
            <li>No link is no proof of absence: a scan whose preprocessing failed hides its person.</li>
            <li>The expected number of false links holds for scans of strangers like those compared here.</li></ul>
            """);
        return ReportPage.Of(Title, page.ToString(), Generator);
    }

    /// <summary>Summary and pairs as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Title,
            Summary = Summary.Sentence,
            Summary.Probes,
            Summary.GalleryScans,
            Links = Summary.Links.Count,
            Summary.Undecided,
            Summary.ProbesGiven,
            Summary.GalleryGiven,
            NotExamined = Summary.LeftOut.Select(l => new { Side = l.IsProbe ? "Probe" : "Gallery", l.Scan, l.Reason }),
            ToBeLookedAt = Summary.Reviewed.Select(r => new { Side = r.IsProbe ? "Probe" : "Gallery", r.Scan, r.Reason }),
            Summary.PairsWithoutScore,
            Summary.ExpectedFalseLinks,
            Summary.Metric,
            Rules = Summary.Rules,
            Summary.Parameters,
            Compared = Summary.Made,
            Summary.Versions,
            Written,
            Pairs = _matches.Select(m => new
            {
                Probe = m.Probe,
                Gallery = m.Gallery,
                m.Rank,
                m.Metric,
                m.Score,
                m.NormalizedScore,
                m.Normalization,
                Margin = Known(m.Margin),
                m.IsMatch,
                Probability = Known(m.Probability),
                PValue = Known(m.PValue),
                m.DecidingRule,
                m.Remark,
            }),
            Mitigations = Mitigations.Select(m => new
            {
                m.Mitigation,
                m.Strength,
                m.Unit,
                m.AdaptedAttacker,
                m.Contrasts,
                m.MatedProbes,
                m.TrueLinks,
                m.FalseLinks,
                m.SurvivingLinks,
                Rank1 = m.Rank1?.Value,
                m.Ssim,
                m.Psnr,
                m.BrainVolumeChange,
                m.Failed,
            }),
            Generator,
        },
        Indented);

    /// <summary>Pairs as CSV (RFC 4180). Text that a spreadsheet would take for a formula gets an apostrophe.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder(
            "ProbeParticipant,ProbeSession,ProbeRun,GalleryParticipant,GallerySession,GalleryRun,Rank,Metric,Score,NormalizedScore,Normalization,"
            + "Margin,IsMatch,Probability,PValue,DecidingRule,Remark,ProbePath,GalleryPath,ProbeContrast,GalleryContrast,"
            + "ProbesCompared,ProbesGiven,GalleryCompared,GalleryGiven,Undecided,Compared,Version\n");
        var search = string.Create(
            Plain, $"{Summary.Probes},{Summary.ProbesGiven},{Summary.GalleryScans},{Summary.GalleryGiven},{Summary.Undecided},"
                + $"{Summary.Made:yyyy-MM-ddTHH:mm:ssZ},{SafeText.ForCsv(string.Join("; ", Summary.Versions))}");
        foreach (var m in _matches)
        {
            text.AppendJoin(',', new[]
            {
                SafeText.ForCsv(m.ProbeParticipant), SafeText.ForCsv(m.ProbeSession), SafeText.ForCsv(m.ProbeRun),
                SafeText.ForCsv(m.GalleryParticipant), SafeText.ForCsv(m.GallerySession), SafeText.ForCsv(m.GalleryRun),
                m.Rank.ToString(Plain), SafeText.ForCsv(m.Metric), Number(m.Score), Number(m.NormalizedScore), m.Normalization, Number(m.Margin),
                m.IsMatch?.ToString(Plain) ?? string.Empty,
                Number(m.Probability), Number(m.PValue), SafeText.ForCsv(m.DecidingRule), SafeText.ForCsv(m.Remark), SafeText.ForCsv(m.ProbePath),
                SafeText.ForCsv(m.GalleryPath), m.ProbeContrast, m.GalleryContrast, search,
            }).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Summary and links as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(Plain, $"# {Markdown(Title)}\n\n{Markdown(Summary.Sentence)}\n\n| probe | gallery | score | margin | p-value | remark |\n| --- | "
            + $"--- | ---: | ---: | ---: | --- |\n");
        foreach (var m in Summary.Links)
        {
            text.Append(Plain, $"| {Markdown(m.Probe.Name)} | {Markdown(m.Gallery.Name)} | {m.Score:0.0000} | {Known(m.Margin):0.0000} | "
                + $"{Known(m.PValue):0.0e+0} | {Markdown(m.Remark ?? string.Empty)} |\n");
        }

        if (Summary.LeftOut.Count > 0)
        {
            text.Append("\n## Not examined\n\n| side | scan | why |\n| --- | --- | --- |\n");
            foreach (var scan in Summary.LeftOut)
            {
                text.Append(Plain, $"| {(scan.IsProbe ? "looked for" : "gallery")} | {Markdown(scan.Scan.Name)} | {Markdown(scan.Reason)} |\n");
            }
        }

        if (Summary.Reviewed.Count > 0)
        {
            text.Append("\n## Compared, and to be looked at\n\n| side | scan | why |\n| --- | --- | --- |\n");
            foreach (var scan in Summary.Reviewed)
            {
                text.Append(Plain, $"| {(scan.IsProbe ? "looked for" : "gallery")} | {Markdown(scan.Scan.Name)} | {Markdown(scan.Reason)} |\n");
            }
        }

        text.Append(Plain, $"\n{Markdown(string.Join(" ", Facts))} A link is evidence, not proof: twins and siblings score above strangers, and no "
            + $"link is no proof of absence.\n");
        return text.ToString();
    }

    private static string Number(double? value) => value?.ToString("R", Plain) ?? string.Empty;

    private static string Markdown(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            if ("\\`*_{}[]<>#|!&".Contains(c, StringComparison.Ordinal))
            {
                escaped.Append('\\');
            }

            escaped.Append(c is '\r' or '\n' ? ' ' : c);
        }

        return escaped.ToString();
    }

    private static string Of(int part, int whole) => part == whole ? part.ToString(Plain) : string.Create(Plain, $"{part} of {whole}");

    private static double? Known(double value) => double.IsNaN(value) ? null : value;

    // When, by what and how: what somebody needs who wants to do it again.
    private IEnumerable<string> Facts
    {
        get
        {
            if (Summary.Rules.Count > 0)
            {
                yield return $"Decided by: {string.Join("; ", Summary.Rules)}.";
            }

            if (Summary.Made is { } made)
            {
                var parameters = Summary.Parameters.Count > 0 ? $" with {string.Join(' ', Summary.Parameters)}"
                    : ", with no parameters but the defaults";
                yield return string.Create(
                    Plain, $"Compared {made:yyyy-MM-dd HH:mm} UTC by MriLink {string.Join(", ", Summary.Versions)}{parameters}.");
            }
            else if (Summary.Pairs > 0)
            {
                yield return "The pairs do not tell what search they are of: what was left out of it, and with what parameters it was made, is "
                    + "not known.";
            }

            yield return string.Create(Plain, $"Written {Written:yyyy-MM-dd HH:mm} UTC.");
        }
    }

    private void AppendLinks(StringBuilder page)
    {
        if (Summary.Doubtful.Count > 0)
        {
            page.Append("<h2>Not linked, and as alike as one person's scans</h2>\n");
            page.Append(ReportPage.Table(["Scan", "Not linked to", "#Score", "#p-value"], Summary.Doubtful.Select(m => new[]
            {
                m.Probe.Name, m.Gallery.Name, m.Score.ToString("0.0000", Plain), Known(m.PValue)?.ToString("0.0e+0", Plain),
            })));
        }

        page.Append("<h2>Links, strongest evidence first</h2>\n");
        if (Summary.Links.Count == 0)
        {
            page.Append("<p>None.</p>\n");
            return;
        }

        page.Append(ReportPage.Table(["Scan", "Linked to", "#Score", "#Margin", "#p-value", "*Remark"], Summary.Links.Select(m => new[]
        {
            m.Probe.Name, m.Gallery.Name, m.Score.ToString("0.0000", Plain), Known(m.Margin)?.ToString("0.0000", Plain),
            Known(m.PValue)?.ToString("0.0e+0", Plain), m.Remark,
        })));
        var number = 0;
        foreach (var m in Summary.Links)
        {
            if (Pictures?.Invoke(m) is { } pictures)
            {
                page.Append(Plain, $"<div class=\"link\"><h3>{SafeText.ForHtml(m.Probe.Name)} and {SafeText.ForHtml(m.Gallery.Name)}</h3><div "
                    + $"class=\"pair\">");
                page.Append(ReportPage.Figure(pictures.Probe, m.Probe.Name));
                page.Append(ReportPage.Figure(pictures.Gallery, m.Gallery.Name));
                page.Append(ReportPage.Figure(pictures.Checkerboard, "Squares of both in turn: edges that run on are aligned"));
                page.Append(ReportPage.Figure(pictures.Difference, "Where they differ: black is alike"));
                var rarity = Known(m.PValue) is { } p ? $": strangers' best would score so well {p.ToString("0.0e+0", Plain)} of the time"
                    : string.Empty;
                page.Append(Plain, $"<figure>{ReportCharts.Link(AllOf(m), m, ThresholdOf(m), number++)}<figcaption>Its score (orange) among those of "
                    + $"pairs that are no links (blue){rarity}.</figcaption></figure>");
                page.Append("</div></div>\n");
            }
        }
    }

    private void AppendExamined(StringBuilder page)
    {
        page.Append("<h2>What was not examined</h2>\n");
        if (!Summary.IsSearchKnown)
        {
            page.Append(Summary.Pairs > 0
                ? "<p>The pairs come from a file or another process and do not tell what was left out when they were found.</p>\n"
                : "<p>Nothing tells what was compared.</p>\n");
        }
        else if (Summary.LeftOut.Count == 0)
        {
            page.Append("<p>Every scan that was given to the search was compared.</p>\n");
        }

        if (Summary.Undecided > 0)
        {
            page.Append(Plain, $"<p>About {Summary.Undecided} of {Summary.Probes} scans nothing could be decided.</p>\n");
        }

        if (Summary.PairsWithoutScore > 0)
        {
            page.Append(Plain, $"<p>{Summary.PairsWithoutScore} pairs have no score: their masks hardly overlap, or a volume is constant.</p>\n");
        }

        if (Summary.LeftOut.Count > 0)
        {
            page.Append(ReportPage.Table(
                ["Scan", "Side", "*Why"], Summary.LeftOut.Select(l => new[] { l.Scan.Name, l.IsProbe ? "looked for" : "gallery", l.Reason })));
        }

        if (Summary.Reviewed.Count > 0)
        {
            page.Append("<p>These were compared, and a person should look at them: what is wrong with them may hide a link.</p>\n");
            page.Append(ReportPage.Table(
                ["Scan", "Side", "*Why"], Summary.Reviewed.Select(r => new[] { r.Scan.Name, r.IsProbe ? "looked for" : "gallery", r.Reason })));
        }
    }

    private IReadOnlyList<ScanMatch> AllOf(ScanMatch match) => Summary.Kinds.First(kind => kind.Kind == match.Kind).Matches;

    // Where there are several kinds of pair, a threshold decides about those of its own measure only.
    private double? ThresholdOf(ScanMatch match) =>
        Summary.Kinds.Count == 1 || match.DecidingRule.StartsWith("Threshold", StringComparison.Ordinal) ? Threshold : null;

    private void AppendScores(StringBuilder page)
    {
        page.Append("<h2>Scores</h2>\n");
        for (var i = 0; i < Summary.Kinds.Count; i++)
        {
            var (kind, matches) = Summary.Kinds[i];
            if (Summary.Kinds.Count > 1)
            {
                page.Append(Plain, $"<h3>{SafeText.ForHtml(kind.ToString())}, by {SafeText.ForHtml(matches[0].Metric)}</h3>\n");
            }

            AppendScores(page, matches, i == 0 ? string.Empty : i.ToString(Plain));
        }
    }

    private void AppendScores(StringBuilder page, IReadOnlyList<ScanMatch> matches, string number)
    {
        var threshold = ThresholdOf(matches[0]);
        var line = threshold is null ? string.Empty : "; from the dashed line on a pair is a link";
        page.Append(Plain, $"<div class=\"charts\"><figure>{ReportCharts.Scores(matches, threshold, "scores" + number)}<figcaption>How scores of "
            + $"pairs that are no links spread (blue; undecided grey), and the score of each link (orange){line}.</figcaption></figure>\n");
        page.Append(Plain, $"<figure>{ReportCharts.Ranked(matches, threshold, "ranked" + number)}<figcaption>All listed pairs by their score, the "
            + $"most alike first: links orange, others blue, undecided grey{line}.</figcaption></figure>\n");
        if (matches.Count <= LargestHeatMap)
        {
            page.Append(Plain, $"<figure>{ReportCharts.HeatMap(matches, "pairs" + number)}<figcaption>All listed pairs, scans looked for in rows "
                + $"and the gallery in columns, by {SafeText.ForHtml(matches[0].Metric)} from {matches.Min(m => m.Score):0.00} (palest) to "
                + $"{matches.Max(m => m.Score):0.00} (darkest). An orange frame is a link, white a pair that was not "
                + $"listed.</figcaption></figure>\n");
        }

        page.Append("</div>\n");
    }

    private void AppendEvaluation(StringBuilder page)
    {
        if (Evaluation is null)
        {
            return;
        }

        page.Append(Plain, $"<h2>Against the truth</h2><p>Labels say who is who: {Evaluation.GenuinePairs} pairs are of one person, "
            + $"{Evaluation.ImpostorPairs} of two. With 95 % intervals:</p><ul>");
        page.Append(Plain, $"<li>{Percent(Evaluation.Rank1)} of the people in both sets were ranked first by their own scan (rank-1).</li>");
        page.Append(Plain, $"<li>{Percent(Evaluation.Auc)} of the time a pair of one person scores above a pair of two (AUC).</li>");
        page.Append(Plain, $"<li>{Percent(Evaluation.Eer)} of either kind would be misjudged where both errors are as frequent (equal error "
            + $"rate).</li></ul>");
        page.Append(ReportCharts.Det(Evaluation) is { } curve
            ? string.Create(Plain, $"<figure>{curve}<figcaption>Detection error trade-off: how many pairs of one person are missed at each rate of "
                + $"pairs of two that pass. {Evaluation.ImpostorPairs} such pairs cannot show rates below one in "
                + $"{Evaluation.ImpostorPairs}.</figcaption></figure>\n")
            : "<p>One threshold parts both kinds without an error, so there is no trade-off to draw.</p>\n");
        if (Evaluation.GenuineQuantiles.Count > 0 && Evaluation.ImpostorQuantiles.Count > 0)
        {
            page.Append(Plain, $"<figure>{ReportCharts.Tippett(Evaluation)}<figcaption>Tippett plot: the part of pairs of one person (orange) and of "
                + $"two (blue) that score at least as well as the score below. The farther apart the lines, the more a score "
                + $"says.</figcaption></figure>\n");
        }
    }

    private static string Percent(IntervalEstimate? figure) => figure is null
        ? "An unknown part"
        : string.Create(Plain, $"{100 * figure.Value:0.#} % ({100 * figure.Lower:0.#} to {100 * figure.Upper:0.#} %)");

    private void AppendMitigations(StringBuilder page)
    {
        if (Mitigations.Count == 0)
        {
            return;
        }

        var truth = Mitigations.Any(m => m.MatedProbes is not null);
        page.Append("<h2>What would help</h2><p>Each mitigation was applied to the raw scans; these were preprocessed and compared again. "
            + "<strong>Fewer links are no proof of anonymity</strong>: an attacker may treat the gallery in the same way"
            + (Mitigations.Any(m => m.AdaptedAttacker) ? " (rows marked *)" : string.Empty)
            + ", take noise away, or go by rank where no link can be sure.</p>\n");
        if (Mitigations.Any(m => m.Strength is not null && m.Ssim is not null))
        {
            page.Append(Plain, $"<figure>{ReportCharts.Mitigations(Mitigations)}<figcaption>A line for each mitigation, its strengths as points. "
                + $"What helps at little cost would lie at the lower right.</figcaption></figure>\n");
        }

        page.Append(Plain, $"<div class=\"scroll pinned\"><table><thead><tr><th>Mitigation</th><th>Strength</th><th "
            + $"class=\"number\">{(truth ? "Linked" : "Links left")}</th><th class=\"number\">Ranked first</th><th class=\"number\">SSIM</th><th "
            + $"class=\"number\">PSNR, dB</th><th class=\"number\">Brain off by, ml</th><th class=\"number\">Failed</th></tr></thead><tbody>\n");
        foreach (var m in Mitigations)
        {
            page.Append(Plain, $"<tr><td>{SafeText.ForHtml(m.Named)}{(m.AdaptedAttacker ? " *" : string.Empty)}</td>"
                + $"<td>{SafeText.ForHtml(m.Setting)}</td><td class=\"number\">{m.Linked}</td>"
                + $"<td class=\"number\">{(m.Rank1 is { } rank ? rank.Value.ToString("0 %", Plain) : string.Empty)}</td>"
                + $"<td class=\"number\">{m.Ssim:0.00}</td>"
                + $"<td class=\"number\">{(m.Psnr > Unchanged ? "equal" : m.Psnr?.ToString("0.0", Plain))}</td>"
                + $"<td class=\"number\">{m.BrainVolumeChange:0}</td><td class=\"number\">{m.Failed}</td></tr>\n");
        }

        page.Append(Plain, $"</tbody></table></div><p class=\"small\">SSIM and PSNR are against the scans as they are, within the brain; SSIM 1 is "
            + $"unchanged. Ranked first: people whose own scan is the best match, linked or "
            + $"not{(Mitigations[0].ChanceRank1 is { } chance ? string.Create(Plain, $"; guessing gives {chance:0 %}") : string.Empty)}. Failed: "
            + $"scans that fail quality control, compared all the same.</p>\n");
    }
}
