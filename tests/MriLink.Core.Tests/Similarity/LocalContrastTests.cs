using MriLink.Core.Similarity;
using MriLink.Core.Similarity.Measures;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Similarity;

public sealed class LocalContrastTests
{
    private static readonly SimilarityMeasure Measure = SimilarityMeasures.Find("LocalNCC")!;

    // The definition, voxel by voxel in double precision, on a grid whose axes differ and a mask that touches its faces; with windows of three
    // voxels to either side and of more, by vectors of either width.
    [Theory]
    [InlineData(3, 1.5, 1, 2, 4)]
    [InlineData(3, 1.5, 3, 3, 3)]
    [InlineData(2, 1, 2, 2, 2)]
    [InlineData(2, 1, 1, 1, 0.4)]
    [InlineData(2, 0, 0.3, 2, 1)]
    public void Windows_are_as_wide_in_millimetres_along_every_axis(double sigma, double smoothing, double x, double y, double z)
    {
        var spacing = new Point3(x, y, z);
        var (volume, _) = Volume(3, spacing, i => i % 7 != 0 && i is < 900 or > 950);
        const double floor = 0.3;
        var contrast = new LocalContrast(sigma, smoothing, floor);

        // No window is narrower than a voxel.
        var expected = Definition(
            volume, (Math.Max(1, sigma / x), Math.Max(1, sigma / y), Math.Max(1, sigma / z)), (smoothing / x, smoothing / y, smoothing / z), floor);

        Check(Normalize<PlainLanes>(contrast, volume));
        if (WideLanes.IsSupported)
        {
            Check(Normalize<WideLanes>(contrast, volume));
        }

        void Check(float[] found)
        {
            for (var i = 0; i < expected.Length; i++)
            {
                // Values of order 1 over sums of some thousand floats; a kernel of another width, or one voxel off, changes the first digit.
                Assert.Equal(expected[i], found[i], 2e-4);
            }
        }
    }

    [Fact]
    public void Volumes_of_one_mask_share_it_and_are_normalised_alike()
    {
        var spacing = new Point3(2, 2, 2);
        Func<int, bool> inside = i => i % 11 != 0 && i > 700;
        var (alone, _) = Volume(7, spacing, inside);
        var before = Normalize<PlainLanes>(LocalContrast.Default, alone);
        var (other, _) = Volume(8, spacing, inside);
        var (again, _) = Volume(7, spacing, inside);
        var (different, _) = Volume(7, spacing, i => i % 11 != 1 && i > 700);

        Assert.Same(alone.Mask, other.Mask);
        Assert.True(alone.Mask.IsShared);
        Assert.NotSame(alone.Mask, different.Mask);

        // The weights are known by now; the first that asks computes them, the second takes them.
        _ = Normalize<PlainLanes>(LocalContrast.Default, other);
        Assert.Equal(before, Normalize<PlainLanes>(LocalContrast.Default, again));
    }

    [Fact]
    public void Normalised_values_may_take_the_place_of_intensities()
    {
        var (x, _) = Volume(4, new(2, 2, 2), i => i % 5 != 0);
        var expected = Normalize<PlainLanes>(LocalContrast.Default, x);
        var values = x.Image.Values.ToArray();

        LocalContrast.Default.Normalize<PlainLanes>(x.Mask, values, x.Image.Standardization, x.Geometry.Spacing, values);

        Assert.Equal(expected, values);
    }

    [Fact]
    public void Intensities_on_another_scale_give_the_same()
    {
        var (plain, values) = Volume(5, new(2, 2, 2), _ => true);
        var (scaled, _) = Volume(5, new(2, 2, 2), _ => true, v => 700 + (40 * v));
        Assert.NotEqual(values[0], scaled.Image.Values[0]);

        var (u, w) = (plain.Contrast(LocalContrast.Default).ToArray(), scaled.Contrast(LocalContrast.Default).ToArray());

        for (var i = 0; i < u.Length; i++)
        {
            // 700 and more in single precision leaves four to five digits of a variation of some tens.
            Assert.Equal(u[i], w[i], 1e-3);
        }
    }

    // Where more than half of the brain is flat, the median of s is zero.
    [Fact]
    public void A_brain_of_two_grey_levels_has_finite_values_and_flat_places_none()
    {
        var (x, _) = Volume(1, new(2, 2, 2), _ => true, v => v > 2.5 ? 1 : 0);

        var u = x.Contrast(LocalContrast.Default).ToArray();

        Assert.All(u, value => Assert.True(float.IsFinite(value)));
        Assert.True(u.Count(value => Math.Abs(value) < 0.05) > u.Length / 4);
        Assert.True(u.Max() > 1);
    }

    [Fact]
    public void A_volume_prepared_for_it_alone_keeps_no_intensities_and_scores_alike()
    {
        var (a, b) = (SimilarityFixtures.Preprocessed("p", "m3"), SimilarityFixtures.Preprocessed("q", "m4"));

        var (x, y) = (PreparedVolume.Prepare(a, [Measure]), PreparedVolume.Prepare(b, [Measure]));

        Assert.Equal(Score(PreparedVolume.Prepare(a), PreparedVolume.Prepare(b)), Score(x, y));
        var error = Assert.Throws<InvalidOperationException>(
            () => PairwiseScorer.Score(x, y, [SimilarityMeasures.Find("NCC")!], SimilarityOptions.Default));
        Assert.Contains("'p'", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(0, PreparedVolume.Prepare(a, [Measure, SimilarityMeasures.Find("NCC")!]).Image.Values.Length);
    }

    [Fact]
    public void Measures_with_other_parameters_are_not_mixed_up()
    {
        var (x, y) = (SimilarityFixtures.Prepare("p", "m3"), SimilarityFixtures.Prepare("q", "m4"));
        var wide = new LocalCorrelation(new(8, 0, 0.2));

        var both = PairwiseScorer.ScoreAll(
            [Measure, wide, new LocalCorrelation(LocalContrast.Default)], [x], [y], SimilarityOptions.Default, Core.Basics.WorkOptions.SingleThread);

        Assert.Equal(both[0][0, 0], both[2][0, 0]);
        Assert.NotEqual(both[0][0, 0], both[1][0, 0], 3);
    }

    private static float[] Normalize<T>(LocalContrast contrast, PreparedVolume x)
        where T : struct, ILanes<T>
    {
        var result = new float[x.VoxelCount];
        contrast.Normalize<T>(x.Mask, x.Image.Values, x.Image.Standardization, x.Geometry.Spacing, result);
        return result;
    }

    private static double Score(PreparedVolume x, PreparedVolume y) => PairwiseScorer.Score(x, y, [Measure], SimilarityOptions.Default)[0].Score;

    private static (PreparedVolume Prepared, float[] Values) Volume(
        int seed, Point3 spacing, Func<int, bool> inside, Func<double, double>? map = null)
    {
        var geometry = new VolumeGeometry(new(21, 17, 13), Affine.FromScale(spacing.X, spacing.Y, spacing.Z));
        var random = new Random(seed);
        var values = Enumerable.Range(0, (int)geometry.Size.Count).Select(i => Math.Sin(i * 0.05) + Math.Cos(i / 21 * 0.3) + random.NextDouble())
            .Select(v => (float)(map?.Invoke(v) ?? v)).ToArray();
        var mask = Enumerable.Range(0, values.Length).Select(inside).ToArray();
        return (PreparedVolume.Prepare(new($"{seed}"), new Volume(geometry, values), new Mask(geometry, mask)), values);
    }

    private static double[] Definition(PreparedVolume x, (double X, double Y, double Z) sigma, (double X, double Y, double Z) smoothing, double floor)
    {
        var size = x.Geometry.Size;
        var at = new List<(int X, int Y, int Z)>();
        for (var run = 0; run < x.Mask.RunCount; run++)
        {
            for (var i = x.Mask.Starts[run]; i < x.Mask.Starts[run] + x.Mask.Offsets[run + 1] - x.Mask.Offsets[run]; i++)
            {
                at.Add((i % size.X, i / size.X % size.Y, i / size.X / size.Y));
            }
        }

        var v = x.Image.Values.ToArray().Select(value => (value - (double)x.Image.Standardization.Shift) * x.Image.Standardization.Factor).ToArray();
        v = smoothing.X == 0 ? v : Windows(v, smoothing).Means;
        var (mean, deviation) = Windows(v, sigma);
        var median = deviation.Order().ElementAt((v.Length - 1) / 2);
        return [.. v.Select((value, i) => (value - mean[i]) / (deviation[i] + (floor * median)))];

        (double[] Means, double[] Deviations) Windows(double[] values, (double X, double Y, double Z) width)
        {
            var (means, deviations) = (new double[values.Length], new double[values.Length]);
            for (var i = 0; i < values.Length; i++)
            {
                double weights = 0, sums = 0, squares = 0;
                for (var j = 0; j < values.Length; j++)
                {
                    var weight = Weight(at[i].X - at[j].X, width.X) * Weight(at[i].Y - at[j].Y, width.Y) * Weight(at[i].Z - at[j].Z, width.Z);
                    (weights, sums, squares) = (weights + weight, sums + (weight * values[j]), squares + (weight * values[j] * values[j]));
                }

                means[i] = sums / weights;
                deviations[i] = Math.Sqrt(Math.Max(0, (squares / weights) - (means[i] * means[i])));
            }

            return (means, deviations);
        }
    }

    private static double Weight(int distance, double sigma) =>
        Math.Abs(distance) > Math.Max(1, Math.Ceiling(3 * sigma)) ? 0 : Math.Exp(-(distance * distance) / (2 * sigma * sigma));
}
