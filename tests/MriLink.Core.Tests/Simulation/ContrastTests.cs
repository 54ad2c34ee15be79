using System.Text.Json;
using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

/// <summary>T2w, FLAIR and PD scans of participants; and that T1w is what it always was.</summary>
public sealed class ContrastTests
{
    // Made by Fixtures/simulation/make_signals.py, which follows the magnetisation through time and knows no formula of ours.
    private static readonly Lazy<SignalCase[]> Expected = new(() => JsonSerializer.Deserialize<SignalCase[]>(
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "simulation", "signals.json")), JsonSerializerOptions.Web)!);

    private static readonly Tissue[] Solid = [Tissue.White, Tissue.Grey, Tissue.Fluid, Tissue.Muscle, Tissue.Fat];
    private static readonly MriContrast[] Others = [MriContrast.T2w, MriContrast.FLAIR, MriContrast.PD];

    [Fact]
    public void Signals_are_those_of_the_integrated_equations_of_motion()
    {
        Assert.Equal(6, Expected.Value.Length);
        foreach (var expected in Expected.Value)
        {
            var sequence = PulseSequence.Usual(Enum.Parse<MriContrast>(expected.Contrast), expected.FieldStrength);

            // The fixture has seven decimals of signals and two of times.
            Assert.Equal(expected.InversionTime is null, sequence.InversionTime is null);
            Assert.Equal(expected.InversionTime ?? 0, sequence.InversionTime ?? 0, 0.01);
            Assert.Equal(6, expected.Signals.Count);
            foreach (var (tissue, signal) in expected.Signals)
            {
                Assert.Equal(signal, sequence.Signal(Enum.Parse<Tissue>(tissue)), 2e-7);
            }
        }
    }

    [Theory]
    [InlineData(1.5)]
    [InlineData(3)]
    public void A_participant_s_tissues_have_the_signals_of_their_contrast(double fieldStrength)
    {
        foreach (var contrast in Others)
        {
            var means = Means(new() { Contrast = contrast, FieldStrength = fieldStrength });
            var expected = Expected.Value.Single(
                c => string.Equals(c.Contrast, $"{contrast}", StringComparison.Ordinal) && c.FieldStrength.Equals(fieldStrength)).Signals;

            // Scans are stored in integers: half a unit of 800.
            foreach (var tissue in Solid)
            {
                Assert.Equal(expected[$"{tissue}"] / expected["White"], means[(int)tissue] / ScanSimulator.WhiteMatter, 0.001);
            }

            Tissue[] order = contrast switch
            {
                MriContrast.T2w => [Tissue.Fluid, Tissue.Grey, Tissue.White, Tissue.Muscle],
                MriContrast.FLAIR => [Tissue.Grey, Tissue.White, Tissue.Muscle, Tissue.Fluid],
                _ => [Tissue.Grey, Tissue.White],
            };
            for (var i = 1; i < order.Length; i++)
            {
                Assert.True(
                    means[(int)order[i - 1]] > 1.05 * means[(int)order[i]], $"{contrast} at {fieldStrength} T: {order[i - 1]} over {order[i]}");
            }

            Assert.True(contrast == MriContrast.FLAIR || means[(int)Tissue.Fluid] > means[(int)Tissue.White]);

            // Air and bone: nothing.
            Assert.Equal(0, means[^1], 0.5);
        }
    }

    [Fact]
    public void The_tissues_of_Colin27_are_those_of_BrainWeb_s_phantom_of_the_same_head()
    {
        // Volumes of BrainWeb's anatomical model with lesions, ml, as its page has them; made of the same head by a classifier and by hand. Where
        // fluid ends in sulci and grey matter in deep nuclei is a matter of taste that moves some ten per cent; a fifth of the head's fluid taken for
        // bone, or dura and scalp for brain, does not pass.
        var tissues = SimulationAnatomy.Template.Tissues;
        Assert.InRange(tissues.Millilitres(Tissue.Fluid) / 371.988, 0.8, 1.2);
        Assert.InRange(tissues.Millilitres(Tissue.Grey) / 903.198, 0.8, 1.2);
        Assert.InRange(tissues.Millilitres(Tissue.White) / 671.323, 0.8, 1.2);
    }

    [Fact]
    public void A_voxel_between_two_tissues_lies_between_them_in_every_contrast()
    {
        // A brain whose intensity rises from fluid to white matter from left to right, and outside it one that rises from air to fat.
        var head = Phantoms.Draw(121, p => 100 * (p.Length < 45 ? 0.2 + (0.9 * (p.X + 45) / 90) : 1.6 * (p.X + 60) / 120));
        var brain = Mask.FromVolume(Phantoms.Draw(121, p => p.Length < 45 ? 1 : 0));
        var map = TissueMap.Of(head, brain, 100, WorkOptions.AllProcessors);
        foreach (var contrast in Others)
        {
            foreach (var field in new[] { 1.5, 3 })
            {
                var sequence = PulseSequence.Usual(contrast, field);
                var shown = map.Show(sequence, [], WorkOptions.SingleThread);
                double Level(Tissue tissue) => sequence.Signal(tissue) / sequence.Signal(Tissue.White);

                // Along a line through the middle of the ball, and one 55 mm above it.
                var inside = Enumerable.Range(22, 77).Select(x => (double)shown[x, 60, 60]).ToList();
                var outside = Enumerable.Range(0, 121).Select(x => (double)shown[x, 60, 115]).ToList();
                Between(inside, Level(Tissue.Fluid), Level(Tissue.Grey), Level(Tissue.White));
                Between(outside, 0, Level(Tissue.Muscle), Level(Tissue.Fat));
            }
        }

        for (var i = 0; i < head.Voxels.Length; i++)
        {
            var all = Enum.GetValues<Tissue>().Where(t => t != Tissue.Lesion).Sum(t => map.Part(t, i));

            // Each part is rounded to a 255th.
            Assert.InRange(all, 0, 1 + (3.0 / 255));
        }

        Assert.Equal(0, Enumerable.Range(0, 121).Sum(x => map.Part(Tissue.Grey, head.Size.IndexOf(x, 60, 115)) + map.Part(Tissue.White,
            head.Size.IndexOf(x, 60, 115))));

        // From the first to the second level and on to the third, and nowhere back.
        static void Between(List<double> line, double first, double second, double third)
        {
            var turn = line.FindIndex(v => Math.Abs(v - second) < 0.02);
            Assert.True(turn > 0, "the middle tissue is met");
            Assert.Equal(first, line[0], 0.02);
            Assert.Equal(third, line[^1], 0.02);
            for (var i = 1; i < line.Count; i++)
            {
                var rises = i <= turn ? second >= first : third >= second;
                Assert.True((rises ? line[i] - line[i - 1] : line[i - 1] - line[i]) > -0.02, $"{line[i - 1]} to {line[i]} at {i}");
            }
        }
    }

    [Fact]
    public void Around_the_ventricles_there_is_no_rim_of_grey_matter()
    {
        // Fluid of 12 mm across in the middle of white matter, its border blurred as an image is: FLAIR, in which grey matter would be brighter than
        // both, goes from dark to white matter and no higher.
        var head = Phantoms.Draw(121, p => p.Length < 55 ? 27 + (73 / (1 + Math.Exp(-(p.Length - 6) / 0.3))) : 0);
        var brain = Mask.FromVolume(Phantoms.Draw(121, p => p.Length < 55 ? 1 : 0));
        var map = TissueMap.Of(head, brain, 100, WorkOptions.AllProcessors);
        var sequence = PulseSequence.Usual(MriContrast.FLAIR, 3);
        var shown = map.Show(sequence, [], WorkOptions.SingleThread);

        var line = Enumerable.Range(60, 25).Select(x => shown[x, 60, 60]).ToList();
        Assert.Equal(0, line[0], 0.01f);
        Assert.Equal(1, line[^1], 0.01f);
        Assert.All(line, v => Assert.InRange(v, 0, 1.01f));

        // Nowhere else either; grey matter has 1.19 here.
        Assert.InRange(sequence.Signal(Tissue.Grey) / sequence.Signal(Tissue.White), 1.15, 1.25);
        for (var x = 45; x < 76; x++)
        {
            for (var y = 45; y < 76; y++)
            {
                for (var z = 45; z < 76; z++)
                {
                    Assert.InRange(shown[x, y, z], 0, 1.03f);
                }
            }
        }
    }

    // Computed by the version before there were other contrasts (28 November 2026).
    [Theory]
    [InlineData(ScanScenario.Standard, "91b3cc5810e6b8ac19d8975fcbfbbd1a2a7996c467f2880282c13a6589e55033")]
    [InlineData(ScanScenario.Interval, "0711458303b45ad6867771b4369239b911ef442b8e2153979e5d6ccc7aba24a2")]
    [InlineData(ScanScenario.Scanner, "e04ec4767dabefaa0144cfeffe663dd3812e485ad736bcfcde641a87477d867a")]
    [InlineData(ScanScenario.Resolution, "f09d7ebdc614fed84a5e97ab432970c4f5d0a8f124733ed5e0fc975f210b3ee4")]
    [InlineData(ScanScenario.Protocol, "2f6e896442d7d17c0d31f4d96e31507f5eebdc7c850712b3f12475403d6fd88e")]
    [InlineData(ScanScenario.Decline, "8abefe8ace712de71fa6417c8f126a8107e136486d6563ded4e7877859137d63")]
    [InlineData(ScanScenario.AcrossDatabases, "b3725ea0fab9eb46b42d9606377e2415f58756b360a08b3d8f97876b5d34921e")]
    public void T1w_is_what_it_was_to_the_bit(ScanScenario scenario, string hash)
    {
        var scan = Scan(scenario, session: 2, c => c with { Spacing = new(7, 7, 7) });

        Assert.Equal("T1w", scan.Contrast);
        Assert.Equal($"sha256-voxels:{hash}", ContentHash.Of(scan.ReadVoxels()));
    }

    [Fact]
    public void A_given_volume_is_scanned_as_it_was_to_the_bit()
    {
        var volume = new MriVolume(new ScanIdentity("07", "1"), new MemoryVoxelSource(Phantoms.Draw(61, Phantoms.Spot(new(5, -4, 3), 12))));
        var scan = SimulatedScan.Repeat(
            volume, new ScanConditions { Spacing = new(3, 3, 3), Gamma = 1.3 }, ScanScenario.Standard, 3, "x", stripped: false);

        Assert.Null(scan.Contrast);
        Assert.Equal("sha256-voxels:25b4eed1a17ce220507f265a1f16e15b5ea9977945bbc7703c7fb9ad2fd32517", ContentHash.Of(scan.ReadVoxels()));
    }

    [Fact]
    public void The_same_seeds_give_the_same_bits_on_any_number_of_threads()
    {
        var conditions = new ScanConditions { Contrast = MriContrast.FLAIR, ContrastVariation = 0.7, Gamma = 1.2, Spacing = new(6, 6, 6) };
        var grid = GridOrientation.Lay("RAS", new(192, 236, 60), conditions.Spacing);
        var simulator = new ScanSimulator(SimulationAnatomy.Template, new SimulatedParticipant(1));
        Volume Run(int threads, long scannerSeed) => simulator.Simulate(conditions, grid, 2, scannerSeed, new(threads, CancellationToken.None)).Head;

        var (one, three, other) = (Run(1, 1), Run(3, 1), Run(3, 2));

        Assert.True(one.Voxels.AsSpan().SequenceEqual(three.Voxels));
        Assert.False(one.Voxels.AsSpan().SequenceEqual(other.Voxels));
    }

    [Fact]
    public void Sessions_of_the_scenario_go_through_the_contrasts()
    {
        var sessions = Enumerable.Range(1, 5).Select(session => Scan(ScanScenario.Contrast, session, c => c)).ToList();

        Assert.Equal(["T1w", "T2w", "FLAIR", "PD", "T1w"], sessions.Select(s => s.Contrast));
        Assert.Equal(["T1w", "T2w", "FLAIR", "PDw", "T1w"], sessions.Select(s => s.Suffix));
    }

    [Fact]
    public void Contrasts_of_one_session_share_neither_pose_nor_noise()
    {
        var scans = Enum.GetValues<MriContrast>().Select(contrast => Scan(ScanScenario.Standard, 1, c => c with { Contrast = contrast })).ToList();
        var again = Enum.GetValues<MriContrast>().Select(contrast =>
            SimulatedScan.Repeat(scans[0], new() { Contrast = contrast }, ScanScenario.Standard, 1, "x")).ToList();

        Assert.Single(scans.Select(s => s.TrueParticipant).Distinct(StringComparer.Ordinal));
        Assert.Equal(8, scans.Concat(again).Select(s => s.Seed).Distinct().Count());
    }

    [Fact]
    public void Another_protocol_has_other_times_and_the_same_order_of_tissues()
    {
        foreach (var contrast in Others)
        {
            var usual = PulseSequence.Usual(contrast, 3);
            Assert.Equal(usual, usual.Varied(0, 1));
            var echoes = new HashSet<double>();
            for (var seed = 1; seed <= 30; seed++)
            {
                var varied = usual.Varied(1, seed);
                echoes.Add(varied.EchoTime);
                Assert.InRange(varied.EchoTime / usual.EchoTime, 0.8, 1.25);
                Assert.InRange(varied.RepetitionTime / usual.RepetitionTime, 0.8, 1.25);
                Assert.True(varied.Signal(Tissue.Grey) > varied.Signal(Tissue.White));
                Assert.True(contrast switch
                {
                    MriContrast.T2w => varied.Signal(Tissue.Fluid) > 1.3 * varied.Signal(Tissue.Grey),
                    MriContrast.FLAIR => Math.Abs(varied.Signal(Tissue.Fluid)) < 0.7 * varied.Signal(Tissue.White),
                    _ => true,
                });
            }

            Assert.Equal(30, echoes.Count);
        }
    }

    [Fact]
    public void What_cannot_be_another_contrast_is_refused_by_name()
    {
        var volume = new MriVolume(new ScanIdentity("07", "1"), new MemoryVoxelSource(Phantoms.Draw(31, _ => 100)));
        var conditions = new ScanConditions { Contrast = MriContrast.FLAIR };
        var given = SimulatedScan.Repeat(volume, new(), ScanScenario.Standard, 1, "x");
        foreach (var source in new[] { volume, given })
        {
            var refused = Assert.Throws<MriFileException>(() => SimulatedScan.Repeat(source, conditions, ScanScenario.Standard, 1, "y"));
            Assert.Contains("07 ses-", refused.Message, StringComparison.Ordinal);
            Assert.Contains("FLAIR", refused.Message, StringComparison.Ordinal);
        }

        Assert.Throws<MriFileException>(() => Phantoms.Scan(volume.ReadVoxels(), conditions, 30));
        Assert.Equal("FieldStrength", Assert.Throws<ArgumentOutOfRangeException>(() => new ScanConditions { FieldStrength = 7 }).ParamName);
        Assert.Equal("Contrast", Assert.Throws<ArgumentOutOfRangeException>(() => new ScanConditions { Contrast = (MriContrast)9 }).ParamName);
    }

    private static SimulatedScan Scan(ScanScenario scenario, int session, Func<ScanConditions, ScanConditions> adjust) => new SimulatedCohort
    {
        Seed = 4,
        ParticipantNumbers = [2],
        SessionNumbers = [session],
        Scenario = scenario,
        Adjust = adjust,
    }.Scans().Single();

    // The mean of each tissue over voxels that hold nothing else, of bone and air as the last. Colin27 lies on the scanner's grid as on its own, so
    // that nothing is interpolated.
    private static double[] Means(ScanConditions conditions)
    {
        conditions = conditions with { Rotation = 0, Translation = 0, Noise = 0, BiasField = 0, GradientDistortion = 0 };
        var grid = GridOrientation.Lay("RAS", new(181, 217, 101), conditions.Spacing);
        var template = SimulationAnatomy.Template;
        var head = new ScanSimulator(template).Simulate(conditions, grid, scanSeed: 5, scannerSeed: 6, WorkOptions.AllProcessors).Head;
        var (sums, counts) = (new double[Solid.Length + 1], new int[Solid.Length + 1]);
        for (var z = 0; z < grid.Size.Z; z++)
        {
            for (var y = 0; y < grid.Size.Y; y++)
            {
                for (var x = 0; x < grid.Size.X; x++)
                {
                    var at = template.Head.Geometry.WorldToVoxel.Apply(grid.VoxelToWorld.Apply(new(x, y, z)) + template.Center);
                    var (i, j, k) = ((int)Math.Round(at.X), (int)Math.Round(at.Y), (int)Math.Round(at.Z));
                    if (i < 0 || j < 0 || k < 0 || i >= template.Head.Size.X || j >= template.Head.Size.Y || k >= template.Head.Size.Z)
                    {
                        continue;
                    }

                    var index = template.Head.Size.IndexOf(i, j, k);
                    for (var tissue = 0; tissue <= Solid.Length; tissue++)
                    {
                        if (tissue < Solid.Length ? template.Tissues.Part(Solid[tissue], index) >= 1
                            : Solid.All(t => template.Tissues.Part(t, index) <= 0))
                        {
                            sums[tissue] += head[x, y, z];
                            counts[tissue]++;
                        }
                    }
                }
            }
        }

        Assert.All(counts, count => Assert.True(count >= 1000, $"voxels: {string.Join(' ', counts)}"));
        return [.. sums.Zip(counts, (sum, count) => sum / count)];
    }

    private sealed record SignalCase(double FieldStrength, string Contrast, double? InversionTime, Dictionary<string, double> Signals);
}
