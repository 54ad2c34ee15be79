using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Linkage;

/// <summary>Groups of scans whose strangers score more among themselves, found without names; what only looks like them is none.</summary>
public sealed class GroupEffectsTests
{
    private const int Draws = 20;

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    public void A_second_site_is_found_and_taken_off(double shift)
    {
        for (var seed = 1; seed <= Draws; seed++)
        {
            // Every second row and every third column is of the second site; medians leave half of it above and half below.
            var values = Draw(seed, 48, 97, (random, i, j) => Normal.Sample(random, 0, 1) + (shift * ((i % 2) - 0.5) * (j % 3 == 0 ? 1 : 0)));
            var groups = GroupEffects.Find(values, Candidates(48, 97, scansEach: 1));

            Assert.NotNull(groups);
            var (before, after) = (0.0, 0.0);
            for (var j = 0; j < 97; j += 3)
            {
                var column = j;
                var effects = groups.OfColumn(i => values[i, column]);
                before += Enumerable.Range(0, 48).Sum(i => ((2 * (i % 2)) - 1) * values[i, column]) / 48;
                after += Enumerable.Range(0, 48).Sum(i => ((2 * (i % 2)) - 1) * (values[i, column] - effects[i])) / 48;
            }

            // A tenth may stay: the last step that noise hides.
            Assert.InRange(after / before, -0.1, 0.1);
        }
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("heavy tails")]
    [InlineData("uneven rows")]
    [InlineData("poor scans")]
    [InlineData("mates")]
    [InlineData("several scans")]
    [InlineData("normal", 12, 12)]
    [InlineData("heavy tails", 12, 12)]
    [InlineData("mates", 12, 12)]
    [InlineData("heavy tails", 300, 300)]
    [InlineData("poor scans", 300, 300)]
    public void What_is_no_group_is_left_alone(string kind, int rows = 60, int columns = 100)
    {
        var scansEach = kind is "several scans" ? 4 : 1;
        for (var seed = 1; seed <= Draws; seed++)
        {
            var alike = new double[rows, columns];
            var size = new double[rows];
            var values = Draw(seed, rows, columns, (random, i, j) =>
            {
                var error = Normal.Sample(random, 0, 1);
                size[i] = j == 0 ? Math.Exp(0.25 * error) : size[i];
                alike[i, j] = j % scansEach == 0 ? error : alike[i, j - 1];
                return kind switch
                {
                    "heavy tails" => StudentT.Sample(random, 0, 1, 5),
                    "uneven rows" => size[i] * error,
                    "poor scans" => (i >= 0.9 * rows || j >= 0.9 * columns ? 3 : 1) * error,
                    "mates" => error + (i == j ? 15 : 0),
                    "several scans" => (Math.Sqrt(0.7) * alike[i, j]) + (Math.Sqrt(0.3) * Normal.Sample(random, 0, 1)) + (i == j / 4 ? 15 : 0),
                    _ => error,
                };
            });

            Assert.Null(GroupEffects.Find(values, Candidates(rows, columns, scansEach)));
        }
    }

    [Theory]
    [InlineData(4, 6)]
    [InlineData(5, 5)]
    [InlineData(9, 6)]
    [InlineData(12, 12)]
    public void A_small_site_is_found_and_taken_off(int scans, double shift)
    {
        for (var seed = 1; seed <= Draws; seed++)
        {
            var values = Draw(seed, 48, 97, (random, i, j) => Normal.Sample(random, 0, 1) + (i < scans && j < scans ? shift : 0));
            var groups = GroupEffects.Find(values, Candidates(48, 97, scansEach: 1));

            Assert.NotNull(groups);
            Assert.True(groups.Levels);
            for (var j = 0; j < 97; j++)
            {
                var column = j;
                var effects = groups.OfColumn(i => values[i, column]);

                // The median of nine noisy pairs, at the least, has an error of 0.4; each probe's best pair is left out of it.
                Assert.All(effects.Skip(scans), e => Assert.Equal(0, e));
                Assert.All(effects.Take(scans), e => Assert.InRange(e - (j < scans ? shift : 0), -1.5, 1.5));
            }
        }
    }

    [Fact]
    public void One_persons_files_under_nine_labels_are_no_strangers_and_not_levelled()
    {
        for (var seed = 1; seed <= Draws; seed++)
        {
            var values = Draw(seed, 60, 100, (random, i, j) => Normal.Sample(random, 0, 1) + (i >= 51 && j >= 91 ? 15 : 0));
            var groups = GroupEffects.Find(values, Candidates(60, 100, scansEach: 1));

            Assert.NotNull(groups);
            Assert.False(groups.Levels);
            for (var j = 0; j < 100; j++)
            {
                var column = j;
                Assert.Equal(j < 91 ? [] : Enumerable.Range(51, 9), groups.AsOnePerson(i => values[i, column]));
            }
        }
    }

    [Fact]
    public void Few_scans_show_no_groups()
    {
        var values = Draw(1, 9, 60, (random, i, j) => Normal.Sample(random, 0, 1) + (10 * ((i % 2) - 0.5) * (j % 2)));

        Assert.Null(GroupEffects.Find(values, Candidates(9, 60, scansEach: 1)));
    }

    private static double[,] Draw(int seed, int rows, int columns, Func<Random, int, int, double> value)
    {
        var random = new MersenneTwister(seed);
        var values = new double[rows, columns];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                values[i, j] = value(random, i, j);
            }
        }

        return values;
    }

    private static CandidatePairs Candidates(int rows, int columns, int scansEach) => new(
        new double[rows, columns],
        [.. Enumerable.Range(0, rows).Select(i => new ScanIdentity($"p{i}"))],
        [.. Enumerable.Range(0, columns).Select(j => new ScanIdentity($"g{j / scansEach}"))]);
}
