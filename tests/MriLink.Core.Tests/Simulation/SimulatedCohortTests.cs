using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

public sealed class SimulatedCohortTests
{
    [Fact]
    public void A_person_is_the_same_whoever_else_is_in_the_cohort()
    {
        var whole = Cohort([1, 2, 3, 4], [1, 2]).Scans().ToList();
        var part = (Cohort([9, 3], [2]) with { ParticipantFormat = "B{0:000}", SessionFormat = "v{0}" }).Scans().ToList();
        var elsewhere = (Cohort([3], [2]) with { Seed = 2 }).Scans().Single();

        var known = whole[5];
        var again = part[1];
        Assert.Equal("sim-0003 ses-2", known.Name);
        Assert.Equal("B003 ses-v2", again.Name);
        Assert.Equal(known.TrueParticipant, again.TrueParticipant);
        Assert.Equal(known.Seed, again.Seed);
        Assert.Equal(8, whole.Select(s => s.Seed).Distinct().Count());
        Assert.NotEqual(known.TrueParticipant, elsewhere.TrueParticipant);
        Assert.NotEqual(known.Seed, elsewhere.Seed);
    }

    [Fact]
    public void Reading_gives_the_voxels_that_the_truth_belongs_to_every_time()
    {
        var scan = (Cohort([2], [2]) with { Adjust = c => c with { Spacing = new(6, 6, 6), Stripped = true } }).Scans().Single();

        var truth = scan.SimulateTruth(WorkOptions.AllProcessors);

        Assert.True(truth.Head.Voxels.AsSpan().SequenceEqual(scan.ReadVoxels().Voxels));
        Assert.Equal(scan.Geometry, truth.Head.Geometry);
    }

    [Fact]
    public void Every_scenario_starts_from_the_standard_scan_and_departs_from_it()
    {
        foreach (var scenario in Enum.GetValues<ScanScenario>())
        {
            Assert.Equal(new ScanConditions(), ScanConditions.For(scenario, 1));
            Assert.Equal(scenario == ScanScenario.Standard, ScanConditions.For(scenario, 2) == new ScanConditions());
        }
    }

    [Fact]
    public void Knobs_out_of_range_are_refused_by_name()
    {
        Assert.Equal("Noise", Assert.Throws<ArgumentOutOfRangeException>(() => new ScanConditions { Noise = 51 }).ParamName);
        Assert.Equal("Rotation", Assert.Throws<ArgumentOutOfRangeException>(() => new ScanConditions { Rotation = double.NaN }).ParamName);
        Assert.Equal("Spacing", Assert.Throws<ArgumentOutOfRangeException>(() => new ScanConditions { Spacing = new(1, 1, 0) }).ParamName);
        Assert.Throws<ArgumentException>(() => new ScanConditions { Orientation = "RLA" });
        Assert.Equal("PSR", new ScanConditions { Orientation = "psr" }.Orientation);
    }

    [Fact]
    public void A_new_scan_reads_its_source_when_it_is_read_itself_and_not_before()
    {
        var source = new CountingSource(Phantoms.Draw(31, p => p.Length < 10 ? 100 : 0));
        var volume = new MriVolume(new ScanIdentity("07", "1"), source);

        var scan = SimulatedScan.Repeat(
            volume, new ScanConditions { Spacing = new(2, 2, 2), Rotation = 30, Noise = 8 }, ScanScenario.Standard, seed: 3, "sim");
        Assert.Equal("07 ses-sim", scan.Name);
        Assert.Equal(2, scan.Spacing.X, 9);
        Assert.Equal(0, source.Reads);

        var voxels = scan.ReadVoxels();
        Assert.Equal(1, source.Reads);

        // The source was a stripped brain, so the scan is one: 4/3·π·10³ mm³ = 4.2 ml are there and the rest is exactly 0.
        // Half a voxel (1 mm) of the surface either way makes 4.2 ± 1.3; noise outside would fill the volume.
        Assert.InRange(voxels.Voxels.Count(v => v != 0) * 8 / 1000.0, 2.9, 5.5);
    }

    [Fact]
    public void A_new_scan_of_a_simulated_participant_goes_back_to_the_person()
    {
        var first = (Cohort([1], [1]) with { Adjust = c => c with { Stripped = true } }).Scans().Single();

        var raw = SimulatedScan.Repeat(first, new ScanConditions { Spacing = new(8, 8, 8) }, ScanScenario.Standard, seed: 3, "x");

        Assert.Equal(first.TrueParticipant, raw.TrueParticipant);
        var head = raw.ReadVoxels();

        // A whole head although the scan that it was made from shows the brain alone: scalp, skull and neck make 2.5 litres and more.
        Assert.True(head.Voxels.Count(v => v > 200) * head.Geometry.VoxelVolume / 1000 > 2500);
    }

    [Fact]
    public void People_differ_and_their_scans_are_alike_once_aligned_but_not_before()
    {
        // Sessions at their most different, 5 mm voxels for speed.
        var scans = (Cohort([1, 2, 3, 4], [1, 2]) with
        {
            Scenario = ScanScenario.AcrossDatabases,
            Adjust = c => c with { Spacing = new(5, 5, 5), Stripped = true },
        }).Scans().Select(s => (s.TrueParticipant, s.SimulateTruth(WorkOptions.AllProcessors))).ToList();
        var aligned = scans.Select(
            s => Sampled(s.Item2, p =>
            s.Item2.Truth.Pose.Inverse().Apply(s.Item2.Truth.Participant!.HeadScale.Apply(p)), s.Item2.Truth.BiasAt)).ToList();
        var unaligned = scans.Select(s => Sampled(s.Item2, p => p - SimulationAnatomy.TemplateCenter, _ => 1)).ToList();

        var (genuine, impostor) = Compare(aligned);
        var (rawGenuine, rawImpostor) = Compare(unaligned);

        // With the known field taken out. One person across databases (other contrast, noise, three years, some decline): 0.94
        // at 2 mm, less here for the partial volume of 5 mm voxels on two grids. Different people by affine alignment alone:
        // 0.5 to 0.75 among real ones at 2 mm.
        Assert.True(genuine.Min() > 0.75, $"genuine from {genuine.Min()}");
        Assert.InRange(impostor.Average(), 0.35, 0.75);
        Assert.True(genuine.Min() > impostor.Max() + 0.03, $"genuine from {genuine.Min()}, impostors to {impostor.Max()}");

        // Voxel by voxel as the headers have it, one's own second scan is no nearer than a stranger's: the part of impostor
        // pairs below a genuine one is half, give or take chance (4 genuine against 24 others: a standard error of 0.15; three).
        var area = rawGenuine.Average(g => rawImpostor.Average(i => g > i ? 1.0 : 0));
        Assert.InRange(area, 0.05, 0.95);
        Assert.True(rawGenuine.Average() < 0.5, $"unaligned {rawGenuine.Average()}");

        (List<double> Genuine, List<double> Impostor) Compare(List<float[]> samples)
        {
            var (same, different) = (new List<double>(), new List<double>());
            for (var i = 0; i < samples.Count; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    (scans[i].TrueParticipant == scans[j].TrueParticipant ? same : different).Add(Correlation(samples[i], samples[j]));
                }
            }

            return (same, different);
        }
    }

    private static SimulatedCohort Cohort(int[] participants, int[] sessions) =>
        new() { Seed = 1, ParticipantNumbers = participants, SessionNumbers = sessions };

    // The scan at a 5 mm grid over the brain, 0 where a neighbour is outside the brain; toScan leads from the grid's world into the scan's.
    private static float[] Sampled(SimulationResult scan, Func<Point3, Point3> toScan, Func<Point3, double> field)
    {
        var anatomy = SimulationAnatomy.FromVolume(scan.Head, "scan", stripped: false);
        var brain = SimulationAnatomy.FromVolume(scan.BrainMask!.ToVolume(), "mask", stripped: false);
        var samples = new List<float>();
        for (var z = -45; z <= 80; z += 5)
        {
            for (var y = -105; y <= 70; y += 5)
            {
                for (var x = -70; x <= 70; x += 5)
                {
                    var p = toScan(new(x, y, z));
                    var place = VectorLattice.ToVector(p);
                    samples.Add(brain.Intensity(place) < 0.95f ? 0 : (float)(anatomy.Intensity(place) / field(p)));
                }
            }
        }

        return [.. samples];
    }

    // Pearson's correlation over the places that are brain in both.
    private static double Correlation(float[] a, float[] b)
    {
        var both = Enumerable.Range(0, a.Length).Where(i => a[i] > 0 && b[i] > 0).ToList();
        var (meanA, meanB) = (both.Average(i => a[i]), both.Average(i => b[i]));
        var (ab, aa, bb) = (0.0, 0.0, 0.0);
        foreach (var i in both)
        {
            var (da, db) = (a[i] - meanA, b[i] - meanB);
            ab += da * db;
            aa += da * da;
            bb += db * db;
        }

        return ab / Math.Sqrt(aa * bb);
    }

    private sealed class CountingSource(Volume volume) : IVoxelSource
    {
        private int _reads;

        public int Reads => _reads;

        public VolumeGeometry Geometry => volume.Geometry;

        public Volume Read(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _reads);
            return volume;
        }
    }
}
