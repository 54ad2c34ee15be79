using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>Heads of one person in several contrasts: who says the contrast, and that all come to lie alike.</summary>
public sealed class ContrastTests(SimulatedHead heads) : IClassFixture<SimulatedHead>
{
    [Fact]
    public void T1w_is_made_bit_for_bit_alike_whether_it_was_asked_for_named_or_assumed()
    {
        var assumed = Process(heads.First.Head);
        var given = Process(heads.First.Head, asked: MriContrast.T1w);
        var named = Process(heads.First.Head, name: "/data/sub-1_T1w.nii.gz");

        Assert.Equal((MriContrast.T1w, ContrastSource.Image), Says(assumed));
        Assert.Equal((MriContrast.T1w, ContrastSource.Given), Says(given));
        Assert.Equal((MriContrast.T1w, ContrastSource.Name), Says(named));
        foreach (var other in (PreprocessedVolume[])[given, named])
        {
            Assert.Equal(assumed.ReadVoxels().Voxels.Select(BitConverter.SingleToUInt32Bits),
                other.ReadVoxels().Voxels.Select(BitConverter.SingleToUInt32Bits));
            Assert.Equal(assumed.BrainMask.Voxels, other.BrainMask.Voxels);
            Assert.Equal(assumed.TemplateToScan, other.TemplateToScan);
            Assert.Equal(QualityVerdict.Pass, other.QualityRecord.GetVerdict());
        }
    }

    [Theory]
    [InlineData(MriContrast.T2w)]
    [InlineData(MriContrast.FLAIR)]
    public void Another_contrast_is_stripped_and_laid_as_the_person_s_T1w_is(MriContrast contrast)
    {
        var scan = Person(contrast, session: 2);
        var (t1, other) = (Process(heads.First.Head), Process(scan.Head, asked: contrast));

        Assert.Equal((contrast, ContrastSource.Given), Says(other));
        Assert.Equal($"{contrast}", other.Contrast);
        // This head is as large as usual heads get, and its other masks a little larger.
        Assert.InRange(other.QualityRecord.BrainMillilitres / t1.QualityRecord.BrainMillilitres, 0.97, 1.03);
        Assert.DoesNotContain(other.QualityRecord.Reasons, reason => !reason.StartsWith("brain volume", StringComparison.Ordinal));
        Assert.InRange(OnScan(other, scan.Head.Geometry).Dice(scan.BrainMask!), 0.9, 1);
        Assert.InRange(Apart(heads.First, t1, scan, other), 0, 3);

        // What this is for: the person is nearer than a stranger, by edges and not by intensities alone.
        var stranger = Process(Person(MriContrast.T1w, session: 1, participant: 5).Head);
        var scores = PairwiseScorer.ScoreAll(SimilarityMeasures.AcrossContrasts, [PreparedVolume.Prepare(other)],
            [PreparedVolume.Prepare(t1), PreparedVolume.Prepare(stranger)], SimilarityOptions.Default, WorkOptions.AllProcessors);
        var (own, others) = (scores[0, 0], scores[0, 1]);
        Assert.True(own > 0.3 && own > others + 0.2, $"{own} of the person, {others} of a stranger");
    }

    [Fact]
    public void The_name_says_the_contrast_before_the_image_does_and_an_answer_before_both()
    {
        var flair = Person(MriContrast.FLAIR, session: 1).Head;

        var named = Process(flair, name: "/data/sub-1_ses-2_FLAIR.nii.gz");
        Assert.Equal((MriContrast.FLAIR, ContrastSource.Name), Says(named));
        Assert.Contains("is FLAIR by its name, not T1w; -Contrast FLAIR takes it as such", named.QualityRecord.Reasons);

        var seen = Process(flair, name: "/data/scan.nii.gz");
        Assert.Equal((MriContrast.FLAIR, ContrastSource.Image), Says(seen));
        Assert.Contains("looks like FLAIR: grey matter is brighter than white; -Contrast FLAIR takes it as such", seen.QualityRecord.Reasons);
        Assert.Equal(named.TemplateToScan, seen.TemplateToScan);

        // Whoever says T1w gets what T1w gets, and a remark.
        var wrong = Process(flair, name: "/data/sub-1_ses-2_FLAIR.nii.gz", asked: MriContrast.T1w);
        Assert.Equal((MriContrast.T1w, ContrastSource.Given), Says(wrong));
        Assert.Contains("looks like FLAIR: grey matter is brighter than white", wrong.QualityRecord.Reasons);
    }

    private static (MriContrast Contrast, ContrastSource From) Says(PreprocessedVolume volume) =>
        (volume.QualityRecord.Kind, volume.QualityRecord.Source);

    private static SimulationResult Person(MriContrast contrast, int session, int participant = 4) => new SimulatedCohort
    {
        Seed = 3,
        ParticipantNumbers = [participant],
        SessionNumbers = [session],
        Scenario = ScanScenario.Standard,
        Adjust = c => c with { Spacing = new(2, 2, 2), Contrast = contrast },
    }.Scans().Single().SimulateTruth(WorkOptions.AllProcessors);

    private PreprocessedVolume Process(Volume scan, string? name = null, MriContrast? asked = null)
    {
        var preprocessor = asked is null ? heads.Preprocessor
            : new Preprocessor(new() { Template = Template.Colin27, Contrast = asked }, WorkOptions.AllProcessors);
        return preprocessor.Process(new MriVolume(new("someone", null, null, name), new MemoryVoxelSource(scan)), null, WorkOptions.AllProcessors);
    }

    private static Mask OnScan(PreprocessedVolume result, VolumeGeometry scan) => Mask.FromVolume(
        Resampler.Resample(result.BrainMask.ToVolume(), result.TemplateToScan.Inverse(), scan, null, WorkOptions.AllProcessors), 0.5f);

    // How far apart a place of the brain ends in two scans of it, in mm of the first head.
    private static double Apart(SimulationResult a, PreprocessedVolume ofA, SimulationResult b, PreprocessedVolume ofB)
    {
        var distances = new List<double>();
        var mask = ofA.BrainMask;
        for (var i = 0; i < mask.Voxels.Length; i += 37)
        {
            if (mask.Voxels[i])
            {
                var p = ofA.Geometry.PlaceOf(i);
                distances.Add((a.Truth.ToAnatomy(ofA.TemplateToScan.Apply(p)) - b.Truth.ToAnatomy(ofB.TemplateToScan.Apply(p))).Length);
            }
        }

        return distances.Average();
    }
}
