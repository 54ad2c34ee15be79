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
        ["Kind", "Participant", "Session", "Run", "Path", "LinkedParticipant", "LinkedSession", "LinkedRun", "LinkedPath", "Metric", "Score", "PValue", "DecidingRule", "Problem"];

    /// <summary>Writes both files, named by the time at which the audit began; gives the path of the JSON file.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They cannot be written.</exception>
    public static string Write(string folder, AuditResult result)
    {
        Directory.CreateDirectory(folder);
        var stem = Path.Combine(folder, $"audit-{result.Started.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}");
        WholeFile.Write(stem + ".csv", Encoding.UTF8.GetBytes(Csv(result)));
        WholeFile.Write(stem + ".json", Encoding.UTF8.GetBytes(JsonSerializer.Serialize(result with { ReportPath = stem + ".json" }, ProvenanceJson.Indented) + "\n"));
        return stem + ".json";
    }

    /// <summary>The table (RFC 4180).</summary>
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
                link.Metric, link.Score.ToString("R", CultureInfo.InvariantCulture), link.PValue?.ToString("R", CultureInfo.InvariantCulture), link.DecidingRule, null);
        }

        foreach (var problem in result.Problems)
        {
            ProblemRow("Problem", problem);
        }

        foreach (var problem in result.Unresolved)
        {
            ProblemRow("Unresolved", problem);
        }

        return text.ToString();

        void ProblemRow(string kind, AuditProblem problem) => Row(kind, null, null, null, problem.Path, null, null, null, null, null, null, null, null, problem.Problem);

        void Row(params string?[] fields) => text.AppendJoin(',', fields.Select(SafeText.ForCsv)).Append("\r\n");
    }
}
