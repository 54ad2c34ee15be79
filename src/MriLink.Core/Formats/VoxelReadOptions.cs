namespace MriLink.Core.Formats;

/// <summary>How the voxels of a file are read.</summary>
/// <param name="NonFinite">What becomes of NaN and infinity.</param>
/// <param name="Reorient">Whether the axes are permuted and flipped to the closest RAS+ order.</param>
/// <param name="Volume">Which of the volumes of a file, from 0 on; the header that is read says it.</param>
public sealed record VoxelReadOptions(NonFiniteVoxels NonFinite = NonFiniteVoxels.Error, bool Reorient = false, long Volume = 0)
{
    /// <summary>Whose reading it is; the header that is read says it. Readers may take one file to lie in two places.</summary>
    public string Reader { get; init; } = VolumeHeader.BuiltInReader;
}
