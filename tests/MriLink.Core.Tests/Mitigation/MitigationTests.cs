using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Mitigation;
using MriLink.Core.Preprocessing;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Mitigation;

/// <summary>Each mitigation against scipy, scikit-image or what must be true of it.</summary>
public sealed class MitigationTests
{
    private static readonly WorkOptions Work = WorkOptions.AllProcessors;

    private static readonly Lazy<MitigationTarget> Colin = new(() =>
    {
        // The template on itself: where its brain is is known.
        var template = Template.Colin27;
        return Target(template.Head, template.BrainMask);
    });

    [Fact]
    public void Smoothing_agrees_with_scipy_on_voxels_that_are_not_cubes()
    {
        var (volume, expected) = Fixture("blurred", out var fwhm);

        // Sums of some hundred floats of about 100.
        AssertClose(expected, Apply("Smooth", fwhm, volume).Voxels, 1e-3);
    }

    [Fact]
    public void Resampling_agrees_with_block_means_of_scikit_image()
    {
        var (volume, expected) = Fixture("blocks", out _);

        var coarse = Apply("Resample", 4, volume);

        AssertClose(expected, coarse.Voxels, 1e-3);
        Assert.Equal(new(3, 2, 4), coarse.Size);
        Assert.Equal(new Point3(4, 4, 4), coarse.Geometry.Spacing);
        Assert.Equal(0, (coarse.Geometry.Center - volume.Geometry.Center).Length, 1e-9);
    }

    [Theory]
    [InlineData(2.7)]
    [InlineData(5)]
    [InlineData(13)]
    public void Resampling_by_any_factor_keeps_a_ramp_where_it_lies(double spacing)
    {
        // The mean of a linear function over a voxel is its value at the voxel's centre. A part of a small voxel counts with that voxel's
        // value, which is off by at most an eighth of a step of the ramp at either end.
        var volume = Make(new(40, 37, 30), new(1, 1, 1.25), (x, y, z) => (float)(3 + (2 * x) - y + (0.5 * z)));

        var coarse = Apply("Resample", spacing, volume);

        var toVoxel = volume.Geometry.WorldToVoxel * coarse.Geometry.VoxelToWorld;
        Assert.Equal(spacing, coarse.Geometry.Spacing.Z, 1e-9);
        for (var z = 0; z < coarse.Size.Z; z++)
        {
            for (var x = 0; x < coarse.Size.X; x++)
            {
                // Rounded to whole voxels, the outermost may reach half a voxel beyond the scan.
                var p = toVoxel.Apply(new(x, coarse.Size.Y / 2, z));
                Assert.Equal(3 + (2 * p.X) - p.Y + (0.5 * p.Z), coarse[x, coarse.Size.Y / 2, z], x == 0 || z == 0 || x == coarse.Size.X - 1
                    || z == coarse.Size.Z - 1 ? spacing : (2 + 1 + 0.5) / 4 / (spacing / 1.25));
            }
        }
    }

    [Fact]
    public void Resampling_leaves_coarse_axes_and_coarse_scans()
    {
        var thick = Make(new(20, 20, 5), new(1, 1, 5), (x, y, z) => x * y * z);

        Assert.Equal(new(10, 10, 5), Apply("Resample", 2, thick).Size);
        Assert.Contains("finer than 1 mm", Kind("Resample").Create(1).WhyNot(Target(thick)), StringComparison.Ordinal);
        Assert.Null(Kind("Resample").Create(2).WhyNot(Target(thick)));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(120)]
    public void Noise_has_the_deviation_that_was_asked_for_and_is_that_of_the_seed(double percent)
    {
        var volume = Make(new(41, 40, 39), new(1, 1, 1), (_, _, _) => 200);
        volume.Voxels[0] = 0;
        var noise = Differences(Apply("Noise", percent, volume), volume);

        // 64 000 normal numbers: their deviation is known to 0.3 %, their mean to 0.4 % of it; four times that is allowed.
        var deviation = Math.Sqrt(noise.Average(d => d * d));
        Assert.Equal(2 * percent, deviation, 0.012 * 2 * percent);
        Assert.Equal(0, noise.Average(), 0.016 * 2 * percent);
        Assert.Equal(Apply("Noise", percent, volume).Voxels, Kind("Noise").Create(percent).Apply(Target(volume), WorkOptions.SingleThread).Voxels);

        // Another scan has other noise: the two are uncorrelated to within four of their standard errors.
        var other = Differences(Kind("Noise").Create(percent).Apply(Target(volume, name: "another"), Work), volume);
        Assert.InRange(noise.Zip(other).Average(p => p.First * p.Second) / (deviation * deviation), -4 / Math.Sqrt(noise.Length),
            4 / Math.Sqrt(noise.Length));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Quantizing_leaves_as_many_levels_as_bits_allow_and_is_off_by_half_a_step(int bits)
    {
        var random = new Random(3);
        var volume = Make(new(30, 30, 30), new(1, 1, 1), (_, _, _) => (float)(50 + (random.NextDouble() * 100)));

        var result = Apply("Quantize", bits, volume).Voxels;

        Assert.Equal(1 << bits, result.Distinct().Count());
        var top = volume.Voxels.Order().ElementAt((int)(0.999 * volume.Voxels.Length));
        var step = (top - volume.Voxels.Min()) / ((1 << bits) - 1);

        // A thousandth lies beyond the top level and is cut to it; the levels are floats of about 100.
        Assert.All(volume.Voxels.Zip(result), p => Assert.InRange(Math.Abs(Math.Min(p.First, top) - p.Second), 0, (step / 2) + 1e-2));
    }

    [Fact]
    public void Defacing_takes_the_face_and_no_voxel_of_the_brain()
    {
        var scan = Colin.Value;
        var removed = 0;
        foreach (var margin in new[] { 20.0, 10, 0 })
        {
            var result = Kind("Deface").Create(margin).Apply(scan, Work);

            Assert.All(Enumerable.Range(0, result.Voxels.Length).Where(i => scan.Brain.Voxels[i]), i =>
                Assert.Equal(scan.Volume.Voxels[i], result.Voxels[i]));
            var now = Enumerable.Range(0, result.Voxels.Length).Count(i => scan.Volume.Voxels[i] != result.Voxels[i]);
            Assert.True(now > removed);
            removed = now;
        }

        // What Colin's head shows at his nose and before his eyes, in MNI mm, is gone; forehead, crown and back of the head stay.
        var defaced = Kind("Deface").Create(10).Apply(scan, Work);
        foreach (var (place, stays) in new (
            Point3, bool)[] { (new(0, 80, -45), false), (new(0, 80, -60), false), (new(-32, 72, -35), false), (new(32, 72, -35), false),
            (new(0, 75, 30), true), (new(0, -20, 88), true), (new(0, -105, 0), true), (new(-74, -15, -20), true) })
        {
            var p = scan.Volume.Geometry.WorldToVoxel.Apply(place);
            var (x, y, z) = ((int)Math.Round(p.X), (int)Math.Round(p.Y), (int)Math.Round(p.Z));
            Assert.True(scan.Volume[x, y, z] > 0, $"{place} is not in the head.");
            Assert.Equal(stays ? scan.Volume[x, y, z] : scan.Background, defaced[x, y, z]);
        }
    }

    [Fact]
    public void Stripping_leaves_the_brain_and_a_margin_and_the_stripped_nothing_to_take()
    {
        var scan = Colin.Value;
        var distance = DistanceTransform.SignedDistance(scan.Brain, Work);
        foreach (var margin in new[] { 0.0, 6 })
        {
            var result = Kind("Strip").Create(margin).Apply(scan, Work).Voxels;

            // Signed distances are to the border, half a voxel before the centre of the brain's nearest voxel.
            for (var i = 0; i < result.Length; i++)
            {
                Assert.Equal(distance[i] < 0 || distance[i] <= margin - 0.49 ? scan.Volume.Voxels[i] : scan.Background, result[i]);
            }
        }

        var stripped = Target(Kind("Strip").Create(0).Apply(scan, Work), scan.Brain, stripped: true);
        Assert.True(stripped.IsStripped);
        Assert.Contains("stripped already", Kind("Strip").Create(0).WhyNot(stripped), StringComparison.Ordinal);
        Assert.Contains("no face", Kind("Deface").Create(0).WhyNot(stripped), StringComparison.Ordinal);
        Assert.Null(Kind("Deface").Create(0).WhyNot(scan));

        // What is empty in a release of brains stays empty.
        foreach (var (name, strength) in new[] { ("Smooth", 6.0), ("Noise", 30) })
        {
            var result = Kind(name).Create(strength).Apply(stripped, Work).Voxels;
            Assert.All(Enumerable.Range(0, result.Length).Where(i => stripped.Volume.Voxels[i] == 0), i => Assert.Equal(0, result[i]));
        }
    }

    [Fact]
    public void Cropping_keeps_the_brains_box_less_the_margin_where_it_lies()
    {
        var volume = Make(new(20, 24, 16), new(1, 1, 2), (x, y, z) => x + (100 * y) + (10_000 * z));
        var brain = new bool[volume.Voxels.Length];
        foreach (var (x, y, z) in new[] { (3, 5, 4), (15, 20, 12), (9, 9, 9) })
        {
            brain[volume.Size.IndexOf(x, y, z)] = true;
        }

        var scan = Target(volume, new(volume.Geometry, brain));
        foreach (var (cut, from, size) in new (
            double, (int X, int Y, int Z), GridSize)[] { (0, (3, 5, 4), new(13, 16, 9)), (4, (7, 9, 6), new(5, 8, 5)) })
        {
            var result = Kind("Crop").Create(cut).Apply(scan, Work);

            Assert.Equal(size, result.Size);
            Assert.Equal(volume[from.X, from.Y, from.Z], result[0, 0, 0]);
            Assert.Equal(volume.Geometry.VoxelToWorld.Apply(new(from.X, from.Y, from.Z)), result.Geometry.VoxelToWorld.Apply(new(0, 0, 0)));
            Assert.Equal(volume[from.X + size.X - 1, from.Y + size.Y - 1, from.Z + size.Z - 1], result.Voxels[^1]);
        }

        Assert.Contains("cropped to nothing", Assert.Throws<PreprocessingException>(() => Kind("Crop").Create(10).Apply(scan, Work)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Warping_displaces_by_what_was_asked_for(double rms)
    {
        // A ramp shows where each voxel comes from: along x by 1 per mm. Away from the border, where nothing comes from outside.
        var volume = Make(new(160, 160, 160), new(1.5, 1.5, 1.5), (x, _, _) => 1.5f * x);

        var warped = Apply("Warp", rms, volume);

        var shifts = new List<double>();
        for (var z = 20; z < 140; z++)
        {
            for (var y = 20; y < 140; y++)
            {
                for (var x = 20; x < 140; x++)
                {
                    shifts.Add(warped[x, y, z] - volume[x, y, z]);
                }
            }
        }

        // 180 mm hold about 7³ independent knots, so the root mean square is known to 1/sqrt(2·343) = 4 %; longer flows average over their path.
        Assert.InRange(Math.Sqrt(shifts.Average(s => s * s)), 0.75 * rms, 1.15 * rms);
    }

    [Fact]
    public void Strengths_that_make_no_sense_are_refused_and_the_usual_ones_are_in_range()
    {
        foreach (var kind in Mitigations.All)
        {
            Assert.All(kind.Strengths, s => Assert.Equal(s, kind.Create(s).Strength));
            Assert.Contains(kind.Name, Assert.Throws<ArgumentOutOfRangeException>(() => kind.Create(kind.Most + 1)).Message,
                StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => kind.Create(double.NaN));
            Assert.Same(kind, Mitigations.Find(kind.Name.ToUpperInvariant()));
        }
    }

    private static MitigationKind Kind(string name) => Mitigations.Find(name)!;

    private static Volume Apply(string name, double strength, Volume volume) => Kind(name).Create(strength).Apply(Target(volume), Work);

    private static double[] Differences(Volume a, Volume b) => [.. a.Voxels.Zip(b.Voxels, (x, y) => (double)x - y)];

    private static MitigationTarget Target(Volume volume, Mask? brain = null, string name = "scan", bool stripped = false) => MitigationTarget.Create(
        volume,
        new(new(name), volume, brain
            ?? new(volume.Geometry, [.. Enumerable.Repeat(true, volume.Voxels.Length)]), "none", Affine.Identity,
            TestVolume.GoodQuality with { InputStripped = stripped }, []),
        seed: 1,
        Work);

    private static Volume Make(GridSize size, Point3 spacing, Func<int, int, int, float> value)
    {
        var voxels = new float[size.Count];
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    voxels[size.IndexOf(x, y, z)] = value(x, y, z);
                }
            }
        }

        return new(new(size, Affine.FromTranslation(-10, 4, 7) * Affine.FromScale(spacing.X, spacing.Y, spacing.Z)), voxels);
    }

    private static (Volume Volume, double[] Expected) Fixture(string name, out double fwhm)
    {
        using var file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "mitigation", "mitigation.json")));
        var (size, spacing) = (Numbers("size"), Numbers("spacing"));
        fwhm = file.RootElement.GetProperty("fwhm").GetDouble();
        var geometry = new VolumeGeometry(new((int)size[0], (int)size[1], (int)size[2]), Affine.FromScale(spacing[0], spacing[1], spacing[2]));
        return (new(geometry, Array.ConvertAll(Numbers("voxels"), v => (float)v)), Numbers(name));

        double[] Numbers(string property) => [.. file.RootElement.GetProperty(property).EnumerateArray().Select(v => v.GetDouble())];
    }

    private static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), p => Assert.Equal(p.First, p.Second, tolerance));
    }
}
