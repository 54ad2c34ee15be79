using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Reporting;

namespace MriLink.Core.Tests.Reporting;

/// <summary>What the page says of mitigations and of an evaluation.</summary>
public sealed class LinkageReportTests
{
    [Fact]
    public void Mitigations_are_a_table_a_picture_and_a_warning()
    {
        var report = new LinkageReport(Matches()) { Mitigations = [Result("None", null, 5, null), Result("Smooth", 4, 5, 0.8), Result("Smooth", 16, 1, 0.2), Result("Noise", 50, 2, 0.1)] };
        var page = report.ToHtml();

        Assert.Contains("<h2>What would help</h2>", page, StringComparison.Ordinal);
        Assert.Contains("no proof of anonymity", page, StringComparison.Ordinal);
        Assert.Contains("<td>Smooth</td><td>16 mm &amp; more</td><td class=\"number\">1 of 5</td>", page, StringComparison.Ordinal);

        // Two plots of scores and one of mitigations, well-formed, a line to each of the two.
        var plots = Plots(page);
        Assert.Equal(3, plots.Length);
        Assert.Equal(["Smooth", "Noise"], Texts(plots[2]).Select(e => e.Value.Trim()).Where(t => t is "Smooth" or "Noise" or "None"));
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(4, json.RootElement.GetProperty("mitigations").GetArrayLength());
    }

    [Fact]
    public void Labels_of_charts_are_large_enough_on_a_phone()
    {
        var page = new LinkageReport(Matches()) { Mitigations = [Result("None", null, 5, null), Result("Smooth", 4, 5, 0.8)], Evaluation = Errors(0.2) }.ToHtml();

        var plots = Plots(page);
        Assert.Equal(4, plots.Length);
        foreach (var plot in plots)
        {
            // 390 px, less the page's margins of 16 px, show the width of the view box.
            var enlarged = 358 / double.Parse(plot.Attribute("viewBox")!.Value.Split(' ')[2], CultureInfo.InvariantCulture);
            Assert.All(Texts(plot), text => Assert.InRange(double.Parse(text.Attribute("font-size")!.Value, CultureInfo.InvariantCulture) * enlarged, 12, 16));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Few_scores_that_are_no_links_are_lines_and_more_a_density(int others)
    {
        var texts = Texts(Plots(new LinkageReport([.. Matches().Where(m => m.IsMatch == true), .. Matches().Where(m => m.IsMatch != true).Take(others)]).ToHtml())[0]).Select(t => t.Value.Trim()).ToArray();

        Assert.Contains("no link", texts);
        Assert.Equal(others >= 5, texts.Any(t => t.StartsWith("Density", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_page_has_rules_for_paper_and_for_dark_screens_and_wide_tables_scroll()
    {
        var page = new LinkageReport(Matches()) { Mitigations = [Result("None", null, 5, null)] }.ToHtml();

        Assert.Contains("@media print", page, StringComparison.Ordinal);
        Assert.Contains("break-inside:avoid", page, StringComparison.Ordinal);
        Assert.Contains("break-after:avoid", page, StringComparison.Ordinal);
        Assert.Contains("screen and (prefers-color-scheme:dark)", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("<table").Length - 1);
        Assert.Equal(2, page.Split("<div class=\"scroll").Length - 1);
    }

    [Fact]
    public void Without_mitigations_nothing_is_said_of_them() => Assert.DoesNotContain("What would help", new LinkageReport(Matches()).ToHtml(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.2, true)]
    public void An_error_trade_off_is_drawn_where_there_are_errors(double missed, bool drawn)
    {
        var page = new LinkageReport(Matches()) { Evaluation = Errors(missed) }.ToHtml();

        Assert.Equal(drawn ? 3 : 2, page.Split("<svg").Length - 1);
        Assert.Contains("80 % (40 to 100 %) of the people in both sets", page, StringComparison.Ordinal);
        Assert.Equal(!drawn, page.Contains("no trade-off to draw", StringComparison.Ordinal));
    }

    private static XElement[] Plots(string page) =>
        [.. page.Split("<svg").Skip(1).Select(s => XElement.Parse("<svg" + s[..(s.IndexOf("</svg>", StringComparison.Ordinal) + 6)]))];

    private static IEnumerable<XElement> Texts(XElement plot) => plot.Descendants().Where(e => e.Name.LocalName == "text");

    private static LinkageEvaluation Errors(double missed) => new()
    {
        Metric = "NCC",
        Participants = 5,
        GenuinePairs = 5,
        ImpostorPairs = 20,
        MatedProbes = 5,
        NonMatedProbes = 0,
        Rank1 = new(0.8, 0.4, 1),
        Roc = [new(0.9, 0, missed), new(0.5, 0.1, missed), new(0.1, 1, 0)],
    };

    private static ScanMatch[] Matches() => [.. Enumerable.Range(0, 6).SelectMany(i => Enumerable.Range(0, 6).Select(j => new ScanMatch
    {
        Probe = new($"b{i}"),
        Gallery = new($"a{j}"),
        Rank = i == j ? 1 : 2,
        Metric = "NCC",
        Score = i == j ? 0.9 : 0.4 + (0.01 * ((i * 6) + j)),
        IsMatch = i == j,
        DecidingRule = "by hand",
    }))];

    private static MitigationResult Result(string mitigation, double? strength, int links, double? ssim) => new()
    {
        Mitigation = mitigation,
        Strength = strength,
        Unit = "mm & more",
        Metric = "NCC",
        Probes = 6,
        GalleryScans = 6,
        MatedProbes = 5,
        Links = links,
        TrueLinks = links,
        FalseLinks = 0,
        Ssim = ssim,
        Psnr = ssim * 30,
    };
}
