using System.Collections.Concurrent;
using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Mitigation;

/// <summary>
/// What the test of mitigations says of a small simulated cohort: three people with two scans each, stripped and at 3 mm to save time.
/// </summary>
public sealed class MitigationTestTests
{
    private static readonly WorkOptions Work = WorkOptions.AllProcessors;
    private static readonly Preprocessor Preprocessor = new(new() { Spacing = 4, BiasCorrection = false }, Work);
    private static readonly SimilarityMeasure Measure = SimilarityMeasures.Default;

    [Fact]
    public void Linkage_and_quality_fall_as_strength_grows_and_the_first_row_is_the_release_as_it_is()
    {
        var results = Run(["Resample:4", "Resample:20", "Noise:1", "Noise:3000"]);

        Assert.Equal(["None", "Resample 4 mm voxels", "Resample 20 mm voxels", "Noise 1 % noise", "Noise 3000 % noise"],
            results.Select(r => $"{r.Mitigation} {r.Setting}".Trim()));
        var none = results[0];
        Assert.Equal((3, 3, 3, 3, 0), (none.Probes, none.GalleryScans, none.MatedProbes, none.TrueLinks, none.FalseLinks));
        Assert.Equal((1.0, 1 / 3.0), (none.Rank1!.Value, none.ChanceRank1));
        Assert.Null(none.Psnr);
        foreach (var (weak, strong) in new[] { (results[1], results[2]), (results[3], results[4]) })
        {
            var said = $"{none}: {none.GenuineScore}; {weak}: {weak.GenuineScore}, {weak.Psnr} dB, {weak.Failed} failed; {strong}: "
                + $"{strong.GenuineScore}, {strong.Psnr} dB, {strong.Failed} failed";
            Assert.True(none.GenuineScore >= weak.GenuineScore - 0.02 && weak.GenuineScore > strong.GenuineScore + 0.2, said);
            Assert.True(weak.Psnr > strong.Psnr + 3 && weak.Ssim > strong.Ssim + 0.1, said);
            Assert.True(weak.TrueLinks == 3 && strong.TrueLinks < 3, said);
        }

        // One per cent of the brain's median intensity, in the data range of its 1st to 99th percentile: 40 dB and a little.
        Assert.InRange(results[3].Psnr!.Value, 38, 46);
    }

    [Fact]
    public void Without_common_labels_todays_links_are_the_yardstick()
    {
        var results = Run(["Smooth:60"], gallery: "someone-{0}");

        Assert.All(results, r => Assert.Null(r.TrueLinks));
        Assert.All(results, r => Assert.Null(r.Rank1));
        Assert.Equal(3, results[0].SurvivingLinks);
        Assert.True(results[1].SurvivingLinks < 3);
        Assert.True(results[0].GenuineScore > results[0].ImpostorScore + 0.1);
    }

    [Fact]
    public void An_attacker_who_does_the_same_finds_more()
    {
        var results = Run(["Smooth:14", "Noise:10"], adapted: true);

        Assert.Equal([false, false, true, false], results.Select(r => r.AdaptedAttacker));
        Assert.True(results[2].GenuineScore > results[1].GenuineScore + 0.05, $"{results[1].GenuineScore} {results[2].GenuineScore}");
        Assert.Equal(results[1].Ssim, results[2].Ssim);
    }

    [Fact]
    public void Scans_of_which_nothing_is_left_count_as_not_found_and_scans_that_do_not_change_are_named()
    {
        var results = Run(["Crop:100", "Deface:0", "Crop:0"]);

        var gone = results[1];
        Assert.Equal((3, 3, 0, 0.0), (gone.Unusable, gone.Failed, gone.Links, gone.Rank1?.Value ?? 0));
        Assert.Contains("No pair has a score.", gone.Notes);
        var defaced = results[2];
        Assert.Equal((3, 3, 1.0), (defaced.Unchanged, defaced.TrueLinks, defaced.Rank1!.Value));
        Assert.Contains("changes none of 3 scans: each is stripped already", defaced.Notes[0], StringComparison.Ordinal);
        Assert.Null(defaced.Psnr);

        // Cropped to its box, a brain has all its voxels where they were.
        Assert.Equal(144.5, results[3].Psnr!.Value, 0.1);
        Assert.Equal(3, results[3].TrueLinks);
    }

    [Fact]
    public void Mitigations_are_chosen_by_name_at_their_usual_strengths_or_those_asked_for()
    {
        Assert.Equal(["Crop 0", "Crop 10", "Crop 20", "Crop 40", "Noise 50"], Chosen(["Crop", "Noise", "Crop"], Only("noise", 50)));
        Assert.Contains("'Warp', which is not among -Mitigation Crop, Noise",
            Assert.Throws<InvalidOperationException>(() => Chosen(["Crop", "Noise"], Only("Warp", 1))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Chosen(["Quantize"], Only("Quantize", 17)));
        Assert.Throws<ArgumentException>(() => Chosen(["Blur"]));

        static KeyValuePair<string, IReadOnlyList<double>> Only(string name, double strength) => new(name, [strength]);

        static string[] Chosen(string[] names, params KeyValuePair<string, IReadOnlyList<double>>[] strengths) =>
            [.. Mitigations.Choose(names, strengths).Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Kind} {m.Strength}"))];
    }

    [Fact]
    public void Each_scan_has_an_outcome_in_its_place_and_what_is_no_fault_of_a_scan_ends_all()
    {
        MriVolume[] scans = [.. Enumerable.Range(0, 20).Select(i => new MriVolume(new($"{i}"), new MemoryVoxelSource(Small)))];
        var told = new ConcurrentBag<WorkProgress>();

        var outcomes = MitigationTest.ForEachScan(scans, stepsPerScan: 2, Work, new Told(told), (scan, _, step) =>
        {
            step(scan);
            step(scan);
            return scan.Participant == "7" ? throw new InvalidDataException("It is damaged.") : scan.Participant;
        });

        Assert.Equal(scans, outcomes.Select(o => o.Scan));
        Assert.All(outcomes, o => Assert.Equal(o.Scan.Participant == "7" ? null : o.Scan.Participant, o.Result));
        Assert.Equal("It is damaged.", outcomes[7].Error!.Message);
        Assert.Equal(1, outcomes.Count(o => o.Error is not null));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => i / 40.0), told.Select(p => p.Fraction).Order());
        Assert.Throws<NotSupportedException>(() => MitigationTest.ForEachScan<string>(
            scans, 1, Work, new Told(told), (_, _, _) => throw new NotSupportedException()));
    }

    [Fact]
    public void A_gallery_that_was_preprocessed_otherwise_is_told_and_one_spacing_is_taken_from_it()
    {
        var raw = new MriVolume(new("raw"), new MemoryVoxelSource(Small));
        var unknown = TestVolume.Preprocessed(new("a"), Small, new(Small.Geometry, new bool[Small.Size.Count]));
        var options = new PreprocessOptions();

        Assert.Null(AttackerGallery.SpacingOf([raw]));
        Assert.Equal(3, AttackerGallery.SpacingOf([raw, unknown]));
        Assert.Null(AttackerGallery.DifferenceNote([raw], options));
        var note = AttackerGallery.DifferenceNote([raw, unknown, unknown], options);
        Assert.StartsWith("2 of 2 preprocessed gallery scans were not preprocessed as the release will be: nothing is recorded of how. ", note,
            StringComparison.Ordinal);
        Assert.Equal(["it does not say how", "a BrainMask is given"], unknown.DifferencesFrom(options, withBrainMask: true));
    }

    [Fact]
    public void A_threshold_that_was_learnt_from_pairs_of_another_kind_judges_none_of_these()
    {
        var learnt = ThresholdEstimator.Estimate([0.1, 0.15, 0.2], [0.01, 0.02, 0.03], new() { Measure = Measure, Contrasts = "T1w-FLAIR" });
        var fitting = ThresholdEstimator.Estimate([0.8, 0.85, 0.9], [0.1, 0.15, 0.2], new() { Measure = Measure, Contrasts = "T1w" });

        var (others, own) = (Run(["Noise:1"], threshold: learnt), Run(["Noise:1"], threshold: fitting));

        Assert.All(others, r => Assert.DoesNotContain("Threshold", r.DecidingRule, StringComparison.Ordinal));
        Assert.All(others, r => Assert.Contains(r.Notes, n => n.Contains("one of T1w-FLAIR pairs, says nothing", StringComparison.Ordinal)));
        Assert.All(own, r => Assert.StartsWith("Threshold", r.DecidingRule, StringComparison.Ordinal));
        Assert.All(own, r => Assert.Equal("T1w", r.Contrasts));
    }

    private static IReadOnlyList<MitigationResult> Run(
        string[] mitigations, string gallery = "{0}", bool adapted = false, LinkageThreshold? threshold = null)
    {
        var held = Cohort(1, gallery);
        var galleryBrains = new PreparedVolume[held.Length];
        MitigationTest.ForEach(held.Length, Work, (i, work) => galleryBrains[i] = PreparedVolume.Prepare(Preprocess(held[i], work)));
        var test = new MitigationTest(
            [.. mitigations.Select(m => Mitigations.Find(m.Split(':')[0])!.Create(double.Parse(m.Split(':')[1], CultureInfo.InvariantCulture)))],
            galleryBrains, Preprocess, Measure, SimilarityOptions.Default, seed: 1);
        if (adapted)
        {
            test.AdaptAttacker(held, Work);
        }

        var released = Cohort(2, "{0}");
        var trials = new ProbeTrial[released.Length];
        MitigationTest.ForEach(released.Length, Work, (i, work) => trials[i] = test.Try(released[i], work));
        return new MitigationSummary(test, trials, new() { Threshold = threshold ?? 0.7 }, new(Replicates: 100)).Results(Work);
    }

    // Scans as they are come again in every test; what has been made of them is kept.
    private static PreprocessedVolume Preprocess(MriVolume scan, WorkOptions work)
    {
        var made = Made.GetOrAdd(scan.ReadVoxels(), _ => Preprocessor.Process(scan, brainMask: null, work));
        return new(scan.Identity, made.ReadVoxels(), made.BrainMask, made.Template, made.TemplateToScan, made.QualityRecord, []);
    }

    private static readonly Volume Small = new(new VolumeGeometry(new(4, 4, 4), Affine.FromScale(3, 3, 3)), new float[64]);

    private static readonly ConcurrentDictionary<Volume, PreprocessedVolume> Made = new(ReferenceEqualityComparer.Instance);

    // Simulated once; labels are given anew.
    private static MriVolume[] Cohort(int session, string labels) =>
        [.. Scans[session - 1].Value.Select(
            s => new MriVolume(s.Identity with { Participant = string.Format(CultureInfo.InvariantCulture, labels, s.Participant) },
            new MemoryVoxelSource(s.ReadVoxels())))];

    private static readonly Lazy<MriVolume[]>[] Scans = [new(() => Simulate(1)), new(() => Simulate(2))];

    private static MriVolume[] Simulate(int session) =>
    [
        .. new SimulatedCohort
        {
            Seed = 5,
            ParticipantNumbers = [1, 2, 3],
            SessionNumbers = [session],
            ParticipantFormat = "{0}",
            Adjust = c => c with { Spacing = new(3, 3, 3), Stripped = true, Rotation = 3, Translation = 4 },
        }.Scans().Select(s => new MriVolume(s.Identity, new MemoryVoxelSource(s.ReadVoxels()))),
    ];

    private sealed class Told(ConcurrentBag<WorkProgress> reports) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => reports.Add(value);
    }
}
