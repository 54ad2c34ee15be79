using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Audit;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Benchmarks;

/// <summary>Search among many signatures, a night with nothing new, and what keyed signatures keep.</summary>
internal sealed class GalleryBenchmark : IBenchmark
{
    private const int Top = 10;

    // Signatures looked at closely, and of those the volumes compared in full.
    private const int Candidates = SignatureFile.DefaultCandidates;
    private const int Full = 1_500;

    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] WrongKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];

    public string Name => "gallery";

    public string Summary => "a gallery at scale: search among signatures, a night with nothing new, keyed signatures";

    public IReadOnlyList<Peer> Peers { get; } = [];

    public IReadOnlyList<BenchmarkOption> Options { get; } =
    [
        new("parts", "search,night,keys", "which of the three are run"),
        new("signatures", "100000", "signatures that are searched"),
        new("probes", "100", "probes that are searched for"),
        new("entries", "10000", "entries of the gallery and files of the release, of the night"),
        new("people", "16", "simulated people of the keyed signatures"),
        new("file", "", "internal: search this file and say how long it took and what it held"),
    ];

    public void Run(BenchmarkContext context)
    {
        if (context.Option("file").Length > 0)
        {
            SearchAlone(context.Option("file"), context);
            return;
        }

        var parts = context.Option("parts").Split(',');
        if (parts.Contains("search", StringComparer.Ordinal))
        {
            Search(context);
        }

        if (parts.Contains("night", StringComparer.Ordinal))
        {
            Night(context);
        }

        if (parts.Contains("keys", StringComparer.Ordinal))
        {
            Keys(context);
        }
    }

    private static void Search(BenchmarkContext context)
    {
        var (count, probeCount) = (context.Number("signatures"), context.Number("probes"));
        context.Progress($"simulating {count} brains and {probeCount} rescans");
        var people = new VectorPeople(Key);
        var probes = new (MriSignature Signature, float[] Unit)[probeCount];
        context.Work.ForBlocks(probeCount, i => probes[i] = people.Rescan(Member(i, count, probeCount)));

        // The truth: every vector against every probe. Vectors are made, compared, projected and forgotten.
        var signatures = new MriSignature[count];
        var exact = new float[probeCount][];
        for (var i = 0; i < probeCount; i++)
        {
            exact[i] = new float[count];
        }

        context.Work.ForBlocks(count, j =>
        {
            var (signature, unit) = people.Person(j);
            signatures[j] = signature;
            for (var i = 0; i < probeCount; i++)
            {
                exact[i][j] = Dot(probes[i].Unit, unit);
            }
        });
        var truth = exact.Select(scores => Best(scores, Top)).ToArray();

        var path = context.Scratch("signatures.mrisig");
        SignatureFile.Write(path, signatures);
        using var file = SignatureFile.Open(path);
        var (found, genuine, recall) = (0, 0, 0);
        for (var i = 0; i < probeCount; i++)
        {
            // Two stages: signatures, then the volumes themselves of the best.
            var hits = file.Search(probes[i].Signature, Full, Candidates);
            var best = hits.OrderByDescending(h => exact[i][h.Index]).Take(Top).Select(h => h.Index).ToHashSet();
            found += truth[i].Count(best.Contains);
            genuine += best.Contains(Member(i, count, probeCount)) ? 1 : 0;
            recall += truth[i].Count(file.Search(probes[i].Signature, Top, Candidates).Select(h => h.Index).Contains);
        }

        // The plain loop: all floats in memory, one thread.
        var dimensions = file.Dimensions;
        var all = (long)count * dimensions <= Array.MaxLength ? Flatten(signatures, dimensions)
            : throw new BenchmarkException("So many signatures do not fit the plain loop's array.");
        Array.Clear(signatures);
        var probe = probes[0].Signature;
        var times = Alternating.Time(
            context.Runs,
            ("plain loop", () => PlainLoop(all, probe.GetValues(), Top)),
            ("reading alone", () => _ = ReadAlone(all)),
            ("one thread", () => file.Search(probe, Top, Candidates)),
            ("all processors", () => file.Search(probe, Top, Candidates, context.Work)));
        all = [];
        var child = Child.Run(Environment.ProcessPath!, ["gallery", "--file", path, "--results", "none"]);
        var (plainBytes, searchBytes) = ((double)count * dimensions * sizeof(float), SearchBytes(count, dimensions));

        context.Say(new MarkdownTable(
            "top 10 of " + count.ToString("N0", CultureInfo.InvariantCulture), "time for one probe", "the plain loop takes", "bytes read", "rate")
            .Row("plain loop over Vector<float>, one thread", times[0].DescribeTime(), "", Megabytes(plainBytes), Rate(plainBytes, times[0]))
            .Row("the same floats summed, one thread: memory's own pace", times[1].DescribeTime(),
                times[1].RatioOf(times[0]).Describe(Figures.Ratio), Megabytes(plainBytes), Rate(plainBytes, times[1]))
            .Row("signature file, one thread", times[2].DescribeTime(), times[2].RatioOf(times[0]).Describe(Figures.Ratio), Megabytes(searchBytes),
                Rate(searchBytes, times[2]))
            .Row($"signature file, {context.Work.MaxThreads} threads", times[3].DescribeTime(), times[3].RatioOf(times[0]).Describe(Figures.Ratio),
                Megabytes(searchBytes), Rate(searchBytes, times[3])));
        var strangers = $"{Figures.Fixed(exact[0].Average(), 2)} ± {Figures.Fixed(Deviation(exact[0]), 3)}";
        context.Say($"""
            {child.Output.Trim()}
            Recall@10 of the two-stage search ({Candidates:N0} signatures looked at closely, {Full:N0} volumes compared in full):
            {100.0 * found / (Top * probeCount):0.00} % over {probeCount} probes, the share of the ten volumes that are most alike by LocalNCC, of
            all {count:N0} compared in full, that are among the ten it finds. Nine of the ten are strangers that hardly differ; by signatures
            alone it is {100.0 * recall / (Top * probeCount):0.00} %. The probe's own person is among the ten {genuine} times of {probeCount}.
            Brains are simulated as vectors of {VectorPeople.Voxels:N0} voxels: a common anatomy, forty shared ways to differ, and noise of their
            own; the LocalNCC of strangers is {strangers}, as that of real ones.
            """.ReplaceLineEndings("\n"));
    }

    // Run in a process of its own: what it holds is the search's alone.
    private static void SearchAlone(string path, BenchmarkContext context)
    {
        using var file = SignatureFile.Open(path);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 200; i++)
        {
            // Probes from all over the file, so that all of it that a search can touch is touched.
            file.Search(file.Read((int)((long)i * file.Count / 200)), Top, Candidates);
        }

        context.Output.WriteLine(
            $"200 searches by a process of its own: {Figures.Time(watch.Elapsed.TotalSeconds / 200)} each, peak memory "
                + $"{Figures.Megabytes(PeakMemory.OfThisProcess)}.");
    }

    private static void Night(BenchmarkContext context)
    {
        var entries = context.Number("entries");
        context.Progress($"making a gallery of {entries} entries and a release of {entries} files");
        var folder = context.Scratch("release");
        for (var i = 0; i < entries; i++)
        {
            // Folders as BIDS has them.
            var path = Path.Combine(folder, $"sub-{i:00000}", "anat", $"sub-{i:00000}_T1w.nii.gz");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, [1]);
        }

        var place = context.Scratch("brains.mrigallery");
        var gallery = VolumeGallery.Create(place);
        var people = new VectorPeople(Key);
        var watch = Stopwatch.StartNew();

        // A file that changed less than two seconds ago may still change unseen, and an audit would read it again.
        Thread.Sleep(TimeSpan.FromSeconds(3));
        var files = List(folder);
        var added = Enumerable.Range(0, entries).Select(i => gallery.Add(people.Volume(i)).Entry.Id).ToArray();

        // What an audit that found them would have noted.
        var known = new KnownFiles(gallery, new(), default);
        gallery.Audits.Note([.. files.Take(entries)
            .Select((file, i) => new AuditedFile(known.NameOf(file.Path), known.NameOf(file.Root), known.StampOf(file), "x", added[i], null))],
            default);
        gallery.Audits.Record([], added, default);

        context.Progress($"made in {Figures.Time(watch.Elapsed.TotalSeconds)}");
        AuditResult? result = null;
        var times = Alternating.Time(
            context.Runs,
            ("listing", () => List(folder)),
            ("audit", () => result = new GalleryAudit(VolumeGallery.Open(place), new()).Run(List(folder), context.Work)));
        if (result is not { ExitCode: 0, Added: 0 } || result.Unchanged != entries)
        {
            throw new BenchmarkException(
                $"The night was not one with nothing new: {result}, {result?.Unchanged} unchanged, {result?.Unresolved.Count} unresolved, "
                + $"code {result?.ExitCode}");
        }

        context.Say(new MarkdownTable($"nothing new, {entries:N0} files and entries", "time")
            .Row("listing the files", times[0].DescribeTime())
            .Row("the whole audit, listing included", times[1].DescribeTime()));
    }

    private static void Keys(BenchmarkContext context)
    {
        var numbers = Enumerable.Range(1, context.Number("people")).ToArray();
        context.Progress($"simulating and preprocessing {3 * numbers.Length} scans");
        var gallery = Preprocess(new() { Seed = 77, ParticipantNumbers = numbers, SessionNumbers = [1] }, context.Work);
        var (right, wrong) = (new SignatureProjection(Key, gallery[0].Geometry), new SignatureProjection(WrongKey, gallery[0].Geometry));
        var theirs = gallery.Select(v => right.Project(v).GetValues()).ToArray();
        var table = new MarkdownTable("rank 1 right", "same key", "wrong key", "expected by chance");
        var each = 0.0;
        foreach (var scenario in (ScanScenario[])[ScanScenario.Standard, ScanScenario.AcrossDatabases])
        {
            var probes = Preprocess(new() { Seed = 77, ParticipantNumbers = numbers, SessionNumbers = [2], Scenario = scenario }, context.Work);
            var watch = Stopwatch.StartNew();
            var ours = probes.Select(v => right.Project(v).GetValues()).ToArray();
            each = watch.Elapsed.TotalSeconds / probes.Length;
            var unkeyed = probes.Select(v => wrong.Project(v).GetValues()).ToArray();
            table.Row(scenario.ToString(), $"{Hits(ours, theirs)} of {probes.Length}", $"{Hits(unkeyed, theirs)} of {probes.Length}", "1");
        }

        context.Say(table);
        context.Say($"A signature of 3,072 numbers is made in {Figures.Time(each)} from a brain at 2 mm.");
        SayWhatIsRevealed(context, gallery);
    }

    // What somebody with the key sees: the image estimated from a signature, blurred, beside the brain less the mean of all brains, blurred alike.
    private static void SayWhatIsRevealed(BenchmarkContext context, PreprocessedVolume[] brains)
    {
        var table = new MarkdownTable("estimated from a signature for", "blurred by", "correlation with the person's brain", "with another's");
        foreach (var metric in SignatureProjection.Metrics)
        {
            var projection = new SignatureProjection(Key, brains[0].Geometry, metric: metric);
            var estimates = brains.Select(b => new Volume(b.Geometry, projection.Estimate(projection.Project(b).GetValues()))).ToArray();
            foreach (var width in (double[])[2, 4, 8])
            {
                float[][] Blur(IEnumerable<Volume> volumes) =>
                    Centered([.. volumes.Select(v => GaussianFilter.Smooth(v, width, context.Work).Voxels)]);
                var (seen, real) = (Blur(estimates), Blur(brains.Select(b => b.ReadVoxels())));
                var own = Enumerable.Range(0, brains.Length).Average(i => Cosine(seen[i], real[i]));
                var other = Enumerable.Range(0, brains.Length).Average(i => Cosine(seen[i], real[(i + 1) % brains.Length]));
                table.Row(metric, $"{width} mm", Figures.Fixed(own, 3), Figures.Fixed(other, 3));
            }
        }

        context.Say(table);
    }

    // Each less the mean of the others: what all have in common tells nothing of anybody.
    private static float[][] Centered(float[][] images)
    {
        var sum = new float[images[0].Length];
        foreach (var image in images)
        {
            for (var i = 0; i < sum.Length; i++)
            {
                sum[i] += image[i];
            }
        }

        return Array.ConvertAll(images, image =>
            Array.ConvertAll([.. Enumerable.Range(0, sum.Length)], i => image[i] - ((sum[i] - image[i]) / (images.Length - 1))));
    }

    private static double Cosine(float[] x, float[] y) => Dot(x, y) / Math.Sqrt((double)Dot(x, x) * Dot(y, y));

    private static int Hits(float[][] probes, float[][] gallery) =>
        Enumerable.Range(0, probes.Length).Count(i => Enumerable.Range(0, gallery.Length).MaxBy(j => Dot(probes[i], gallery[j])) == i);

    private static PreprocessedVolume[] Preprocess(SimulatedCohort cohort, WorkOptions work)
    {
        var preprocessor = new Preprocessor(new(), work);
        return [.. cohort.Scans().Select(scan => preprocessor.Process(scan, null, work))];
    }

    private static double Deviation(float[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Average(v => (double)(v - mean) * (v - mean)));
    }

    private static string Megabytes(double bytes) => $"{bytes / 1e6:0} MB";

    private static string Rate(double bytes, Samples times) => $"{bytes / 1e9 / times.Median:0.0} GB/s";

    private static int Member(int probe, int count, int probes) => (int)((long)probe * count / probes);

    // All bits, and a step and bytes of each candidate.
    private static double SearchBytes(int count, int dimensions) => ((double)count * dimensions / 8) + (Candidates * (dimensions + 4.0));

    private static List<AuditFile> List(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => AuditFile.Of(file, [file], folder))];

    private static float[] Flatten(MriSignature[] signatures, int dimensions)
    {
        var all = new float[signatures.Length * dimensions];
        for (var i = 0; i < signatures.Length; i++)
        {
            signatures[i].GetValues().CopyTo(all, i * dimensions);
        }

        return all;
    }

    private static int[] Best(float[] scores, int top) => [.. Enumerable.Range(0, scores.Length).OrderByDescending(j => scores[j]).Take(top)];

    private static int[] PlainLoop(float[] all, float[] probe, int top)
    {
        var best = new PriorityQueue<int, float>();
        for (var i = 0; i < all.Length / probe.Length; i++)
        {
            var score = Dot(probe, all.AsSpan(i * probe.Length, probe.Length));
            if (best.Count < top)
            {
                best.Enqueue(i, score);
            }
            else
            {
                best.EnqueueDequeue(i, score);
            }
        }

        return [.. best.UnorderedItems.Select(item => item.Element)];
    }

    private static float ReadAlone(float[] all)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(all.AsSpan());
        Vector<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i + 3 < vectors.Length; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }

        return Vector.Sum(a + b + c + d);
    }

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var vx = MemoryMarshal.Cast<float, Vector<float>>(x);
        var vy = MemoryMarshal.Cast<float, Vector<float>>(y)[..vx.Length];
        Vector<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i + 3 < vx.Length; i += 4)
        {
            a += vx[i] * vy[i];
            b += vx[i + 1] * vy[i + 1];
            c += vx[i + 2] * vy[i + 2];
            d += vx[i + 3] * vy[i + 3];
        }

        return Vector.Sum(a + b + c + d);
    }

    /// <summary>People as vectors: a common anatomy, shared ways to differ from it, and what is each one's own.</summary>
    private sealed class VectorPeople
    {
        public const int Voxels = 16_384;
        private const int Ways = 40;

        private static readonly VolumeGeometry Grid = new(new(32, 32, 16), Affine.FromScale(2, 2, 2));
        private static readonly bool[] Everything = [.. Enumerable.Repeat(true, Voxels)];

        private readonly float[] _common = Noise(1, Voxels);
        private readonly float[][] _ways = [.. Enumerable.Range(0, Ways).Select(w => Noise(2 + (ulong)w, Voxels))];
        private readonly SignatureProjection _projection;

        public VectorPeople(byte[] key) => _projection = new(key, Grid);

        public (MriSignature Signature, float[] Unit) Person(int number) => Finish(Vector(number), number);

        // A rescan correlates with the first scan by about 0.8.
        public (MriSignature Signature, float[] Unit) Rescan(int number)
        {
            var voxels = Vector(number);
            var noise = Noise(0x5000_0000_0000UL + (ulong)number, Voxels);
            for (var i = 0; i < voxels.Length; i++)
            {
                voxels[i] += 0.75f * noise[i];
            }

            return Finish(voxels, number);
        }

        public PreprocessedVolume Volume(int number) => Make(Vector(number), number);

        private static PreprocessedVolume Make(float[] voxels, int number)
        {
            var quality = new QualityRecord
            {
                TemplateCorrelation = 0.8,
                TemplateOverlap = 0.95,
                BrainMillilitres = 1300,
                ScaleX = 1,
                ScaleY = 1,
                ScaleZ = 1,
                ShearDegrees = 0,
                RotationDegrees = 0,
                SignalToNoise = 40,
                Coverage = 1,
                InputStripped = false
            };
            return new(new ScanIdentity($"{number:00000}"), new Volume(Grid, voxels), new Mask(Grid, Everything), "vectors", Affine.Identity,
                quality, [])
            {
                Provenance = new()
                {
                    Template = "vectors",
                    TemplateHash = "x",
                    InputHash = $"simulated:{number}",
                    Parameters = new Dictionary<string,
                    object?>(StringComparer.Ordinal)
                },
            };
        }

        private (MriSignature Signature, float[] Unit) Finish(float[] voxels, int number)
        {
            var volume = Make(voxels, number);
            var values = PreparedVolume.Prepare(volume, [SimilarityMeasures.Default]).Contrast(LocalContrast.Default).ToArray();
            var mean = values.Average();
            var length = MathF.Sqrt(values.Sum(v => (v - mean) * (v - mean)));
            return (_projection.Project(volume), Array.ConvertAll(values, v => (v - mean) / length));
        }

        // Shares of variance: 0.12 common, 0.30 in the shared ways, 0.58 one's own. The LocalNCC of strangers is then what it is of real ones.
        private float[] Vector(int number)
        {
            var voxels = Noise(0x1_0000_0000UL + (ulong)number, Voxels);
            var weights = Noise(0x2_0000_0000UL + (ulong)number, Ways);
            for (var i = 0; i < voxels.Length; i++)
            {
                voxels[i] = (0.35f * _common[i]) + (0.76f * voxels[i]);
            }

            for (var w = 0; w < Ways; w++)
            {
                var (way, weight) = (_ways[w], weights[w] * 0.55f / MathF.Sqrt(Ways));
                for (var i = 0; i < voxels.Length; i++)
                {
                    voxels[i] += weight * way[i];
                }
            }

            return voxels;
        }

        // Uniform numbers of variance 1 (splitmix64, Steele et al. 2014): a stream for each seed, quickly made.
        private static float[] Noise(ulong seed, int count)
        {
            var numbers = new float[count];
            var state = seed * 0x9E3779B97F4A7C15UL;
            for (var i = 0; i < count; i++)
            {
                state += 0x9E3779B97F4A7C15UL;
                var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9UL;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
                numbers[i] = (((z ^ (z >> 31)) >> 40) * (2 * 1.7320508f / (1 << 24))) - 1.7320508f;
            }

            return numbers;
        }
    }
}
