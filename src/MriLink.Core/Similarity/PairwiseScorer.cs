using MriLink.Core.Execution;
using MriLink.Core.Similarity.Measures;
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

    // Pairs are scored in squares of this many probes and gallery volumes, whose vectors then stay in the processor's cache.
    private const int Tile = 8;

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
                + $"'{first.Identity.Path ?? first.Identity.Name}' ({first.Geometry}), so their voxels cannot be compared. Run Invoke-MriPreprocess on both first.");
        }
    }

    /// <summary>Compares one pair by several measures.</summary>
    /// <exception cref="InvalidOperationException">The volumes do not lie on one grid.</exception>
    public static IReadOnlyList<SimilarityScore> Score(
        PreparedVolume first, PreparedVolume second, IReadOnlyList<SimilarityMeasure> measures, SimilarityOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(measures);
        ArgumentNullException.ThrowIfNull(options);
        RequireSameGrid(first, second);
        using var pair = new VolumePair(first, second);
        var scores = new SimilarityScore[measures.Count];
        for (var i = 0; i < scores.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            scores[i] = Score(pair, measures[i], options);
        }

        return scores;
    }

    /// <summary>Compares every probe with every gallery volume.</summary>
    /// <param name="measure">The measure.</param>
    /// <param name="probes">The rows; x of the measure.</param>
    /// <param name="gallery">The columns; y of the measure.</param>
    /// <param name="options">The measure's parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about finished tiles of pairs, or null.</param>
    /// <exception cref="InvalidOperationException">The volumes do not all lie on one grid.</exception>
    public static SimilarityMatrix ScoreAll(
        SimilarityMeasure measure,
        IReadOnlyList<PreparedVolume> probes,
        IReadOnlyList<PreparedVolume> gallery,
        SimilarityOptions options,
        WorkOptions work,
        IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        foreach (var volume in probes.Concat(gallery))
        {
            RequireSameGrid(probes.Count > 0 ? probes[0] : volume, volume);
        }

        var matrix = new SimilarityMatrix(measure, probes.Count, gallery.Count);
        var across = (gallery.Count + Tile - 1) / Tile;
        var tiles = across * ((probes.Count + Tile - 1) / Tile);
        var asProduct = measure is NormalizedCrossCorrelation && CorrelationProduct.AppliesTo(probes, gallery);
        var done = 0;
        work.ForBlocks(tiles, tile =>
        {
            var firstRow = tile / across * Tile;
            var rows = Math.Min(Tile, probes.Count - firstRow);
            var firstColumn = tile % across * Tile;
            var columns = Math.Min(Tile, gallery.Count - firstColumn);
            if (asProduct)
            {
                CorrelationProduct.Fill(matrix, probes, firstRow, rows, gallery, firstColumn, columns, work.CancellationToken);
            }
            else
            {
                for (var row = firstRow; row < firstRow + rows; row++)
                {
                    for (var column = firstColumn; column < firstColumn + columns; column++)
                    {
                        work.CancellationToken.ThrowIfCancellationRequested();
                        using var pair = new VolumePair(probes[row], gallery[column]);
                        matrix[row, column] = Score(pair, measure, options).Score;
                    }
                }
            }

            var finished = Interlocked.Increment(ref done);
            progress?.Report(new((double)finished / tiles, $"{measure.Name} of {(long)probes.Count * gallery.Count} pairs"));
        });
        return matrix;
    }

    private static SimilarityScore Score(VolumePair pair, SimilarityMeasure measure, SimilarityOptions options)
    {
        var total = (double)pair.First.VoxelCount + pair.Second.VoxelCount;
        var dice = 2 * pair.Count / total;
        var share = (double)pair.Count / Math.Min(pair.First.VoxelCount, pair.Second.VoxelCount);
        if (pair.Count < LeastVoxels || share < LeastOverlap)
        {
            return new(measure, double.NaN, pair.Count, dice, FormattableString.Invariant(
                $"The masks share {pair.Count} voxels, {share:P0} of the smaller one; at least {LeastVoxels} and {LeastOverlap:P0} are needed."));
        }

        var score = measure.Compute(pair, options);
        return double.IsFinite(score)
            ? new(measure, score, pair.Count, dice, Problem: null)
            : new(measure, double.NaN, pair.Count, dice, $"{measure.Name} is not defined for this pair: a volume is constant, or too small for the measure's windows.");
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
