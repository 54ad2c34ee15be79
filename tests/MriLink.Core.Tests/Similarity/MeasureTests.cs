using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Similarity;

public sealed class MeasureTests
{
    public static TheoryData<string> Names => [.. SimilarityMeasures.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Scores_agree_with_scikit_image_scipy_and_numpy(string name)
    {
        var measure = SimilarityMeasures.Find(name)!;
        var compared = 0;
        foreach (var expected in SimilarityFixtures.Cases.Where(c => c.Scores.ContainsKey(name)))
        {
            var score = Single(expected.First, expected.Second, measure, expected.Options);

            // Scores of order 1 from float voxels (relative rounding 6e-8) over windows of up to 1331 voxels or sums of 1e5: 2e-5 is some
            // hundred roundings. A shifted window, a bin off by one or a mask ignored changes the third digit or the second.
            // Decibels and errors are larger numbers; the tolerance is relative to them.
            var tolerance = 2e-5 * Math.Max(1, Math.Abs(expected.Scores[name]));
            Assert.True(Math.Abs(score.Score - expected.Scores[name]) <= tolerance,
                $"{expected}: {name} is {score.Score}, not {expected.Scores[name]}");
            Assert.InRange(score.Score, measure.Minimum, measure.Maximum);
            Assert.Equal(expected.JointVoxels, score.JointVoxels);
            Assert.Equal(expected.Dice, score.Dice, 12);
            compared++;
        }

        // The random pairs alone are twenty.
        Assert.True(compared >= 20, $"only {compared} cases know {name}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_volume_is_most_like_itself_and_order_matters_only_where_said(string name)
    {
        var measure = SimilarityMeasures.Find(name)!;
        var a = SimilarityFixtures.Prepare("p", "m3");
        var b = SimilarityFixtures.Prepare("q", "m4");

        var self = Single(a, a, measure).Score;
        var other = Single(a, b, measure).Score;
        var swapped = Single(b, a, measure).Score;

        Assert.True(measure.IsAtLeastAsGood(self, other) && self != other, $"{name}: {self} with itself, {other} with another");
        if (measure.IsSymmetric)
        {
            // The same sums, some in another order.
            Assert.Equal(other, swapped, 6);
        }
        else
        {
            Assert.NotEqual(other, swapped, 4);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_lies_outside_the_joint_mask_never_counts(string name)
    {
        // Beyond the masks, other voxels altogether: the score is the same to the last bit.
        var measure = SimilarityMeasures.Find(name)!;
        var x = SimilarityFixtures.Preprocessed("p", "m3");
        var y = SimilarityFixtures.Preprocessed("q", "m4");
        var before = Single(PreparedVolume.Prepare(x), PreparedVolume.Prepare(y), measure).Score;
        var voxels = (float[])x.ReadVoxels().Voxels.Clone();
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = x.BrainMask.Voxels[i] ? voxels[i] : 1000 * (i % 7);
        }

        var changed = TestVolume.Preprocessed(x.Identity, new(x.Geometry, voxels), x.BrainMask);

        Assert.Equal(before, Single(PreparedVolume.Prepare(changed), PreparedVolume.Prepare(y), measure).Score);
    }

    [Theory]
    [InlineData("NCC")]
    [InlineData("LocalNCC")]
    [InlineData("LNCC")]
    [InlineData("NMI")]
    [InlineData("SSIM")]
    [InlineData("GMSD")]
    public void A_common_offset_and_scale_of_raw_intensities_changes_nothing_that_should_not(string name)
    {
        // SSIM's luminance term sees an offset, so only the scale is applied there; L follows by itself.
        var measure = SimilarityMeasures.Find(name)!;
        var offset = string.Equals(name, "SSIM", StringComparison.Ordinal) ? 0f : 20000f;
        var before = Single(SimilarityFixtures.Prepare("p", "m3"), SimilarityFixtures.Prepare("q", "m4"), measure).Score;

        var after = Single(Rescaled("p", "m3", 700, offset), Rescaled("q", "m4", 700, offset), measure).Score;

        // 20000 with a spread of 700 keeps 4 to 5 digits of a float's 7 after the offset.
        Assert.Equal(before, after, 3);
    }

    [Fact]
    public void A_shift_by_one_voxel_costs_similarity_under_every_measure_that_looks_at_places()
    {
        var volume = SimilarityFixtures.Preprocessed("p", "m3");
        var voxels = volume.ReadVoxels().Voxels;
        var moved = TestVolume.Preprocessed(new("moved"), new(volume.Geometry, [.. voxels.Skip(1), voxels[0]]), volume.BrainMask);
        var x = PreparedVolume.Prepare(volume);
        var y = PreparedVolume.Prepare(moved);

        foreach (var measure in SimilarityMeasures.All.Where(m => !IsMarginal(m)))
        {
            var self = Single(x, x, measure).Score;
            var score = Single(x, y, measure).Score;
            Assert.True(measure.IsAtLeastAsGood(self, score) && self != score, measure.Name);
        }
    }

    [Fact]
    public void The_top_of_the_range_falls_into_the_last_bin()
    {
        var indices = new byte[5];

        Core.Similarity.Histogram.Index([0f, 0.24999f, 0.25f, 1f, 7f], 0, 1, 4, indices);

        Assert.Equal<byte>([0, 0, 1, 3, 3], indices);
    }

    [Fact]
    public void A_volume_that_is_not_preprocessed_is_masked_by_its_voxels_that_are_not_zero()
    {
        var stripped = SimilarityFixtures.Preprocessed("p", "m3");
        var voxels = stripped.ReadVoxels().Voxels.Select((v, i) => stripped.BrainMask.Voxels[i] && v != 0 ? v : 0).ToArray();
        voxels[stripped.Size.IndexOf(25, 26, 20)] = float.NaN;
        var again = new MriVolume(new("again"), new MemoryVoxelSource(new(stripped.Geometry, voxels)));

        var prepared = PreparedVolume.Prepare(again);

        Assert.Equal(voxels.Count(v => v != 0 && !float.IsNaN(v)), prepared.VoxelCount);
    }

    [Fact]
    public void An_empty_volume_is_refused_by_name()
    {
        var geometry = new VolumeGeometry(new(5, 5, 5), Affine.Identity);
        var empty = new MriVolume(new("nobody"), new MemoryVoxelSource(new(geometry, new float[125])));

        var error = Assert.Throws<InvalidDataException>(() => PreparedVolume.Prepare(empty));

        Assert.Contains("nobody", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0005, true)]
    [InlineData(0.002, false)]
    public void Grids_must_agree_to_a_thousandth_of_a_millimetre(double shift, bool agree)
    {
        var x = SimilarityFixtures.Preprocessed("a", null);
        var geometry = new VolumeGeometry(x.Size, Affine.FromTranslation(shift, 0, 0) * x.Geometry.VoxelToWorld);
        var y = PreparedVolume.Prepare(TestVolume.Preprocessed(new("elsewhere"), new(geometry, x.ReadVoxels().Voxels), x.BrainMask));

        var error = Record.Exception(() => PairwiseScorer.RequireSameGrid(PreparedVolume.Prepare(x), y));

        Assert.Equal(agree, error is null);
        if (error is not null)
        {
            Assert.Contains("elsewhere", error.Message, StringComparison.Ordinal);
            Assert.Contains("Invoke-MriPreprocess", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Masks_that_hardly_meet_have_no_score()
    {
        var x = SimilarityFixtures.Preprocessed("p", null);
        var left = Masked(x, i => i % x.Size.X < 26);
        var right = Masked(x, i => i % x.Size.X >= 25);

        var score = Single(left, right, SimilarityMeasures.Default);

        Assert.True(double.IsNaN(score.Score));
        Assert.Equal(53 * 41, score.JointVoxels);
        Assert.Contains("share 2173 voxels", score.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_constant_volume_never_gives_a_number_that_is_not_finite(string name)
    {
        var x = SimilarityFixtures.Preprocessed("p", "m3");
        var flat = PreparedVolume.Prepare(
            TestVolume.Preprocessed(new("flat"), new(x.Geometry, Enumerable.Repeat(7.3f, (int)x.Size.Count).ToArray()), x.BrainMask));

        foreach (var score in new[] { Single(PreparedVolume.Prepare(x), flat, SimilarityMeasures.Find(name)!),
            Single(flat, flat, SimilarityMeasures.Find(name)!) })
        {
            Assert.True(double.IsFinite(score.Score) || score.Problem is not null);
            Assert.False(double.IsInfinity(score.Score));
        }
    }

    [Theory]
    [InlineData("NCC", true)]
    [InlineData("NCC", false)]
    [InlineData("LocalNCC", true)]
    [InlineData("LocalNCC", false)]
    [InlineData("Cosine", true)]
    [InlineData("Cosine", false)]
    [InlineData("MSE", false)]
    [InlineData("RMSE", true)]
    [InlineData("NRMSE", false)]
    [InlineData("PSNR", false)]
    [InlineData("SSIM", false)]
    [InlineData("Spearman", true)]
    [InlineData("Spearman", false)]
    public void All_pairs_give_the_scores_of_single_pairs_on_any_number_of_threads(string name, bool oneMask)
    {
        // 11 by 13 volumes: tiles of 8 are cut on both sides.
        var measure = SimilarityMeasures.Find(name)!;
        var probes = Enumerable.Range(0, 11).Select(i => Noisy(i, oneMask)).ToArray();
        var gallery = Enumerable.Range(0, 13).Select(i => Noisy(100 + i, oneMask)).ToArray();

        var one = PairwiseScorer.ScoreAll(measure, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);
        var many = PairwiseScorer.ScoreAll(measure, probes, gallery, SimilarityOptions.Default, new(4, CancellationToken.None));

        for (var i = 0; i < probes.Length; i++)
        {
            for (var j = 0; j < gallery.Length; j++)
            {
                Assert.Equal(one[i, j], many[i, j]);

                // The matrix product and the single pair sum in another order: they differ by rounding of float sums.
                Assert.Equal(Single(probes[i], gallery[j], measure).Score, one[i, j], 2e-6 * Math.Max(1, Math.Abs(one[i, j])));
            }
        }
    }

    [Theory]
    [InlineData("msssim", "MS-SSIM")]
    [InlineData("MS_SSIM", "MS-SSIM")]
    [InlineData("pearson", "NCC")]
    [InlineData("Ssim", "SSIM")]
    public void Names_are_forgiving(string given, string found) => Assert.Equal(found, SimilarityMeasures.Find(given)?.Name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_measure_says_what_it_is(string name)
    {
        var measure = SimilarityMeasures.Find(name)!;

        Assert.All([measure.Description, measure.Cost, measure.Source], text => Assert.False(string.IsNullOrWhiteSpace(text)));
        Assert.True(measure.Minimum < measure.Maximum);
    }

    [Fact]
    public void No_name_or_alias_stands_for_two_measures()
    {
        var names = SimilarityMeasures.All.SelectMany(m => m.Aliases.Prepend(m.Name)).ToArray();

        Assert.All(names, n => Assert.Equal(SimilarityMeasures.All.Single(m => m.Aliases.Prepend(m.Name).Contains(n)), SimilarityMeasures.Find(n)));
        Assert.Equal(SimilarityMeasures.All, SimilarityMeasures.Resolve(["ncc", "all"]).OrderBy(m => SimilarityMeasures.All.ToList().IndexOf(m)));
    }

    [Fact]
    public void An_unknown_name_lists_those_there_are()
    {
        var error = Assert.Throws<ArgumentException>(() => SimilarityMeasures.Resolve(["NCC", "Telepathy"]));

        Assert.Contains("'Telepathy'", error.Message, StringComparison.Ordinal);
        Assert.Contains("MS-SSIM", error.Message, StringComparison.Ordinal);
    }

    private static bool IsMarginal(SimilarityMeasure measure) => measure.Name is "HistogramIntersection" or "Bhattacharyya" or "JensenShannon";

    private static SimilarityScore Single(PreparedVolume x, PreparedVolume y, SimilarityMeasure measure, SimilarityOptions? options = null) =>
        PairwiseScorer.Score(x, y, [measure], options ?? SimilarityOptions.Default)[0];

    private static PreparedVolume Rescaled(string name, string mask, float scale, float offset)
    {
        var volume = SimilarityFixtures.Preprocessed(name, mask);
        var voxels = Array.ConvertAll(volume.ReadVoxels().Voxels, v => (v * scale) + offset);
        return PreparedVolume.Prepare(TestVolume.Preprocessed(volume.Identity, new(volume.Geometry, voxels), volume.BrainMask));
    }

    private static PreparedVolume Masked(PreprocessedVolume volume, Func<int, bool> inside)
    {
        var mask = Enumerable.Range(0, (int)volume.Size.Count).Select(inside).ToArray();
        return PreparedVolume.Prepare(TestVolume.Preprocessed(volume.Identity, volume.ReadVoxels(), new(volume.Geometry, mask)));
    }

    // The small volume with a pattern of its own, and where masks are to differ a plane less of it.
    private static PreparedVolume Noisy(int seed, bool oneMask)
    {
        var volume = SimilarityFixtures.Preprocessed("a", "m1");
        var random = new Random(seed);
        var voxels = Array.ConvertAll(volume.ReadVoxels().Voxels, v => v + (float)random.NextDouble());
        var mask = volume.BrainMask.Voxels.Select((inside, i) => inside && (oneMask || i % volume.Size.X > seed % 5)).ToArray();
        return PreparedVolume.Prepare(TestVolume.Preprocessed(volume.Identity, new(volume.Geometry, voxels), new(volume.Geometry, mask)));
    }
}
