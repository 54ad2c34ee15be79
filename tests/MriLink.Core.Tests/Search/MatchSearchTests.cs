using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Search;

/// <summary>What is compared with what, by which measure and rule; what a comparison gives is tested where it belongs.</summary>
public sealed class MatchSearchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Volumes_are_compared_with_all_unless_candidates_are_asked_for()
    {
        var entries = Entries(4);

        Assert.Null(new MatchSearch(entries, new()).Candidates);
        Assert.Null(new MatchSearch(entries, new() { Candidates = 0 }).Candidates);
        Assert.Null(new MatchSearch(entries, new() { Candidates = 4 }).Candidates);
        Assert.Equal(4, new MatchSearch(entries, new()).ReadFirst.Count);
        var some = new MatchSearch(entries, new() { Candidates = 3 });
        Assert.Equal(3, some.Candidates);
        Assert.Same(entries[0], Assert.Single(some.ReadFirst));
    }

    [Fact]
    public void Candidates_are_refused_where_there_can_be_none()
    {
        var entries = Entries(3);
        var asked = new MatchSearchOptions { Candidates = 1 };

        Refused(SearchRefusal.CandidatesAlone, entries, asked with { Normalization = CohortNormalization.None });
        Refused(SearchRefusal.CandidatesAlone, entries, asked with
        {
            Match = new() { Threshold = new LinkageThreshold(1) { NormalizedBy = CohortNormalization.SNorm } },
        });
        Refused(SearchRefusal.CandidatesAlone, entries, asked with { Mirrored = true });
        Refused(SearchRefusal.CandidatesOfNothing, [Brain("a"), Brain("b")], asked);

        // What takes the whole gallery gets it.
        Assert.Null(new MatchSearch(entries, new() { Mirrored = true, Normalization = CohortNormalization.ZNorm }).Candidates);

        static void Refused(SearchRefusal reason, IReadOnlyList<MriScan> gallery, MatchSearchOptions options) =>
            Assert.Equal(reason, Assert.Throws<SearchRefusedException>(() => new MatchSearch(gallery, options)).Reason);
    }

    [Fact]
    public void A_probe_without_signature_is_refused_by_name_where_candidates_are_chosen()
    {
        var (entries, raw) = (Entries(3), new MriVolume(new("raw"), new MemoryVoxelSource(Brain("x").ReadVoxels())));

        var refused = Assert.Throws<SearchRefusedException>(
            () => new MatchSearch(entries, new() { Candidates = 1 }).WithSignatures([Brain("q"), raw]));

        Assert.Equal((SearchRefusal.NoSignature, raw.Identity), (refused.Reason, refused.Scan));
        Assert.Equal(2, new MatchSearch(entries, new()).WithSignatures([Brain("q"), raw]).Count);
    }

    [Fact]
    public void Candidates_are_not_chosen_among_several_contrasts()
    {
        var search = new MatchSearch(Entries(3), new() { Candidates = 1 });
        var flair = PreparedVolume.Prepare(Brain("q", MriContrast.FLAIR));

        var refused = Assert.Throws<SearchRefusedException>(() => search.FindAmongCandidates(
            [Brain("q", MriContrast.FLAIR)], [flair], SimilarityOptions.Default, WorkOptions.SingleThread, null, (_, _) => { }));

        Assert.Equal(SearchRefusal.CandidatesOfOneContrast, refused.Reason);
    }

    [Fact]
    public void Each_kind_of_pair_has_its_measure_and_its_rule()
    {
        ScanIdentity[] probes = [new("a"), new("b") { Kind = MriContrast.FLAIR }];
        ScanIdentity[] gallery = [new("c")];
        var options = new MatchSearchOptions { Match = new() { Threshold = 0.7, Top = 3 } };

        var kinds = Kinds(options);

        Assert.Equal([SimilarityMeasures.Default, SimilarityMeasures.AcrossContrasts], kinds.Select(k => k.Measure));
        Assert.Equal([0.7, null], kinds.Select(k => k.Options.Threshold?.Threshold));
        Assert.All(kinds, k => Assert.Equal(3, k.Options.Top));
        Assert.All(kinds, k => Assert.Null(k.MeasureNote));
        Assert.Null(kinds[0].RuleNote);
        Assert.StartsWith("FLAIR with T1w scans: ", kinds[1].RuleNote, StringComparison.Ordinal);

        // Asked for, one measure serves all, and its threshold; that it says little of two contrasts is told.
        kinds = Kinds(options with { IsMeasureAsked = true });
        Assert.All(kinds, k => Assert.Equal((SimilarityMeasures.Default, 0.7), (k.Measure, k.Options.Threshold!.Threshold)));
        Assert.Null(kinds[0].MeasureNote);
        Assert.StartsWith("FLAIR with T1w scans: LocalNCC says little", kinds[1].MeasureNote, StringComparison.Ordinal);

        KindComparison[] Kinds(MatchSearchOptions with) => [.. new MatchSearch([Brain("c")], with).Kinds(probes, gallery)];
    }

    [Fact]
    public void Scores_are_normalised_as_the_threshold_was_unless_it_is_said_how()
    {
        var normalized = new MatchOptions { Threshold = new LinkageThreshold(4) { NormalizedBy = CohortNormalization.SNorm } };

        Assert.Equal(CohortNormalization.SNorm, Of(new() { Match = normalized }));
        Assert.Equal(CohortNormalization.TNorm, Of(new() { Match = normalized, Normalization = CohortNormalization.TNorm }));
        Assert.Equal(CohortNormalization.None, Of(new()));

        static CohortNormalization Of(MatchSearchOptions options) =>
            new MatchSearch([Brain("c")], options).Kinds([new("a")], [new("c")]).Single().Options.Normalization;
    }

    [Fact]
    public void Participants_who_come_again_are_told_where_each_scan_is_taken_for_another_person()
    {
        ScanIdentity[] once = [.. "abcdef".Select(letter => new ScanIdentity($"{letter}"))];
        ScanIdentity[] twice = [.. once, .. once];
        var search = new MatchSearch([Brain("c")], new() { Match = new() { OneToOne = true } });

        Assert.Empty(search.RepeatNotes(once, once));
        var note = Assert.Single(search.RepeatNotes(twice, once));
        Assert.Contains("the probes hold several scans of a, b, c, d, e, ….", note, StringComparison.Ordinal);
        Assert.Contains("the gallery hold", search.RepeatNotes(twice, twice)[0], StringComparison.Ordinal);
        Assert.Empty(new MatchSearch([Brain("c")], new()).RepeatNotes(twice, twice));
    }

    [Fact]
    public void A_kind_is_scored_and_judged_by_its_own_rule()
    {
        PreparedVolume[] probes = [PreparedVolume.Prepare(Brain("a"))];
        PreparedVolume[] gallery = [PreparedVolume.Prepare(Brain("b", seed: 2)), PreparedVolume.Prepare(Brain("a"))];
        var search = new MatchSearch([Brain("c")], new() { Match = new() { Threshold = 0.9 } });
        var kind = search.Kinds([new("a")], [new("a"), new("b")]).Single();

        var (scores, matches) = search.Find(kind, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread, null);

        Assert.Equal((1, 2), (scores.ProbeCount, scores.GalleryCount));
        Assert.Equal(("a", true), (matches[0].Gallery.Participant, matches[0].IsMatch));
    }

    private static PreprocessedVolume Brain(string participant, MriContrast kind = MriContrast.T1w, int seed = 1)
    {
        var made = SampleBrain.Make(seed, side: 16, participant, path: null);
        return new(made.Identity, made.ReadVoxels(), made.BrainMask, made.Template, made.TemplateToScan, made.QualityRecord with { Kind = kind }, [])
        {
            Provenance = made.Provenance,
        };
    }

    private IReadOnlyList<MriScan> Entries(int count)
    {
        var gallery = VolumeGallery.Create(Path.Combine(_folder, $"{count}"));
        for (var i = 0; i < count; i++)
        {
            gallery.Add(Brain($"p{i}", seed: i));
        }

        return [.. gallery.Entries()];
    }
}
