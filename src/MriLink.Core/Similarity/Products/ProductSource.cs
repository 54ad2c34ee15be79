namespace MriLink.Core.Similarity.Products;

/// <summary>What of each volume enters a matrix product.</summary>
internal sealed class ProductSource
{
    private readonly bool _ranks;

    private ProductSource(bool ranks) => _ranks = ranks;

    /// <summary>Intensities, standardised over the volume's own mask.</summary>
    public static ProductSource Intensities { get; } = new(ranks: false);

    /// <summary>Ranks over the volume's own mask as a part of its size: those of a pair only where both masks are equal.</summary>
    public static ProductSource Ranks { get; } = new(ranks: true);

    /// <summary>One value per voxel of the volume's mask.</summary>
    public ReadOnlySpan<float> Values(PreparedVolume volume) => _ranks ? volume.OwnRanks : volume.Image.Values;

    /// <summary>The map that brings the values to the order of 1.</summary>
    public Standardization Standardization(PreparedVolume volume) => _ranks ? new(0, 1f / volume.VoxelCount) : volume.Image.Standardization;
}
