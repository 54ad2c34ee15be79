using MriLink.Core.Basics;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Registration;

/// <summary>Directions of edges, and brains laid by them: the same whichever side of an edge is brighter.</summary>
public sealed class OrientationTests
{
    // The template's own brain, nearly in place: what is left after a head was aligned by its intensities.
    private static readonly Affine Truth = PosedHead.Pose([3, -2, 4], [3, -4, 2], [1.02, 0.98, 1.01]);

    [Fact]
    public void A_brain_is_laid_where_it_lies_whichever_of_its_tissues_are_bright()
    {
        var scan = PosedHead.Scan(Truth);
        var mask = BrainOf(scan.Geometry);
        var (low, high) = Percentiles.Of(scan.Voxels, mask, 0.02, 0.98);
        Volume Mapped(Func<float, float> map) => new(scan.Geometry, Array.ConvertAll(scan.Voxels, v => map(v)));
        Assert.InRange(PosedHead.Error(Affine.Identity, Truth), 4, 10);

        var found = Align(scan, mask);
        var negated = Align(Mapped(v => high + low - v), mask);

        // White matter as dark as fluid, and grey the brightest: an order of tissues that no curve of one direction makes.
        var folded = Align(Mapped(v => v < (0.65f * high) + (0.35f * low) ? v : (1.3f * high) + (0.7f * low) - v), mask);

        Assert.InRange(PosedHead.Error(found, Truth), 0, 0.5);
        Assert.InRange(PosedHead.Error(negated, found), 0, 0.01);
        Assert.InRange(PosedHead.Error(folded, Truth), 0, 1);
    }

    [Fact]
    public void What_shows_nothing_stays_where_it_is()
    {
        var scan = PosedHead.Scan(Truth);
        var empty = new Volume(scan.Geometry, new float[scan.Voxels.Length]);
        Assert.Equal(Truth, PosedHead.Template.EdgeTarget.Align(empty, BrainOf(scan.Geometry), Truth, WorkOptions.AllProcessors));
    }

    [Fact]
    public void Directions_know_neither_contrast_nor_units()
    {
        var image = Blob();
        var mask = Array.ConvertAll(image.Voxels, _ => true);
        var field = Field(image.Voxels);

        // A blob's edges face its middle: along x beside it, along z above it, each with the trace that their clearness gives.
        var (x, z) = (At(field, 3, 8, 8), At(field, 8, 8, 3));
        Assert.True(x[0] > 0.2 && z[2] > 0.2, $"{x[0]} along x, {z[2]} along z");
        Assert.All((float[])[x[1], x[2], z[0], z[1]], other => Assert.InRange(other, 0, 0.01f));
        Assert.InRange(x[0], z[2] - 0.001f, z[2] + 0.001f);

        Assert.All((Func<float, float>[])[v => 300 - v, v => 1000 * v, v => v + 50], map =>
        {
            var other = Field(Array.ConvertAll(image.Voxels, v => map(v)));
            for (var c = 0; c < OrientationField.Channels; c++)
            {
                Assert.True(field.Values[c].Zip(other.Values[c]).All(pair => Math.Abs(pair.First - pair.Second) < 1e-3f));
            }
        });

        OrientationField Field(float[] voxels) =>
            OrientationField.Of(new(image.Geometry, voxels), mask, smoothing: 1.7, noise: 0.5, WorkOptions.SingleThread);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void A_flat_image_has_no_edges_nor_has_the_mask_s_border(float value)
    {
        var image = Blob();
        var inside = Array.ConvertAll(image.Voxels, v => v > 30);
        var stripped = Array.ConvertAll(inside, i => i ? value : 0);
        var field = OrientationField.Of(new(image.Geometry, stripped), inside, smoothing: 1.7, noise: 0.5, WorkOptions.SingleThread);
        Assert.Equal(inside.Count(i => i), field.Mask.Count);
        Assert.All(field.Values, channel => Assert.All(channel, v => Assert.InRange(Math.Abs(v), 0, 0.01f)));
    }

    private static Affine Align(Volume scan, bool[] mask) =>
        PosedHead.Template.EdgeTarget.Align(scan, mask, Affine.Identity, WorkOptions.AllProcessors);

    private static bool[] BrainOf(VolumeGeometry grid) => Mask.FromVolume(
        Resampler.Resample(PosedHead.Template.BrainMask.ToVolume(), Truth.Inverse(), grid, null, WorkOptions.AllProcessors), 0.5f).Voxels;

    private static Volume Blob()
    {
        var grid = new VolumeGeometry(new(17, 17, 17), Affine.FromScale(2, 2, 2));
        return new(grid, [.. Enumerable.Range(0, (int)grid.Size.Count).Select(i =>
        {
            var p = new Point3(i % 17, i / 17 % 17, i / (17 * 17)) - new Point3(8, 8, 8);
            return (float)(100 * Math.Exp(-p.Length * p.Length / 40));
        })]);
    }

    // In voxels of the image: the field's grid begins elsewhere.
    private static float[] At(OrientationField field, int x, int y, int z)
    {
        var p = field.Geometry.WorldToVoxel.Apply(new(2 * x, 2 * y, 2 * z));
        var i = field.Geometry.Size.IndexOf((int)Math.Round(p.X), (int)Math.Round(p.Y), (int)Math.Round(p.Z));
        return [.. field.Values.Select(channel => channel[i])];
    }
}
