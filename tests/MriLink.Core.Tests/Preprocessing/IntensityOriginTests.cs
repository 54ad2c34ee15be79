using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class IntensityOriginTests
{
    private static readonly VolumeGeometry Grid = new(new(40, 40, 40), Affine.Identity);

    public static TheoryData<double, double> Changes => new()
    {
        { 1, 0 }, { 1, -1024 }, { 1, 5000 }, { 0.004, -2.9 }, { 1e6, 0 }, { 1e-6, 0 }, { 1e-3, -0.5 },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Any_factor_and_offset_gives_the_same_up_to_the_factor(double factor, double offset)
    {
        foreach (var airNoise in (bool[])[true, false])
        {
            var scan = Ball(airNoise);
            var plain = Standardize(scan);
            var changed = Standardize(Array.ConvertAll(scan, v => (float)((v * factor) + offset)));

            // Floats of the changed scan hold seven digits of the larger of its factor and offset; the plain scan's range is 1000.
            var digits = 1000 * 2e-7 * Math.Max(1, Math.Abs(offset) / (1000 * factor)) * 4;
            var scale = changed.Max() / (double)plain.Max();
            Assert.True(scale > 0);
            for (var i = 0; i < plain.Length; i++)
            {
                Assert.Equal(plain[i], changed[i] / scale, Math.Max(1e-3, digits));
            }
        }
    }

    [Fact]
    public void A_scan_whose_nothing_is_0_stays_as_it_is()
    {
        var scan = new Volume(Grid, Ball(airNoise: false));
        Assert.Same(scan, IntensityOrigin.Standardize(scan, owned: false, WorkOptions.SingleThread));
    }

    [Fact]
    public void A_background_amid_the_tissue_becomes_darker_than_all_of_it()
    {
        // z-scored within the brain, and 0 around it, as many tools write it.
        var ball = Ball(airNoise: false);
        var scored = Array.ConvertAll(ball, v => v == 0 ? 0 : (v - 600) / 150);
        Assert.Contains(scored, v => v < 0);
        var standard = Standardize(scored);
        for (var i = 0; i < ball.Length; i++)
        {
            Assert.Equal(ball[i] == 0, standard[i] == 0);
            Assert.True(standard[i] >= 0);
        }
    }

    [Fact]
    public void What_was_cut_out_and_filled_with_something_below_all_counts_as_nothing()
    {
        var scan = Ball(airNoise: false);
        var filled = (float[])scan.Clone();
        filled.AsSpan(0, 3 * 1600).Fill(-1000);
        var standard = Standardize(filled);
        Assert.All(standard.Take(3 * 1600), v => Assert.Equal(0, v));
        Assert.Equal(scan.Skip(3 * 1600), standard.Skip(3 * 1600));
    }

    [Fact]
    public void Voxels_of_others_are_copied_and_own_ones_changed_in_place()
    {
        var scan = new Volume(Grid, Array.ConvertAll(Ball(airNoise: false), v => v + 100));
        Assert.NotSame(scan, IntensityOrigin.Standardize(scan, owned: false, WorkOptions.SingleThread));
        Assert.Equal(100, scan.Voxels[0]);
        Assert.Same(scan, IntensityOrigin.Standardize(scan, owned: true, WorkOptions.SingleThread));
        Assert.Equal(0, scan.Voxels[0]);
    }

    private static float[] Standardize(float[] voxels) =>
        IntensityOrigin.Standardize(new(Grid, voxels), owned: false, WorkOptions.SingleThread).Voxels;

    // A ball of 300 to 1000 amid air that is 0, or noise of up to 20.
    private static float[] Ball(bool airNoise)
    {
        var random = new Random(1);
        var voxels = new float[Grid.Size.Count];
        for (var i = 0; i < voxels.Length; i++)
        {
            var (x, y, z) = ((i % 40) - 20, (i / 40 % 40) - 20, (i / 1600) - 20);
            voxels[i] = (x * x) + (y * y) + (z * z) < 15 * 15 ? 300 + (700 * random.NextSingle()) : airNoise ? 20 * random.NextSingle() : 0;
        }

        return voxels;
    }
}
