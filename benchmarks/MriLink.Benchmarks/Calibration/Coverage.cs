using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Calibration;

/// <summary>How often 95 % intervals of an evaluation hold what they are of, over simulated evaluations.</summary>
internal static class Coverage
{
    private const int Replicates = 200;
    private const string Rank1 = "rank-1";
    private const int Many = 1000;

    private static readonly int[] Sizes = [10, 40, 200];
    private static readonly (string Name, Func<LinkageEvaluation, IntervalEstimate?> Of)[] Figures =
        [(Rank1, e => e.Rank1), ("EER", e => e.Eer), ("AUC", e => e.Auc), ("d′", e => e.DPrime)];

    /// <summary>Evaluates sets of people who are all on both sides, and counts.</summary>
    public static void Run(BenchmarkContext context, int evaluations)
    {
        var table = new MarkdownTable(["people", .. Figures.Select(f => f.Name)]);

        // What is true of all people is taken from many; rank-1 depends on how many others there are, so it is the mean of the evaluations.
        var truth = Evaluate(Many, seed: 0, replicates: 100);
        foreach (var people in Sizes)
        {
            var all = new LinkageEvaluation[evaluations];
            context.Work.ForBlocks(evaluations, seed => all[seed] = Evaluate(people, seed + 1, Replicates));
            var cells = new List<string> { string.Create(CultureInfo.InvariantCulture, $"{people}") };
            foreach (var (name, of) in Figures)
            {
                var value = string.Equals(name, Rank1, StringComparison.Ordinal) ? all.Average(e => of(e)!.Value) : of(truth)!.Value;
                cells.Add(string.Create(CultureInfo.InvariantCulture,
                    $"{100.0 * all.Count(e => of(e) is { } i && i.Lower <= value && value <= i.Upper) / evaluations:0.0} %"));
            }

            table.Row([.. cells]);
            context.Progress(string.Join(" | ", cells));
        }

        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"How many of {evaluations} 95 % intervals (Measure-MriLinkage, {Replicates} bootstrap samples) hold the true figure: "
                + $"{truth.Eer!.Value:P1} equal error rate, AUC {truth.Auc!.Value:0.0000}, d′ {truth.DPrime!.Value:0.00}:"));
        context.Say(table);
    }

    // Every person once on either side; one person's pair lies five errors out, give or take two, on top of the ease of both scans.
    private static LinkageEvaluation Evaluate(int people, int seed, int replicates)
    {
        var random = new MersenneTwister(seed);
        double Draw() => Normal.Sample(random, 0, 1);
        var ease = Enumerable.Range(0, 2 * people).Select(_ => 0.5 * Draw()).ToArray();
        var probes = Enumerable.Range(0, people).Select(i => new ScanIdentity($"{i}", "2")).ToArray();
        var gallery = Enumerable.Range(0, people).Select(i => new ScanIdentity($"{i}", "1")).ToArray();
        var pairs = new List<ScoredPair>(people * people);
        for (var i = 0; i < people; i++)
        {
            for (var j = 0; j < people; j++)
            {
                pairs.Add(new(probes[i], gallery[j], "score", HigherIsBetter: true,
                    Draw() + ease[i] + ease[people + j] + (i == j ? 5 + (2 * Draw()) : 0)));
            }
        }

        return LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), new(replicates, seed), WorkOptions.SingleThread);
    }
}
