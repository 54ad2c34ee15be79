namespace MriLink.Core.Similarity.Products;

/// <summary>What of each volume enters a matrix product. Two that are equal are multiplied once for all measures that use them.</summary>
internal abstract record ProductSource
{
    /// <summary>Intensities, standardised over the volume's own mask.</summary>
    public static ProductSource Intensities { get; } = new OfIntensities();

    /// <summary>Ranks over the volume's own mask as a part of its size: those of a pair only where both masks are equal.</summary>
    public static ProductSource Ranks { get; } = new OfRanks();

    /// <summary>Whether a volume's values are the same whatever mask the other volume has.</summary>
    public virtual bool SuitsAnyMask => true;

    /// <summary>Locally normalised intensities, over windows of the volume's own mask.</summary>
    public static ProductSource Of(LocalContrast contrast) => new OfContrast(contrast);

    /// <summary>One value per voxel of the volume's mask.</summary>
    public abstract ReadOnlySpan<float> Values(PreparedVolume volume);

    /// <summary>The map that brings the values to the order of 1.</summary>
    public abstract Standardization Standardization(PreparedVolume volume);

    private sealed record OfIntensities : ProductSource
    {
        public override ReadOnlySpan<float> Values(PreparedVolume volume) => volume.Image.Values;

        public override Standardization Standardization(PreparedVolume volume) => volume.Image.Standardization;
    }

    private sealed record OfRanks : ProductSource
    {
        public override bool SuitsAnyMask => false;

        public override ReadOnlySpan<float> Values(PreparedVolume volume) => volume.OwnRanks;

        public override Standardization Standardization(PreparedVolume volume) => new(0, 1f / volume.VoxelCount);
    }

    private sealed record OfContrast(LocalContrast Contrast) : ProductSource
    {
        public override ReadOnlySpan<float> Values(PreparedVolume volume) => volume.Contrast(Contrast);

        // Part of what signatures are named by: never of a culture.
        public override string ToString() => FormattableString.Invariant($"contrast {Contrast.Sigma} {Contrast.Smoothing} {Contrast.Floor}");

        public override Standardization Standardization(PreparedVolume volume) => Similarity.Standardization.None;
    }
}
