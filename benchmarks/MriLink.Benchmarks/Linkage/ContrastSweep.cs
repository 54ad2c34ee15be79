using System.Globalization;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Similarity.Measures;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Linkage;

/// <summary>What LocalNCC's widths and floor do: probes with their galleries in every scenario, and the same made worse on purpose.</summary>
internal sealed class ContrastSweep
{
    private readonly List<(string Name, IReadOnlyList<PreprocessedVolume> Probes, IReadOnlyList<PreprocessedVolume> Gallery)> _sets = [];
    private readonly List<(string Name, SimilarityMeasure Measure)> _measures = [("NCC", SimilarityMeasures.Find("NCC")!)];

    /// <param name="parameters">Widths in mm and floors: "window/smoothing/floor", separated by commas.</param>
    /// <exception cref="FormatException">They are something else.</exception>
    public ContrastSweep(string parameters)
    {
        foreach (var one in parameters.Split(','))
        {
            var numbers = Array.ConvertAll(one.Split('/'), n => double.Parse(n, CultureInfo.InvariantCulture));
            if (numbers.Length != 3)
            {
                throw new FormatException($"--sweep takes window/smoothing/floor, not '{one}'.");
            }

            _measures.Add((one, new LocalCorrelation(new(numbers[0], numbers[1], numbers[2]))));
        }
    }

    /// <summary>
    /// Adds a set of probes with their gallery; with <paramref name="worse"/> also with probes that are blurred, noisy, or laid beside the place.
    /// </summary>
    public void Add(string name, IReadOnlyList<PreprocessedVolume> probes, IReadOnlyList<PreprocessedVolume> gallery, bool worse)
    {
        _sets.Add((name, probes, gallery));
        if (worse)
        {
            _sets.Add(($"{name}, blurred by 2 mm", [.. probes.Select((p, i) => Worse(p, i, Blurred))], gallery));
            _sets.Add(($"{name}, noise of 0.7 deviations", [.. probes.Select((p, i) => Worse(p, i, Noisy))], gallery));
            _sets.Add(($"{name}, half a voxel aside", [.. probes.Select((p, i) => Worse(p, i, Moved))], gallery));
        }
    }

    /// <summary>Scores all sets by all measures and reports.</summary>
    public void Report(BenchmarkContext context)
    {
        var table = new MarkdownTable(["scenario", .. _measures.Select(m => m.Name)]);
        foreach (var (name, probes, gallery) in _sets)
        {
            var cells = new List<string>();
            foreach (var (_, measure) in _measures)
            {
                var (scores, _) = MeasuredScores.Score(context, measure, probes, gallery);
                var pairs = from i in Enumerable.Range(0, probes.Count)
                            from j in Enumerable.Range(0, gallery.Count)
                            where !ReferenceEquals(probes[i].Identity, gallery[j].Identity)
                            select new ScoreSeparation.Pair(probes[i].Participant, gallery[j].Participant, scores[i, j]);
                var separation = new ScoreSeparation(measure, pairs);
                cells.Add(string.Create(CultureInfo.InvariantCulture, $"{separation.LowestInDeviations:0.0} / {separation.Gap:0.00}"));
            }

            table.Row([name, .. cells]);
            context.Progress($"{name}: {string.Join(", ", cells)}");
        }

        context.Say("LocalNCC by its parameters, window / smoothing / floor (mm, mm, part of the median): the worst pair of one person in standard "
            + "deviations above the mean of the row's strangers (Fisher's z) / the gap to the best of them:");
        context.Say(table);
    }

    private static PreprocessedVolume Worse(PreprocessedVolume scan, int seed, Func<Volume, Mask, int, float[]> change)
    {
        var (voxels, mask) = scan.ReadBrain(CancellationToken.None);
        return new(scan.Identity, new Volume(voxels.Geometry, change(voxels, mask, seed)), mask, scan.Template, scan.TemplateToScan,
            scan.QualityRecord, []);
    }

    private static float[] Blurred(Volume voxels, Mask mask, int seed)
    {
        const double width = 2;
        var inside = new Volume(voxels.Geometry, Array.ConvertAll(mask.Voxels, m => m ? 1f : 0));
        var weights = GaussianFilter.Smooth(inside, width, Core.Basics.WorkOptions.SingleThread).Voxels;
        var sums = GaussianFilter.Smooth(
            new(voxels.Geometry, Array.ConvertAll(Indices(voxels), i => mask.Voxels[i] ? voxels.Voxels[i] : 0)), width,
            Core.Basics.WorkOptions.SingleThread).Voxels;
        return Array.ConvertAll(Indices(voxels), i => mask.Voxels[i] ? sums[i] / weights[i] : 0);
    }

    // Brains are z-scored: their standard deviation is 1.
    private static float[] Noisy(Volume voxels, Mask mask, int seed)
    {
        var random = new Random(seed);
        return Array.ConvertAll(voxels.Voxels, v =>
            v + (float)(0.7 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));
    }

    private static float[] Moved(Volume voxels, Mask mask, int seed)
    {
        var row = voxels.Size.X;
        return Array.ConvertAll(Indices(voxels), i => i + row < voxels.Voxels.Length && mask.Voxels[i] && mask.Voxels[i + row]
            ? (voxels.Voxels[i] + voxels.Voxels[i + row]) / 2 : voxels.Voxels[i]);
    }

    private static int[] Indices(Volume voxels) => [.. Enumerable.Range(0, voxels.Voxels.Length)];
}
