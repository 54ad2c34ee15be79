using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Search;

public sealed class CandidateSearchTests : IDisposable
{
    private const int People = 40;
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly VolumeGeometry Grid = new(new(16, 16, 16), Affine.FromScale(2, 2, 2));
    private static readonly bool[] Everywhere = [.. Enumerable.Repeat(true, (int)Grid.Size.Count)];

    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_gallery_gives_each_probe_its_own_and_the_scores_of_a_full_comparison()
    {
        var gallery = VolumeGallery.Create(Path.Combine(_folder, "g"));
        for (var i = 0; i < People; i++)
        {
            gallery.Add(Brain($"p{i}", i));
        }

        var entries = gallery.Entries();
        var probes = ((int[])[3, 17, 39]).Select(i => Brain($"q{i}", i, rescan: true)).ToArray();
        for (var round = 0; round < 2; round++)
        {
            var (compared, scores, screening) = Run(CandidateSearch.For(entries, cohortSize: 4)!, probes);

            Assert.Equal((People, compared.Count), (screening.GalleryCount, screening.Cohort.Count));
            Assert.Equal(((int[])[0, 10, 20, 30]).Select(i => entries[i].Participant),
                compared.Where((_, j) => screening.Cohort[j]).Select(v => v.Participant));

            // 3 probes with 2 + 1 candidates each, and the cohort.
            Assert.InRange(compared.Count, 4, 13);
            for (var i = 0; i < probes.Length; i++)
            {
                Assert.Contains(compared, v => v.Participant == $"p{probes[i].Participant[1..]}");
                for (var j = 0; j < compared.Count; j++)
                {
                    var expected = PairwiseScorer.Score(
                        PreparedVolume.Prepare(probes[i]), PreparedVolume.Prepare(compared[j]), [SimilarityMeasures.Default],
                        SimilarityOptions.Default)[0].Score;

                    // The matrix product's sums are good to about 1e-7 (PairwiseScorer).
                    Assert.Equal(expected, scores[i, j], 2e-6);
                }
            }

            // What is removed is not found again, and its signature is gone too.
            gallery.Remove(entries[5].Id);
            Assert.Equal(People - 1, Convert.ToInt32(gallery.Server.Run(c => c.Scalar("SELECT COUNT(*) FROM signatures"))));
            gallery.Add(Brain("p5", 5));
            entries = gallery.Entries();
        }
    }

    [Fact]
    public void A_damaged_entry_is_told_and_the_others_are_found()
    {
        var gallery = VolumeGallery.Create(Path.Combine(_folder, "g"));
        for (var i = 0; i < 8; i++)
        {
            gallery.Add(Brain($"p{i}", i));
        }

        gallery.Server.Write(c => c.Execute("UPDATE volumes SET content = @content WHERE entry_id = 3", ("@content", new byte[100])));
        var told = new List<string>();

        var (compared, scores, _) =
            Run(CandidateSearch.For(gallery.Entries(), cohortSize: 1)!, [Brain("q", 6, rescan: true)], (volume, _) => told.Add(volume.Participant));

        Assert.Equal(["p2"], told);
        Assert.Equal("p6", compared[Enumerable.Range(0, compared.Count).MaxBy(j => double.IsNaN(scores[0, j]) ? -1 : scores[0, j])].Participant);
    }

    [Fact]
    public void A_signature_file_is_read_where_it_lies()
    {
        var projection = new SignatureProjection(Key, Grid);
        var path = Path.Combine(_folder, "x.mrisig");
        SignatureFile.Write(path, [.. Enumerable.Range(0, People).Select(i => projection.Project(Brain($"p{i}", i)))]);
        using var file = SignatureFile.Open(path);
        MriSignature[] listed = [.. file.List()];
        Assert.All(listed.Zip(file.ReadAll()), pair => Assert.Equal(pair.Second.GetValues(), pair.First.GetValues()));

        // Not all of the file: places in the list are not those in the file.
        var (compared, scores, screening) =
            Run(CandidateSearch.For(listed[10..], cohortSize: 2)!, [projection.Project(Brain("q", 25, rescan: true))]);

        Assert.Equal(30, screening.GalleryCount);
        Assert.Equal("p25", compared[Enumerable.Range(0, compared.Count).MaxBy(j => scores[0, j])].Participant);
        Assert.Null(CandidateSearch.For([.. file.ReadAll()]));
        Assert.Null(CandidateSearch.For([Brain("a", 1)]));
    }

    [Fact]
    public void Impostors_learnt_from_a_cohort_judge_the_best_of_all_as_impostors_of_all_do()
    {
        // Scores of strangers as brains have them, at three levels of difficulty, and of ten people who are in the gallery.
        const int Probes = 60, Gallery = 4000, Known = 10;
        var random = new Random(5);
        var scores = new double[Probes, Gallery];
        for (var i = 0; i < Probes; i++)
        {
            for (var j = 0; j < Gallery; j++)
            {
                scores[i, j] = i == j && i < Known ? 0.85 : 0.45 + (0.02 * (i % 3)) + (0.04 * Normal());
            }
        }

        ScanIdentity[] probes = [.. Enumerable.Range(0, Probes).Select(i => new ScanIdentity($"q{i}"))];
        ScanIdentity[] gallery = [.. Enumerable.Range(0, Gallery).Select(i => new ScanIdentity($"p{i}"))];
        var full = MatchFinder.Find(scores, SimilarityMeasures.Default, probes, gallery, new());

        // Each probe's best five, and every tenth of the gallery.
        int[] measured = [.. Enumerable.Range(0, Probes).SelectMany(i => Enumerable.Range(0, Gallery).OrderByDescending(j => scores[i, j]).Take(5))
            .Concat(Enumerable.Range(0, Gallery / 10).Select(j => 10 * j)).Distinct().Order()];
        var part = new double[Probes, measured.Length];
        for (var i = 0; i < Probes; i++)
        {
            for (var j = 0; j < measured.Length; j++)
            {
                part[i, j] = scores[i, measured[j]];
            }
        }

        var options = new MatchOptions { Screening = new([.. measured.Select(j => j % 10 == 0)], Gallery) };
        var screened = MatchFinder.Find(part, SimilarityMeasures.Default, probes, [.. measured.Select(j => gallery[j])], options);

        Assert.Equal(full.Select(m => (m.Probe, m.Gallery, m.Score)), screened.Select(m => (m.Probe, m.Gallery, m.Score)));
        Assert.Equal(Enumerable.Range(0, Probes).Select(i => (bool?)(i < Known)), screened.Select(m => m.IsMatch));

        // Strangers' p-values are even between 0 and 1 where the tail is known, and larger where it is taken for heavier than it is: never much
        // smaller. 50 of them have a standard error of 0.29/√50 = 0.04; the tail, learnt from 1200 excesses, adds 0.05 to all alike.
        Assert.InRange(screened.Skip(Known).Average(m => m.PValue), 0.5 - (3 * 0.065), 1);
        Assert.All(full.Zip(screened).Skip(Known), pair =>
            Assert.True(pair.Second.PValue > pair.First.PValue / 3, $"{pair.First} {pair.First.PValue} {pair.Second.PValue}"));

        // Without word of the choice, candidates would be taken for what strangers are like.
        Assert.Throws<ArgumentException>(
            () => MatchFinder.Find(
            part, SimilarityMeasures.Default, probes, [.. measured.Select(j => gallery[j])],
            options with { Normalization = CohortNormalization.SNorm }));
        Assert.Throws<ArgumentException>(() => MatchFinder.Find(scores, SimilarityMeasures.Default, probes, gallery, options));

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    private static (IReadOnlyList<MriScan> Compared, double[,] Scores, Screening Screening) Run(
        CandidateSearch search, MriScan[] probes, Action<MriScan, Exception>? unusable = null)
    {
        Assert.All(probes, probe => Assert.True(search.Takes(probe)));
        PreparedVolume[] prepared = [.. probes.Select(probe => PreparedVolume.Prepare(probe))];
        return search.Run(SimilarityMeasures.Default, probes, prepared, 2, SimilarityOptions.Default, WorkOptions.SingleThread, null, unusable
            ?? ((volume, exception) => Assert.Fail($"{volume}: {exception.Message}")));
    }

    // What all have in common, what is the person's own, and on a rescan noise.
    private static PreprocessedVolume Brain(string participant, int seed, bool rescan = false)
    {
        var (common, own, noise) = (new Random(1000), new Random(seed), new Random(2000 + seed));
        float[] voxels = [.. Enumerable.Range(0, (int)Grid.Size.Count)
            .Select(_ => common.NextSingle() + own.NextSingle() + (rescan ? 0.5f * noise.NextSingle() : 0) - 0.9f)];
        return SampleBrain.Make(new(Grid, voxels), new(Grid, Everywhere), participant, null, 0.1);
    }
}
