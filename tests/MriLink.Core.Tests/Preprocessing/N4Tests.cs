using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing.Bias;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>N4 against ITK's fields for one small scan (Fixtures/n4/make_fixtures.py), and against what must hold of any field.</summary>
public sealed class N4Tests
{
    private static readonly Volume Scan = Read("scan");
    private static readonly Mask Tissue = Mask.FromVolume(Read("mask"));
    private static readonly N4Options Short = new() { ShrinkFactor = 1, MaximumNumberOfIterations = [10, 10] };

    // ITK keeps all in single precision (5e-7 of a logarithm of 7) and splits its sums over threads: 1e-8 of the field after one
    // iteration, some 1e-5 after 200. A histogram off by one bin, an axis swapped or a grid off by half a voxel changes the
    // field by 2e-4 in one iteration and by 1e-2 to 1e-1 in many.
    private const double RoundingOfOne = 1e-6;
    private const double RoundingOfMany = 1e-4;

    [Theory]
    [InlineData("one", RoundingOfOne)]
    [InlineData("parameters", RoundingOfMany)]
    [InlineData("usual", RoundingOfMany)]
    [InlineData("shrunk2", RoundingOfMany)]
    [InlineData("shrunk3", RoundingOfMany)]
    public void The_field_is_that_of_ITK(string name, double tolerance)
    {
        var options = name switch
        {
            "one" => new N4Options { ShrinkFactor = 1, MaximumNumberOfIterations = [1] },
            "parameters" => new N4Options
            {
                ShrinkFactor = 1,
                MaximumNumberOfIterations = [7, 7],
                NumberOfControlPoints = 5,
                BiasFieldFullWidthAtHalfMaximum = 0.3,
                WienerFilterNoise = 0.05,
                NumberOfHistogramBins = 80,
                ConvergenceThreshold = 0,
            },
            "usual" => new N4Options { ShrinkFactor = 1 },
            "shrunk2" => new N4Options { ShrinkFactor = 2, MaximumNumberOfIterations = [20, 20] },
            _ => new N4Options { ShrinkFactor = 3, MaximumNumberOfIterations = [10] },
        };
        var theirs = Read(name);

        var field = N4BiasFieldCorrection.Estimate(Scan, Tissue, options, WorkOptions.SingleThread);

        AssertClose(theirs.Voxels, field.LogFieldOn(Taken(theirs.Size, options.ShrinkFactor), WorkOptions.SingleThread).Voxels, tolerance);
    }

    [Fact]
    public void The_field_is_evaluated_where_it_was_estimated()
    {
        var field = N4BiasFieldCorrection.Estimate(Scan, Tissue, Short with { ShrinkFactor = 2 }, WorkOptions.SingleThread);
        var coarse = Taken(new(14, 13, 10), 2);
        var onCoarse = field.LogFieldOn(coarse, WorkOptions.SingleThread);

        // Every second voxel of the scan, from the second on, is a voxel of the coarse grid; the two beyond it are held.
        var onScan = field.LogFieldOn(Scan.Geometry, WorkOptions.SingleThread);

        // A grid that runs the other way along x, from the coarse grid's end.
        var flipped = field.LogFieldOn(
            new(coarse.Size, coarse.VoxelToWorld * Affine.FromTranslation(coarse.Size.X - 1, 0, 0) * Affine.FromScale(-1, 1, 1)),
            WorkOptions.SingleThread);
        for (var z = 0; z < coarse.Size.Z; z++)
        {
            for (var y = 0; y < coarse.Size.Y; y++)
            {
                for (var x = 0; x < coarse.Size.X; x++)
                {
                    Assert.Equal(onCoarse[x, y, z], onScan[(2 * x) + 1, (2 * y) + 1, (2 * z) + 1], 1e-6f);
                    Assert.Equal(onCoarse[x, y, z], flipped[coarse.Size.X - 1 - x, y, z], 1e-6f);
                }
            }
        }

        Assert.Equal(onScan[1, 5, 5], onScan[0, 5, 5]);
        Assert.Equal(onScan[27, 5, 5], onScan[28, 5, 5]);
    }

    [Fact]
    public void A_turned_grid_gives_the_same_field_turned()
    {
        // Axes (x, y, z) of the turned scan are (z, -x, y) of the scan.
        var from = Scan.Size;
        var to = new GridSize(from.Z, from.X, from.Y);
        var voxels = new float[to.Count];
        var inside = new bool[to.Count];
        var at = new int[to.Count];
        for (var z = 0; z < to.Z; z++)
        {
            for (var y = 0; y < to.Y; y++)
            {
                for (var x = 0; x < to.X; x++)
                {
                    var i = to.IndexOf(x, y, z);
                    at[i] = from.IndexOf(from.X - 1 - y, z, x);
                    (voxels[i], inside[i]) = (Scan.Voxels[at[i]], Tissue.Voxels[at[i]]);
                }
            }
        }

        var geometry = new VolumeGeometry(to, Affine.Identity);

        var turned = Estimate(new(geometry, voxels), new(geometry, inside));

        // Sums in another order, nothing else.
        var straight = Estimate(Scan, Tissue);
        AssertClose(Array.ConvertAll(at, i => straight[i]), turned, 1e-5);
    }

    [Fact]
    public void Voxels_outside_the_mask_and_those_without_signal_do_not_count()
    {
        var expected = Estimate(Scan, Tissue);
        var voxels = (float[])Scan.Voxels.Clone();
        var random = new Random(1);
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = Tissue.Voxels[i] ? voxels[i] : random.Next(4) switch { 0 => float.NaN, 1 => -5, 2 => 0, _ => 1e6f };
        }

        Assert.Equal(expected, Estimate(new(Scan.Geometry, voxels), Tissue));

        // A mask that covers them too means the same when they hold no signal.
        var silent = Array.ConvertAll(voxels, v => v is 1e6f or float.NaN ? 0 : v);
        var everywhere = new Mask(Scan.Geometry, Enumerable.Repeat(true, voxels.Length).ToArray());
        Assert.Equal(expected, Estimate(new(Scan.Geometry, silent), everywhere));
    }

    [Fact]
    public void A_known_field_is_found()
    {
        // Three tissues in blobs; the field runs over 40 %.
        var size = new GridSize(44, 52, 40);
        var geometry = new VolumeGeometry(size, Affine.FromScale(4, 4, 4));
        var (voxels, truth, inside) = (new float[size.Count], new float[size.Count], new bool[size.Count]);
        var random = new Random(3);
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var (u, v, w) = ((x / 21.5) - 1, (y / 25.5) - 1, (z / 19.5) - 1);
                    var i = size.IndexOf(x, y, z);
                    inside[i] = (u * u) + (v * v) + (w * w) < 0.9;
                    truth[i] = (float)((0.12 * u) - (0.08 * v * w) + (0.1 * w * w) - (0.06 * v));
                    var blobs = Math.Sin(x * 0.9) + Math.Sin((y * 0.8) + 1) + Math.Sin((z * 1.1) + (0.3 * x));
                    var tissue = blobs switch { > 0.7 => 300, > -0.4 => 200, _ => 100 };
                    voxels[i] = (float)((tissue + (4 * random.NextDouble())) * Math.Exp(truth[i]));
                }
            }
        }

        var mask = new Mask(geometry, inside);

        var field = N4BiasFieldCorrection.Estimate(new(geometry, voxels), mask, new() { ShrinkFactor = 1 }, WorkOptions.SingleThread);

        // Tissues are 30 % and more apart and noise is 1 %: what is left is far below the field's standard deviation of 0.07.
        var error = field.LogFieldOn(geometry, WorkOptions.SingleThread).Voxels.Zip(truth, (a, b) => (double)a - b).Where((_, i) => inside[i])
            .ToArray();
        var mean = error.Average();
        var deviation = Math.Sqrt(error.Average(e => (e - mean) * (e - mean)));
        Assert.True(deviation < 0.01, $"The error's standard deviation is {deviation}.");
    }

    [Fact]
    public void Threads_change_nothing()
    {
        var field = N4BiasFieldCorrection.Estimate(Scan, Tissue, Short, WorkOptions.SingleThread);

        Assert.Equal(
            field.LogFieldOn(Scan.Geometry, WorkOptions.SingleThread).Voxels,
            field.LogFieldOn(Scan.Geometry, new(3, CancellationToken.None)).Voxels);
    }

    [Fact]
    public void Iterations_allocate_nothing()
    {
        // Never converged: all iterations run.
        long Allocated(int iterations)
        {
            var options = Short with { MaximumNumberOfIterations = [iterations], ConvergenceThreshold = 0 };
            var before = GC.GetAllocatedBytesForCurrentThread();
            N4BiasFieldCorrection.Estimate(Scan, Tissue, options, WorkOptions.SingleThread);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // A garbage collection may empty the pool of buffers, one of which is then made anew: the least of several runs is without that.
        long Least(int iterations) => Enumerable.Range(0, 5).Min(_ => Allocated(iterations));

        Allocated(2);

        Assert.Equal(Least(2), Least(20));
    }

    [Fact]
    public void One_intensity_everywhere_has_no_field()
    {
        var flat = new Volume(Scan.Geometry, Enumerable.Repeat(7f, Scan.Voxels.Length).ToArray());

        Assert.All(Estimate(flat, Tissue), value => Assert.Equal(0, value));
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        var empty = new Mask(Scan.Geometry, new bool[Scan.Voxels.Length]);
        Assert.Contains("no voxel with a positive intensity", Assert.Throws<ArgumentException>(() => Estimate(Scan, empty)).Message,
            StringComparison.Ordinal);
        var other = new VolumeGeometry(new(3, 3, 3), Affine.Identity);
        Assert.Throws<ArgumentException>(() => Estimate(Scan, new(other, new bool[27])));
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { ShrinkFactor = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { NumberOfControlPoints = 3 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { MaximumNumberOfIterations = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { MaximumNumberOfIterations = [5, -1] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { ConvergenceThreshold = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { BiasFieldFullWidthAtHalfMaximum = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { WienerFilterNoise = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new N4Options { NumberOfHistogramBins = 1 });
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => N4BiasFieldCorrection.Estimate(Scan, Tissue, Short, new(1, stopped.Token)));
    }

    private static float[] Estimate(Volume scan, Mask mask) =>
        N4BiasFieldCorrection.Estimate(scan, mask, Short, WorkOptions.SingleThread).LogFieldOn(scan.Geometry, WorkOptions.SingleThread).Voxels;

    // The voxels that ITK's shrink filter takes: every so manyth, as many left out on either side.
    private static VolumeGeometry Taken(GridSize kept, int factor)
    {
        int First(int all, int taken) => (all - 1 - (factor * (taken - 1))) / 2;
        var size = Scan.Size;
        return new(
            kept,
            Scan.Geometry.VoxelToWorld
                * Affine.FromTranslation(First(size.X, kept.X), First(size.Y, kept.Y), First(size.Z, kept.Z))
                * Affine.FromScale(factor, factor, factor));
    }

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        var worst = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(worst <= tolerance, $"The fields differ by {worst}.");
    }

    private static Volume Read(string name) =>
        new FileVoxelSource(VolumeFormats.ReadHeader(Path.Combine(AppContext.BaseDirectory, "Fixtures", "n4", name + ".nii.gz")), new())
            .Read(CancellationToken.None);
}
