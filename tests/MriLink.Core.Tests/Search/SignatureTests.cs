using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using MriLink.Core.Preprocessing;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Tests.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Search;

public sealed class SignatureTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] OtherKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly VolumeGeometry Grid = new(new(20, 20, 20), Affine.FromScale(2, 2, 2));

    private readonly string _folder = Directory.CreateTempSubdirectory("mrilink-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_Hadamard_transform_is_the_matrix_product()
    {
        var random = new Random(1);
        var x = Enumerable.Range(0, 64).Select(_ => random.NextSingle()).ToArray();

        // Sylvester's matrix: the sign of entry (i, j) is the parity of the ones in i & j.
        var expected = Enumerable.Range(0, 64)
            .Select(i => Enumerable.Range(0, 64).Sum(j => BitOperations.PopCount((uint)(i & j)) % 2 == 0 ? x[j] : -x[j])).ToArray();
        SignatureProjection.Hadamard(x);

        // Sums of 64 floats of size 1: 6 roundings of 2^-24 each of at most 64.
        Assert.All(x.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 64 * 6 * 6e-8));
    }

    [Theory]
    [InlineData("LocalNCC")]
    [InlineData("NCC")]
    public void Scores_survive_the_projection_as_well_as_its_length_allows(string metric)
    {
        var projection = new SignatureProjection(Key, Grid, 4096, metric);
        var errors = new List<double>();
        foreach (var likeness in (double[])[0, 0.3, 0.6, 0.8, 0.95])
        {
            for (var seed = 0; seed < 6; seed++)
            {
                var (a, b) = Pair(seed, likeness);
                var r = Score(a, b, metric);
                var error = Score(projection.Project(a), projection.Project(b), metric) - r;
                errors.Add(error / ((1 - (r * r)) / Math.Sqrt(4096)));
            }
        }

        // 30 errors in units of the standard error of a random projection; sampling without replacement only makes it smaller. Their
        // mean square is 1 with a standard deviation of sqrt(2/30) = 0.26; none of 30 is beyond 4.5 but once in 5000 times.
        Assert.InRange(errors.Average(e => e * e), 0, 1 + (4 * 0.26));
        Assert.All(errors, e => Assert.InRange(e, -4.5, 4.5));
        Assert.InRange(errors.Average(), -4 / Math.Sqrt(30), 4 / Math.Sqrt(30));
    }

    [Fact]
    public void The_same_key_gives_the_same_signature_and_another_key_one_that_has_nothing_in_common()
    {
        var brain = Pair(1, 0).A;
        var one = new SignatureProjection(Key, Grid).Project(brain);
        var again = new SignatureProjection(Key, Grid).Project(brain);
        var other = new SignatureProjection(OtherKey, Grid).Project(brain);

        Assert.Equal(one.GetValues(), again.GetValues());
        Assert.Equal(one.Space, again.Space);
        Assert.NotEqual(one.Space, other.Space);
        Assert.NotEqual(one.Space, new SignatureProjection(Key, Grid, 4096).Space);
        Assert.NotEqual(one.Space, new SignatureProjection(Key, new(new(20, 20, 20), Affine.FromScale(2, 2, 3))).Space);

        // Two unrelated vectors of 3072 numbers correlate by 1/sqrt(3072) = 0.018 at random.
        Assert.InRange(Correlation(one.GetValues(), other.GetValues()), -0.1, 0.1);
    }

    [Fact]
    public void Rank_1_is_right_with_the_key_and_at_chance_with_the_wrong_one()
    {
        const int People = 40;
        var (right, wrong) = (new SignatureProjection(Key, Grid), new SignatureProjection(OtherKey, Grid));
        var pairs = Enumerable.Range(0, People).Select(i => Pair(i, 0.5)).ToArray();
        var gallery = pairs.Select(p => right.Project(p.A).GetValues()).ToArray();

        int Hits(SignatureProjection projection) => pairs.Where((p, i) => Best(projection.Project(p.B).GetValues()) == i).Count();
        int Best(float[] probe) => Enumerable.Range(0, People).MaxBy(j => Correlation(probe, gallery[j]));

        Assert.Equal(People, Hits(right));

        // Each hits by chance once in 40 times: more than 6 of 40 but once in 10 000.
        Assert.InRange(Hits(wrong), 0, 6);
    }

    [Fact]
    public void A_file_gives_signatures_back_and_finds_what_a_loop_over_all_finds()
    {
        var projection = new SignatureProjection(Key, Grid);
        var pairs = Enumerable.Range(0, 30).Select(i => Pair(i, 0.6)).ToArray();
        var signatures = pairs.Select(
            (p, i) => new MriSignature(
                new($"p{i}", "1"), projection.Project(p.A).GetValues(), projection.Space, projection.Metric, projection.Spacing)).ToArray();
        var path = Path.Combine(_folder, "x.mrisig");
        SignatureFile.Write(path, signatures);

        Assert.True(SignatureFile.IsOne(path));
        using var file = SignatureFile.Open(path);
        Assert.Equal((30, 3072, projection.Space), (file.Count, file.Dimensions, file.Space));
        Assert.Equal(projection.Spacing, file.Read(0).Spacing);
        Assert.Equal(projection.Spacing, PreparedVolume.Prepare(file.Read(0), [SimilarityMeasures.Default], CancellationToken.None).Spacing);
        for (var i = 0; i < signatures.Length; i++)
        {
            var read = file.Read(i);
            Assert.Equal(signatures[i].Identity, read.Identity);
            var largest = signatures[i].GetValues().Max(Math.Abs);
            Assert.All(read.GetValues().Zip(signatures[i].GetValues()), v => Assert.Equal(v.Second, v.First, 2 * largest / 250));
            Assert.DoesNotContain(0f, read.GetValues());

            var hits = file.Search(projection.Project(pairs[i].B), 5);
            var probe = projection.Project(pairs[i].B).GetValues();
            Assert.Equal(i, hits[0].Index);

            // Bytes hold each number to half a step, 1/255 of the largest of 3072: sums of 3072 products are then good to 0.001. The score
            // is the product without the part that is the mean's with what the signature has beside it.
            var mean = Enumerable.Range(0, 3072).Select(k => signatures.Average(s => s.GetValues()[k])).ToArray();
            float Expected(int j) => signatures[j].GetValues().Select((v, k) => ((v - mean[k]) * (probe[k] - mean[k])) + (mean[k] * probe[k])).Sum();
            Assert.All(hits, hit => Assert.Equal(Expected(hit.Index), hit.Score, 0.001));

            // Nothing that is left out is better than what is found, but by what bytes round off.
            Assert.True(Enumerable.Range(0, 30).Except(hits.Select(h => h.Index)).Max(Expected) < hits[^1].Score + 0.001);
        }
    }

    [Fact]
    public void Files_that_lie_or_are_damaged_are_refused()
    {
        var projection = new SignatureProjection(Key, Grid);
        var path = Path.Combine(_folder, "x.mrisig");
        SignatureFile.Write(path, [projection.Project(Pair(1, 0).A)]);
        var good = File.ReadAllBytes(path);

        void Refused(Action<byte[]> change, string problem, int shorter = 0, bool signed = false)
        {
            var bytes = good.ToArray();
            change(bytes);
            if (signed)
            {
                SHA256.HashData(bytes.AsSpan(..^32), bytes.AsSpan(^32));
            }

            File.WriteAllBytes(path, bytes[..^shorter]);
            Assert.Contains(problem, Assert.Throws<MriFileException>(() => SignatureFile.Open(path).Dispose()).Message, StringComparison.Ordinal);
        }

        Refused(b => b[0] = 0, "is no signature file");
        Refused(b => b[8] = 1, "layout 1");
        Refused(b => b[15] = 0x7f, "does not fit its length");
        Refused(b => b[16] = 1, "does not fit its length");
        Refused(_ => { }, "does not fit its length", shorter: 1);
        Refused(_ => { }, "is no signature file", shorter: good.Length - 50);
        foreach (var place in (int[])[30, 74, 72 + (4 * 3072), 72 + (4 * 3072) + 384, good.Length / 2, good.Length - 35, good.Length - 1])
        {
            Refused(b => b[place] ^= 1, "checksum is wrong");
        }

        Refused(b => b.AsSpan(64, 8).Clear(), "no grid has its spacing", signed: true);
        Refused(b => BinaryPrimitives.WriteDoubleLittleEndian(b.AsSpan(64), double.NaN), "no grid has its spacing", signed: true);

        // Whoever writes such a file with a checksum that is right is not believed either.
        Refused(b => BinaryPrimitives.WriteSingleLittleEndian(b.AsSpan(72 + (4 * 3072) + 384), float.NaN), "no signature has", signed: true);
        Refused(b => BinaryPrimitives.WriteSingleLittleEndian(b.AsSpan(72), float.PositiveInfinity), "no signature has", signed: true);
        Refused(b => b[^34] ^= 1, "labels cannot be read", signed: true);
    }

    [Fact]
    public void A_file_that_changes_while_it_is_open_is_an_error_and_never_another_match()
    {
        var projection = new SignatureProjection(Key, Grid);
        var path = Path.Combine(_folder, "x.mrisig");
        var brains = Enumerable.Range(0, 8).Select(i => Pair(i, 0.8)).ToArray();
        SignatureFile.Write(path, [.. brains.Select(p => projection.Project(p.A))]);
        var probe = projection.Project(brains[5].B);
        using var file = SignatureFile.Open(path);
        Assert.Equal(5, file.Search(probe, 1)[0].Index);

        // Steps become others, as they did when B09 was found to be A02.
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writer.Position = 72 + (4 * 3072) + (8 * 384);
            writer.Write(BitConverter.GetBytes(1000f));
        }

        Assert.Contains("has changed", Assert.Throws<MriFileException>(() => file.Search(probe, 1)).Message, StringComparison.Ordinal);
        Assert.Equal("a6", file.Read(6).Participant);
        using (var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            writer.SetLength(20_000);
        }

        Assert.Contains("has changed", Assert.Throws<MriFileException>(() => file.Search(probe, 1)).Message, StringComparison.Ordinal);
        Assert.Contains("has changed", Assert.Throws<MriFileException>(() => file.Read(7)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_is_its_owner_s_alone_and_replaced_only_where_that_is_said()
    {
        var path = Path.Combine(_folder, "x.mrisig");
        var signature = new SignatureProjection(Key, Grid).Project(Pair(1, 0).A);
        SignatureFile.Write(path, [signature]);

        Assert.ThrowsAny<IOException>(() => SignatureFile.Write(path, [signature, signature]));
        using (var file = SignatureFile.Open(path))
        {
            Assert.Equal("a1", Assert.Single(file.Labels).Participant);
        }

        SignatureFile.Write(path, [signature, signature], overwrite: true);
        using (var file = SignatureFile.Open(path))
        {
            Assert.Equal(2, file.Count);
        }

        Assert.Single(Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public void What_does_not_belong_together_is_refused()
    {
        var (one, other) = (new SignatureProjection(Key, Grid).Project(Pair(1, 0).A), new SignatureProjection(OtherKey, Grid).Project(Pair(1, 0).A));
        var path = Path.Combine(_folder, "x.mrisig");

        Assert.Throws<ArgumentException>(() => SignatureFile.Write(path, [one, other]));
        Assert.Throws<ArgumentException>(() => SignatureFile.Write(path, []));
        Assert.Empty(Directory.GetFiles(_folder));
        SignatureFile.Write(path, [one]);
        using var file = SignatureFile.Open(path);
        Assert.Contains("another key", Assert.Throws<ArgumentException>(() => file.Search(other, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SignatureProjection(Key, Grid).Project(SampleBrain.Make()));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SignatureProjection(Key, Grid, 1000));
    }

    [Fact]
    public void A_file_names_its_measure()
    {
        var path = Path.Combine(_folder, "x.mrisig");
        var (local, plain) = (new SignatureProjection(Key, Grid), new SignatureProjection(Key, Grid, metric: "NCC"));
        var (a, b) = Pair(1, 0.9);
        SignatureFile.Write(path, [local.Project(a)]);
        using (var file = SignatureFile.Open(path))
        {
            Assert.Equal("LocalNCC", file.Metric);
            Assert.Equal("LocalNCC", file.Read(0).Metric);
            Assert.Equal(0, file.Search(local.Project(b), 1)[0].Index);
            Assert.Contains("made for NCC", Assert.Throws<ArgumentException>(() => file.Search(plain.Project(b), 1)).Message,
                StringComparison.Ordinal);
        }

        var bytes = File.ReadAllBytes(path);
        "SSIM"u8.CopyTo(bytes.AsSpan(56));
        SHA256.HashData(bytes.AsSpan(..^32), bytes.AsSpan(^32));
        File.WriteAllBytes(path, bytes);
        Assert.Contains("does not know", Assert.Throws<MriFileException>(() => SignatureFile.Open(path)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new SignatureProjection(Key, Grid, metric: "SSIM"));
    }

    [Fact]
    public void Signatures_are_compared_by_the_measure_they_were_made_for_alone()
    {
        var (a, b) = Pair(1, 0.9);
        var projection = new SignatureProjection(Key, Grid, metric: "NCC");

        var error = Assert.Throws<InvalidOperationException>(() => Score(projection.Project(a), projection.Project(b), "LocalNCC"));

        Assert.Contains("compared by NCC", error.Message, StringComparison.Ordinal);
        Assert.NotEqual(projection.Space, new SignatureProjection(Key, Grid).Space);
    }

    private static double Score(MriScan a, MriScan b, string metric) =>
        PairwiseScorer.Score(PreparedVolume.Prepare(a), PreparedVolume.Prepare(b), SimilarityMeasures.Resolve([metric]),
            SimilarityOptions.Default)[0].Score;

    // Two brains, standard normal voxels within one mask, that correlate by about `likeness`.
    private static (PreprocessedVolume A, PreprocessedVolume B) Pair(int seed, double likeness)
    {
        var random = new Random(seed);
        var mask = new bool[Grid.Size.Count];
        var (a, b) = (new float[mask.Length], new float[mask.Length]);
        for (var i = 0; i < mask.Length; i++)
        {
            mask[i] = i % 3 != 0;
            if (mask[i])
            {
                a[i] = Normal();
                b[i] = (float)((likeness * a[i]) + (Math.Sqrt(1 - (likeness * likeness)) * Normal()));
            }
        }

        return (SampleBrain.Make(new(Grid, a), new(Grid, mask), $"a{seed}", null, 0.1),
            SampleBrain.Make(new(Grid, b), new(Grid, mask), $"b{seed}", null, 0.1));

        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    private static double Correlation(float[] x, float[] y)
    {
        var (mx, my) = (x.Average(), y.Average());
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < x.Length; i++)
        {
            // Voxels outside both masks are 0 and say nothing.
            if (x[i] != 0 || y[i] != 0)
            {
                (xy, xx, yy) = (xy + ((x[i] - mx) * (y[i] - my)), xx + ((x[i] - mx) * (x[i] - mx)), yy + ((y[i] - my) * (y[i] - my)));
            }
        }

        return xy / Math.Sqrt(xx * yy);
    }
}
