using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Linkage;

public sealed class LinkageEvaluatorTests
{
    private static readonly EvaluationOptions Quick = new(100);

    [Fact]
    public void Figures_are_those_of_scikit_learn()
    {
        foreach (var expected in LinkageFixtures.Evaluations)
        {
            var result = Evaluate(expected.Pairs);

            // The same counts; only the order of sums differs.
            Assert.Equal(expected["auc"], result.Auc!.Value, 1e-9);
            Assert.Equal(expected["eer"], result.Eer!.Value, 1e-9);
            Assert.Equal(expected["dprime"], result.DPrime!.Value, 1e-9);
            Assert.Equal(expected["tar2"], result.TarAtFar1e2!.Value, 1e-9);
            if (result.ImpostorPairs >= 1000)
            {
                Assert.Equal(expected["tar3"], result.TarAtFar1e3!.Value, 1e-9);
            }
            else
            {
                Assert.Null(result.TarAtFar1e3);
                Assert.Contains(result.Notes, n => n.Contains("FAR 1e-3", StringComparison.Ordinal));
            }

            Assert.Null(result.TarAtFar1e4);
            Assert.All(
                new[] { result.Auc, result.Eer, result.DPrime, result.TarAtFar1e2, result.Rank1, result.Rank5 },
                figure => Assert.InRange(figure!.Value, figure.Lower, figure.Upper));
            Assert.True(result.Auc.Upper > result.Auc.Lower);
        }
    }

    [Fact]
    public void Ranks_and_open_set_errors_are_those_counted_by_hand()
    {
        // Probes a, b, c, d against gallery A, B, C. Only a and b are found first; c is second; d is not in the gallery.
        ScanIdentity[] gallery = [new("a", "1"), new("b", "1"), new("c", "1")];
        ScanIdentity[] probes = [new("a", "2"), new("b", "2"), new("c", "2"), new("d", "2")];
        double[,] scores = { { 0.9, 0.2, 0.3 }, { 0.1, 0.8, 0.4 }, { 0.5, 0.3, 0.45 }, { 0.6, 0.1, 0.2 } };

        var result = Evaluate(Pairs(probes, gallery, scores));

        Assert.Equal((3, 1, 4, 3, 9), (result.MatedProbes, result.NonMatedProbes, result.Participants, result.GenuinePairs, result.ImpostorPairs));
        Assert.Equal(2 / 3.0, result.Rank1!.Value, 1e-12);
        Assert.Equal(1, result.Rank5!.Value);
        Assert.Equal([2 / 3.0, 1, 1], result.Cmc.Take(3).Select(p => p.IdentificationRate));
        Assert.Null(result.FnirAtFpir1e2);
        Assert.Contains(result.Notes, n => n.Contains("FPIR", StringComparison.Ordinal));
        Assert.Null(result.TarAtFar1e2);
    }

    [Fact]
    public void Open_set_errors_at_one_false_alarm_in_a_hundred_searches()
    {
        // 200 people once on either side. Others score below 0.5 but for three probes that a stranger reaches 0.7, 0.8 and 0.9 with. One alarm in
        // a hundred searches allows two of them, so the threshold lies just above 0.7, and mates at 0.6 are missed: 30 of 200.
        var probes = Enumerable.Range(0, 200).Select(i => new ScanIdentity($"{i}", "2")).ToArray();
        var gallery = Enumerable.Range(0, 200).Select(i => new ScanIdentity($"{i}", "1")).ToArray();
        var scores = new double[200, 200];
        for (var i = 0; i < 200; i++)
        {
            for (var j = 0; j < 200; j++)
            {
                scores[i, j] = i == j ? i is >= 100 and < 130 ? 0.6 : 0.95 : 0.3;
            }
        }

        (scores[0, 1], scores[1, 2], scores[2, 3]) = (0.7, 0.8, 0.9);
        var result = Evaluate(Pairs(probes, gallery, scores));

        Assert.Equal(30 / 200.0, result.FnirAtFpir1e2!.Value, 1e-12);
        Assert.Equal(1, result.Rank1!.Value);

        // Nothing went wrong, but 200 people do not show that nothing can: Clopper and Pearson's bound is 0.025^(1/200).
        Assert.Equal(Math.Pow(0.025, 1 / 200.0), result.Rank1.Lower, 1e-9);
        Assert.Equal(1, result.TarAtFar1e3!.Value);

        // 39800 impostors: one in 10 000 is three of them; a fourth is never reached above 0.3.
        Assert.Equal(1, result.TarAtFar1e4!.Value);
        Assert.Equal(0, result.Roc[0].FalseMatchRate);
        Assert.Equal(1, result.Roc[^1].FalseMatchRate);
        Assert.All(result.Roc.Zip(result.Roc.Skip(1)), p => Assert.True(
            p.First.FalseMatchRate <= p.Second.FalseMatchRate && p.First.FalseNonMatchRate >= p.Second.FalseNonMatchRate));
    }

    [Fact]
    public void Intervals_follow_the_seed_alone_and_cover_what_resampling_people_gives()
    {
        // 60 people of whom about a quarter of the pairs are in the wrong order: fifteen errors, enough for the bootstrap alone to say.
        var random = new Random(4);
        var probes = Enumerable.Range(0, 60).Select(i => new ScanIdentity($"{i}", "2")).ToArray();
        var gallery = Enumerable.Range(0, 60).Select(i => new ScanIdentity($"{i}", "1")).ToArray();
        var scores = new double[60, 60];
        for (var i = 0; i < 60; i++)
        {
            for (var j = 0; j < 60; j++)
            {
                scores[i, j] = random.NextDouble() + (i == j ? 0.3 : 0);
            }
        }

        var pairs = Pairs(probes, gallery, scores).ToList();
        var one = LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), new(400, 5), WorkOptions.SingleThread);
        var same = LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), new(400, 5), WorkOptions.AllProcessors);
        var other = LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), new(400, 6), WorkOptions.AllProcessors);

        Assert.Equal(one.Auc, same.Auc);
        Assert.Equal(one.Eer, same.Eer);
        Assert.NotEqual(one.Auc, other.Auc);

        // Another draw of 400 moves the ends of an interval by about a tenth of its width.
        Assert.Equal(one.Auc!.Lower, other.Auc!.Lower, (one.Auc.Upper - one.Auc.Lower) / 3);

        // Pairs share people, so an interval by pair (Hanley and McNeil 1982, equal to Mann and Whitney's variance) would be too narrow.
        Assert.True(one.Auc.Upper - one.Auc.Lower > 0.01);
    }

    [Fact]
    public void Few_errors_among_few_people_leave_much_open()
    {
        // 40 people, one of whom is second to a stranger: Clopper and Pearson's interval for 1 error of 40 is 0.0006 to 0.1316 (scipy.stats.beta).
        var probes = Enumerable.Range(0, 40).Select(i => new ScanIdentity($"{i}", "2")).ToArray();
        var gallery = Enumerable.Range(0, 40).Select(i => new ScanIdentity($"{i}", "1")).ToArray();
        var scores = new double[40, 40];
        for (var i = 0; i < 40; i++)
        {
            for (var j = 0; j < 40; j++)
            {
                scores[i, j] = i == j ? 0.9 - (0.001 * i) : 0.3 + (0.001 * (((i * 7) + (j * 13)) % 40));
            }
        }

        (scores[5, 5], scores[5, 6]) = (0.6, 0.7);
        var result = Evaluate(Pairs(probes, gallery, scores));

        Assert.Equal(39 / 40.0, result.Rank1!.Value, 1e-12);
        Assert.Equal(1 - 0.13158, result.Rank1.Lower, 1e-4);
        Assert.True(result.Rank1.Upper >= 1 - 0.00064, "the bootstrap reaches to 1");
        Assert.True(result.DPrime!.Lower < result.DPrime.Value && result.DPrime.Value < result.DPrime.Upper);
        Assert.Equal(40, result.GenuineQuantiles.Count);
        Assert.Equal(result.GenuineQuantiles.OrderDescending(), result.GenuineQuantiles);
    }

    [Fact]
    public void Every_pair_counts_once_and_a_scan_is_not_compared_with_itself()
    {
        ScanIdentity[] scans = [new("a", Path: "/1"), new("a", Path: "/2"), new("b", Path: "/3"), new("c", Path: "/4")];
        double[,] scores = { { 1, 0.9, 0.1, 0.2 }, { 0.8, 1, 0.2, 0.3 }, { 0.1, 0.2, 1, 0.4 }, { 0.2, 0.3, 0.4, 1 } };
        var set = ComparisonSet.From(ScoredPair.From(new MriLink.Core.Similarity.SimilarityMatrix(
            MriLink.Core.Similarity.SimilarityMeasures.Default, scans, scans, [.. scores.Cast<double>()])));

        Assert.Equal([0.85], set.GenuineScores.Select(s => Math.Round(s, 9)));
        Assert.Equal(5, set.ImpostorScores.Count);
        Assert.Equal(1, set.Completeness);
    }

    [Fact]
    public void A_list_that_is_cut_off_is_refused()
    {
        ScanIdentity[] gallery = [.. Enumerable.Range(0, 10).Select(i => new ScanIdentity($"{i}", "1"))];
        ScanIdentity[] probes = [.. Enumerable.Range(0, 10).Select(i => new ScanIdentity($"{i}", "2"))];
        var best = probes.SelectMany(
            (p, i) => new[] { new ScoredPair(p, gallery[i], "NCC", true, 0.9), new ScoredPair(p, gallery[(i + 1) % 10], "NCC", true, 0.5) });

        Assert.Contains("cut off", Assert.Throws<InvalidOperationException>(() => Evaluate(best)).Message, StringComparison.Ordinal);
        Assert.Contains("both kinds", Assert.Throws<InvalidOperationException>(() => Evaluate(best.Where((_, i) => i % 2 == 0))).Message,
            StringComparison.Ordinal);
    }

    private static LinkageEvaluation Evaluate(IEnumerable<ScoredPair> pairs) =>
        LinkageEvaluator.Evaluate(ComparisonSet.From(pairs), Quick, WorkOptions.AllProcessors);

    private static IEnumerable<ScoredPair> Pairs(ScanIdentity[] probes, ScanIdentity[] gallery, double[,] scores) =>
        from i in Enumerable.Range(0, probes.Length)
        from j in Enumerable.Range(0, gallery.Length)
        select new ScoredPair(probes[i], gallery[j], "NCC", true, scores[i, j]);
}
