using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>Evaluates measures on pairs of prepared volumes: one pair, or every probe with every gallery volume.</summary>
/// <remarks>
/// A pair is scored only if its masks share at least <see cref="LeastVoxels"/> voxels and <see cref="LeastOverlap"/> of the smaller
/// mask. Brains aligned to one template share far more than that; below it the volumes do not lie on each other, and a score would
/// compare different anatomy. Scores do not depend on the number of threads.
/// </remarks>
public static class PairwiseScorer
{
    /// <summary>The fewest voxels two masks must share: about 8 ml at 2 mm; fewer do not fill the histograms or the windows.</summary>
    public const int LeastVoxels = 1000;

    /// <summary>The least part of the smaller mask that must lie in the larger one.</summary>
    public const double LeastOverlap = 0.25;

    // Two grids are one when their corners agree to this; single-precision headers are good to about 1e-5 mm.
    private const double CornerTolerance = 1e-3;

    /// <summary>Checks that two volumes lie on one grid.</summary>
    /// <exception cref="InvalidOperationException">They do not; the message names both and says what to do.</exception>
    public static void RequireSameGrid(PreparedVolume first, PreparedVolume second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (!ReferenceEquals(first.Geometry, second.Geometry) && !LieOnOneGrid(first.Geometry, second.Geometry))
        {
            throw new InvalidOperationException(
                $"'{second.Identity.Path ?? second.Identity.Name}' ({second.Geometry}) does not lie on the grid of "
                + $"'{first.Identity.Path ?? first.Identity.Name}' ({first.Geometry}), so their voxels cannot be compared. Run Invoke-MriPreprocess "
                + $"on both first.");
        }
    }

    /// <summary>Compares one pair by several measures.</summary>
    /// <exception cref="InvalidOperationException">The volumes do not lie on one grid, or were made for another measure.</exception>
    public static IReadOnlyList<SimilarityScore> Score(
        PreparedVolume first, PreparedVolume second, IReadOnlyList<SimilarityMeasure> measures, SimilarityOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(measures);
        ArgumentNullException.ThrowIfNull(options);
        RequireSameGrid(first, second);
        foreach (var measure in measures)
        {
            measure.RequireFitting(first);
            measure.RequireFitting(second);
        }

        using var pair = new VolumePair(first, second);
        var dice = 2.0 * pair.Count / ((double)first.VoxelCount + second.VoxelCount);
        var scores = new SimilarityScore[measures.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var score = Score(pair, measures[i], options);
            scores[i] = new(measures[i], score, pair.Count, dice,
                MaskOverlaps.Problem(measures[i], score, pair.Count, first.VoxelCount, second.VoxelCount));
        }

        return scores;
    }

    /// <summary>Compares every probe with every gallery volume by one measure.</summary>
    /// <inheritdoc cref="ScoreAll(IReadOnlyList{SimilarityMeasure}, IReadOnlyList{PreparedVolume}, IReadOnlyList{PreparedVolume}, SimilarityOptions,
    /// WorkOptions, IProgress{WorkProgress})"/>
    public static SimilarityMatrix ScoreAll(
        SimilarityMeasure measure,
        IReadOnlyList<PreparedVolume> probes,
        IReadOnlyList<PreparedVolume> gallery,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return ScoreAll([measure], probes, gallery, options, work, progress)[0];
    }

    /// <summary>Compares every probe, and its mirror image, with every gallery volume: <see cref="SimilarityMatrix.Better"/> of the two.</summary>
    /// <inheritdoc cref="ScoreAll(IReadOnlyList{SimilarityMeasure}, IReadOnlyList{PreparedVolume}, IReadOnlyList{PreparedVolume}, SimilarityOptions,
    /// WorkOptions, IProgress{WorkProgress})"/>
    public static SimilarityMatrix ScoreAllMirrored(
        SimilarityMeasure measure,
        IReadOnlyList<PreparedVolume> probes,
        IReadOnlyList<PreparedVolume> gallery,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress = null) =>
            SimilarityMatrix.Better(ScoreAll(measure, WithMirrored(probes), gallery, options, work, progress));

    /// <summary>Volumes, and after them the same mirrored.</summary>
    /// <exception cref="InvalidOperationException">One was prepared without its mirror image.</exception>
    internal static IReadOnlyList<PreparedVolume> WithMirrored(IReadOnlyList<PreparedVolume> volumes)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        return [.. volumes, .. volumes.Select(
            v => v.Mirrored ?? throw new InvalidOperationException($"'{v.Identity.Name}' was prepared without its mirror image."))];
    }

    /// <summary>Compares every probe with every gallery volume.</summary>
    /// <remarks>
    /// LocalNCC, NCC, cosine, MSE, RMSE, NRMSE, PSNR, and Spearman where all masks are equal, are taken together from one matrix product, in which
    /// a sum over voxels has a relative error of about 1e-7; the other measures go pair by pair. When the gallery is the list of probes
    /// itself, each pair is compared once. Memory beyond the volumes: 8 bytes per pair and measure, 4 per pair, and at most 64 MB.
    /// </remarks>
    /// <param name="measures">The measures.</param>
    /// <param name="probes">The rows; x of a measure.</param>
    /// <param name="gallery">The columns; y of a measure.</param>
    /// <param name="options">The measures' parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about finished blocks of work, or null.</param>
    /// <returns>A matrix for each measure, in their order.</returns>
    /// <exception cref="InvalidOperationException">The volumes do not all lie on one grid, or were made for another measure.</exception>
    public static IReadOnlyList<SimilarityMatrix> ScoreAll(
        IReadOnlyList<SimilarityMeasure> measures,
        IReadOnlyList<PreparedVolume> probes,
        IReadOnlyList<PreparedVolume> gallery,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(measures);
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        foreach (var volume in probes.Concat(gallery))
        {
            RequireSameGrid(probes.Count > 0 ? probes[0] : volume, volume);
            foreach (var measure in measures)
            {
                measure.RequireFitting(volume);
            }
        }

        return new AllPairs(measures, probes, gallery, options, work, progress).Run();
    }

    /// <summary>The score of a pair; NaN when the overlap is too small, or the measure is not defined for the pair.</summary>
    internal static double Score(VolumePair pair, SimilarityMeasure measure, SimilarityOptions options)
    {
        if (!MaskOverlaps.Suffices(pair.Count, pair.First.VoxelCount, pair.Second.VoxelCount))
        {
            return double.NaN;
        }

        var score = measure.Compute(pair, options);
        return double.IsFinite(score) ? score : double.NaN;
    }

    private static bool LieOnOneGrid(VolumeGeometry a, VolumeGeometry b)
    {
        if (a.Size != b.Size)
        {
            return false;
        }

        for (var corner = 0; corner < 8; corner++)
        {
            var at = new Point3(
                (corner & 1) == 0 ? 0 : a.Size.X - 1,
                (corner & 2) == 0 ? 0 : a.Size.Y - 1,
                (corner & 4) == 0 ? 0 : a.Size.Z - 1);
            if (!((a.VoxelToWorld.Apply(at) - b.VoxelToWorld.Apply(at)).Length <= CornerTolerance))
            {
                return false;
            }
        }

        return true;
    }
}
