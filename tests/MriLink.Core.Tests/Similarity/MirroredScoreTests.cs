using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Similarity;

/// <summary>Brains of noise, of which two scans of one person correlate by about 0.9; some are mirrored.</summary>
public sealed class MirroredScoreTests
{
    private const int Side = 12;
    private static readonly SimilarityMeasure Ncc = SimilarityMeasures.Find("NCC")!;

    [Fact]
    public void The_better_of_both_scores_counts_and_which_it_was_is_told()
    {
        var matrix = SimilarityMatrix.Better(
            new(Ncc, [new("p"), new("p")], [new("a"), new("b"), new("c"), new("d")], [0.1, 0.9, double.NaN, double.NaN, 0.8, 0.2, 0.3, double.NaN]));

        Assert.Equal([0.8, 0.9, 0.3, double.NaN], matrix.Row(0).ToArray());
        Assert.Equal([true, false, true, false], Enumerable.Range(0, 4).Select(j => matrix.IsMirrored(0, j)));

        // Of errors the lower one is better.
        var errors = SimilarityMatrix.Better(new(SimilarityMeasures.Find("MAE")!, [new("p"), new("p")], [new("a")], [5, 3]));
        Assert.Equal((3, true), (errors[0, 0], errors.IsMirrored(0, 0)));
        Assert.Throws<ArgumentException>(() => SimilarityMatrix.Better(new(Ncc, [new("p"), new("q")], [new("a")], [0.1, 0.2])));
    }

    [Fact]
    public void Two_sides_as_one_set_keep_their_scores_and_which_of_them_are_mirrored()
    {
        var matrix = SimilarityMatrix.Better(new(Ncc, [new("p"), new("q"), new("p"), new("q")], [new("a")], [0.1, 0.5, 0.8, 0.2])).ToSquare();

        Assert.Equal(["p", "q", "a"], matrix.Probes.Select(scan => scan.Participant));
        Assert.Equal(matrix.Probes, matrix.Gallery);
        Assert.Equal([double.NaN, double.NaN, 0.8], matrix.Row(0).ToArray());
        Assert.Equal([double.NaN, double.NaN, 0.5], matrix.Row(1).ToArray());
        Assert.Equal([0.8, 0.5, double.NaN], matrix.Row(2).ToArray());
        Assert.Equal([true, false, true, false],
            new[] { (0, 2), (1, 2), (2, 0), (2, 1) }.Select(pair => matrix.IsMirrored(pair.Item1, pair.Item2)));
    }

    [Fact]
    public void A_mirrored_scan_is_matched_as_one_and_nobody_else_is()
    {
        var gallery = Enumerable.Range(0, 12).Select(i => Scan($"{i}", 1, i, mirrored: false)).ToArray();
        var probes = Enumerable.Range(0, 12).Select(i => Scan($"{i}", 2, i < 8 ? i : 100 + i, mirrored: i % 2 == 1)).ToArray();
        var scores = PairwiseScorer.ScoreAllMirrored(Ncc, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);
        var matches = MatchFinder.Find(scores, scores.Probes, scores.Gallery, new());

        Assert.Equal(Enumerable.Range(0, 12).Select(i => (bool?)(i < 8)), matches.Select(m => m.IsMatch));
        Assert.All(matches.Take(8), m =>
        {
            Assert.Equal(m.Probe.Participant, m.Gallery.Participant);
            Assert.Equal(int.Parse(m.Probe.Participant, System.Globalization.CultureInfo.InvariantCulture) % 2 == 1, m.IsMirrored);
            Assert.Equal(m.IsMirrored ? "One of the two has left and right exchanged." : null, m.Remark);
            Assert.Equal(m.IsMirrored, m.DecidingRule.EndsWith(", mirrored", StringComparison.Ordinal));
        });

        // Without, the mirrored ones are strangers.
        var plain = PairwiseScorer.ScoreAll(Ncc, probes, gallery, SimilarityOptions.Default, WorkOptions.SingleThread);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (bool?)(i is 0 or 2 or 4 or 6)),
            MatchFinder.Find(plain, plain.Probes, plain.Gallery, new()).Select(m => m.IsMatch));
    }

    [Fact]
    public void Labels_that_fit_only_mirrored_are_told_of()
    {
        // Person 3's second scan is mirrored, and so is person 5's, who has another label there.
        PreparedVolume[] scans =
        [
            .. Enumerable.Range(0, 12).Select(i => Scan($"{i}", 1, i, mirrored: false)),
            .. Enumerable.Range(0, 12).Select(i => Scan(i == 5 ? "five" : $"{i}", 2, i, mirrored: i is 3 or 5)),
        ];
        var findings = LabelAuditor.Audit(
            PairwiseScorer.ScoreAllMirrored(Ncc, scans, scans, SimilarityOptions.Default, WorkOptions.SingleThread), new());

        Assert.Equal(["3 3 OneLabelMirrored True", "5 five TwoLabelsOnePerson True"],
            findings.Select(f => $"{f.First.Participant} {f.Second.Participant} {f.Problem} {f.IsMirrored}").Order());
        Assert.All(findings, f => Assert.True(f.PValue < 1e-3));
    }

    [Fact]
    public void What_is_not_preprocessed_is_not_mirrored()
    {
        var raw = new MriVolume(new("raw"), new MemoryVoxelSource(new(Grid, [.. Enumerable.Repeat(1f, Side * Side * Side)])));

        Assert.Contains("not preprocessed",
            Assert.Throws<InvalidDataException>(() => PreparedVolume.Prepare(raw, [Ncc], withMirrored: true, CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    private static VolumeGeometry Grid => new(new(Side, Side, Side), Affine.FromTranslation(1 - Side, 0, 0) * Affine.FromScale(2, 2, 2));

    private static PreparedVolume Scan(string label, int session, int person, bool mirrored)
    {
        var (anatomy, noise) = (new Random(person), new Random((1000 * session) + person));
        float[] voxels = [.. Enumerable.Range(0, Side * Side * Side).Select(_ => anatomy.NextSingle() + (0.3f * noise.NextSingle()))];
        var volume = new Volume(Grid, voxels);
        var brain = TestVolume.Preprocessed(
            new(label, $"{session}"), mirrored ? Mirroring.Of(volume) : volume, new(Grid, [.. voxels.Select(_ => true)]));
        return PreparedVolume.Prepare(brain, [Ncc], withMirrored: true, CancellationToken.None);
    }
}
