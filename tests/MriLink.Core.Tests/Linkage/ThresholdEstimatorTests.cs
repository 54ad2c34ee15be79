using MathNet.Numerics.Distributions;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;

namespace MriLink.Core.Tests.Linkage;

public sealed class ThresholdEstimatorTests
{
    private static readonly SimilarityMeasure Ncc = SimilarityMeasures.Find("NCC")!;

    [Fact]
    public void Equal_normals_cross_in_the_middle_and_a_prior_moves_the_crossing_as_it_should()
    {
        // Normal(0, 1) and Normal(3, 1): log odds are 3x − 4.5 + log(prior odds).
        var (impostor, genuine) = (Spread(0, 1, 4000), Spread(3, 1, 4000));
        foreach (var prior in new[] { 0.5, 0.1, 0.01 })
        {
            var threshold = ThresholdEstimator.Estimate(genuine, impostor, new() { Prior = prior });
            var expected = (4.5 + Math.Log((1 - prior) / prior)) / 3;

            // A kernel of width h widens the variance by h²: with h about 0.17 by 3 %, and the crossing's slope by as much.
            Assert.Equal(expected, threshold.Threshold, 0.1);
            Assert.Equal(nameof(ThresholdRule.DensityCrossing), threshold.Rule);
            Assert.True(threshold.HasOverlap);
            Assert.Null(threshold.Gap);
            Assert.Equal(0.5, threshold.Probability(threshold.Threshold)!.Value, 0.02);
            Assert.Equal(1 - Normal.CDF(0, 1, expected), threshold.FalseMatchRate!.Value, 0.02);
            Assert.Equal(Normal.CDF(3, 1, expected), threshold.FalseNonMatchRate!.Value, 0.05);
            foreach (var x in new[] { 0.5, 1.0, 2.0, 2.5 })
            {
                var logOdds = (3 * x) - 4.5 + Math.Log(prior / (1 - prior));
                Assert.Equal(1 / (1 + Math.Exp(-logOdds)), threshold.Probability(x)!.Value, 0.05);
            }
        }
    }

    [Theory]
    [InlineData(BandwidthRule.SheatherJones)]
    [InlineData(BandwidthRule.Silverman)]
    public void Without_overlap_the_threshold_is_the_middle_of_the_gap_and_that_is_said(BandwidthRule rule)
    {
        var threshold = ThresholdEstimator.Estimate([0.9, 0.92, 0.95], [0.4, 0.45, 0.5, 0.6, 0.42], new() { Measure = Ncc, BandwidthRule = rule });

        Assert.Equal(nameof(ThresholdRule.GapMidpoint), threshold.Rule);
        Assert.False(threshold.HasOverlap);
        Assert.Equal(0.3, threshold.Gap!.Value, 1e-9);
        Assert.Equal(0.75, threshold.Threshold, 1e-9);
        Assert.Equal(3.0 / 8, threshold.Prior!.Value, 1e-12);
        Assert.Contains(threshold.Notes, n => n.Contains("do not overlap", StringComparison.Ordinal));
        Assert.Contains(threshold.Notes, n => n.Contains("Only 3 genuine", StringComparison.Ordinal));
    }

    [Fact]
    public void Probabilities_never_fall_with_the_score_and_never_claim_more_than_the_samples_show()
    {
        // A wide kernel of impostors would win far above both samples if one let it.
        var threshold = ThresholdEstimator.Estimate(Spread(0.8, 0.01, 30), Spread(0.4, 0.15, 60), new() { Measure = Ncc, Prior = 0.5 });
        var at = Enumerable.Range(-99, 199).Select(i => threshold.Probability(i / 100.0)!.Value).ToArray();

        Assert.Equal(at.Order(), at);
        Assert.InRange(at[0], 1e-6, 0.05);
        Assert.InRange(at[^1], 0.95, 1 - 1e-6);
    }

    [Fact]
    public void Errors_count_the_other_way_round()
    {
        var mse = SimilarityMeasures.Find("MSE")!;
        var threshold = ThresholdEstimator.Estimate([0.2, 0.3, 0.25], [0.9, 1.1, 1, 1.2], new() { Measure = mse });

        Assert.Equal(0.6, threshold.Threshold, 1e-9);
        Assert.Equal("MSE <= 0.6", threshold.ToString());
        Assert.True(threshold.Probability(0.2) > threshold.Probability(1.1));

        var nameless = ThresholdEstimator.Estimate([0.2, 0.3, 0.25], [0.9, 1.1, 1, 1.2], new() { HigherIsBetter = false });
        Assert.Equal(0.6, nameless.Threshold, 1e-9);
        Assert.True(nameless.Probability(0.2) > nameless.Probability(1.1));
    }

    [Fact]
    public void A_false_match_rate_is_counted_where_there_are_enough_impostors_and_extrapolated_where_not()
    {
        var impostor = Spread(0, 1, 10_000);
        var counted = ThresholdEstimator.Estimate([], impostor, new() { FalseMatchRate = 0.01 });
        Assert.Equal(Normal.InvCDF(0, 1, 0.99), counted.Threshold, 0.01);
        Assert.Equal(100, impostor.Count(s => s >= counted.Threshold));
        Assert.Null(counted.Probability(3));
        Assert.Empty(counted.Notes);

        // The exponential tail that is the lightest allowed lies somewhat above the normal's.
        var beyond = ThresholdEstimator.Estimate([], impostor, new() { FalseMatchRate = 1e-5 });
        Assert.InRange(beyond.Threshold, Normal.InvCDF(0, 1, 1 - 1e-5), Normal.InvCDF(0, 1, 1 - 1e-7) + 1.5);
        Assert.Contains(beyond.Notes, n => n.Contains("extrapolated", StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => ThresholdEstimator.Estimate([], impostor[..20], new() { FalseMatchRate = 1e-5 }));
    }

    [Fact]
    public void Scores_that_tell_nothing_are_refused_with_the_reason()
    {
        Assert.Contains("genuine", Assert.Throws<ArgumentException>(() => ThresholdEstimator.Estimate([1, 2], [0, 0.1, 0.2], new())).Message,
            StringComparison.Ordinal);
        Assert.Contains("finite",
            Assert.Throws<ArgumentException>(() => ThresholdEstimator.Estimate([1, 2, double.NaN], [0, 0.1, 0.2], new())).Message,
            StringComparison.Ordinal);
        Assert.Contains("no better",
            Assert.Throws<InvalidOperationException>(() => ThresholdEstimator.Estimate([0, 0.1, 0.2], [1, 2, 3], new())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "do not cross",
            Assert.Throws<InvalidOperationException>(
                () => ThresholdEstimator.Estimate(Spread(0.2, 1, 50), Spread(0, 1, 50), new() { Prior = 1 - 1e-9 })).Message,
            StringComparison.Ordinal);
    }

    // Quantiles of a normal distribution: a sample without chance.
    private static double[] Spread(double mean, double deviation, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Normal.InvCDF(mean, deviation, (i + 0.5) / count))];
}
