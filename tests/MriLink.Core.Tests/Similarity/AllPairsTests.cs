using MriLink.Core.Basics;
using MriLink.Core.Similarity;

namespace MriLink.Core.Tests.Similarity;

public sealed class AllPairsTests
{
    [Theory]
    [InlineData("NCC")]
    [InlineData("LocalNCC")]
    [InlineData("SSIM")]
    [InlineData("CR")]
    public void Batches_and_sets_give_the_same_scores(string name)
    {
        var measure = SimilarityMeasures.Find(name)!;
        var references = Volumes(0, 5);
        var volumes = Volumes(10, 7);
        var whole = PairwiseScorer.ScoreAll(measure, references, volumes, SimilarityOptions.Default, WorkOptions.SingleThread);

        var comparison = new ReferenceComparison(references, [measure], SimilarityOptions.Default);
        var joined = SimilarityMatrix.Join([.. volumes.Chunk(3).Select(batch => comparison.Compare(batch, WorkOptions.AllProcessors)[0])]);

        Assert.Equal(volumes.Select(v => v.Identity), joined.Gallery);
        Assert.Equal(references.Select(v => v.Identity), joined.Probes);
        for (var i = 0; i < references.Length; i++)
        {
            for (var j = 0; j < volumes.Length; j++)
            {
                // The voxels gone over are those of the references here and of the volumes there: rounding of float sums.
                Assert.Equal(whole[i, j], joined[i, j], 2e-6);
                Assert.Equal(whole.Score(i, j).JointVoxels, joined.Score(i, j).JointVoxels);
                Assert.Equal(whole.Score(i, j).Dice, joined.Score(i, j).Dice);
            }
        }
    }

    [Theory]
    [InlineData("NCC", true)]
    [InlineData("MAE", true)]
    [InlineData("CR", false)]
    public void A_set_with_itself_is_symmetric_only_where_the_measure_is(string name, bool symmetric)
    {
        var volumes = Volumes(0, 10);

        var matrix = PairwiseScorer.ScoreAll(SimilarityMeasures.Find(name)!, volumes, volumes, SimilarityOptions.Default, WorkOptions.AllProcessors);

        Assert.Equal(symmetric, matrix[2, 9] == matrix[9, 2]);
        Assert.Equal(matrix.Score(2, 9).JointVoxels, matrix.Score(9, 2).JointVoxels);
        var alone = PairwiseScorer.Score(volumes[9], volumes[2], [matrix.Measure], SimilarityOptions.Default)[0];
        Assert.Equal(alone.Score, matrix[9, 2], 2e-6);
        Assert.Equal(alone.JointVoxels, matrix.Score(9, 2).JointVoxels);
    }

    [Fact]
    public void Measures_asked_for_together_score_as_when_asked_for_alone()
    {
        var (probes, gallery) = (Volumes(0, 3), Volumes(5, 4));

        var together = PairwiseScorer.ScoreAll(SimilarityMeasures.All, probes, gallery, SimilarityOptions.Default, WorkOptions.AllProcessors);

        foreach (var matrix in together)
        {
            var alone = PairwiseScorer.ScoreAll(matrix.Measure, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);
            Assert.Equal(alone.Row(2).ToArray(), matrix.Row(2).ToArray());
        }
    }

    [Fact]
    public void Progress_runs_up_to_the_end()
    {
        var (probes, gallery) = (Volumes(0, 9), Volumes(20, 9));
        var reports = new Recorder();

        PairwiseScorer.ScoreAll([SimilarityMeasures.Find("NCC")!, SimilarityMeasures.Find("SSIM")!], probes, gallery, SimilarityOptions.Default,
            WorkOptions.SingleThread, reports);

        Assert.Equal(reports.Fractions.Order(), reports.Fractions);
        Assert.Equal(1, reports.Fractions[^1], 9);
    }

    [Fact]
    public void A_matrix_knows_its_rows_columns_and_pairs()
    {
        var (probes, gallery) = (Volumes(0, 2), Volumes(5, 3));

        var matrix = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);

        Assert.Equal("LocalNCC: 2 x 3", matrix.ToString());
        Assert.Equal(6, matrix.Pairs().Count());
        var pair = matrix.Pairs().ElementAt(4);
        Assert.Equal((gallery[1].Identity, probes[1].Identity, matrix[1, 1]), (pair.Reference, pair.Volume, pair.Score));
        Assert.Equal(matrix.Pairs().Max(p => p.Score), matrix.Highest);
        Assert.Equal(matrix.Pairs().Min(p => p.Score), matrix.Lowest);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix[0, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix[-1, 0]);
        Assert.Throws<ArgumentException>(() => new SimilarityMatrix(matrix.Measure, matrix.Probes, matrix.Gallery, new double[5]));
    }

    [Theory]
    [InlineData("SSIM")]
    [InlineData("UQI")]
    [InlineData("LNCC")]
    public void The_mean_of_a_map_is_the_score(string name)
    {
        // m3 and m4 keep away from the grid's faces by less than a window: the map's cut windows are left out as the score does.
        var measure = SimilarityMeasures.Find(name)!;
        var (x, y) = (SimilarityFixtures.Prepare("p", "m3"), SimilarityFixtures.Prepare("q", "m4"));
        var margin = name switch { "SSIM" => 5, "UQI" => 3, _ => 2 };

        var map = LocalSimilarityMap.Of(x, y, measure, SimilarityOptions.Default).ReadVoxels();

        var (maskX, maskY) = (SimilarityFixtures.Preprocessed("p", "m3").BrainMask, SimilarityFixtures.Preprocessed("q", "m4").BrainMask);
        var inside = new List<double>();
        for (var i = 0; i < map.Voxels.Length; i++)
        {
            if (!(maskX.Voxels[i] && maskY.Voxels[i]))
            {
                Assert.Equal(0, map.Voxels[i]);
                continue;
            }

            var (a, b, c) = (i % map.Size.X, i / map.Size.X % map.Size.Y, i / map.Size.X / map.Size.Y);
            if (Math.Min(a, map.Size.X - 1 - a) >= margin && Math.Min(b, map.Size.Y - 1 - b) >= margin && Math.Min(c, map.Size.Z - 1 - c) >= margin)
            {
                inside.Add(map.Voxels[i]);
            }
        }

        Assert.Equal(PairwiseScorer.Score(x, y, [measure], SimilarityOptions.Default)[0].Score, inside.Average(), 1e-5);
    }

    [Fact]
    public void A_measure_without_windows_has_no_map()
    {
        var x = SimilarityFixtures.Prepare("p", "m3");

        var error = Assert.Throws<ArgumentException>(() => LocalSimilarityMap.Of(x, x, SimilarityMeasures.Default, SimilarityOptions.Default));

        Assert.Contains("SSIM", error.Message, StringComparison.Ordinal);
    }

    // The small volume with noise and a mask of its own.
    private static PreparedVolume[] Volumes(int first, int count) => [.. Enumerable.Range(first, count).Select(seed =>
    {
        var volume = SimilarityFixtures.Preprocessed("a", "m1");
        var random = new Random(seed);
        var voxels = Array.ConvertAll(volume.ReadVoxels().Voxels, v => v + (float)random.NextDouble());
        var mask = volume.BrainMask.Voxels.Select((inside, i) => inside && i % volume.Size.X > seed % 5).ToArray();
        return PreparedVolume.Prepare(TestVolume.Preprocessed(new($"{seed}"), new(volume.Geometry, voxels), new(volume.Geometry, mask)));
    })];

    private sealed class Recorder : IProgress<WorkProgress>
    {
        public List<double> Fractions { get; } = [];

        public void Report(WorkProgress value) => Fractions.Add(value.Fraction);
    }
}
