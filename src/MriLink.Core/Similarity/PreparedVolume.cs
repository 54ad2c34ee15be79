using System.Collections.Concurrent;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>
/// A volume made ready for comparison with many others: the intensities within its mask, and whatever the measures derive from
/// one volume alone, computed when first needed and kept.
/// </summary>
/// <remarks>
/// The grid itself is not kept: 4 bytes per brain voxel, about 1 MB for a brain at 2 mm. Kept in addition per voxel once a measure asks:
/// LocalNCC 4 bytes (alone, its own are all that is kept), Spearman 8 bytes, MI/NMI/CR 1 per number of bins, GMSD 4, SSIM, UQI and LNCC 12 each,
/// MS-SSIM 14 (12 of them shared with SSIM), NGF 20. Safe for use from several threads.
/// </remarks>
public sealed class PreparedVolume
{
    private readonly ConcurrentDictionary<int, Lazy<byte[]>> _bins = new();
    private readonly ConcurrentDictionary<LocalContrast, Lazy<float[]>> _contrasts = new();
    private readonly ConcurrentDictionary<EdgeOrientations, Lazy<PreparedVolume>> _edges = new();
    private readonly Lazy<int[]> _order;
    private readonly Lazy<float[]> _ranks;
    private readonly Lazy<float[]> _gradient;
    private readonly Lazy<(double Low, double High)> _range;
    private MaskedImage? _image;
    private float[]? _values;
    private bool _isSpent;

    private PreparedVolume(ScanIdentity identity, VolumeGeometry geometry, MaskRuns mask, float[] values, string? comparedBy)
    {
        ComparedBy = comparedBy;
        Identity = identity;
        Geometry = geometry;
        Mask = mask;
        _values = values;
        _image = new(mask, values, Standardization.Of(values), Buffers.Permanent);
        _order = new(MakeOrder);
        _ranks = new(() => Ranks.Centered(Order, Image.Values, VoxelCount));
        _gradient = new(() => Gradient.Magnitude(Image));
        _range = new(MakeRange);
    }

    /// <summary>Whose scan this is.</summary>
    public ScanIdentity Identity { get; }

    /// <summary>The grid the volume came from.</summary>
    public VolumeGeometry Geometry { get; }

    /// <summary>The grid's spacing in mm, along the axis where it is coarsest.</summary>
    public double Spacing => Geometry.CoarsestSpacing;

    /// <summary>How many voxels the mask contains.</summary>
    public int VoxelCount => Mask.Count;

    /// <summary>First and 99th percentile of the intensities within the mask, interpolated linearly between order statistics.</summary>
    public (double Low, double High) Range => _range.Value;

    /// <summary>The same with left and right exchanged; null where nobody asked for it.</summary>
    public PreparedVolume? Mirrored { get; private set; }

    /// <summary>Whether the brain was laid over Colin27 by its intensities, as T1-weighted ones are.</summary>
    internal bool IsOverColin27 { get; private init; }

    /// <summary>The name of the only measure by which the volume can be compared; null for any (<see cref="MriScan.ComparedBy"/>).</summary>
    internal string? ComparedBy { get; }

    /// <summary>The intensities and what windows derive from them.</summary>
    /// <exception cref="InvalidOperationException">The volume was prepared for measures that do not need them.</exception>
    internal MaskedImage Image =>
        _image ?? throw new InvalidOperationException(
        $"The intensities of '{Identity.Path ?? Identity.Name}' were not kept: it was prepared for measures that do without.");

    /// <summary>The mask.</summary>
    internal MaskRuns Mask { get; }

    /// <summary>The mask's voxels in ascending order of intensity.</summary>
    internal int[] Order => _order.Value;

    /// <summary>Ranks within the volume's own mask, ties averaged, about zero.</summary>
    internal ReadOnlySpan<float> OwnRanks => _ranks.Value;

    /// <summary>Gradient magnitudes; NaN where the gradient's neighbourhood leaves the mask.</summary>
    internal ReadOnlySpan<float> GradientMagnitude => _gradient.Value;

    /// <summary>
    /// Reads a volume's voxels and keeps those within its mask: the brain mask of a <see cref="PreprocessedVolume"/>, otherwise the
    /// voxels that are not zero. Voxels that are not finite numbers are left out.
    /// </summary>
    /// <exception cref="MriFileException">The file behind the volume is damaged or gone.</exception>
    /// <exception cref="InvalidDataException">No voxel is left.</exception>
    public static PreparedVolume Prepare(MriScan volume, CancellationToken cancellationToken = default) => Prepare(volume, [], cancellationToken);

    /// <inheritdoc cref="Prepare(MriScan, CancellationToken)"/>
    /// <param name="volume">The volume.</param>
    /// <param name="measures">
    /// The measures it will be compared by, and no others: what they derive from it is computed now, and intensities are let go where none
    /// of them needs any. None for whatever may be asked, computed when it is.
    /// </param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static PreparedVolume Prepare(MriScan volume, IReadOnlyList<SimilarityMeasure> measures, CancellationToken cancellationToken = default) =>
        Prepare(volume, measures, withMirrored: false, cancellationToken);

    /// <inheritdoc cref="Prepare(MriScan, IReadOnlyList{SimilarityMeasure}, CancellationToken)"/>
    /// <param name="volume">The volume.</param>
    /// <param name="measures">The measures it will be compared by.</param>
    /// <param name="withMirrored">Whether to make its mirror image ready too, as <see cref="Mirrored"/>; of preprocessed volumes alone it is known
    /// where their middle lies.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static PreparedVolume Prepare(
        MriScan volume, IReadOnlyList<SimilarityMeasure> measures, bool withMirrored, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(measures);
        if (withMirrored && volume is not PreprocessedVolume)
        {
            throw new InvalidDataException(
                $"'{volume.Path ?? volume.Name}' is not preprocessed, so it cannot be mirrored: where its middle lies is not known.");
        }

        var (voxels, brain) = volume.ReadCompared(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        var isOverColin27 = IsLaidByIntensities(volume);
        var prepared = Prepare(volume.Identity, voxels, brain, volume.ComparedBy, isOverColin27);
        cancellationToken.ThrowIfCancellationRequested();
        prepared.PrepareFor(measures);
        if (withMirrored)
        {
            prepared.Mirrored = Prepare(volume.Identity, Mirroring.Of(voxels), brain is null ? null : Mirroring.Of(brain), volume.ComparedBy,
                isOverColin27);
            prepared.Mirrored.PrepareFor(measures);
        }

        // What a file was read into is not needed any more.
        PassingMemory.Add(sizeof(float) * voxels.Size.Count);
        return prepared;
    }

    /// <summary>Keeps the voxels within a brain mask, or without one those that are not zero.</summary>
    /// <exception cref="InvalidDataException">No voxel is left, or the mask is of another size.</exception>
    internal static PreparedVolume Prepare(
        ScanIdentity identity, Volume voxels, Mask? brain, string? comparedBy = null, bool isOverColin27 = false)
    {
        var values = voxels.Voxels;
        MaskRuns mask;
        if (brain is not null)
        {
            if (brain.Size != voxels.Size)
            {
                throw new InvalidDataException(
                    $"The brain mask of '{identity.Path ?? identity.Name}' has {brain.Size} voxels and the volume {voxels.Size}.");
            }

            mask = MaskRuns.Create(voxels.Size, i => brain.Voxels[i] && float.IsFinite(values[i]), Buffers.Permanent);
        }
        else
        {
            mask = MaskRuns.Create(voxels.Size, i => values[i] != 0 && float.IsFinite(values[i]), Buffers.Permanent);
        }

        if (mask.Count == 0)
        {
            throw new InvalidDataException($"'{identity.Path ?? identity.Name}' has no voxel to compare: all are zero or outside its mask.");
        }

        var inside = new float[mask.Count];
        for (var run = 0; run < mask.RunCount; run++)
        {
            values.AsSpan(mask.Starts[run], mask.Offsets[run + 1] - mask.Offsets[run]).CopyTo(inside.AsSpan(mask.Offsets[run]));
        }

        return new(identity, voxels.Geometry, mask.Shared(), inside, comparedBy) { IsOverColin27 = isOverColin27 };
    }

    /// <summary>Takes numbers that were made already, one for each voxel of a mask.</summary>
    internal static PreparedVolume Of(ScanIdentity identity, VolumeGeometry geometry, MaskRuns mask, float[] values) =>
        new(identity, geometry, mask, values, comparedBy: null);

    private static bool IsLaidByIntensities(MriScan volume) =>
        volume is PreprocessedVolume brain && brain.Identity.Kind == MriContrast.T1w
        && string.Equals(brain.Template, Templates.Template.Colin27Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Identity} ({VoxelCount} voxels)";

    /// <summary>The bin of each voxel among <paramref name="bins"/> over <see cref="Range"/>; what lies beyond falls into the end bins.</summary>
    internal ReadOnlySpan<byte> BinIndices(int bins) => _bins.GetOrAdd(bins, count => new(() =>
    {
        var (low, high) = Range;
        var values = Image.Values;
        var indices = new byte[values.Length];
        Histogram.Index(values, low, high, count, indices);
        return indices;
    })).Value;

    /// <summary>Locally normalised intensities; kept. What was made for one measure has been normalised before.</summary>
    internal ReadOnlySpan<float> Contrast(LocalContrast contrast) => _contrasts.GetOrAdd(contrast, c => new(() => MakeContrast(c))).Value;

    /// <summary>The directions of its edges; kept.</summary>
    internal PreparedVolume Edges(EdgeOrientations edges) => _edges.GetOrAdd(edges, e => new(() => e.Of(this, IsOverColin27))).Value;

    private void PrepareFor(IReadOnlyList<SimilarityMeasure> measures)
    {
        // What a single measure makes of the intensities may take their place.
        _isSpent = measures.Count == 1 && !measures[0].NeedsIntensities;
        foreach (var measure in measures)
        {
            measure.Prepare(this);
        }

        if (measures.Count > 0 && !measures.Any(m => m.NeedsIntensities))
        {
            (_image, _values) = (null, null);
        }
    }

    private float[] MakeContrast(LocalContrast contrast)
    {
        var result = _isSpent ? _values! : new float[VoxelCount];
        if (ComparedBy is null)
        {
            contrast.Normalize(Mask, Image.Values, Image.Standardization, Geometry.Spacing, result);
        }
        else if (!_isSpent)
        {
            Image.Values.CopyTo(result);
        }

        return result;
    }

    private int[] MakeOrder()
    {
        var keys = Image.Values.ToArray();
        var order = new int[keys.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(keys, order);
        return order;
    }

    private (double Low, double High) MakeRange()
    {
        var sorted = Image.Values.ToArray();
        Array.Sort(sorted);
        return (Quantile(sorted, 0.01), Quantile(sorted, 0.99));
    }

    private static double Quantile(float[] sorted, double level)
    {
        var position = level * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * ((double)sorted[above] - sorted[below]));
    }
}
