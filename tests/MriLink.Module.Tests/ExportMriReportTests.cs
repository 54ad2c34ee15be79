using System.Text.Json;
using System.Xml.Linq;

namespace MriLink.Module.Tests;

public sealed class ExportMriReportTests : IDisposable
{
    private const int People = 6;

    // Labels that would be markup, a formula or a table's edge if they were not escaped.
    private const string Start = """
        $gallery = Import-MriVolume "$($args[0])/sub-*_ses-1_T1w.nii" -Participant { "=A<script>|" + $_.Name.Substring(4, 2) }
        $probes = Import-MriVolume "$($args[0])/sub-*_ses-2_T1w.nii" -Participant { "=B<script>|" + $_.Name.Substring(4, 2) }
        $found = $probes | Find-MriMatch -Gallery $gallery -Top 6 -Threshold 0.5

        """;

    private readonly ModuleSession _session = new();

    public ExportMriReportTests()
    {
        for (var person = 1; person <= People; person++)
        {
            _session.PlacePerson(person, 1);
            _session.PlacePerson(person, 2);
        }
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_page_says_it_in_words_shows_it_and_needs_nothing_else()
    {
        var page = Write("report.html", "-Probe $probes -Gallery $gallery -Threshold 0.5 -Title 'A & B <now>'");

        Assert.Contains("6 of 6 scans are very probably of people in the gallery.", page, StringComparison.Ordinal);
        Assert.Contains("<h1>A &amp; B &lt;now&gt;</h1>", page, StringComparison.Ordinal);
        Assert.Contains("=B&lt;script&gt;|01 ses-2", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=\"http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", page, StringComparison.Ordinal);

        // Three pictures of each link, and two plots that are well-formed.
        Assert.Equal(3 * People, page.Split("data:image/png;base64,").Length - 1);
        foreach (var svg in page.Split("<svg").Skip(1).Select(s => "<svg" + s[..(s.IndexOf("</svg>", StringComparison.Ordinal) + 6)]))
        {
            Assert.Equal("svg", XElement.Parse(svg).Name.LocalName);
        }

        Assert.Equal(2, page.Split("<svg").Length - 1);
    }

    [Fact]
    public void Json_and_csv_hold_every_pair_and_Markdown_the_links()
    {
        using var json = JsonDocument.Parse(Write("report.json"));
        Assert.Equal(People, json.RootElement.GetProperty("links").GetInt32());
        Assert.Equal(People * People, json.RootElement.GetProperty("pairs").GetArrayLength());

        var rows = Write("report.csv").TrimEnd('\n').Split('\n');
        Assert.Equal(1 + (People * People), rows.Length);
        Assert.StartsWith("'=B<script>|01,2,,'=A<script>|01,1,,1,NCC,0.9", rows[1], StringComparison.Ordinal);

        var markdown = Write("report.md");
        Assert.Equal(People + 2, markdown.Split('\n').Count(line => line.StartsWith('|')));
        Assert.Contains("\\<script\\>\\|01", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public void With_an_evaluation_the_error_trade_off_is_drawn()
    {
        Assert.Contains("Against the truth", Write("report.html", "-Evaluation (Import-MriVolume \"$($args[0])/*.nii\" | Measure-MriSimilarity -Reference (Import-MriVolume \"$($args[0])/*_ses-1_*.nii\") | Measure-MriLinkage -Replicate 100)"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_report_is_kept_WhatIf_writes_nothing_and_an_ending_decides()
    {
        var there = _session.Place("there.html", [1, 2, 3]);

        Assert.Contains("-Force", _session.Run(Start + "$found | Export-MriReport $args[1]", _session.Folder, there).Problem!.Message, StringComparison.Ordinal);
        Assert.Contains("-Format", _session.Run(Start + "$found | Export-MriReport \"$($args[0])/x.pdf\"", _session.Folder).Problem!.Message, StringComparison.Ordinal);
        _session.Run(Start + "$found | Export-MriReport \"$($args[0])/new.html\" -WhatIf", _session.Folder).ThrowIfFailed();

        Assert.Equal([1, 2, 3], File.ReadAllBytes(there));
        Assert.False(File.Exists(Path.Combine(_session.Folder, "new.html")));
    }

    private string Write(string name, string arguments = "")
    {
        var path = Path.Combine(_session.Folder, name);
        _session.Run(Start + $"$found | Export-MriReport $args[1] {arguments}", _session.Folder, path).ThrowIfFailed();
        return File.ReadAllText(path);
    }
}
