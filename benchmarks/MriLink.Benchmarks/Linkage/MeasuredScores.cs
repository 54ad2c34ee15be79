using System.Diagnostics;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Linkage;

/// <summary>The scores of probes with a gallery by one measure, how well they tell who is who, and how fast they came.</summary>
/// <param name="Measure">The measure; a name alone for a fusion.</param>
/// <param name="Scores">Probes in rows.</param>
/// <param name="Probes">Whose scans the rows are.</param>
/// <param name="Gallery">Whose scans the columns are.</param>
/// <param name="HigherIsBetter">The measure's direction.</param>
/// <param name="Evaluation">How well they tell.</param>
/// <param name="PairsPerSecond">Pairs scored per second, what is computed once per volume included; null for a fusion.</param>
internal sealed record MeasuredScores(
    string Measure,
    double[,] Scores,
    IReadOnlyList<ScanIdentity> Probes,
    IReadOnlyList<ScanIdentity> Gallery,
    bool HigherIsBetter,
    LinkageEvaluation Evaluation,
    double? PairsPerSecond)
{
    /// <summary>Scores all pairs by each measure and evaluates them.</summary>
    public static IReadOnlyList<MeasuredScores> ScoreAll(
        BenchmarkContext context, string name, IReadOnlyList<SimilarityMeasure> measures, IReadOnlyList<PreprocessedVolume> probes,
        IReadOnlyList<PreprocessedVolume> gallery)
    {
        var results = new List<MeasuredScores>();
        foreach (var measure in measures)
        {
            var (scores, seconds) = Score(context, measure, probes, gallery);
            results.Add(new(
                measure.Name,
                scores,
                Names(probes),
                Names(gallery),
                measure.HigherIsBetter,
                Evaluate(context, measure.Name, measure.HigherIsBetter, scores, Names(probes), Names(gallery)),
                (double)probes.Count * gallery.Count / seconds));
            context.Progress($"{name}: {results[^1].Evaluation}");
        }

        return results;
    }

    /// <summary>Scores all pairs by one measure; the time includes what is computed once per volume, but not its reading.</summary>
    public static (double[,] Scores, double Seconds) Score(
        BenchmarkContext context, SimilarityMeasure measure, IReadOnlyList<PreprocessedVolume> probes, IReadOnlyList<PreprocessedVolume> gallery)
    {
        // Prepared anew for every measure: what a measure keeps per volume is part of its cost, and is let go before the next.
        var prepared = gallery.Concat(probes).Distinct().ToDictionary(v => v, v => PreparedVolume.Prepare(v));
        PreparedVolume[] rows = [.. probes.Select(v => prepared[v])];
        PreparedVolume[] columns = ReferenceEquals(probes, gallery) ? rows : [.. gallery.Select(v => prepared[v])];
        var watch = Stopwatch.StartNew();
        var matrix = PairwiseScorer.ScoreAll(measure, rows, columns, SimilarityOptions.Default, context.Work);
        var seconds = watch.Elapsed.TotalSeconds;
        var scores = new double[rows.Length, columns.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                scores[i, j] = matrix[i, j];
            }
        }

        return (scores, seconds);
    }

    /// <summary>How far apart the scores of one person and of strangers lie, by the labels; every pair as it was compared.</summary>
    public ScoreSeparation Separation()
    {
        var pairs = new List<ScoreSeparation.Pair>();
        for (var i = 0; i < Probes.Count; i++)
        {
            for (var j = 0; j < Gallery.Count; j++)
            {
                // A scan with itself is no pair.
                if (!ReferenceEquals(Probes[i], Gallery[j]))
                {
                    pairs.Add(new(Probes[i].Participant, Gallery[j].Participant, Scores[i, j]));
                }
            }
        }

        return new(SimilarityMeasures.Find(Measure)!, pairs);
    }

    /// <summary>
    /// Evaluates scores; without figures, and with the reason told, where they do not allow it: hours of work must not end with that.
    /// </summary>
    public static LinkageEvaluation Evaluate(
        BenchmarkContext context, string measure, bool higherIsBetter, double[,] scores, IReadOnlyList<ScanIdentity> probes,
        IReadOnlyList<ScanIdentity> gallery)
    {
        var pairs = new List<ScoredPair>(scores.Length);
        for (var i = 0; i < probes.Count; i++)
        {
            for (var j = 0; j < gallery.Count; j++)
            {
                if (!double.IsNaN(scores[i, j]))
                {
                    pairs.Add(new(probes[i], gallery[j], measure, higherIsBetter, scores[i, j]));
                }
            }
        }

        try
        {
            return LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), new(), context.Work);
        }
        catch (InvalidOperationException exception)
        {
            context.Progress($"{measure}: {exception.Message}");
            return new()
            {
                Metric = measure,
                Participants = 0,
                GenuinePairs = 0,
                ImpostorPairs = 0,
                MatedProbes = 0,
                NonMatedProbes = 0,
                Notes = [exception.Message]
            };
        }
    }

    private static ScanIdentity[] Names(IReadOnlyList<PreprocessedVolume> volumes) => [.. volumes.Select(v => v.Identity)];
}
