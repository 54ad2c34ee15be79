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
        var plots = page.Split("<svg").Skip(1).Select(s => XElement.Parse("<svg" + s[..(s.IndexOf("</svg>", StringComparison.Ordinal) + 6)])).ToArray();
        Assert.Equal(3, plots.Length);
        Assert.Equal(["Smooth", "Noise"], plots[2].Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim()).Where(t => t is "Smooth" or "Noise" or "None"));
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(4, json.RootElement.GetProperty("mitigations").GetArrayLength());
    }

    [Fact]
    public void Without_mitigations_nothing_is_said_of_them() => Assert.DoesNotContain("What would help", new LinkageReport(Matches()).ToHtml(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.2, true)]
    public void An_error_trade_off_is_drawn_where_there_are_errors(double missed, bool drawn)
    {
        var evaluation = new LinkageEvaluation
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

        var page = new LinkageReport(Matches()) { Evaluation = evaluation }.ToHtml();

        Assert.Equal(drawn ? 3 : 2, page.Split("<svg").Length - 1);
        Assert.Contains("80 % (40 to 100 %) of the people in both sets", page, StringComparison.Ordinal);
        Assert.Equal(!drawn, page.Contains("no trade-off to draw", StringComparison.Ordinal));
    }

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
