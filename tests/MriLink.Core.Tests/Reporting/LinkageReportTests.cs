using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Reporting;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Reporting;

/// <summary>What the page says of mitigations and of an evaluation.</summary>
public sealed class LinkageReportTests
{
    [Fact]
    public void Mitigations_are_a_table_a_picture_and_a_warning()
    {
        var report = new LinkageReport(
            Matches())
        {
            Mitigations =
            [Result("None", null, 5, null), Result("Smooth", 4, 5, 0.8), Result("Smooth", 16, 1, 0.2), Result("Noise", 50, 2, 0.1)]
        };
        var page = report.ToHtml();

        Assert.Contains("<h2>What would help</h2>", page, StringComparison.Ordinal);
        Assert.Contains("no proof of anonymity", page, StringComparison.Ordinal);
        Assert.Contains("<td>Smooth</td><td>16 mm &amp; more</td><td class=\"number\">1 of 5</td>", page, StringComparison.Ordinal);

        // Three plots of scores and one of mitigations, well-formed, a line to each of the two.
        var plots = Plots(page);
        Assert.Equal(4, plots.Length);
        Assert.Equal(["Smooth", "Noise"], Texts(plots[3]).Select(e => e.Value.Trim()).Where(t => t is "Smooth" or "Noise" or "None"));
        using var json = JsonDocument.Parse(report.ToJson());
        Assert.Equal(4, json.RootElement.GetProperty("mitigations").GetArrayLength());
    }

    [Fact]
    public void Labels_of_charts_are_large_enough_on_a_phone()
    {
        var page = new LinkageReport(
            Matches())
        { Mitigations = [Result("None", null, 5, null), Result("Smooth", 4, 5, 0.8)], Evaluation = Errors(0.2) }.ToHtml();

        var plots = Plots(page);
        Assert.Equal(5, plots.Length);
        foreach (var plot in plots)
        {
            // 390 px, less the page's margins of 16 px, show the width of the view box.
            var enlarged = 358 / double.Parse(plot.Attribute("viewBox")!.Value.Split(' ')[2], CultureInfo.InvariantCulture);
            Assert.All(Texts(plot), text =>
                Assert.InRange(double.Parse(text.Attribute("font-size")!.Value, CultureInfo.InvariantCulture) * enlarged, 12, 16));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void Few_scores_that_are_no_links_are_lines_and_more_a_density(int others)
    {
        var texts = Texts(Plots(new LinkageReport(
            [.. Matches().Where(m => m.IsMatch == true), .. Matches().Where(m => m.IsMatch != true).Take(others)]).ToHtml())[0]).Select(
            t => t.Value.Trim()).ToArray();

        Assert.Contains("no link", texts);
        Assert.Equal(others >= 5, texts.Any(t => t.StartsWith("Density", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Undecided_pairs_are_drawn_as_such_and_not_as_no_links(int undecided)
    {
        var matches = Matches(isDecided: false)[..undecided];

        var plots = Plots(new LinkageReport(matches).ToHtml());
        foreach (var plot in plots.Take(2))
        {
            Assert.Contains(Texts(plot), t => t.Value.Trim() == "undecided");
            Assert.DoesNotContain(Texts(plot), t => t.Value.Trim() == "no link");
        }
    }

    [Fact]
    public void Long_names_in_the_heat_map_keep_what_tells_them_apart()
    {
        var matches = Matches(i => new($"OASIS30{i}followuplongscanner", "2"), j => new($"{j}ADNIlongcompanionsite", "1"));

        var names = Texts(Plots(new LinkageReport(matches).ToHtml())[2]).Select(t => t.Value)
            .Where(t => t.Contains("ses-", StringComparison.Ordinal));
        Assert.Equal(12, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name => Assert.InRange(name.Length, 10, 12));
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
    public void Without_mitigations_nothing_is_said_of_them() =>
        Assert.DoesNotContain("What would help", new LinkageReport(Matches()).ToHtml(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.2, true)]
    public void An_error_trade_off_is_drawn_where_there_are_errors(double missed, bool drawn)
    {
        var page = new LinkageReport(Matches()) { Evaluation = Errors(missed) }.ToHtml();

        Assert.Equal(drawn ? 4 : 3, page.Split("<svg").Length - 1);
        Assert.Contains("80 % (40 to 100 %) of the people in both sets", page, StringComparison.Ordinal);
        Assert.Equal(!drawn, page.Contains("no trade-off to draw", StringComparison.Ordinal));
    }

    [Fact]
    public void Scores_of_both_kinds_are_a_Tippett_plot()
    {
        var evaluation = new LinkageEvaluation
        {
            Metric = "NCC",
            Participants = 5,
            GenuinePairs = 3,
            ImpostorPairs = 4,
            MatedProbes = 3,
            NonMatedProbes = 0,
            Roc = [new(0.8, 0, 0), new(0.3, 1, 0)],
            GenuineQuantiles = [0.95, 0.9, 0.8],
            ImpostorQuantiles = [0.5, 0.45, 0.4, 0.3],
        };
        var page = new LinkageReport(Matches()) { Evaluation = evaluation }.ToHtml();

        Assert.Contains("Tippett plot", page, StringComparison.Ordinal);
        var lines = Plots(page)[^1].Descendants()
            .Where(e => e.Name.LocalName == "polyline"
            && e.Attribute("points")!.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length is 3 or 4).ToList();
        Assert.True(lines.Count >= 2, "a line to each kind");
    }

    [Fact]
    public void What_strangers_may_do_as_often_is_not_called_probable()
    {
        ScanMatch[] loose = [.. Enumerable.Range(0, 30).Select(i => Link($"p{i}", $"g{i}", rank: 1, p: 0.98, remark: null))];
        ScanMatch[] sure = [.. Enumerable.Range(0, 30).Select(i => Link($"p{i}", $"g{i}", rank: 1, p: 1e-6, remark: null))];
        ScanMatch[] weak = [.. Enumerable.Range(0, 30).Select(i => Link($"p{i}", $"g{i}", rank: 1, p: 0.2, remark: null))];

        Assert.Equal(
            "30 of 30 scans reach what counts as a link here, but strangers alone may do so as often: this says nothing about whose they are. "
                + "Expected false links: 29.4.",
            new LinkageSummary(loose).Sentence);
        Assert.Equal("30 of 30 scans are very probably of people in the gallery. Expected false links: fewer than 0.01.",
            new LinkageSummary(sure).Sentence);
        Assert.Equal("30 of 30 scans are possibly of people in the gallery. Expected false links: 6.", new LinkageSummary(weak).Sentence);
    }

    [Fact]
    public void Links_of_any_rank_and_their_remarks_are_in_every_form()
    {
        var report = new LinkageReport([Link("p1", "g1", rank: 1, p: 1e-5, remark: null), Link("p2", "g2", rank: 2, p: 1e-4, remark: "A relative?")]);

        Assert.Equal(["p1", "p2"], report.Summary.Links.Select(l => l.ProbeParticipant));
        Assert.Contains("1 of them has a remark", report.Summary.Sentence, StringComparison.Ordinal);
        Assert.All(new[] { report.ToHtml(), report.ToCsv(), report.ToJson(), report.ToMarkdown() }, text =>
            Assert.Contains("A relative?", text, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_linked_and_as_alike_as_one_person_is_named_and_counted()
    {
        var lost = Link("p2", "g2", rank: 1, p: 0.03, remark: "As alike as one person's scans are.", isMatch: false);
        var plain = Link("p3", "g3", rank: 1, p: 0.5, remark: null, isMatch: false);
        var report = new LinkageReport([Link("p1", "g1", rank: 1, p: 1e-5, remark: null), lost, plain]);

        Assert.Equal([lost], report.Summary.Doubtful);
        Assert.Contains("1 that is not linked is as alike as one person's scans are", report.Summary.Sentence, StringComparison.Ordinal);
        Assert.Contains("Not linked, and as alike as one person's scans", report.ToHtml(), StringComparison.Ordinal);
        Assert.DoesNotContain("as alike as one person", new LinkageReport([plain]).ToHtml(), StringComparison.Ordinal);
    }

    private static ScanMatch Link(string probe, string gallery, int rank, double p, string? remark, bool isMatch = true) => new()
    {
        Probe = new(probe),
        Gallery = new(gallery),
        Rank = rank,
        Metric = "NCC",
        Score = 0.9,
        IsMatch = isMatch,
        PValue = p,
        DecidingRule = "by hand",
        Remark = remark,
    };

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

    private static ScanMatch[] Matches(Func<int, ScanIdentity>? probe = null, Func<int, ScanIdentity>? gallery = null, bool isDecided = true) =>
        [.. Enumerable.Range(0, 6).SelectMany(i => Enumerable.Range(0, 6).Select(j => new ScanMatch
    {
        Probe = probe?.Invoke(i) ?? new($"b{i}"),
        Gallery = gallery?.Invoke(j) ?? new($"a{j}"),
        Rank = i == j ? 1 : 2,
        Metric = "NCC",
        Score = i == j ? 0.9 : 0.4 + (0.01 * ((i * 6) + j)),
        IsMatch = isDecided ? i == j : null,
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
