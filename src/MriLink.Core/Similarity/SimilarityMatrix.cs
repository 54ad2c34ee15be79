using System.Globalization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>The scores of every probe with every gallery volume under one measure, and whose scans they are.</summary>
public sealed class SimilarityMatrix
{
    private readonly double[] _scores;
    private readonly MaskOverlaps? _overlaps;

    /// <summary>Takes scores, row by row.</summary>
    /// <param name="measure">The measure.</param>
    /// <param name="probes">Whose scans the rows are.</param>
    /// <param name="gallery">Whose scans the columns are.</param>
    /// <param name="scores">A score per pair, NaN where there is none; not copied.</param>
    /// <exception cref="ArgumentException">The number of scores is not rows times columns.</exception>
    public SimilarityMatrix(SimilarityMeasure measure, IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery, double[] scores)
        : this(measure, probes, gallery, scores, overlaps: null)
    {
    }

    internal SimilarityMatrix(
        SimilarityMeasure measure, IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery, double[] scores, MaskOverlaps? overlaps)
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.LongLength != (long)probes.Count * gallery.Count)
        {
            throw new ArgumentException($"{scores.LongLength} scores do not fill {probes.Count} rows and {gallery.Count} columns.", nameof(scores));
        }

        Measure = measure;
        Probes = probes;
        Gallery = gallery;
        _scores = scores;
        _overlaps = overlaps;
    }

    /// <summary>The measure.</summary>
    public SimilarityMeasure Measure { get; }

    /// <summary>Whose scans the rows are.</summary>
    public IReadOnlyList<ScanIdentity> Probes { get; }

    /// <summary>Whose scans the columns are.</summary>
    public IReadOnlyList<ScanIdentity> Gallery { get; }

    /// <summary>Rows.</summary>
    public int ProbeCount => Probes.Count;

    /// <summary>Columns.</summary>
    public int GalleryCount => Gallery.Count;

    /// <summary>The score of a pair; NaN when there is none: the overlap is too small, or the measure is not defined for the pair.</summary>
    public double this[int probe, int gallery]
    {
        get
        {
            Check(probe, gallery);
            return _scores[((long)probe * GalleryCount) + gallery];
        }
    }

    /// <summary>A row's scores.</summary>
    public ReadOnlySpan<double> Row(int probe)
    {
        Check(probe, GalleryCount - 1);
        return _scores.AsSpan(checked(probe * GalleryCount), GalleryCount);
    }

    /// <summary>Every pair as a row of a table, probe by probe.</summary>
    /// <exception cref="InvalidOperationException">The matrix was made from scores alone: how far masks overlap is not known.</exception>
    public IEnumerable<ScanSimilarity> Pairs()
    {
        var overlaps = _overlaps ?? throw new InvalidOperationException("The matrix holds scores alone; how far the masks of a pair overlap is not known.");
        for (var i = 0; i < ProbeCount; i++)
        {
            for (var j = 0; j < GalleryCount; j++)
            {
                yield return new(Probes[i], Gallery[j], new(Measure, this[i, j], overlaps.Joint(i, j), overlaps.Dice(i, j), overlaps.ProblemOf(Measure, this[i, j], i, j)));
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Measure.Name}: {ProbeCount} x {GalleryCount}");

    private void Check(int probe, int gallery)
    {
        if ((uint)probe >= (uint)ProbeCount || (uint)gallery >= (uint)GalleryCount)
        {
            throw new ArgumentOutOfRangeException(nameof(probe), $"There is no pair [{probe}, {gallery}] in a matrix of {ProbeCount} by {GalleryCount}.");
        }
    }
}
