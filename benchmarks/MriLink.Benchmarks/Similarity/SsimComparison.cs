using System.Globalization;
using System.Runtime.InteropServices;
using MriLink.Benchmarks.Measuring;
using MriLink.Benchmarks.Peers;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Similarity;

namespace MriLink.Benchmarks.Similarity;

/// <summary>SSIM of whole volumes of 91×109×91 against scikit-image: same voxels, same Gaussian window, same data range.</summary>
internal static class SsimComparison
{
    private const int PeerPairs = 5;
    private const double DataRange = 100;

    // A line in, a line out: the seconds of so many pairs, and the scores. Single precision is what scikit-image is fastest in.
    private const string Script = """
        import sys, time
        import numpy as np
        from skimage.metrics import structural_similarity
        shape, count, data_range = (91, 109, 91), int(sys.argv[2]), float(sys.argv[3])
        volumes = np.fromfile(sys.argv[1], dtype="<f4").reshape((count + 1,) + shape)
        start = time.perf_counter()
        scores = [structural_similarity(volumes[0], volumes[i + 1], gaussian_weights=True, sigma=1.5,
                                        use_sample_covariance=False, data_range=data_range) for i in range(count)]
        print(time.perf_counter() - start, *scores)
        """;

    public static void Run(BenchmarkContext context)
    {
        const int volumes = 12;
        var brains = new SyntheticBrains();
        var file = context.Scratch("volumes.f4");
        using (var stream = File.Create(file))
        {
            for (var i = 0; i <= PeerPairs; i++)
            {
                stream.Write(MemoryMarshal.AsBytes<float>(brains.WholeVoxels(i)));
            }
        }

        var script = context.Scratch("ssim.py");
        File.WriteAllText(script, Script);
        var probes = Enumerable.Range(0, volumes).Select(brains.Whole).ToArray();
        var gallery = Enumerable.Range(volumes, volumes).Select(brains.Whole).ToArray();
        var ownProbes = Enumerable.Range(0, volumes).Select(brains.WithOwnMask).ToArray();
        var ownGallery = Enumerable.Range(volumes, volumes).Select(brains.WithOwnMask).ToArray();
        var options = new SimilarityOptions { DataRange = DataRange };
        var ssim = SimilarityMeasures.Find("SSIM")!;
        var peerScores = Array.Empty<double>();
        var sides = Alternating.Measure(
            context.Runs,
            ("scikit-image", OfPeer),
            ("whole grid", () => PerPair(probes, gallery)),
            ("within brain masks, a mask each", () => PerPair(ownProbes, ownGallery)));

        var worst = Enumerable.Range(0, PeerPairs).Max(i => Math.Abs(
            peerScores[i] - PairwiseScorer.Score(brains.Whole(0), brains.Whole(i + 1), [ssim], options)[0].Score));
        var table = new MarkdownTable("SSIM, 91×109×91", "time per pair", "pairs/s", "pairs/s / scikit-image's");
        foreach (var side in sides)
        {
            table.Row(side.Name, side.DescribeTime(), Figures.Fixed(1 / side.Median, 1), side.RatioOf(sides[0]).Describe(Figures.Ratio));
        }

        context.Say(string.Create(
            CultureInfo.InvariantCulture,
            $"SSIM of {volumes} × {volumes} pairs, {context.Work.MaxThreads} threads, the parts that belong to one volume computed before; "
                + $"scikit-image pair by pair as it comes, in single precision. The largest difference from its scores is {worst:0.0E0}."));
        context.Say(table);

        double OfPeer()
        {
            var numbers = Child.Run(Peer.Python, [script, file, $"{PeerPairs}", DataRange.ToString(CultureInfo.InvariantCulture)]).Output
                .Split(' ').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray();
            peerScores = numbers[1..];
            return numbers[0] / PeerPairs;
        }

        double PerPair(PreparedVolume[] first, PreparedVolume[] second)
        {
            var watch = System.Diagnostics.Stopwatch.StartNew();
            PairwiseScorer.ScoreAll(ssim, first, second, options, context.Work);
            return watch.Elapsed.TotalSeconds / (first.Length * second.Length);
        }
    }
}
