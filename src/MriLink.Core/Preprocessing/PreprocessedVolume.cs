using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>A brain on the template's grid: aligned, stripped, harmonised. Voxels outside the mask are 0.</summary>
public sealed class PreprocessedVolume : MriVolume
{
    /// <summary>Makes a preprocessed volume.</summary>
    /// <param name="identity">Whose scan it is.</param>
    /// <param name="volume">The brain on the template's grid.</param>
    /// <param name="brainMask">The brain's voxels on the same grid.</param>
    public PreprocessedVolume(ScanIdentity identity, Volume volume, Mask brainMask)
        : base(identity, new MemoryVoxelSource(volume))
    {
        BrainMask = brainMask;
    }

    /// <summary>The voxels that are brain.</summary>
    public Mask BrainMask { get; }

    /// <inheritdoc/>
    public override string Stage => "Preprocessed";
}
