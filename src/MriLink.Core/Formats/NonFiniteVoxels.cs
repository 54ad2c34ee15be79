namespace MriLink.Core.Formats;

/// <summary>What becomes of voxels that are not a finite number.</summary>
public enum NonFiniteVoxels
{
    /// <summary>The volume is refused, with their number.</summary>
    Error,

    /// <summary>They are read as 0.</summary>
    Zero,
}
