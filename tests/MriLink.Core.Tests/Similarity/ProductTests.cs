using MriLink.Core.Basics;
using MriLink.Core.Similarity;
using MriLink.Core.Similarity.Products;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Similarity;

public sealed class ProductTests
{
    // A correlation over 1200 voxels: five sums of 256 terms, each with some 10 roundings of 2^-24 left over.
    private const double Rounding = 2e-6;

    public static TheoryData<int> Kernels => [.. Enumerable.Range(0, (int)PanelKernel.Best + 1)];

    // Every depth from nothing over odd ones to a whole block, by each set of instructions that this processor has.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_product_of_panels_is_that_of_the_definition(int instructions)
    {
        var random = new Random(7);
        foreach (var depth in new[] { 0, 1, 2, 17, 1023, VoxelUnion.BlockLength })
        {
            var a = Enumerable.Range(0, depth * PanelKernel.Width).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
            var b = Enumerable.Range(0, depth * PanelKernel.Width).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
            var result = Enumerable.Range(0, PanelKernel.Tile).Select(i => (double)i).ToArray();

            PanelKernel.Multiply((PanelKernel.Instructions)instructions, a, b, depth, result);

            for (var j = 0; j < PanelKernel.Width; j++)
            {
                for (var i = 0; i < PanelKernel.Width; i++)
                {
                    var expected = (double)((j * PanelKernel.Width) + i);
                    for (var k = 0; k < depth; k++)
                    {
                        expected += (double)a[(k * PanelKernel.Width) + i] * b[(k * PanelKernel.Width) + j];
                    }

                    // 1024 roundings of partial sums up to 10 in size, at 2^-24 each.
                    Assert.Equal(expected, result[(j * PanelKernel.Width) + i], 6e-4);
                }
            }
        }
    }

    [Fact]
    public void Panels_that_do_not_hold_the_depth_are_refused()
    {
        var panel = new float[PanelKernel.Width * 4];

        Assert.Throws<ArgumentException>(() => PanelKernel.Multiply(PanelKernel.Best, panel, panel, 5, new double[PanelKernel.Tile]));
        Assert.Throws<ArgumentException>(() => PanelKernel.Multiply(PanelKernel.Best, panel, panel, 4, new double[PanelKernel.Tile - 1]));
    }

    // 19 by 35 volumes (panels cut on both sides) of which no two masks are equal, holes and islands at random; 3 blocks of voxels.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Moments_are_over_exactly_the_voxels_in_both_masks(int instructions)
    {
        var rows = Enumerable.Range(0, 19).Select(i => Random(i, i % 3 == 0 ? 0.05 : 0.6)).ToArray();
        var columns = Enumerable.Range(0, 35).Select(i => Random(100 + i, 0.1)).ToArray();
        var union = VoxelUnion.Of(columns, rows);
        Assert.False(union.IsOneMask);
        Assert.True(union.BlockCount >= 3);

        var product = Compute(union, rows, columns, (PanelKernel.Instructions)instructions, WorkOptions.SingleThread);
        var again = Compute(union, rows, columns, (PanelKernel.Instructions)instructions, new(3, CancellationToken.None));

        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                Near(Definition(rows[i], columns[j]), product[i, j]);
                Assert.Equal(product[i, j], again[i, j]);
            }
        }
    }

    [Fact]
    public void A_set_with_itself_gives_the_moments_of_two_sets()
    {
        var volumes = Enumerable.Range(0, 40).Select(i => Random(i, 0.2)).ToArray();
        var union = VoxelUnion.Of(volumes, volumes);

        var self = Compute(union, volumes, volumes, PanelKernel.Best, WorkOptions.AllProcessors);
        var two = Compute(union, volumes, [.. volumes], PanelKernel.Best, WorkOptions.AllProcessors);

        for (var i = 0; i < volumes.Length; i++)
        {
            for (var j = i; j < volumes.Length; j++)
            {
                Assert.Equal(two[i, j], self[i, j]);
            }
        }
    }

    [Fact]
    public void A_probes_scores_do_not_depend_on_which_probes_come_with_it()
    {
        var probes = Enumerable.Range(0, 9).Select(i => Random(i, 0.3)).ToArray();
        var gallery = Enumerable.Range(0, 20).Select(i => Random(100 + i, 0.2)).ToArray();

        var together = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);
        var alone = PairwiseScorer.ScoreAll(SimilarityMeasures.Default, probes[7..8], gallery, SimilarityOptions.Default, WorkOptions.SingleThread);

        Assert.Equal(together.Row(7).ToArray(), alone.Row(0).ToArray());
    }

    [Fact]
    public void Masks_that_share_nothing_have_no_voxels()
    {
        var left = Masked(1, i => i < 3000);
        var right = Masked(2, i => i >= 3000);

        var product = Compute(VoxelUnion.Of([right], [left]), [left], [right], PanelKernel.Best, WorkOptions.SingleThread);

        Assert.Equal(0, product[0, 0].Count);
        Assert.Equal(0, product[0, 0].XY);
    }

    // More volumes than are multiplied at once, against each other: parts on, above and below the diagonal.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sets_larger_than_one_part_are_put_together_rightly(bool oneMask)
    {
        var volumes = Enumerable.Range(0, MomentProduct.Most + 5).Select(i => Masked(i, v => v < 1200 || (!oneMask && v == 1300 + (i % 7))))
            .ToArray();

        var matrix = PairwiseScorer.ScoreAll(SimilarityMeasures.Find("NCC")!, volumes, volumes, SimilarityOptions.Default, WorkOptions.AllProcessors);

        var random = new Random(3);
        foreach (var (i, j) in Enumerable.Range(0, 200).Select(_ => (random.Next(volumes.Length), random.Next(volumes.Length))).Append((1026, 3))
            .Append((3, 1026)))
        {
            Assert.Equal(Definition(volumes[i], volumes[j]).Correlation, matrix[i, j], Rounding);
            Assert.Equal(matrix[i, j], matrix[j, i]);
        }

        Assert.All(Enumerable.Range(0, volumes.Length), i => Assert.Equal(1, matrix[i, i], Rounding));
    }

    [Fact]
    public void Work_stops_within_a_block_when_told_to()
    {
        var volumes = Enumerable.Range(0, 40).Select(i => Random(i, 0.2)).ToArray();
        using var source = new CancellationTokenSource();
        var blocks = 0;

        Assert.Throws<OperationCanceledException>(() => MomentProduct.Compute(
            VoxelUnion.Of(volumes, volumes), volumes, (0, 40), volumes, (0, 40), ProductSource.Intensities, PanelKernel.Best,
            new(1, source.Token), () =>
            {
                blocks++;
                source.Cancel();
            }));

        Assert.Equal(1, blocks);
    }

    private static MomentProduct Compute(
        VoxelUnion union, PreparedVolume[] rows, PreparedVolume[] columns, PanelKernel.Instructions instructions, WorkOptions work) =>
        MomentProduct.Compute(union, rows, (0, rows.Length), columns, (0, columns.Length), ProductSource.Intensities, instructions, work);

    private static void Near(JointMoments expected, JointMoments actual)
    {
        // Sums of up to 4000 standardised values: partial sums stay below 1000, and each of some 1000 roundings is at most 2^-24 of that;
        // what is wrong by one voxel is wrong by 0.1 and more in one of the sums, and by 1 in the count.
        const double tolerance = 0.02;
        Assert.Equal(expected.Count, actual.Count);
        Assert.Equal(expected.X, actual.X, tolerance);
        Assert.Equal(expected.Y, actual.Y, tolerance);
        Assert.Equal(expected.XX, actual.XX, tolerance);
        Assert.Equal(expected.YY, actual.YY, tolerance);
        Assert.Equal(expected.XY, actual.XY, tolerance);
    }

    // Voxel by voxel in double precision.
    private static JointMoments Definition(PreparedVolume first, PreparedVolume second)
    {
        var x = Standardized(first);
        var y = Standardized(second);
        double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
        var count = 0;
        foreach (var (voxel, a) in x)
        {
            if (y.TryGetValue(voxel, out var b))
            {
                count++;
                sx += a;
                sy += b;
                sxx += a * a;
                syy += b * b;
                sxy += a * b;
            }
        }

        return new(count, sx, sy, sxx, syy, sxy);
    }

    private static Dictionary<int, double> Standardized(PreparedVolume volume)
    {
        var map = volume.Image.Standardization;
        var result = new Dictionary<int, double>();
        for (var run = 0; run < volume.Mask.RunCount; run++)
        {
            for (var i = volume.Mask.Offsets[run]; i < volume.Mask.Offsets[run + 1]; i++)
            {
                result.Add(volume.Mask.Starts[run] + i - volume.Mask.Offsets[run], ((double)volume.Image.Values[i] - map.Shift) * map.Factor);
            }
        }

        return result;
    }

    private static PreparedVolume Random(int seed, double holes)
    {
        var random = new Random(seed);
        return Masked(seed, _ => random.NextDouble() > holes);
    }

    private static PreparedVolume Masked(int seed, Func<int, bool> inside)
    {
        var geometry = new VolumeGeometry(new(17, 19, 13), Affine.FromScale(2, 2, 2));
        var random = new Random(seed);
        var voxels = Enumerable.Range(0, (int)geometry.Size.Count).Select(_ => 50 + (20 * (float)random.NextDouble())).ToArray();
        var mask = Enumerable.Range(0, voxels.Length).Select(inside).ToArray();
        return PreparedVolume.Prepare(TestVolume.Preprocessed(new($"{seed}"), new(geometry, voxels), new(geometry, mask)));
    }
}
