using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Linkage;

public sealed class ContrastKindTests
{
    private static readonly SimilarityMeasure Local = SimilarityMeasures.Default;
    private static readonly SimilarityMeasure Edges = SimilarityMeasures.AcrossContrasts;

    [Fact]
    public void Kinds_of_one_contrast_come_first_and_only_those_there_are()
    {
        Assert.Equal(
            ["T1w scans", "FLAIR scans", "T1w with FLAIR scans", "FLAIR with T1w scans", "PD with T1w scans", "PD with FLAIR scans"],
            ContrastKind.Among([Scan("a", MriContrast.PD), Scan("b", MriContrast.T1w), Scan("c", MriContrast.FLAIR), Scan("d", MriContrast.T1w)],
                [Scan("e", MriContrast.FLAIR), Scan("f", MriContrast.T1w)]).Select(kind => kind.ToString()));
        Assert.Equal([new(MriContrast.T1w, MriContrast.T1w)],
            ContrastKind.Among([Scan("a", MriContrast.T1w)], [Scan("b", MriContrast.T1w)]));
        Assert.Empty(ContrastKind.Among([Scan("a", MriContrast.T1w)], []));
    }

    [Fact]
    public void Each_scan_is_of_the_kinds_of_its_contrast_and_pairs_of_two_have_a_measure_of_their_own()
    {
        var kind = new ContrastKind(MriContrast.FLAIR, MriContrast.T1w);
        Assert.Equal((true, false), (kind.IsProbe(Scan("a", MriContrast.FLAIR)), kind.IsProbe(Scan("a", MriContrast.T1w))));
        Assert.Equal((false, true), (kind.IsGallery(Scan("a", MriContrast.FLAIR)), kind.IsGallery(Scan("a", MriContrast.T1w))));
        Assert.Equal("NGF", Edges.Name);
        Assert.Same(Edges, kind.Measure(Local));
        Assert.Same(Local, new ContrastKind(MriContrast.FLAIR, MriContrast.FLAIR).Measure(Local));
    }

    [Fact]
    public void A_threshold_and_strangers_of_another_measure_are_dropped_and_that_is_said()
    {
        var (across, within) = (new ContrastKind(MriContrast.FLAIR, MriContrast.T1w), new ContrastKind(MriContrast.T2w, MriContrast.T2w));
        var threshold = new MatchOptions { Threshold = new(0.4), Top = 3, FalseDiscoveryRate = 0.05 };
        var strangers = new MatchOptions { FalseMatchRate = 0.01, ImpostorScores = [0.1, 0.2] };

        var (options, note) = across.Options(threshold, Local, Edges);
        Assert.Equal(threshold with { Threshold = null }, options);
        Assert.Equal("they are compared by NGF, and of such pairs the threshold says nothing: judged by their own strangers instead.", note);

        (options, note) = across.Options(strangers, Local, Edges);
        Assert.Equal((0.01, null), (options.FalseMatchRate, options.ImpostorScores));
        Assert.Contains("the impostor scores say nothing", note, StringComparison.Ordinal);

        // Where nothing is dropped nothing is said.
        Assert.Equal((threshold, null), within.Options(threshold, Local, Local));
        Assert.Equal((threshold, null), across.Options(threshold, Edges, Edges));
        Assert.Equal((new MatchOptions(), null), across.Options(new(), Local, Edges));
    }

    [Fact]
    public void A_threshold_that_was_learnt_of_one_kind_decides_about_no_other()
    {
        var (flairs, pair) = (new ContrastKind(MriContrast.FLAIR, MriContrast.FLAIR), new ContrastKind(MriContrast.T1w, MriContrast.FLAIR));
        var ofT1w = ThresholdEstimator.Estimate([0.8, 0.85, 0.9], [0.1, 0.15, 0.2], new() { Measure = Local, Contrasts = "T1w" });
        var ofPairs = ThresholdEstimator.Estimate([0.8, 0.85, 0.9], [0.1, 0.15, 0.2], new() { Measure = Edges, Contrasts = "T1w-FLAIR" });

        var (options, note) = flairs.Options(new() { Threshold = ofT1w }, Local, Local);
        Assert.Null(options.Threshold);
        Assert.Contains("the threshold, one of T1w pairs, says nothing", note, StringComparison.Ordinal);

        // One of pairs of two contrasts serves these whichever of the two is the probe, and does not bring its measure to pairs of one.
        Assert.Same(ofPairs, pair.Options(new() { Threshold = ofPairs }, Edges, pair.Measure(Edges, ofPairs)).Options.Threshold);
        Assert.Same(ofPairs, new ContrastKind(pair.Gallery, pair.Probe).Options(new() { Threshold = ofPairs }, Edges, Edges).Options.Threshold);
        Assert.Same(Local, flairs.Measure(Edges, ofPairs));
        Assert.Null(flairs.Options(new() { Threshold = ofPairs }, Edges, Local).Options.Threshold);

        // -Metric NGF for all, and a number: what the user says.
        Assert.Same(Edges, flairs.Measure(Edges, new LinkageThreshold(0.3)));
    }

    [Fact]
    public void Joined_matches_keep_the_order_of_probes_kinds_and_ranks_and_notes_say_their_kind()
    {
        ScanIdentity[] probes = [Scan("p", MriContrast.FLAIR), Scan("q", MriContrast.T1w), Scan("r", MriContrast.FLAIR)];
        ScanIdentity[] gallery = [Scan("a", MriContrast.T1w), Scan("b", MriContrast.T1w), Scan("c", MriContrast.FLAIR), Scan("d", MriContrast.FLAIR)];
        var parts = ContrastKind.Among(probes, gallery).Select(kind =>
        {
            ScanIdentity[] rows = [.. probes.Where(kind.IsProbe)], columns = [.. gallery.Where(kind.IsGallery)];
            var scores = new double[rows.Length, columns.Length];
            for (var i = 0; i < rows.Length; i++)
            {
                (scores[i, 0], scores[i, 1]) = (0.5, 0.2);
            }

            var found = MatchFinder.Find(scores, kind.Measure(Local), rows, columns, new() { Top = 2, Threshold = new(0.4) });
            return (kind, new NotedList<ScanMatch>([.. found], [$"of {rows.Length}"]) { Standing = [$"for {columns.Length}"] });
        }).ToArray();

        var joined = ContrastKind.Join(probes, parts);

        Assert.Equal(
            [
                "p FLAIR c FLAIR 1 LocalNCC", "p FLAIR d FLAIR 2 LocalNCC", "p FLAIR a 1 NGF", "p FLAIR b 2 NGF",
                "q a 1 LocalNCC", "q b 2 LocalNCC", "q c FLAIR 1 NGF", "q d FLAIR 2 NGF",
                "r FLAIR c FLAIR 1 LocalNCC", "r FLAIR d FLAIR 2 LocalNCC", "r FLAIR a 1 NGF", "r FLAIR b 2 NGF",
            ],
            joined.Select(m => $"{m.Probe} {m.Gallery} {m.Rank} {m.Metric}"));
        Assert.Equal(["T1w scans: of 1", "FLAIR scans: of 2", "T1w with FLAIR scans: of 1", "FLAIR with T1w scans: of 2"], joined.Notes);
        Assert.Equal(["T1w scans: for 2", "FLAIR scans: for 2", "T1w with FLAIR scans: for 2", "FLAIR with T1w scans: for 2"], joined.Standing);

        // Of one kind nothing is said that nobody asked for.
        Assert.Same(parts[0].Item2, ContrastKind.Join(probes, parts[..1]));
    }

    private static ScanIdentity Scan(string participant, MriContrast contrast) => new(participant) { Kind = contrast };
}
