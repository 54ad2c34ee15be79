using MriLink.Core.Similarity.Measures;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>Where two brains agree: a measure's value in the window around each voxel, as a volume for people to look at.</summary>
public static class LocalSimilarityMap
{
    /// <summary>The measures that have a map.</summary>
    public static IReadOnlyList<SimilarityMeasure> Measures { get; } = [.. SimilarityMeasures.All.Where(m => m is WindowMeasure)];

    /// <summary>The map of a pair on its grid: 0 outside the joint mask.</summary>
    /// <remarks>
    /// The mean over the mask is the measure's score but for windows that a face of the grid cuts: the map has them, the score leaves them out.
    /// </remarks>
    /// <param name="first">The first volume.</param>
    /// <param name="second">The second volume.</param>
    /// <param name="measure">One of <see cref="Measures"/>.</param>
    /// <param name="options">The measure's parameters.</param>
    /// <exception cref="ArgumentException">The measure has no map.</exception>
    /// <exception cref="InvalidOperationException">The volumes do not lie on one grid, or their masks do not overlap enough for a score.</exception>
    public static MriVolume Of(PreparedVolume first, PreparedVolume second, SimilarityMeasure measure, SimilarityOptions options)
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(options);
        PairwiseScorer.RequireSameGrid(first, second);
        if (measure is not WindowMeasure windows)
        {
            throw new ArgumentException($"{measure} has no map; those that have one are {string.Join(", ", Measures)}.", nameof(measure));
        }

        using var pair = new VolumePair(first, second);
        if (!MaskOverlaps.Suffices(pair.Count, first.VoxelCount, second.VoxelCount))
        {
            throw new InvalidOperationException(MaskOverlaps.Problem(measure, double.NaN, pair.Count, first.VoxelCount, second.VoxelCount));
        }

        var values = new float[pair.Count];
        windows.Map(pair, options, values);
        return new(
            new ScanIdentity(string.Join('-', first.Identity.Participant, second.Identity.Participant), Label(first, second, i => i.Session),
                Label(first, second, i => i.Run)),
            new MemoryVoxelSource(new(first.Geometry, pair.Joint.Spread(values))));
    }

    private static string? Label(PreparedVolume first, PreparedVolume second, Func<ScanIdentity, string?> part)
    {
        string[] labels = [.. new[] { part(first.Identity), part(second.Identity) }.OfType<string>()];
        return labels.Length == 0 ? null : string.Join('-', labels);
    }
}
