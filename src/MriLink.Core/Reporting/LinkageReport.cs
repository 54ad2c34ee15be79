using System.Globalization;
using System.Text;
using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;

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
    /// <param name="matches">What Find-MriMatch gave, of one measure.</param>
    /// <exception cref="ArgumentException">There are no matches, or of several measures.</exception>
    public LinkageReport(IReadOnlyList<ScanMatch> matches)
    {
        Summary = new(matches);
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

    /// <summary>The score that decided, or null where another rule did.</summary>
    public double? Threshold { get; init; }

    private static CultureInfo Plain => CultureInfo.InvariantCulture;

    /// <summary>One self-contained HTML page: no script, nothing from the network.</summary>
    public string ToHtml()
    {
        var page = new StringBuilder();
        page.Append(Plain, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <title>{SafeText.ForHtml(Title)}</title>
            <style>{Style}</style></head><body>
            <h1>{SafeText.ForHtml(Title)}</h1>
            <p class="summary">{SafeText.ForHtml(Summary.Sentence)}</p>
            <p>{Summary.Probes} scans were looked for among {Summary.GalleryScans} listed scans of the gallery, by {SafeText.ForHtml(Summary.Metric)}.</p>

            """);
        AppendLinks(page);
        page.Append(Plain, $"<h2>Scores</h2><div class=\"charts\"><figure>{ReportCharts.Scores(_matches, Threshold)}<figcaption>How scores of pairs that are no links spread (blue), and the score of each link (orange){(Threshold is null ? "" : "; from the dashed line on a pair is a link")}.</figcaption></figure>\n");
        if (_matches.Count <= LargestHeatMap)
        {
            page.Append(Plain, $"<figure>{ReportCharts.HeatMap(_matches)}<figcaption>All listed pairs, scans looked for in rows and the gallery in columns, by {SafeText.ForHtml(Summary.Metric)} from {_matches.Min(m => m.Score):0.00} (palest) to {_matches.Max(m => m.Score):0.00} (darkest). An orange frame is a link, white a pair that was not listed.</figcaption></figure>\n");
        }

        page.Append("</div>\n");
        AppendEvaluation(page);
        AppendMitigations(page);
        page.Append(Plain, $"""
            <h2>Method</h2>
            <p>Each scan was corrected for its receive field, its brain taken out and aligned to a template, and its intensities brought to a common
            scale; then brains were compared by {SafeText.ForHtml(Summary.Metric)}. Nothing was trained. The idea is that of Sharma et al. (2026), arXiv 2602.10043.</p>
            <p>Decided by: {SafeText.ForHtml(string.Join("; ", Summary.Rules))}.</p>
            <h2>What this does not say</h2>
            <ul><li>A link is evidence, not proof. Identical twins and siblings score above strangers.</li>
            <li>No link is no proof of absence: a scan whose preprocessing failed hides its person.</li>
            <li>The expected number of false links holds for scans of strangers like those compared here.</li></ul>
            <footer>Made by {SafeText.ForHtml(Generator)}. This page names scans: keep it as you keep them.</footer>
            </body></html>

            """);
        return page.ToString();
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
            Summary.ExpectedFalseLinks,
            Summary.Metric,
            Rules = Summary.Rules,
            Pairs = _matches.Select(m => new
            {
                Probe = m.Probe,
                Gallery = m.Gallery,
                m.Rank,
                m.Score,
                m.Margin,
                m.IsMatch,
                m.Probability,
                m.PValue,
                m.DecidingRule,
                m.Remark,
            }),
            Mitigations = Mitigations.Select(m => new
            {
                m.Mitigation,
                m.Strength,
                m.Unit,
                m.AdaptedAttacker,
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
        var text = new StringBuilder("ProbeParticipant,ProbeSession,ProbeRun,GalleryParticipant,GallerySession,GalleryRun,Rank,Metric,Score,Margin,IsMatch,Probability,PValue,DecidingRule,Remark,ProbePath,GalleryPath\n");
        foreach (var m in _matches)
        {
            text.AppendJoin(',', new[]
            {
                SafeText.ForCsv(m.ProbeParticipant), SafeText.ForCsv(m.ProbeSession), SafeText.ForCsv(m.ProbeRun), SafeText.ForCsv(m.GalleryParticipant), SafeText.ForCsv(m.GallerySession), SafeText.ForCsv(m.GalleryRun),
                m.Rank.ToString(Plain), SafeText.ForCsv(m.Metric), Number(m.Score), Number(m.Margin), m.IsMatch?.ToString(Plain) ?? string.Empty,
                Number(m.Probability), Number(m.PValue), SafeText.ForCsv(m.DecidingRule), SafeText.ForCsv(m.Remark), SafeText.ForCsv(m.ProbePath), SafeText.ForCsv(m.GalleryPath),
            }).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Summary and links as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(Plain, $"# {Markdown(Title)}\n\n{Markdown(Summary.Sentence)}\n\n| probe | gallery | score | margin | p-value | remark |\n| --- | --- | ---: | ---: | ---: | --- |\n");
        foreach (var m in Summary.Links)
        {
            text.Append(Plain, $"| {Markdown(m.Probe.Name)} | {Markdown(m.Gallery.Name)} | {m.Score:0.0000} | {m.Margin:0.0000} | {m.PValue:0.0e+0} | {Markdown(m.Remark ?? string.Empty)} |\n");
        }

        text.Append(Plain, $"\nDecided by: {Markdown(string.Join("; ", Summary.Rules))}. A link is evidence, not proof: twins and siblings score above strangers, and no link is no proof of absence.\n");
        return text.ToString();
    }

    private const string Style =
        """
        :root{color-scheme:light dark;--text:#1a1a1a;--faint:#555;--line:#ccc;--page:#fff}
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:var(--text);background:var(--page);overflow-wrap:break-word}
        h1,h2,h3{line-height:1.2}.summary{font-size:1.35rem;border-left:.4rem solid #0072b2;padding-left:1rem}
        .small,figcaption,footer{color:var(--faint);font-size:.9rem}footer{margin-top:2rem;border-top:1px solid var(--line)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
        td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}td.number,.pinned td{white-space:nowrap}
        th{vertical-align:bottom}.pinned :is(th,td):first-child{position:sticky;left:0;background:var(--page)}
        figure{margin:1rem 0}figcaption{margin-top:.2rem}.charts{display:flex;flex-wrap:wrap;column-gap:2rem}.charts figure{flex:1 1 20rem;max-width:27rem}
        svg{display:block;width:100%;max-width:27rem;height:auto}svg text{font-family:system-ui,sans-serif}img{width:100%;max-width:36rem;display:block}.link{margin:1.5rem 0}
        @media screen{td{white-space:nowrap}}@media(max-width:30rem){table{font-size:.9rem}th,td{padding:.35rem .3rem}}
        @media screen and (prefers-color-scheme:dark){:root{--text:#e6e6e6;--faint:#aaa;--line:#444;--page:#161616}}
        @media print{@page{margin:15mm}:root{color-scheme:light}body{font-size:10.5pt;max-width:none;padding:0}h1,h2,h3,thead{break-after:avoid}.link,figure,tr,li{break-inside:avoid}
        svg{max-width:22rem}.scroll{overflow:visible}th,td{padding:.15rem .4rem}.link{display:grid;grid-template-columns:1fr 1fr;column-gap:1rem}.link h3{grid-column:1/-1;margin:0}.link figure{margin:.5rem 0}}
        """;

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

    private void AppendLinks(StringBuilder page)
    {
        page.Append("<h2>Links, strongest evidence first</h2>\n");
        if (Summary.Links.Count == 0)
        {
            page.Append("<p>None.</p>\n");
            return;
        }

        page.Append("<div class=\"scroll\"><table><thead><tr><th>Scan</th><th>Linked to</th><th class=\"number\">Score</th><th class=\"number\">Margin</th><th class=\"number\">p&#8209;value</th><th>Remark</th></tr></thead><tbody>\n");
        foreach (var m in Summary.Links)
        {
            page.Append(Plain, $"<tr><td>{SafeText.ForHtml(m.Probe.Name)}</td><td>{SafeText.ForHtml(m.Gallery.Name)}</td><td class=\"number\">{m.Score:0.0000}</td><td class=\"number\">{m.Margin:0.0000}</td><td class=\"number\">{m.PValue:0.0e+0}</td><td>{SafeText.ForHtml(m.Remark ?? string.Empty)}</td></tr>\n");
        }

        page.Append("</tbody></table></div>\n");
        foreach (var m in Summary.Links)
        {
            if (Pictures?.Invoke(m) is { } pictures)
            {
                page.Append(Plain, $"<div class=\"link\"><h3>{SafeText.ForHtml(m.Probe.Name)} and {SafeText.ForHtml(m.Gallery.Name)}</h3>");
                AppendPicture(page, pictures.Probe, m.Probe.Name);
                AppendPicture(page, pictures.Gallery, m.Gallery.Name);
                AppendPicture(page, pictures.Difference, "Where they differ: black is alike");
                page.Append("</div>\n");
            }
        }
    }

    private static void AppendPicture(StringBuilder page, RgbImage image, string caption) =>
        page.Append(Plain, $"<figure><img alt=\"{SafeText.ForHtml(caption)}\" src=\"data:image/png;base64,{Convert.ToBase64String(PngFile.Encode(image))}\"><figcaption>{SafeText.ForHtml(caption)}</figcaption></figure>");

    private void AppendEvaluation(StringBuilder page)
    {
        if (Evaluation is null)
        {
            return;
        }

        page.Append(Plain, $"<h2>Against the truth</h2><p>Labels say who is who: {Evaluation.GenuinePairs} pairs are of one person, {Evaluation.ImpostorPairs} of two. With 95 % intervals:</p><ul>");
        page.Append(Plain, $"<li>{Percent(Evaluation.Rank1)} of the people in both sets were ranked first by their own scan (rank-1).</li>");
        page.Append(Plain, $"<li>{Percent(Evaluation.Auc)} of the time a pair of one person scores above a pair of two (AUC).</li>");
        page.Append(Plain, $"<li>{Percent(Evaluation.Eer)} of either kind would be misjudged where both errors are as frequent (equal error rate).</li></ul>");
        page.Append(ReportCharts.Det(Evaluation) is { } curve
            ? string.Create(Plain, $"<figure>{curve}<figcaption>Detection error trade-off: how many pairs of one person are missed at each rate of pairs of two that pass. {Evaluation.ImpostorPairs} such pairs cannot show rates below one in {Evaluation.ImpostorPairs}.</figcaption></figure>\n")
            : "<p>One threshold parts both kinds without an error, so there is no trade-off to draw.</p>\n");
        if (Evaluation.GenuineQuantiles.Count > 0 && Evaluation.ImpostorQuantiles.Count > 0)
        {
            page.Append(Plain, $"<figure>{ReportCharts.Tippett(Evaluation)}<figcaption>Tippett plot: the part of pairs of one person (orange) and of two (blue) that score at least as well as the score below. The farther apart the lines, the more a score says.</figcaption></figure>\n");
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

        var truth = Mitigations[0].MatedProbes is not null;
        page.Append("<h2>What would help</h2><p>Each mitigation was applied to the raw scans; these were preprocessed and compared again. "
            + "<strong>Fewer links are no proof of anonymity</strong>: an attacker may treat the gallery in the same way"
            + (Mitigations.Any(m => m.AdaptedAttacker) ? " (rows marked *)" : string.Empty)
            + ", take noise away, or go by rank where no link can be sure.</p>\n");
        if (Mitigations.Any(m => m.Strength is not null && m.Ssim is not null))
        {
            page.Append(Plain, $"<figure>{ReportCharts.Mitigations(Mitigations)}<figcaption>A line for each mitigation, its strengths as points. What helps at little cost would lie at the lower right.</figcaption></figure>\n");
        }

        page.Append(Plain, $"<div class=\"scroll pinned\"><table><thead><tr><th>Mitigation</th><th>Strength</th><th class=\"number\">{(truth ? "Linked" : "Links left")}</th><th class=\"number\">Ranked first</th><th class=\"number\">SSIM</th><th class=\"number\">PSNR, dB</th><th class=\"number\">Brain off by, ml</th><th class=\"number\">Failed</th></tr></thead><tbody>\n");
        foreach (var m in Mitigations)
        {
            page.Append(Plain, $"<tr><td>{SafeText.ForHtml(m.Mitigation)}{(m.AdaptedAttacker ? " *" : string.Empty)}</td><td>{SafeText.ForHtml(m.Setting)}</td><td class=\"number\">{m.Linked}</td><td class=\"number\">{(m.Rank1 is { } rank ? rank.Value.ToString("0 %", Plain) : string.Empty)}</td><td class=\"number\">{m.Ssim:0.00}</td><td class=\"number\">{(m.Psnr > Unchanged ? "equal" : m.Psnr?.ToString("0.0", Plain))}</td><td class=\"number\">{m.BrainVolumeChange:0}</td><td class=\"number\">{m.Failed}</td></tr>\n");
        }

        page.Append(Plain, $"</tbody></table></div><p class=\"small\">SSIM and PSNR are against the scans as they are, within the brain; SSIM 1 is unchanged. Ranked first: people whose own scan is the best match, linked or not{(Mitigations[0].ChanceRank1 is { } chance ? string.Create(Plain, $"; guessing gives {chance:0 %}") : string.Empty)}. Failed: scans that fail quality control, compared all the same.</p>\n");
    }
}
