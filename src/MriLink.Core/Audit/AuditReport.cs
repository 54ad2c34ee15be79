using System.Globalization;
using System.Text;
using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Records;

namespace MriLink.Core.Audit;

/// <summary>Writes what an audit found: JSON with everything, CSV with a row per link or problem.</summary>
internal static class AuditReport
{
    private static readonly string[] Columns =
        ["Kind", "Participant", "Session", "Run", "Path", "LinkedParticipant", "LinkedSession", "LinkedRun", "LinkedPath", "Metric", "Score", "PValue", "DecidingRule", "Remark", "Problem"];

    /// <summary>
    /// Writes both files, named by the time at which the audit began, and brings them and their folder to the disk; gives the path of the JSON
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

            // Last: where there is a JSON file, there is a whole report.
            WholeFile.Write(stem + ".json", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(result with { ReportPath = stem + ".json" }, ProvenanceJson.Indented) + "\n"), overwrite: false, durable: true);
            return stem + ".json";
        }
    }

    /// <summary>The table (RFC 4180). Labels and paths come from whoever made the release: they are no formulas, and nothing that a terminal acts on.</summary>
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
                link.Metric, link.Score.ToString("R", CultureInfo.InvariantCulture), link.PValue?.ToString("R", CultureInfo.InvariantCulture), link.DecidingRule, link.Remark, null);
        }

        foreach (var (kind, problem) in result.Problems.Select(p => ("Problem", p)).Concat(result.Unresolved.Select(p => ("Unresolved", p))))
        {
            Row(kind, null, null, null, problem.Path, null, null, null, null, null, null, null, null, null, problem.Problem);
        }

        return text.ToString();

        void Row(params string?[] fields) => text.AppendJoin(',', fields.Select(field => SafeText.ForCsv(SafeText.ForTerminal(field, int.MaxValue)))).Append("\r\n");
    }
}
