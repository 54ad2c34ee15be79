using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

/// <summary>Lesions of white matter in simulated participants.</summary>
public sealed class LesionTests
{
    private static readonly SimulationAnatomy Anatomy = SimulationAnatomy.Template;

    [Theory]
    [InlineData(0.05)]
    [InlineData(4)]
    [InlineData(30)]
    [InlineData(60)]
    public void As_much_white_matter_is_lesion_as_was_asked(double load)
    {
        var lesions = Anatomy.Tissues.WhiteMatter.Lesions(7, load);

        Assert.All(lesions, lesion => Assert.InRange(lesion.Part, float.Epsilon, 1));

        // The last lesion is as large as what is missing, but for what of it lies in others and in cortex, at most a small part of all there are. Of
        // a single small one, 50 voxels, most are edge, and the grid moves their sum by up to some 15 %.
        Assert.Equal(load, Millilitres(lesions), load < 1 ? 0.15 * load : 0.05 * load);
    }

    [Fact]
    public void A_larger_load_holds_a_smaller_one_and_two_people_have_their_own()
    {
        var few = Anatomy.Tissues.WhiteMatter.Lesions(7, 5);
        var many = Anatomy.Tissues.WhiteMatter.Lesions(7, 15).ToDictionary(lesion => lesion.Index, lesion => lesion.Part);
        var others = Anatomy.Tissues.WhiteMatter.Lesions(8, 5).Select(lesion => lesion.Index).ToHashSet();

        Assert.All(few, lesion => Assert.True(many.GetValueOrDefault(lesion.Index) >= lesion.Part));

        // Around the ventricles two people's may meet.
        Assert.InRange(few.Count(lesion => others.Contains(lesion.Index)), 0, few.Count / 2);
    }

    [Fact]
    public void They_lie_in_white_matter_and_mostly_near_the_ventricles()
    {
        var lesions = Anatomy.Tissues.WhiteMatter.Lesions(3, 20);
        var near = lesions.Count(lesion =>
        {
            var place = Anatomy.Head.Geometry.PlaceOf(lesion.Index);

            // A box around the lateral ventricles and a centimetre more (MNI, mm); it has a sixth of the brain's volume.
            return Math.Abs(place.X) < 42 && place.Y is > -65 and < 50 && place.Z is > -20 and < 45;
        });

        Assert.All(lesions, lesion => Assert.True(Anatomy.Tissues.Part(Tissue.White, lesion.Index) > 0));
        Assert.True(near > 0.75 * lesions.Count, $"{near} of {lesions.Count}");
    }

    [Theory]
    [InlineData(MriContrast.T2w)]
    [InlineData(MriContrast.FLAIR)]
    [InlineData(MriContrast.PD)]
    public void A_voxel_of_lesion_has_its_signal_and_all_others_keep_theirs(MriContrast contrast)
    {
        var lesions = Anatomy.Tissues.WhiteMatter.Lesions(7, 20);
        var sequence = PulseSequence.Usual(contrast, 3);

        var without = Anatomy.In(sequence, [], WorkOptions.AllProcessors).Head.Voxels;
        var with = Anatomy.In(sequence, lesions, WorkOptions.AllProcessors).Head.Voxels;

        var level = sequence.Signal(Tissue.Lesion) / sequence.Signal(Tissue.White);
        Assert.True(level > 1.1 || contrast == MriContrast.PD, "lesions are bright");
        var whole = Whole(lesions);
        Assert.All(whole, i => Assert.Equal(level, with[i], 1e-5));
        AssertSameBeside(lesions, without, with);
    }

    [Fact]
    public void In_T1w_a_lesion_is_as_dark_as_the_sequence_of_Colin27_has_it()
    {
        // Holmes et al. 1998: a spoiled gradient echo, followed here pulse by pulse until nothing changes.
        double SpoiledEcho(Tissue tissue)
        {
            var (t1, t2, density) = Relaxation.Of(tissue, 1.5);
            var (flip, along) = (30 * Math.PI / 180, 1.0);
            for (var pulse = 0; pulse < 1000; pulse++)
            {
                along = 1 + (((along * Math.Cos(flip)) - 1) * Math.Exp(-18 / t1));
            }

            return density * along * Math.Sin(flip) * Math.Exp(-10 / t2);
        }

        var lesions = Anatomy.Tissues.WhiteMatter.Lesions(7, 20);
        var with = Anatomy.With(lesions).Head.Voxels;

        // The constant has two decimals.
        var level = SpoiledEcho(Tissue.Lesion) / SpoiledEcho(Tissue.White);
        var without = Anatomy.Head.Voxels;
        Assert.All(Whole(lesions), i => Assert.Equal(level - 1, (with[i] - without[i]) / Anatomy.ReferenceIntensity, 0.006));
        AssertSameBeside(lesions, without, with);

        // Nothing gets brighter, least of all fluid at the rims of the ventricles.
        Assert.All(lesions, lesion => Assert.InRange(with[lesion.Index], 0, without[lesion.Index]));
    }

    [Fact]
    public void A_person_s_lesions_are_in_every_scan_of_the_person()
    {
        var flair = Scan(1, MriContrast.FLAIR, 30);
        var plain = Scan(1, MriContrast.FLAIR, 0);

        Assert.Contains("lesions of 30 ml", $"{flair.Conditions}", StringComparison.Ordinal);

        // Pose, field and noise are the same, so that what differs is lesion, brighter than it was: by a third of white matter where a voxel of 4 mm
        // is full of it.
        var (with, without) = (flair.ReadVoxels(CancellationToken.None).Voxels, plain.ReadVoxels(CancellationToken.None).Voxels);
        var brighter = Enumerable.Range(0, with.Length).Count(i => with[i] - without[i] > 0.1 * ScanSimulator.WhiteMatter);
        var darker = Enumerable.Range(0, with.Length).Count(i => without[i] - with[i] > 0.1 * ScanSimulator.WhiteMatter);
        Assert.InRange(brighter * 0.064, 10, 60);
        Assert.Equal(0, darker);

        var repeated = SimulatedScan.Repeat(
            plain, flair.Conditions with { Contrast = MriContrast.T2w }, ScanScenario.Standard, 1, "x").ReadVoxels(CancellationToken.None);
        var healthy = SimulatedScan.Repeat(
            plain, plain.Conditions with { Contrast = MriContrast.T2w }, ScanScenario.Standard, 1, "x").ReadVoxels(CancellationToken.None);
        Assert.False(repeated.Voxels.AsSpan().SequenceEqual(healthy.Voxels));
    }

    [Fact]
    public void Nobody_is_given_lesions_whose_white_matter_is_not_known()
    {
        var volume = new MriVolume(new ScanIdentity("07", "1"), new MemoryVoxelSource(Phantoms.Draw(31, _ => 100)));
        var conditions = new ScanConditions { LesionLoad = 5 };

        var refused = Assert.Throws<MriFileException>(() => SimulatedScan.Repeat(volume, conditions, ScanScenario.Standard, 1, "y"));

        Assert.Contains("07 ses-", refused.Message, StringComparison.Ordinal);
        Assert.Throws<MriFileException>(() => Phantoms.Scan(volume.ReadVoxels(CancellationToken.None), conditions, 30));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScanConditions { LesionLoad = 61 });
    }

    private static double Millilitres(IEnumerable<LesionVoxel> lesions) => lesions.Sum(
        lesion => lesion.Part * Anatomy.Tissues.Part(Tissue.White, lesion.Index)) * Anatomy.Head.Geometry.VoxelVolume / 1000;

    // Voxels that are nothing but lesion.
    private static List<int> Whole(IReadOnlyList<LesionVoxel> lesions)
    {
        List<int> whole =
            [.. lesions.Where(lesion => lesion.Part >= 1 && Anatomy.Tissues.Part(Tissue.White, lesion.Index) >= 1).Select(lesion => lesion.Index)];
        Assert.True(whole.Count > 1000, $"{whole.Count} voxels");
        return whole;
    }

    private static void AssertSameBeside(IReadOnlyList<LesionVoxel> lesions, float[] without, float[] with)
    {
        var within = lesions.Select(lesion => lesion.Index).ToHashSet();
        var changed = Enumerable.Range(0, without.Length).Where(i => !without[i].Equals(with[i])).ToList();
        Assert.NotEmpty(changed);
        Assert.All(changed, i => Assert.Contains(i, within));
    }

    private static SimulatedScan Scan(int session, MriContrast contrast, double load) => new SimulatedCohort
    {
        Seed = 4,
        ParticipantNumbers = [2],
        SessionNumbers = [session],
        Adjust = c => c with { Contrast = contrast, LesionLoad = load, Spacing = new(4, 4, 4) },
    }.Scans().Single();
}
