using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Volumes;

/// <summary>The resampler's vector path against its formula, sample by sample, and its quantiles against sorting.</summary>
public sealed class ResamplerTests
{
    private static readonly GridSize Size = new(23, 19, 17);

    [Theory]
    [InlineData(1.0, 1)]
    [InlineData(2.0, 2)]
    [InlineData(3.2, 3)]
    public void Each_voxel_is_the_mean_of_its_samples(double spacing, int samplesAlong)
    {
        var source = Random(Size, new(Size, Affine.FromTranslation(-4, 2, 1)), 1);
        var target = new VolumeGeometry(
            new((int)(21 / spacing), (int)(18 / spacing), (int)(15 / spacing)),
            Affine.FromTranslation(-3.3, 2.6, 1.2) * Affine.FromScale(spacing, spacing, spacing));

        // A small turn and shear: inner and outer voxels, some samples beyond the grid.
        var map = new Affine(0.99, 0.06, -0.04, 0.4137, -0.05, 1.01, 0.03, -0.3071, 0.04, -0.02, 0.98, 0.2113);
        var region = new Mask(target, Enumerable.Range(0, target.Size.X * target.Size.Y * target.Size.Z).Select(i => i % 7 != 3).ToArray());

        var result = Resampler.Resample(source, map, target, region, WorkOptions.SingleThread);

        var toVoxel = source.Geometry.WorldToVoxel * map * target.VoxelToWorld;
        var outside = 0;
        for (var z = 0; z < target.Size.Z; z++)
        {
            for (var y = 0; y < target.Size.Y; y++)
            {
                for (var x = 0; x < target.Size.X; x++)
                {
                    var sum = 0.0;
                    for (var s = 0; s < samplesAlong * samplesAlong * samplesAlong; s++)
                    {
                        double Offset(int n) => ((n + 0.5) / samplesAlong) - 0.5;
                        var p = toVoxel.Apply(new(
                            x + Offset(s % samplesAlong), y + Offset(s / samplesAlong % samplesAlong), z + Offset(s / samplesAlong / samplesAlong)));
                        var value = Linear(source, p);
                        outside += value is null ? 1 : 0;
                        sum += value ?? 0;
                    }

                    // Positions in single precision are good to 2e-6 of a voxel, and neighbours differ by up to 1.
                    var at = target.Size.IndexOf(x, y, z);
                    var expected = region.Voxels[at] ? sum / (samplesAlong * samplesAlong * samplesAlong) : 0;
                    Assert.Equal(expected, result.Voxels[at], 2e-5);
                }
            }
        }

        Assert.True(outside > 0, "No sample lay beyond the grid.");
    }

    [Fact]
    public void A_mask_is_sampled_as_its_volume_is()
    {
        var random = new Random(2);
        var mask = new Mask(new(new(9, 8, 7), Affine.FromScale(1, 1.5, 2)), [.. Enumerable.Range(0, 504).Select(_ => random.Next(2) == 1)]);
        var map = Affine.FromTranslation(0.3, -0.4, 0.9) * Affine.FromRotation(0.1, -0.2, 0.3);
        var grid = new VolumeGeometry(new(12, 11, 10), Affine.FromTranslation(-1, -1, -1) * Affine.FromScale(1.7, 1.1, 0.9));

        var expected = Resampler.Resample(mask.ToVolume(), map, grid, null, WorkOptions.SingleThread).Voxels;
        var actual = Resampler.Resample(mask, map, grid, WorkOptions.SingleThread).Voxels;

        // Positions in single precision are good to 2e-6 of a voxel, and neighbours differ by up to 1.
        Assert.All(actual, (value, i) => Assert.Equal(expected[i], value, 2e-5f));
        Assert.Contains(actual, value => value is > 0.2f and < 0.8f);
    }

    [Fact]
    public void A_grid_on_itself_stays_as_it_is()
    {
        var source = Random(Size, new(Size, Affine.FromScale(-1, 1, 1.5)), 2);

        var result = Resampler.Resample(source, Affine.Identity, source.Geometry, null, new(2, CancellationToken.None));

        Assert.Equal(source.Voxels, result.Voxels);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Quantiles_are_those_of_sorting(int count)
    {
        // Many ties, and runs in order.
        var random = new Random(count);
        var values = Enumerable.Range(0, count).Select(i => i % 3 == 0 ? i : (float)random.Next(20)).ToArray();
        var region = Enumerable.Repeat(true, count).ToArray();
        var sorted = Percentiles.Sorted(values, region);
        foreach (var (low, high) in new[] { (0.0, 1.0), (0.02, 0.98), (0.5, 0.75), (0.333, 0.999) })
        {
            Assert.Equal((Percentiles.At(sorted, low), Percentiles.At(sorted, high)), Percentiles.Of(values, region, low, high));
        }
    }

    private static double? Linear(Volume volume, Point3 p)
    {
        var size = volume.Size;
        if (p.X < 0 || p.Y < 0 || p.Z < 0 || p.X > size.X - 1 || p.Y > size.Y - 1 || p.Z > size.Z - 1)
        {
            return null;
        }

        var (x, y, z) = ((int)p.X, (int)p.Y, (int)p.Z);
        var sum = 0.0;
        for (var corner = 0; corner < 8; corner++)
        {
            var (i, j, k) = (x + (corner & 1), y + ((corner >> 1) & 1), z + (corner >> 2));
            var weight = (1 - Math.Abs(p.X - i)) * (1 - Math.Abs(p.Y - j)) * (1 - Math.Abs(p.Z - k));
            sum += weight > 0 ? weight * volume[i, j, k] : 0;
        }

        return sum;
    }

    private static Volume Random(GridSize size, VolumeGeometry geometry, int seed)
    {
        var random = new Random(seed);
        return new(geometry, Enumerable.Range(0, size.X * size.Y * size.Z).Select(_ => random.NextSingle()).ToArray());
    }
}
