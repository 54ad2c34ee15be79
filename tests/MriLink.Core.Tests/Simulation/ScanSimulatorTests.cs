using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

public sealed class ScanSimulatorTests
{
    [Fact]
    public void A_landmark_is_shown_where_the_stated_transform_says()
    {
        // Away from every axis and plane of symmetry, so that a flip, a transposed rotation or an inverted one shows.
        var landmark = new Point3(17, -9, 13);
        var phantom = Phantoms.Draw(81, Phantoms.Spot(landmark, sigma: 3));
        foreach (var orientation in new[] { "RAS", "LPS", "PSR" })
        {
            var conditions = Phantoms.Ideal with
            {
                Rotation = 30,
                Translation = 12,
                GradientDistortion = 5,
                Orientation = orientation,
                Spacing = new(1, 1.5, 2)
            };
            var result = Phantoms.Scan(phantom, conditions, fieldOfView: 100);

            var shown = Phantoms.Moments(result.Head).Center;
            var expected = result.Truth.FromAnatomy(landmark);

            // The spot is smooth and far above rounding, so its centre of mass is known to hundredths of a millimetre; the
            // distortion bends it a little. Half a voxel (0.5 mm), let alone a wrong turn, is well outside.
            Assert.True((shown - expected).Length < 0.15, $"{orientation}: shown at {shown}, stated {expected}");
            Assert.True((shown - landmark).Length > 3, "the pose must do something for this test to mean anything");
            Assert.Equal(orientation, result.Head.Geometry.Orientation);
        }
    }

    [Fact]
    public void The_way_into_the_anatomy_and_back_is_the_same()
    {
        var conditions = Small with { Rotation = 20, Translation = 20, GradientDistortion = 3, Decline = 1, Interval = 5 };
        var truth = Simulate(conditions, participant: 3, seed: 4).Truth;
        foreach (var p in new Point3[] { new(0, 0, 0), new(40, -30, 20), new(-35, 50, -10) })
        {
            // Two inverted flows on 3 mm lattices: half a voxel in all.
            Assert.True((truth.FromAnatomy(truth.ToAnatomy(p)) - p).Length < 0.5, $"{p} came back to {truth.FromAnatomy(truth.ToAnatomy(p))}");
        }
    }

    [Fact]
    public void The_brain_mask_is_the_template_s_where_the_stated_transform_leads()
    {
        var result = Simulate(Small with { Rotation = 20, Translation = 15 }, participant: 2, seed: 9);
        var template = SimulationAnatomy.Template.BrainMask!;
        var carried = new bool[result.BrainMask!.Voxels.Length];
        var size = result.Head.Size;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var place = result.Truth.ToAnatomy(result.Head.Geometry.VoxelToWorld.Apply(new(x, y, z)));
                    var v = template.Geometry.WorldToVoxel.Apply(place);
                    var (i, j, k) = ((int)Math.Round(v.X), (int)Math.Round(v.Y), (int)Math.Round(v.Z));
                    carried[size.IndexOf(x, y, z)] = i >= 0 && j >= 0 && k >= 0 && i < template.Size.X && j < template.Size.Y && k < template.Size.Z
                        && template.Voxels[template.Size.IndexOf(i, j, k)];
                }
            }
        }

        // One sample at a voxel's centre against the majority over a 4 mm voxel: they part only in the jagged outermost layer.
        Assert.InRange(new Mask(result.Head.Geometry, carried).Dice(result.BrainMask), 0.96, 1);

        // Brains of adults hold 1.1 to 1.7 litres; this mask includes the CSF around and comes from a head larger than most.
        Assert.InRange(result.BrainMask.VolumeMillilitres, 1300, 2300);
    }

    [Fact]
    public void The_same_seeds_give_the_same_bits_on_any_number_of_threads()
    {
        // Everything that is random, on a dozen slices through the brain.
        var conditions = Small with { Interval = 2, ContrastVariation = 0.5 };
        var grid = GridOrientation.Lay("RAS", new(192, 236, 48), conditions.Spacing);
        var simulator = new ScanSimulator(SimulationAnatomy.Template, new SimulatedParticipant(1));
        SimulationResult Run(long seed, int threads) =>
            simulator.Simulate(conditions, grid, seed, scannerSeed: 1, new(threads, CancellationToken.None));

        var (one, three, other) = (Run(2, 1), Run(2, 3), Run(3, 3));

        Assert.True(one.Head.Voxels.AsSpan().SequenceEqual(three.Head.Voxels));
        Assert.True(one.BrainMask!.Voxels.AsSpan().SequenceEqual(three.BrainMask!.Voxels));
        Assert.False(one.Head.Voxels.AsSpan().SequenceEqual(other.Head.Voxels));
    }

    [Fact]
    public void Noise_is_Rician_with_the_deviation_that_was_asked_for()
    {
        // Left half air, right half white matter; a gain of 10 makes rounding to integers negligible.
        var phantom = Phantoms.Draw(61, p => p.X > 0 ? 100 : 0);
        var scan = Phantoms.Scan(phantom, Phantoms.Ideal with { Noise = 5, Gain = 10 }, fieldOfView: 60).Head;
        const double white = 10 * ScanSimulator.WhiteMatter;
        const double sigma = 0.05 * white;

        var air = Voxels(p => p.X < -5);
        var tissue = Voxels(p => p.X > 5);

        // Rayleigh in air: mean σ·sqrt(π/2), mean square 2σ². In tissue the mean square is s² + 2σ², and at s = 20σ the deviation
        // is σ. Some 90 000 voxels each: standard errors of 0.2 to 0.3 %, tolerated 1 %.
        Assert.Equal(1, air.Average() / (sigma * Math.Sqrt(Math.PI / 2)), 0.01);
        Assert.Equal(1, air.Average(v => v * v) / (2 * sigma * sigma), 0.015);
        Assert.Equal(1, tissue.Average(v => v * v) / ((white * white) + (2 * sigma * sigma)), 0.002);
        var mean = tissue.Average();
        Assert.Equal(1, Math.Sqrt(tissue.Average(v => (v - mean) * (v - mean))) / sigma, 0.01);

        List<double> Voxels(Func<Point3, bool> where)
        {
            var values = new List<double>();
            for (var i = 0; i < scan.Voxels.Length; i++)
            {
                var p = scan.Geometry.PlaceOf(i);
                if (where(p))
                {
                    values.Add(scan.Voxels[i]);
                }
            }

            return values;
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(60)]
    public void The_receive_field_varies_over_the_head_as_much_as_was_asked_for(double percent)
    {
        // White matter everywhere: a raw volume goes on beyond its border.
        var phantom = Phantoms.Draw(9, _ => 100);
        var result = Phantoms.Scan(phantom, Phantoms.Ideal with { BiasField = percent, Spacing = new(4, 4, 4) }, fieldOfView: 168);
        var (low, high) = (double.MaxValue, double.MinValue);
        var size = result.Head.Size;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var p = result.Head.Geometry.VoxelToWorld.Apply(new(x, y, z));
                    if (p.Length <= 80)
                    {
                        var factor = result.Head[x, y, z] / ScanSimulator.WhiteMatter;
                        (low, high) = (Math.Min(low, factor), Math.Max(high, factor));

                        // Rounding to integers of about 800, half a unit.
                        Assert.Equal(result.Truth.BiasAt(p), factor, 0.001);
                    }
                }
            }
        }

        // The amplitude refers to this ball of 80 mm. Its extremes lie on the surface, which the 4 mm grid meets only nearly.
        Assert.Equal(1 - (percent / 200), low, 0.05 * percent / 100);
        Assert.Equal(1 + (percent / 200), high, 0.05 * percent / 100);
    }

    [Theory]
    [InlineData(SliceProfile.Gaussian)]
    [InlineData(SliceProfile.Box)]
    public void Thick_slices_blur_across_the_slice_and_nowhere_else(SliceProfile profile)
    {
        var phantom = Phantoms.Draw(61, Phantoms.Spot(new(0, 0, 0), sigma: 3));
        var thin = Phantoms.Moments(Phantoms.Scan(phantom, Phantoms.Ideal with { Orientation = "PSR" }, 60).Head).Variance;

        var thick = Phantoms.Moments(
            Phantoms.Scan(phantom, Phantoms.Ideal with { Orientation = "PSR", SliceThickness = 6, SliceProfile = profile }, 60).Head).Variance;

        // Variances add. A Gaussian of 6 mm FWHM has (6/2.355)² = 6.49 mm², cut off where it has fallen to 1 % (3 % of the variance)
        // and sampled; a box 6²/12 = 3 mm², from five samples 4 % less.
        var added = profile == SliceProfile.Gaussian ? 6.49 : 3.0;
        Assert.Equal(added, thick.Z - thin.Z, 0.06 * added);

        // In the plane nothing changes but rounding to integers in the spot's faint rim.
        Assert.Equal(thin.X, thick.X, 0.1);
        Assert.Equal(thin.Y, thick.Y, 0.1);
    }

    [Fact]
    public void Decline_enlarges_the_ventricles_and_shrinks_the_brain()
    {
        // The same grid, no noise or field: what differs is anatomy.
        var conditions = Phantoms.Ideal with { Spacing = new(2.5, 2.5, 2.5), Stripped = true };
        var results = new[] { 0, 0.5, 1 }.Select(d => Simulate(conditions with { Decline = d }, participant: 0, seed: 1)).ToArray();
        var brains = results.Select(r => r.BrainMask!.VolumeMillilitres).ToArray();
        var ventricles = results.Select(LateralVentricles).ToArray();

        // Severe against none, as moderate to severe Alzheimer's disease against healthy ageing: a brain smaller by 5 to 11 %,
        // ventricles 1.6 to 2.6 times as large; and half-way in between.
        Assert.InRange(brains[2] / brains[0], 0.89, 0.95);
        Assert.InRange(brains[1] / brains[0], (brains[2] / brains[0]) + 0.015, 0.985);
        Assert.InRange(ventricles[2] / ventricles[0], 1.6, 2.6);
        Assert.InRange(ventricles[1] / ventricles[0], 1.2, (ventricles[2] / ventricles[0]) - 0.2);
    }

    [Fact]
    public void A_stripped_scan_is_the_brain_and_exact_zeros()
    {
        var result = Simulate(Small with { Stripped = true, Noise = 6 }, participant: 4, seed: 5);

        for (var i = 0; i < result.Head.Voxels.Length; i++)
        {
            Assert.Equal(result.BrainMask!.Voxels[i], result.Head.Voxels[i] != 0);
        }

        Assert.InRange(result.BrainMask!.Count, 1000, result.Head.Voxels.Length / 2);
    }

    [Fact]
    public void A_raw_scan_looks_like_a_file_from_a_scanner()
    {
        var head = Simulate(Small, participant: 4, seed: 5).Head;

        Assert.All(head.Voxels, v => Assert.True(v >= 0 && v == MathF.Round(v)));

        // White matter at 800 with a field of ±12.5 %, fat at about 1.5 times that: 12 bits hold it.
        Assert.InRange(head.Voxels.Max(), 800, 4095);
        Assert.InRange(head.Voxels.Count(v => v > 200) * head.Geometry.VoxelVolume / 1000, 2500, 5500);
    }

    [Fact]
    public void Rescanning_a_stripped_brain_leaves_no_dark_rim()
    {
        var phantom = Phantoms.Draw(61, p => p.Length <= 20 ? 100 : 0);

        var result = Phantoms.Scan(phantom, Phantoms.Ideal with { Rotation = 30, Stripped = true }, fieldOfView: 60);

        // The ball is all of one intensity; interpolation towards the zeros outside would show at its edge. One unit of rounding.
        Assert.All(result.Head.Voxels.Where(v => v != 0), v => Assert.InRange(v, ScanSimulator.WhiteMatter - 1, ScanSimulator.WhiteMatter + 1));

        // 4/3·π·20³ mm³ = 33.5 ml, drawn and resampled on 1 mm voxels.
        Assert.Equal(33.5, result.BrainMask!.VolumeMillilitres, 0.7);
    }

    [Fact]
    public void Contrast_remaps_intensities_monotonically_and_keeps_white_matter()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var curve = new ContrastCurve(strength: 1, gamma: 1.4, seed);
            var last = curve.Apply(0);
            Assert.Equal(0, last, 1e-6);
            for (var t = 0.01f; t <= 2.4; t += 0.01f)
            {
                Assert.True(curve.Apply(t) > last);
                last = curve.Apply(t);
            }

            // With this gamma the curve is saturated from 4^(1/1.4) = 2.7 on. The table has steps of 1/256; white matter lies on one.
            Assert.Equal(1, curve.Apply(1), 1e-4);
        }

        // Gamma alone is the power it says; interpolation in the table costs about 1/8·(1/256)²·f''.
        Assert.Equal(Math.Pow(0.5, 1.4), new ContrastCurve(0, 1.4, 1).Apply(0.5f), 1e-4);
    }

    [Fact]
    public void What_cannot_be_done_with_an_anatomy_is_refused_by_name()
    {
        var raw = Phantoms.Draw(21, _ => 100);
        var stripped = Phantoms.Draw(21, p => p.Length < 8 ? 100 : 0);

        var decline = Assert.Throws<MriFileException>(() => Phantoms.Scan(raw, Phantoms.Ideal with { Decline = 0.5 }, 20));
        Assert.Contains("phantom", decline.Message, StringComparison.Ordinal);
        Assert.Contains("brain is not known", decline.Message, StringComparison.Ordinal);
        Assert.Throws<MriFileException>(() => Phantoms.Scan(Phantoms.Draw(21, _ => 0), Phantoms.Ideal, 20));
        Assert.Throws<MriFileException>(() => new ScanSimulator(SimulationAnatomy.FromVolume(stripped, "phantom")).Simulate(
            Phantoms.Ideal, stripped.Geometry, 1, 1, WorkOptions.SingleThread));
    }

    [Fact]
    public void Whether_a_volume_is_stripped_is_seen_from_its_background()
    {
        // 2.1 l of tissue on zeros is a brain; 4.2 l is a head; 2.1 l filling its volume is a cropped head.
        Assert.True(SimulationAnatomy.FromVolume(Phantoms.Draw(181, p => p.Length < 79.5 ? 100 : 0), "ball").IsStripped);
        Assert.False(SimulationAnatomy.FromVolume(Phantoms.Draw(221, p => p.Length < 100 ? 100 : 0), "ball").IsStripped);
        Assert.False(SimulationAnatomy.FromVolume(Phantoms.Draw(128, _ => 100), "block").IsStripped);
    }

    private static ScanConditions Small => new() { Spacing = new(4, 4, 4) };

    /// <summary>Scans a participant of the template, or the template itself as participant 0.</summary>
    private static SimulationResult Simulate(ScanConditions conditions, int participant, long seed) =>
        new ScanSimulator(SimulationAnatomy.Template, participant == 0 ? null : new SimulatedParticipant(participant)).Simulate(
            conditions, ScanSimulator.TemplateGrid(conditions), seed, scannerSeed: 1, WorkOptions.AllProcessors);

    // The dark voxels of a box of the template that holds the lateral ventricles and little else: beside the midline, above the
    // third ventricle and its cisterns, below the upper face of the corpus callosum.
    private static double LateralVentricles(SimulationResult result)
    {
        var volume = 0.0;
        var size = result.Head.Size;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    // The pose is nil: only the middle of the head is shifted to the isocentre.
                    var p = result.Truth.Pose.Apply(result.Head.Geometry.VoxelToWorld.Apply(new(x, y, z)));
                    if (Math.Abs(p.X) is > 3 and < 26 && p.Y is > -40 and < 35 && p.Z is > 4 and < 28)
                    {
                        volume += result.Head[x, y, z] is > 0 and < 0.55f * (float)ScanSimulator.WhiteMatter
                            ? result.Head.Geometry.VoxelVolume / 1000 : 0;
                    }
                }
            }
        }

        return volume;
    }
}
