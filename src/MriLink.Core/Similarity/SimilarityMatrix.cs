using System.Collections.Specialized;
using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>The scores of every probe with every gallery volume under one measure, and whose scans they are.</summary>
public sealed class SimilarityMatrix
{
    private const string RowHeading = "Probe";

    private readonly double[] _scores;
    private readonly MaskOverlaps? _overlaps;
    private bool[]? _mirrored;

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
        Probes = [.. probes];
        Gallery = [.. gallery];
        _scores = scores;
        _overlaps = overlaps;
    }

    /// <summary>The measure.</summary>
    public SimilarityMeasure Measure { get; }

    /// <summary>Whose scans the rows are.</summary>
    public PlainList<ScanIdentity> Probes { get; }

    /// <summary>Whose scans the columns are.</summary>
    public PlainList<ScanIdentity> Gallery { get; }

    /// <summary>Rows.</summary>
    public int ProbeCount => Probes.Count;

    /// <summary>Columns.</summary>
    public int GalleryCount => Gallery.Count;

    /// <summary>The lowest score, or null when there is none.</summary>
    public double? Lowest => Extreme(Math.Min);

    /// <summary>The highest score, or null when there is none.</summary>
    public double? Highest => Extreme(Math.Max);

    /// <summary>How many pairs have no score.</summary>
    public long MissingCount => _scores.LongCount(double.IsNaN);

    /// <summary>The score of a pair; NaN when there is none: the overlap is too small, or the measure is not defined for the pair.</summary>
    public double this[int probe, int gallery]
    {
        get
        {
            Check(probe, gallery);
            return _scores[((long)probe * GalleryCount) + gallery];
        }
    }

    /// <summary>Whether a pair's score is that of the row's scan with left and right exchanged (<see cref="Better"/>).</summary>
    public bool IsMirrored(int probe, int gallery)
    {
        Check(probe, gallery);
        return _mirrored is not null && _mirrored[((long)probe * GalleryCount) + gallery];
    }

    /// <summary>Of each pair the better of two scores: that of the scans as they are, and that with the row's scan mirrored.</summary>
    /// <remarks>All pairs' scores are the better of two then, strangers' too, so that what is learnt from these holds.</remarks>
    /// <param name="both">The scores of the rows as they are, and below them in the same order those of the same rows mirrored.</param>
    /// <exception cref="ArgumentException">The lower half of the rows are not the scans of the upper half.</exception>
    public static SimilarityMatrix Better(SimilarityMatrix both)
    {
        ArgumentNullException.ThrowIfNull(both);
        var (rows, half) = (both.ProbeCount / 2, both._scores.Length / 2);
        if (both.ProbeCount % 2 != 0 || !both.Probes.Take(rows).SequenceEqual(both.Probes.Skip(rows)))
        {
            throw new ArgumentException("The rows are not scans and the same scans mirrored.", nameof(both));
        }

        var (scores, mirrored) = (both._scores[..half], new bool[half]);
        for (var i = 0; i < half; i++)
        {
            var other = both._scores[half + i];
            mirrored[i] = !double.IsNaN(other) && (double.IsNaN(scores[i]) || (both.Measure.HigherIsBetter ? other > scores[i] : other < scores[i]));
            scores[i] = mirrored[i] ? other : scores[i];
        }

        return new(both.Measure, [.. both.Probes.Take(rows)], both.Gallery, scores) { _mirrored = mirrored };
    }

    /// <summary>Rows and columns as one set of scans, the rows' first, each with each: two of one side have no score.</summary>
    public SimilarityMatrix ToSquare()
    {
        PlainList<ScanIdentity> all = [.. Probes, .. Gallery];
        var (scores, mirrored) = (new double[(long)all.Count * all.Count], new bool[(long)all.Count * all.Count]);
        Array.Fill(scores, double.NaN);
        for (var i = 0; i < ProbeCount; i++)
        {
            for (var j = 0; j < GalleryCount; j++)
            {
                var (there, back) = (((long)i * all.Count) + ProbeCount + j, ((long)(ProbeCount + j) * all.Count) + i);
                scores[there] = scores[back] = this[i, j];
                mirrored[there] = mirrored[back] = IsMirrored(i, j);
            }
        }

        return new(Measure, all, all, scores) { _mirrored = mirrored };
    }

    /// <summary>A row's scores.</summary>
    public ReadOnlySpan<double> Row(int probe)
    {
        Check(probe, GalleryCount - 1);
        return _scores.AsSpan(checked(probe * GalleryCount), GalleryCount);
    }

    /// <summary>A pair as a row of a table: the probe is the volume, the gallery scan its reference.</summary>
    /// <exception cref="InvalidOperationException">The matrix was made from scores alone: how far masks overlap is not known.</exception>
    public ScanSimilarity Pair(int probe, int gallery) => new(Gallery[gallery], Probes[probe], Score(probe, gallery));

    /// <summary>
    /// The matrix as a table for Export-Csv, which R and Python read: a row for each probe, its name under "Probe", and a column for each gallery
    /// scan, headed by its name; of scans of one name the second is "name #2". Scores are written as programs write numbers, whatever the culture.
    /// </summary>
    public IEnumerable<OrderedDictionary> Rows()
    {
        var (rows, columns) = (Unique(Probes, []), Unique(Gallery, [RowHeading]));
        for (var i = 0; i < ProbeCount; i++)
        {
            var row = new OrderedDictionary { [RowHeading] = rows[i] };
            for (var j = 0; j < GalleryCount; j++)
            {
                row[columns[j]] = this[i, j].ToString("R", CultureInfo.InvariantCulture);
            }

            yield return row;
        }
    }

    /// <summary>The same pairs with rows for columns.</summary>
    public SimilarityMatrix Transpose()
    {
        var scores = new double[_scores.LongLength];
        for (var i = 0; i < ProbeCount; i++)
        {
            for (var j = 0; j < GalleryCount; j++)
            {
                scores[((long)j * ProbeCount) + i] = this[i, j];
            }
        }

        return new(Measure, Gallery, Probes, scores, _overlaps?.Transpose());
    }

    /// <summary>Every pair as a row of a table, probe by probe.</summary>
    /// <exception cref="InvalidOperationException">The matrix was made from scores alone: how far masks overlap is not known.</exception>
    public IEnumerable<ScanSimilarity> Pairs()
    {
        for (var i = 0; i < ProbeCount; i++)
        {
            for (var j = 0; j < GalleryCount; j++)
            {
                yield return Pair(i, j);
            }
        }
    }

    /// <summary>A pair's score with what it rests on, and why there is none.</summary>
    /// <exception cref="InvalidOperationException">The matrix was made from scores alone: how far masks overlap is not known.</exception>
    public SimilarityScore Score(int probe, int gallery)
    {
        var overlaps = _overlaps
            ?? throw new InvalidOperationException("The matrix holds scores alone; how far the masks of a pair overlap is not known.");
        var score = this[probe, gallery];
        return new(Measure, score, overlaps.Joint(probe, gallery), overlaps.Dice(probe, gallery), overlaps.ProblemOf(Measure, score, probe, gallery));
    }

    /// <summary>Puts matrices of one measure and the same rows side by side.</summary>
    /// <exception cref="ArgumentException">There is none, or they differ in measure or rows.</exception>
    public static SimilarityMatrix Join(IReadOnlyList<SimilarityMatrix> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0 || parts.Any(p => p.Measure != parts[0].Measure || !p.Probes.SequenceEqual(parts[0].Probes)))
        {
            throw new ArgumentException("Matrices are joined only if they are of one measure and have the same rows.", nameof(parts));
        }

        ScanIdentity[] gallery = [.. parts.SelectMany(p => p.Gallery)];
        var scores = new double[(long)parts[0].ProbeCount * gallery.Length];
        for (var i = 0; i < parts[0].ProbeCount; i++)
        {
            var to = scores.AsSpan(checked(i * gallery.Length), gallery.Length);
            foreach (var part in parts)
            {
                part.Row(i).CopyTo(to);
                to = to[part.GalleryCount..];
            }
        }

        var overlaps = parts.Select(p => p._overlaps).OfType<MaskOverlaps>().ToArray();
        return new(parts[0].Measure, parts[0].Probes, gallery, scores, overlaps.Length == parts.Count ? MaskOverlaps.Join(overlaps) : null);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Measure.Name}: {ProbeCount} x {GalleryCount}");

    /// <summary>A matrix of the same scans with other scores.</summary>
    internal SimilarityMatrix With(double[] scores) => new(Measure, Probes, Gallery, scores, _overlaps);

    private static string[] Unique(PlainList<ScanIdentity> scans, HashSet<string> taken)
    {
        var names = new string[scans.Count];
        for (var i = 0; i < names.Length; i++)
        {
            var (name, number) = (scans[i].Name, 1);
            while (!taken.Add(names[i] = number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} #{number}")))
            {
                number++;
            }
        }

        return names;
    }

    private double? Extreme(Func<double, double, double> choose)
    {
        double? found = null;
        foreach (var score in _scores)
        {
            found = double.IsNaN(score) ? found : found is { } other ? choose(other, score) : score;
        }

        return found;
    }

    private void Check(int probe, int gallery)
    {
        if ((uint)probe >= (uint)ProbeCount || (uint)gallery >= (uint)GalleryCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(probe), $"There is no pair [{probe}, {gallery}] in a matrix of {ProbeCount} by {GalleryCount}.");
        }
    }
}
