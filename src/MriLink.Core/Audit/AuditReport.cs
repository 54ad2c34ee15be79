using System.Globalization;
using System.Text;
using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Reporting;

namespace MriLink.Core.Audit;

/// <summary>Writes what an audit found: JSON with everything, CSV with a row per link or problem, and a page for people.</summary>
internal static class AuditReport
{
    private static readonly string[] Columns =
        ["Kind", "Participant", "Session", "Run", "Path", "LinkedParticipant", "LinkedSession", "LinkedRun", "LinkedPath", "Metric", "Score",
            "PValue", "DecidingRule", "Remark", "Problem"];

    /// <summary>
    /// Writes all files, named by the time at which the audit began, and brings them and their folder to the disk; gives the path of the JSON
    /// file. The report of another audit of the same moment is left alone.
    /// </summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They cannot be written.</exception>
    public static string Write(string folder, AuditResult result)
    {
        WholeFile.CreateFolder(folder);
        var name = Path.Combine(folder, $"audit-{result.Started.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}");
        for (var number = 1; ; number++)
        {
            var stem = number == 1 ? name : $"{name}-{number}";
            try
            {
                WholeFile.Write(stem + ".csv", Encoding.UTF8.GetBytes(Csv(result)), overwrite: false, durable: true);
            }
            catch (IOException) when (File.Exists(stem + ".csv"))
            {
                continue;
            }

            WholeFile.Write(stem + ".html", Encoding.UTF8.GetBytes(Html(result)), overwrite: false, durable: true);

            // Last: where there is a JSON file, there is a whole report.
            WholeFile.Write(stem + ".json",
                Encoding.UTF8.GetBytes(JsonSerializer.Serialize(result with { ReportPath = stem + ".json" }, ProvenanceJson.Indented) + "\n"),
                overwrite: false, durable: true);
            return stem + ".json";
        }
    }

    /// <summary>The page: what was found, and what was not examined.</summary>
    public static string Html(AuditResult result)
    {
        var page = new StringBuilder();
        page.Append(Plain, $"<p class=\"summary\">{SafeText.ForHtml(Sentence(result))}</p>\n");
        Links("Links between different labels", result.Links);
        page.Append("<h2>What was not examined</h2>\n");
        page.Append(Plain, $"<p>{result.Files} scans were listed: {result.Unchanged} as an earlier audit saw them, {result.Added} added to the "
            + $"gallery, {result.Copies} there already under the same labels. {result.Compared} entries that were new were compared with "
            + $"{result.EntriesUsable} of the {result.Entries} entries of the gallery.</p>\n");
        Problems("Not checked, or to be known", result.Problems);
        Problems("Not checked on an earlier night, and still there", result.Unresolved);
        if (result.PassedOver.Count > 0)
        {
            page.Append("<h3>Files passed over</h3>\n")
                .Append(ReportPage.Table(["#Files", "*Why"], result.PassedOver.Select(reason => new[] { reason.Value.ToString(Plain), reason.Key })));
        }

        if (result.Problems.Count + result.Unresolved.Count + result.PassedOver.Count == 0)
        {
            page.Append("<p>Everything that was listed was checked.</p>\n");
        }

        Links("Pairs of one label that are one person, as they should be", result.Expected);
        page.Append(Plain, $"<h2>Method</h2><p>Gallery {SafeText.ForHtml(result.Gallery)}. Begun {result.Started:yyyy-MM-dd HH:mm} UTC, ended "
            + $"{result.Finished:yyyy-MM-dd HH:mm} UTC. {SafeText.ForHtml(string.Join("; ", result.Parameters))}. Exit code "
            + $"{result.ExitCode}.</p>\n");
        page.Append("<p>A link is evidence, not proof: identical twins and siblings score above strangers. No link is no proof of absence.</p>\n");
        return ReportPage.Of("Audit of releases", page.ToString(), $"MriLink {result.Version}");

        void Links(string title, IReadOnlyList<AuditLink> links)
        {
            page.Append(Plain, $"<h2>{title}</h2>\n");
            page.Append(links.Count == 0 ? "<p>None.</p>\n"
                : ReportPage.Table(["Scan", "Linked to", "#Score", "#p-value", "*Decided by", "*Remark", "Path", "Path of the other"],
                links.Select(link => new[]
            {
                link.Probe.Name, link.Entry.Name, link.Score.ToString("0.0000", Plain), double.IsNaN(link.PValue) ? null
                    : link.PValue.ToString("0.0e+0", Plain), $"{link.Metric}: {link.DecidingRule}", link.Remark, link.Probe.Path, link.Entry.Path,
            })));
        }

        void Problems(string title, IReadOnlyList<AuditProblem> problems)
        {
            if (problems.Count > 0)
            {
                page.Append(Plain, $"<h3>{title}</h3>\n")
                    .Append(ReportPage.Table(["*What", "Path"], problems.Select(problem => new[] { problem.Problem, problem.Path })));
            }
        }
    }

    private static CultureInfo Plain => CultureInfo.InvariantCulture;

    private static string Sentence(AuditResult result)
    {
        var links = result.Links.Count switch
        {
            0 => "No scans of different labels were found to be one person.",
            1 => "1 pair of scans of different labels is judged to be one person.",
            var count => string.Create(Plain, $"{count} pairs of scans of different labels are judged to be one person."),
        };
        var open = result.Problems.Count + result.Unresolved.Count;
        return open == 0 ? links : string.Create(Plain, $"{links} Not everything could be checked: {open} {(open == 1 ? "problem" : "problems")}.");
    }

    /// <summary>
    /// The table (RFC 4180). Labels and paths come from whoever made the release: they are no formulas, and nothing that a terminal acts on.
    /// </summary>
    public static string Csv(AuditResult result)
    {
        var text = new StringBuilder();
        Row(Columns);
        foreach (var link in result.Links.Concat(result.Expected))
        {
            Row(
                link.IsSameLabel ? "SameLabel" : "Link",
                link.Probe.Participant, link.Probe.Session, link.Probe.Run, link.Probe.Path,
                link.Entry.Participant, link.Entry.Session, link.Entry.Run, link.Entry.Path,
                link.Metric, link.Score.ToString("R", CultureInfo.InvariantCulture), double.IsNaN(link.PValue) ? null
                    : link.PValue.ToString("R", CultureInfo.InvariantCulture), link.DecidingRule, link.Remark, null);
        }

        foreach (var (kind, problem) in result.Problems.Select(p => ("Problem", p)).Concat(result.Unresolved.Select(p => ("Unresolved", p))))
        {
            Row(kind, null, null, null, problem.Path, null, null, null, null, null, null, null, null, null, problem.Problem);
        }

        return text.ToString();

        void Row(params string?[] fields) =>
            text.AppendJoin(',', fields.Select(field => SafeText.ForCsv(SafeText.ForTerminal(field, int.MaxValue)))).Append("\r\n");
    }
}
