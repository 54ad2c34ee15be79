using System.Diagnostics;
using System.Globalization;
using MriLink.Benchmarks.Linkage;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;

namespace MriLink.Benchmarks.Similarity;

/// <summary>What re-aligning each probe's best candidates brings (genuine score against the best impostor's) and costs.</summary>
internal static class RefinementComparison
{
    private static readonly string[] Keys = ["resolution", "databases", "raw"];

    public static void Run(BenchmarkContext context)
    {
        var participants = context.Number("participants");
        var preprocessor = new CohortPreprocessor(context, new(), context.Option("cache"));
        var table = new MarkdownTable(
            "NCC", "genuine, mean", "refined", "best impostor, mean", "refined", "margin, mean", "refined", "margin, least", "refined", "rank-1", "refined", "time per pair");
        foreach (var scenario in Scenario.All.Where(s => Keys.Contains(s.Key, StringComparer.Ordinal)))
        {
            var gallery = preprocessor.Run($"{scenario.Name}, gallery", scenario.Scans(1, participants, session: 1)).Usable;
            var probes = preprocessor.Run($"{scenario.Name}, probes", scenario.Scans(1, participants, session: 2)).Usable;
            Add(context, table, $"{scenario.Name}, simulated", probes, gallery);
        }

        foreach (var dataset in Dataset.Find(context, BenchmarkContext.InRepository(context.Option("data"))))
        {
            var scans = preprocessor.Run(dataset.Name, dataset.Scans).Usable;
            var people = scans.GroupBy(s => s.Participant, StringComparer.Ordinal).ToList();
            if (people.Exists(p => p.Count() > 1))
            {
                Add(context, table, $"{dataset.Name}, real visits", scans, scans);
            }
            else if (people.Count > 4)
            {
                var again = preprocessor.Run($"{dataset.Name} again", [.. scans.Select(s => Rescan(dataset, s))]).Usable;
                Add(context, table, $"{dataset.Name}, scanned again by simulation", again, scans);
            }
        }

        context.Say($"Each probe's best {CandidateRefinement.DefaultCandidates} gallery scans re-aligned rigidly to it and measured again; {participants} simulated people a row. The margin is the genuine score less the best impostor's, whether that one was re-aligned or not.");
        context.Say(table);
    }

    private static SimulatedScan Rescan(Dataset dataset, PreprocessedVolume scan)
    {
        var original = dataset.Scans.First(s => ReferenceEquals(s.Identity, scan.Identity));
        var stripped = scan.Quality.InputStripped;
        var conditions = ScanConditions.For(ScanScenario.AcrossDatabases, session: 2);
        conditions = stripped ? conditions with { Stripped = true } : conditions with { Interval = 0, Decline = 0 };
        return SimulatedScan.Repeat(original, conditions, ScanScenario.AcrossDatabases, 1, "again", stripped);
    }

    private static void Add(BenchmarkContext context, MarkdownTable table, string name, IReadOnlyList<PreprocessedVolume> probeScans, IReadOnlyList<PreprocessedVolume> galleryScans)
    {
        var gallery = galleryScans.Select(s => PreparedVolume.Prepare(s)).ToArray();
        var probes = ReferenceEquals(probeScans, galleryScans) ? gallery : [.. probeScans.Select(s => PreparedVolume.Prepare(s))];
        var scores = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, probes, gallery, SimilarityOptions.Default, context.Work);
        var watch = Stopwatch.StartNew();
        var refined = CandidateRefinement.Refine(scores, probes, gallery, SimilarityOptions.Default, CandidateRefinement.DefaultCandidates, context.Work);
        var seconds = watch.Elapsed.TotalSeconds / (probes.Length * Math.Min(gallery.Length, CandidateRefinement.DefaultCandidates));
        var (before, after) = (Figure(scores), Figure(refined));
        table.Row(
            name,
            Text(before.Average(f => f.Genuine)),
            Text(after.Average(f => f.Genuine)),
            Text(before.Average(f => f.Impostor)),
            Text(after.Average(f => f.Impostor)),
            Text(before.Average(f => f.Margin)),
            Text(after.Average(f => f.Margin)),
            Text(before.Min(f => f.Margin)),
            Text(after.Min(f => f.Margin)),
            $"{before.Count(f => f.Margin > 0)} of {before.Count}",
            $"{after.Count(f => f.Margin > 0)} of {after.Count}",
            Figures.Time(seconds));
    }

    // For each probe that has a mate, its best genuine score and its best impostor score.
    private static List<(double Genuine, double Impostor, double Margin)> Figure(SimilarityMatrix scores)
    {
        var figures = new List<(double, double, double)>();
        for (var i = 0; i < scores.ProbeCount; i++)
        {
            double genuine = double.NaN, impostor = double.NaN;
            for (var j = 0; j < scores.GalleryCount; j++)
            {
                if (MatchFinder.IsSameScan(scores.Probes[i], scores.Gallery[j]))
                {
                    continue;
                }

                ref var best = ref string.Equals(scores.Probes[i].Participant, scores.Gallery[j].Participant, StringComparison.Ordinal) ? ref genuine : ref impostor;
                best = double.IsNaN(best) ? scores[i, j] : Math.Max(best, scores[i, j]);
            }

            if (!double.IsNaN(genuine) && !double.IsNaN(impostor))
            {
                figures.Add((genuine, impostor, genuine - impostor));
            }
        }

        return figures;
    }

    private static string Text(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
