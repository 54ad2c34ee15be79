using CsCheck;
using MathNet.Numerics.Statistics;
using MriLink.Core.Linkage;

namespace MriLink.Core.Tests.Linkage;

/// <summary>The pieces of statistics against R, scipy, MathNet and published examples.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void Bandwidths_are_those_of_R()
    {
        foreach (var (sample, silverman, sheatherJones) in LinkageFixtures.Bandwidths)
        {
            var sorted = sample.Order().ToArray();

            // The same formula in doubles.
            Assert.Equal(silverman, Bandwidth.Of(sorted, BandwidthRule.Silverman), 1e-12);

            // Both take distances between 1000 bins, which R lays out somewhat differently: rounding to a bin moves a width of some 50 bins by
            // a few parts in a thousand.
            Assert.Equal(1, Bandwidth.Of(sorted, BandwidthRule.SheatherJones) / sheatherJones, 5e-3);
        }
    }

    [Fact]
    public void Equal_scores_have_a_width_all_the_same()
    {
        Assert.All(Enum.GetValues<BandwidthRule>(), rule => Assert.InRange(Bandwidth.Of([0.5, 0.5, 0.5], rule), double.Epsilon, 0.1));
    }

    [Fact]
    public void Densities_are_MathNets()
    {
        var sample = LinkageFixtures.Bandwidths.First().Sample.Order().ToArray();
        var density = new ScoreDensity(sample, BandwidthRule.SheatherJones);

        foreach (var x in new[] { 0.0, 10, 33.3, 67, 80 })
        {
            Assert.Equal(1, Math.Exp(density.Log(x)) / KernelDensity.EstimateGaussian(x, density.Width, sample), 1e-9);
        }

        // 400 kernels away MathNet's sum of exponentials is 0; the logarithm follows the nearest value's parabola.
        var far = sample[^1] + (400 * density.Width);
        Assert.Equal(0, KernelDensity.EstimateGaussian(far, density.Width, sample));
        Assert.InRange(density.Log(far), -80_010, -79_990);
    }

    [Fact]
    public void A_large_sample_is_binned_without_harm()
    {
        var random = new Random(3);
        var sample = Enumerable.Range(0, 20_000).Select(_ => MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1)).Order().ToArray();
        var density = new ScoreDensity(sample, BandwidthRule.Silverman);

        // A bin is 8/4096 wide and the kernel 0.12: linear binning errs by (bin / width)² / 8, some 3e-5.
        foreach (var x in new[] { -3.0, -1, 0.1, 2.5 })
        {
            Assert.Equal(1, Math.Exp(density.Log(x)) / KernelDensity.EstimateGaussian(x, density.Width, sample), 1e-3);
        }

        Assert.Equal(1, density.Below(0.7) + density.Above(0.7), 1e-12);
    }

    [Fact]
    public void Tails_are_those_of_scipys_integration()
    {
        foreach (var (excesses, shape, above) in LinkageFixtures.Tails)
        {
            // scipy's density, summed over a fine grid of shapes and scales; ours is coarser and goes out to four deviations. 400 values come
            // with a tail of one value in 401 beside, which the fixture has too.
            var tail = ParetoPosterior.Fit(10, excesses, [], 1, 1);
            Assert.Equal(shape, tail.Shape, 0.002);
            foreach (var (excess, part) in above)
            {
                Assert.Equal(1, tail.Above(10 + excess) / part, 0.02);
                Assert.Equal(1, (tail.Quantile(tail.Above(10 + excess)) - 10) / excess, 1e-6);
            }

            Assert.True(tail.Above(1e6) > 0, "nothing is impossible");
        }
    }

    [Fact]
    public void Censored_excesses_make_up_for_what_was_cut_off()
    {
        // An exponential tail in groups of five; of each group the largest is known only to exceed the next.
        var random = new Random(11);
        var excesses = new List<double>();
        var censored = new List<double>();
        for (var group = 0; group < 200; group++)
        {
            var values = Enumerable.Range(0, 5).Select(_ => -Math.Log(1 - random.NextDouble())).Order().ToArray();
            excesses.AddRange(values[..^1]);
            censored.Add(values[^2]);
        }

        var whole = ParetoPosterior.Fit(0, [.. excesses], [.. censored], 1, 1);
        var cut = ParetoPosterior.Fit(0, [.. excesses], [], 1, 1);

        // Truth: shape 0, scale 1, so one in 1000 exceeds 6.9. 1000 values know scale and shape to 0.05 each.
        Assert.Equal(0, whole.Shape, 0.1);
        Assert.Equal(1, whole.Scale, 0.1);
        Assert.True(cut.Quantile(1e-3) < 0.8 * whole.Quantile(1e-3), "what was cut off is missed");
    }

    [Fact]
    public void Benjamini_and_Hochbergs_own_example_gives_their_four_discoveries()
    {
        // Benjamini & Hochberg 1995, section 4: fifteen hypotheses of the thrombolysis trial, at 0.05.
        double[] p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000];

        Assert.Equal(0.05 * 4 / 15, FalseDiscovery.Limit(p, 0.05), 1e-15);
        Assert.Equal(4, p.Count(value => value <= FalseDiscovery.Limit(p, 0.05)));
        Assert.Equal(-1, FalseDiscovery.Limit([0.2, 0.5], 0.05));
    }

    [Fact]
    public void Local_rates_rise_with_p_and_stay_below_one()
    {
        Gen.Double[0, 1].Array[1, 60].Sample(p =>
        {
            var rates = FalseDiscovery.Local(p);
            var at = Enumerable.Range(0, 101).Select(i => rates.At(i / 100.0)).ToArray();
            Assert.All(at, rate => Assert.InRange(rate, 0, 1));
            Assert.Equal(at.Order(), at);
        });

        // Half the probes far out, half spread evenly: far out hardly any is false, in the middle nearly all are.
        var half = FalseDiscovery.Local([.. Enumerable.Repeat(1e-9, 50), .. Enumerable.Range(0, 50).Select(i => (i + 0.5) / 50)]);
        Assert.InRange(half.At(1e-9), 0, 1e-6);
        Assert.InRange(half.At(0.5), 0.9, 1);
    }

    [Fact]
    public void Assignments_are_as_good_as_scipys()
    {
        foreach (var expected in LinkageFixtures.Assignments)
        {
            var columns = OptimalAssignment.Maximize(expected.Values);
            var pairs = columns.Select((column, row) => (Row: row, Column: column)).Where(p => p.Column >= 0).ToList();

            Assert.Equal(expected.Pairs, pairs.Count);
            Assert.Equal(pairs.Count, pairs.Select(p => p.Column).Distinct().Count());
            Assert.Equal(expected.Total, pairs.Sum(p => expected.Values[p.Row, p.Column]), 1e-9);
        }
    }

    [Fact]
    public void An_assignment_beats_every_permutation()
    {
        Gen.Double[-1, 1].Array[25].Sample(v =>
        {
            var values = new double[5, 5];
            Buffer.BlockCopy(v, 0, values, 0, 25 * sizeof(double));
            var chosen = OptimalAssignment.Maximize(values);
            var total = chosen.Select((column, row) => values[row, column]).Sum();
            Assert.Equal(Permutations([0, 1, 2, 3, 4]).Max(p => p.Select((column, row) => values[row, column]).Sum()), total, 1e-12);
        });

        static IEnumerable<int[]> Permutations(int[] items) => items.Length == 1
            ? [items]
            : items.SelectMany(first => Permutations([.. items.Where(i => i != first)]).Select(rest => (int[])[first, .. rest]));
    }

    [Fact]
    public void With_nothing_to_assign_nothing_is_assigned()
    {
        Assert.Equal([-1, -1], OptimalAssignment.Maximize(new[,] { { double.NaN }, { double.NaN } }));
        Assert.Empty(OptimalAssignment.Maximize(new double[0, 3]));
    }
}
