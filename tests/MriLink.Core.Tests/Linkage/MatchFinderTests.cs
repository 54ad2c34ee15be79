using MathNet.Numerics.Distributions;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Linkage;

public sealed class MatchFinderTests
{
    private static readonly SimilarityMeasure Ncc = SimilarityMeasures.Find("NCC")!;

    [Fact]
    public void Ranks_margins_and_a_plain_threshold()
    {
        ScanIdentity[] gallery = [new("a", "1"), new("a", "2"), new("b"), new("c")];
        var matches = MatchFinder.Find(
            new[,] { { 0.7, 0.9, 0.6, double.NaN } }, Ncc, [new("p")], gallery, new() { Top = 4, Threshold = 0.65 });

        Assert.Equal([gallery[1], gallery[0], gallery[2]], matches.Select(m => m.Gallery));
        Assert.Equal([1, 2, 3], matches.Select(m => m.Rank));
        Assert.Equal([true, true, false], matches.Select(m => m.IsMatch));

        // The next best under another label is b, for both scans of a.
        Assert.Equal([0.3, 0.1], matches.Take(2).Select(m => Math.Round(m.Margin, 9)));
        Assert.Equal(double.NaN, matches[2].Margin);
        Assert.All(matches, m => Assert.Equal("Threshold: NCC >= 0.65", m.DecidingRule));
    }

    [Fact]
    public void A_learnt_threshold_fills_the_probability_and_belongs_to_its_measure()
    {
        var threshold = ThresholdEstimator.Estimate([0.9, 0.92, 0.95, 0.88], [0.4, 0.45, 0.5, 0.6], new() { Measure = Ncc, Prior = 0.01 });
        var match = MatchFinder.Find(new[,] { { 0.93, 0.5 } }, Ncc, [new("p")], [new("a"), new("b")], new() { Threshold = threshold }).Single();

        Assert.True(match.IsMatch);
        Assert.Equal(threshold.Probability(0.93), match.Probability);
        Assert.Contains("GapMidpoint, prior 0.01", match.DecidingRule, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MatchFinder.Find(
            new[,] { { 0.93 } }, SimilarityMeasures.Find("MI")!, [new("p")], [new("a")], new() { Threshold = threshold }));
    }

    [Theory]
    [InlineData(10, 1.0)]
    [InlineData(60, 1.0)]
    [InlineData(60, 0.0)]
    public void Mates_are_found_and_strangers_are_not(int people, double mated)
    {
        var audit = Audit.Draw(people, people, mated, distance: 12, seed: people);
        var matches = MatchFinder.Find(audit.Scores, Ncc, audit.Probes, audit.Gallery, new() { FalseDiscoveryRate = 0.01 });

        // Mates lie 12 standard deviations out and strangers do not: a link that is missing or false is a fault of the rule, not of chance.
        Assert.Equal((int)(people * mated), matches.Count(m => m.IsMatch == true));
        Assert.All(matches.Where(m => m.IsMatch == true), m => Assert.Equal(m.ProbeParticipant, m.GalleryParticipant));
        Assert.All(matches, m => Assert.InRange(m.Probability, m.IsMatch == true ? 0.9 : 0, m.IsMatch == true ? 1 - 1e-9 : 0.9));
        Assert.All(matches, m => Assert.StartsWith("ImpostorTail: false discovery rate 0.01", m.DecidingRule, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(60)]
    public void P_values_of_strangers_are_uniform_or_larger(int people)
    {
        // All probes without a mate, many audits: the share of probes with p <= level is at most level (but for chance: binomial, 4 sigma).
        const int Audits = 40;
        var pValues = Enumerable.Range(0, Audits)
            .Select(seed => Audit.Draw(people, people, 0, 0, seed))
            .SelectMany(audit => MatchFinder.Find(audit.Scores, Ncc, audit.Probes, audit.Gallery, new()).Select(m => m.PValue))
            .ToList();
        foreach (var level in new[] { 0.01, 0.05, 0.2 })
        {
            var expected = level * pValues.Count;
            Assert.InRange(pValues.Count(p => p <= level), 0, expected + (4 * Math.Sqrt(expected)));
        }
    }

    [Fact]
    public void A_link_far_below_the_others_is_remarked_upon()
    {
        // Mates 30 errors out; one stranger's sibling is 10 errors out: a link by any rule about strangers, and not like the others.
        var audit = Audit.Draw(30, 30, 0.5, distance: 30, seed: 8);
        audit.Scores[20, 3] = Math.Tanh(0.6 + (0.03 * 10));
        var links = MatchFinder.Find(audit.Scores, Ncc, audit.Probes, audit.Gallery, new()).Where(m => m.IsMatch == true).ToList();

        Assert.Equal(16, links.Count);
        Assert.Equal("stranger 20", Assert.Single(links, m => m.Remark is not null).ProbeParticipant);
    }

    [Fact]
    public void Several_scans_of_one_gallery_person_do_not_hide_each_other()
    {
        // Six scans each of ten people: a probe's other five genuine scans must not count as impostors.
        var audit = Audit.Draw(10, 60, 1, distance: 10, seed: 4, scansPerPerson: 6);
        var matches = MatchFinder.Find(audit.Scores, Ncc, audit.Probes, audit.Gallery, new() { FalseDiscoveryRate = 0.01 });

        Assert.All(matches, m => Assert.True(m.IsMatch));
    }

    [Fact]
    public void A_false_match_rate_holds_for_pairs_known_or_estimated()
    {
        var audit = Audit.Draw(60, 60, 0, 0, seed: 9);
        var known = Audit.Draw(100, 100, 0, 0, seed: 10).Scores.Cast<double>().ToArray();

        // 3600 impostor pairs, listed in full: 36 matches are expected, give or take 6.
        foreach (var options in new MatchOptions[] { new() { Top = 60, FalseMatchRate = 0.01 },
            new() { Top = 60, FalseMatchRate = 0.01, ImpostorScores = known } })
        {
            var matches = MatchFinder.Find(audit.Scores, Ncc, audit.Probes, audit.Gallery, options);
            Assert.InRange(matches.Count(m => m.IsMatch == true), 12, 60);
            Assert.All(matches, m => Assert.StartsWith("FalseMatchRate: 0.01 ", m.DecidingRule, StringComparison.Ordinal));
            Assert.All(matches, m => Assert.False(double.IsNaN(m.Probability)));
        }
    }

    [Fact]
    public void One_to_one_gives_each_gallery_scan_once_and_says_who_went_without()
    {
        // Both probes like a best; p has b as nearly as good, q has nothing else.
        double[,] scores = { { 0.9, 0.85 }, { 0.8, 0.1 }, { 0.2, 0.15 } };
        var matches = MatchFinder.Find(
            scores, Ncc, [new("p"), new("q"), new("r")], [new("a"), new("b")], new() { OneToOne = true, Threshold = 0.1 });

        Assert.Equal(["b", "a", "a"], matches.Select(m => m.GalleryParticipant));
        Assert.Equal([2, 1, 1], matches.Select(m => m.Rank));
        Assert.Equal([true, true, false], matches.Select(m => m.IsMatch));
        Assert.Equal("Threshold: NCC >= 0.1, one to one", matches[0].DecidingRule);
        Assert.EndsWith("go to other probes", matches[2].DecidingRule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CohortNormalization.ZNorm)]
    [InlineData(CohortNormalization.TNorm)]
    [InlineData(CohortNormalization.SNorm)]
    public void Normalised_scores_do_not_know_easy_and_hard_scans(CohortNormalization mode)
    {
        var audit = Audit.Draw(20, 30, 0.5, distance: 15, seed: 2);
        var shifted = (double[,])audit.Scores.Clone();
        for (var i = 0; i < 20; i++)
        {
            for (var j = 0; j < 30; j++)
            {
                // On Fisher's z: gallery scans shifted and stretched for z-norm, probes for t-norm, probes and gallery shifted alike for s-norm.
                var z = Math.Atanh(audit.Scores[i, j]);
                shifted[i, j] = Math.Tanh(mode switch
                {
                    CohortNormalization.ZNorm => (z * (1 + (0.05 * (j % 3)))) + (0.02 * (j % 5)),
                    CohortNormalization.TNorm => (z * (1 + (0.05 * (i % 3)))) + (0.02 * (i % 5)),
                    _ => z + 0.1,
                });
            }
        }

        var options = new MatchOptions { Normalization = mode, Top = 30, Threshold = 6 };
        var plain = MatchFinder.Find(audit.Scores, Ncc, audit.Probes, audit.Gallery, options);
        var other = MatchFinder.Find(shifted, Ncc, audit.Probes, audit.Gallery, options);

        // Affine changes per scan cancel but for rounding of the scores.
        Assert.Equal(plain.Select(m => m.GalleryParticipant), other.Select(m => m.GalleryParticipant));
        Assert.All(plain.Zip(other), pair => Assert.Equal(pair.First.NormalizedScore!.Value, pair.Second.NormalizedScore!.Value, 1e-6));
        Assert.Equal(10, plain.Count(m => m.IsMatch == true));
        Assert.All(plain, m => Assert.Equal(mode.ToString(), m.Normalization));
        Assert.Contains("10 gallery scans", Assert.Throws<InvalidOperationException>(() => MatchFinder.Find(
            new[,] { { 0.1, 0.2 } }, Ncc, [new("p")], [new("a"), new("b")], new() { Normalization = CohortNormalization.TNorm })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_is_not_its_own_match()
    {
        ScanIdentity[] scans = [new("a", Path: "/1.nii"), new("b", Path: "/2.nii")];
        var matches = MatchFinder.Find(new[,] { { 1.0, 0.3 }, { 0.3, 1.0 } }, Ncc, scans, [scans[0], scans[1] with { }], new() { Threshold = 0.9 });

        Assert.Equal(["b", "a"], matches.Select(m => m.GalleryParticipant));
        Assert.All(matches, m => Assert.False(m.IsMatch));
    }

    /// <summary>Scores on Fisher's z: an ease per scan plus a normal error, and mates a distance further out.</summary>
    private sealed record Audit(double[,] Scores, ScanIdentity[] Probes, ScanIdentity[] Gallery)
    {
        public static Audit Draw(int probes, int gallery, double mated, double distance, int seed, int scansPerPerson = 1)
        {
            const double Deviation = 0.03;
            var random = new Random(seed);
            double Draw() => Normal.Sample(random, 0, 1);
            var ease = Enumerable.Range(0, probes + gallery).Select(_ => 0.5 * Draw()).ToArray();
            var scores = new double[probes, gallery];
            for (var i = 0; i < probes; i++)
            {
                for (var j = 0; j < gallery; j++)
                {
                    var mate = i < probes * mated && j / scansPerPerson == i;
                    scores[i, j] = Math.Tanh(0.6 + (Deviation * (Draw() + ease[i] + ease[probes + j] + (mate ? distance : 0))));
                }
            }

            return new(
                scores,
                [.. Enumerable.Range(0, probes).Select(i => new ScanIdentity(i < probes * mated ? $"{i}" : $"stranger {i}", "2"))],
                [.. Enumerable.Range(0, gallery).Select(j => new ScanIdentity($"{j / scansPerPerson}", $"1-{j}"))]);
        }
    }
}
