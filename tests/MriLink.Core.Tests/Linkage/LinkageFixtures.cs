using System.Text.Json;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Linkage;

/// <summary>What scikit-learn, scipy and R found; see make_fixtures.py.</summary>
internal static class LinkageFixtures
{
    private static readonly JsonElement Root =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "linkage", "expected.json"))).RootElement;

    public static IEnumerable<Evaluation> Evaluations => Root.GetProperty("evaluations").EnumerateArray().Select(e => new Evaluation(e));

    public static IEnumerable<Assignment> Assignments => Root.GetProperty("assignments").EnumerateArray().Select(e => new Assignment(
        Matrix(e.GetProperty("values")), e.GetProperty("pairs").GetInt32(), e.GetProperty("total").GetDouble()));

    public static IEnumerable<(double[] Sample, double Silverman, double SheatherJones)> Bandwidths =>
        Root.GetProperty("bandwidths").EnumerateArray().Select(e => (
            Numbers(e.GetProperty("sample")), e.GetProperty("silverman").GetDouble(), e.GetProperty("sheatherJones").GetDouble()));

    public static IEnumerable<(double[] Excesses, double Shape, (double Excess, double Part)[] Above)> Tails =>
        Root.GetProperty("tails").EnumerateArray().Select(e => (
            Numbers(e.GetProperty("excesses")),
            e.GetProperty("shape").GetDouble(),
            e.GetProperty("above").EnumerateArray().Select(a => (a[0].GetDouble(), a[1].GetDouble())).ToArray()));

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    private static double[,] Matrix(JsonElement rows)
    {
        var result = new double[rows.GetArrayLength(), rows[0].GetArrayLength()];
        for (var i = 0; i < result.GetLength(0); i++)
        {
            for (var j = 0; j < result.GetLength(1); j++)
            {
                result[i, j] = rows[i][j].ValueKind == JsonValueKind.Null ? double.NaN : rows[i][j].GetDouble();
            }
        }

        return result;
    }

    public sealed record Assignment(double[,] Values, int Pairs, double Total);

    public sealed class Evaluation(JsonElement json)
    {
        private readonly JsonElement _json = json;

        public double this[string figure] => _json.GetProperty(figure).GetDouble();

        public IEnumerable<ScoredPair> Pairs
        {
            get
            {
                var person = Numbers(_json.GetProperty("person"));
                var scans = person.Select((p, i) => new ScanIdentity(FormattableString.Invariant($"{p}"), Path: $"/data/{i}.nii")).ToArray();
                var scores = Numbers(_json.GetProperty("scores"));
                var higher = _json.GetProperty("higher").GetBoolean();
                return _json.GetProperty("pairs").EnumerateArray()
                    .Select((pair, i) => new ScoredPair(scans[pair[0].GetInt32()], scans[pair[1].GetInt32()], "score", higher, scores[i]))
                    .SelectMany(pair => new[] { pair, pair with { Probe = pair.Gallery, Gallery = pair.Probe } });
            }
        }
    }
}
