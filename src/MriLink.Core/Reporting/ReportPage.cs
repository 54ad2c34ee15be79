using System.Globalization;
using System.Text;
using MriLink.Core.Basics;

namespace MriLink.Core.Reporting;

/// <summary>What all pages have in common: one self-contained file, no script, nothing from the network.</summary>
public static class ReportPage
{
    private const string Style =
        """
        :root{color-scheme:light dark;--text:#1a1a1a;--faint:#555;--line:#ccc;--page:#fff}
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:var(--text);background:var(--page);
        overflow-wrap:break-word}
        h1,h2,h3{line-height:1.2}.summary{font-size:1.35rem;border-left:.4rem solid #0072b2;padding-left:1rem}
        .small,figcaption,footer{color:var(--faint);font-size:.9rem}footer{margin-top:2rem;border-top:1px solid var(--line)}
        .scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}
        th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
        td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}td.number,.pinned td{white-space:nowrap}
        th{vertical-align:bottom}.pinned :is(th,td):first-child{position:sticky;left:0;background:var(--page)}
        figure{margin:1rem 0}figcaption{margin-top:.2rem}.charts{display:flex;flex-wrap:wrap;column-gap:2rem}
        .charts figure{flex:1 1 20rem;max-width:27rem}
        svg{display:block;width:100%;max-width:27rem;height:auto}svg text{font-family:system-ui,sans-serif}
        img{width:100%;max-width:36rem;display:block}.link{margin:1.5rem 0}
        @media screen{td{white-space:nowrap}}@media(max-width:30rem){table{font-size:.9rem}th,td{padding:.35rem .3rem}}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));column-gap:1rem}
        .sheet{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:1rem}
        .sheet figure{margin:0;border-top:.3rem solid var(--line);padding-top:.3rem}.sheet figure.Fail{border-color:#d55e00}
        .sheet figure.Review{border-color:#e69f00}td.text{white-space:normal;min-width:12rem}
        @media screen and (prefers-color-scheme:dark){:root{--text:#e6e6e6;--faint:#aaa;--line:#444;--page:#161616}}
        @media print{@page{margin:15mm}:root{color-scheme:light}body{font-size:10.5pt;max-width:none;padding:0}
        h1,h2,h3,thead{break-after:avoid}.link,figure,tr,li{break-inside:avoid}
        svg{max-width:22rem}.scroll{overflow:visible}th,td{padding:.15rem .4rem}
        .link{display:grid;grid-template-columns:1fr 1fr;column-gap:1rem}.link h3{grid-column:1/-1;margin:0}.link figure{margin:.5rem 0}}
        """;

    /// <summary>The page.</summary>
    /// <param name="title">Its title, as it is.</param>
    /// <param name="body">What it shows below the heading: HTML.</param>
    /// <param name="generator">What it was made by, as it is.</param>
    public static string Of(string title, string body, string generator) => string.Create(CultureInfo.InvariantCulture, $"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <title>{SafeText.ForHtml(title)}</title>
        <style>{Style}</style></head><body>
        <h1>{SafeText.ForHtml(title)}</h1>
        {body}
        <footer>Made by {SafeText.ForHtml(generator)}. This page names scans: keep it as you keep them.</footer>
        </body></html>

        """);

    /// <summary>A table that scrolls where it is wider than the screen.</summary>
    /// <param name="headings">What columns are headed by; one that begins with # is a column of numbers, one with * of sentences.</param>
    /// <param name="rows">Fields as they are.</param>
    public static string Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string?>> rows)
    {
        ArgumentNullException.ThrowIfNull(headings);
        ArgumentNullException.ThrowIfNull(rows);
        string[] kinds = [.. headings.Select(h => h[0] switch { '#' => " class=\"number\"", '*' => " class=\"text\"", _ => string.Empty })];
        var text = new StringBuilder("<div class=\"scroll\"><table><thead><tr>");
        for (var i = 0; i < headings.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"<th{kinds[i]}>{SafeText.ForHtml(headings[i].TrimStart('#', '*')).Replace("-", "&#8209;", StringComparison.Ordinal)}</th>");
        }

        text.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            text.Append("<tr>");
            for (var i = 0; i < headings.Count; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"<td{kinds[i]}>{SafeText.ForHtml(row[i])}</td>");
            }

            text.Append("</tr>\n");
        }

        return text.Append("</tbody></table></div>\n").ToString();
    }

    /// <summary>A picture with a line of text.</summary>
    public static string Figure(RgbImage image, string caption, string kind = "") => string.Create(
        CultureInfo.InvariantCulture,
        $"<figure{(kind.Length > 0 ? $" class=\"{kind}\"" : string.Empty)}><img alt=\"{SafeText.ForHtml(caption)}\" "
            + $"src=\"data:image/png;base64,{Convert.ToBase64String(PngFile.Encode(image))}\">"
            + $"<figcaption>{SafeText.ForHtml(caption)}</figcaption></figure>");
}
