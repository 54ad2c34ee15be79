using MriLink.Core.Basics;
using MriLink.Core.Similarity.Products;

namespace MriLink.Core.Similarity;

/// <summary>
/// Compares volumes that come bit by bit with a set of references that is held, so that memory is bounded by the references and one
/// batch. A pair's scores do not depend on how the volumes are split into batches.
/// </summary>
public sealed class ReferenceComparison
{
    // One batch takes at least a few panels, and from 256 volumes on packing the references anew is but a tenth of the work.
    private const int SmallestBatch = 16;
    private const int LargestBatch = 256;

    private readonly IReadOnlyList<PreparedVolume> _references;
    private readonly IReadOnlyList<SimilarityMeasure> _measures;
    private readonly SimilarityOptions _options;
    private readonly Lazy<VoxelUnion> _union;
    private readonly bool _haveOneMask;

    /// <summary>Prepares a comparison.</summary>
    /// <param name="references">The first volumes of each pair, one or more, on one grid.</param>
    /// <param name="measures">The measures.</param>
    /// <param name="options">The measures' parameters.</param>
    public ReferenceComparison(IReadOnlyList<PreparedVolume> references, IReadOnlyList<SimilarityMeasure> measures, SimilarityOptions options)
    {
        ArgumentNullException.ThrowIfNull(references);
        ArgumentNullException.ThrowIfNull(measures);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfZero(references.Count, nameof(references));
        _references = references;
        _measures = measures;
        _options = options;
        _haveOneMask = references.All(v => v.Mask.Equals(references[0].Mask));
        _union = new(() => VoxelUnion.OfMasks(references));
    }

    /// <summary>
    /// A good size of batch: as many volumes as there are references, within bounds, so that packing either side for the product costs
    /// about the same and a batch takes no more memory than the references.
    /// </summary>
    public int BatchSize => Math.Clamp(_references.Count, SmallestBatch, LargestBatch);

    /// <summary>Compares every reference with every volume of a batch.</summary>
    /// <param name="volumes">The second volumes of each pair.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about finished blocks of work, or null.</param>
    /// <returns>A matrix for each measure, with references as rows and volumes as columns.</returns>
    /// <exception cref="InvalidOperationException">The volumes do not all lie on the references' grid.</exception>
    public IReadOnlyList<SimilarityMatrix> Compare(IReadOnlyList<PreparedVolume> volumes, WorkOptions work, IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        foreach (var volume in volumes)
        {
            PairwiseScorer.RequireSameGrid(_references[0], volume);
        }

        var union = _haveOneMask && volumes.All(v => v.Mask.Equals(_references[0].Mask)) ? VoxelUnion.Of(_references, volumes) : _union.Value;
        var matrices = new AllPairs(_measures, _references, volumes, _options, work, progress, union).Run();

        // The batch goes when its scores are out.
        PassingMemory.Add(volumes.Sum(v => (long)v.VoxelCount * sizeof(float)));
        return matrices;
    }
}
