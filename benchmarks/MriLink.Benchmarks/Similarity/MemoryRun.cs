using System.Globalization;
using MriLink.Core.Similarity;

namespace MriLink.Benchmarks.Similarity;

/// <summary>Makes a gallery and compares probes with it, in a process of its own whose memory is measured from outside.</summary>
internal static class MemoryRun
{
    private const string Label = "gallery bytes: ";

    public static void Run(int volumes, bool isStreamed, BenchmarkContext context)
    {
        var brains = new SyntheticBrains();
        var gallery = Make(volumes, volumes);
        context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Label}{gallery.Sum(v => (long)v.VoxelCount * sizeof(float))}"));
        if (isStreamed)
        {
            var comparison = new ReferenceComparison(gallery, [SimilarityMeasures.Default], SimilarityOptions.Default);
            for (var first = 0; first < volumes; first += comparison.BatchSize)
            {
                comparison.Compare(Make(first, Math.Min(comparison.BatchSize, volumes - first)), context.Work);
            }
        }
        else
        {
            PairwiseScorer.ScoreAll(SimilarityMeasures.Default, Make(0, volumes), gallery, SimilarityOptions.Default, context.Work);
        }

        PreparedVolume[] Make(int first, int count)
        {
            var made = new PreparedVolume[count];
            context.Work.ForBlocks(count, i => made[i] = brains.WithOwnMask(first + i, [SimilarityMeasures.Default]));
            return made;
        }
    }

    /// <summary>The size of the gallery that a run has printed.</summary>
    public static long GalleryBytes(string output) =>
        long.Parse(output.Split('\n').First(l => l.StartsWith(Label, StringComparison.Ordinal))[Label.Length..], CultureInfo.InvariantCulture);
}
