namespace MriLink.Core.Volumes;

/// <summary>Voxels along each axis of a volume. X runs fastest in memory.</summary>
/// <param name="X">Voxels along the first axis.</param>
/// <param name="Y">Voxels along the second axis.</param>
/// <param name="Z">Voxels along the third axis.</param>
public readonly record struct GridSize(int X, int Y, int Z)
{
    /// <summary>All voxels; as a long, because a header may claim more than fits an int.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>The index into the voxel array of (x, y, z).</summary>
    public int IndexOf(int x, int y, int z) => x + (X * (y + (Y * z)));

    /// <inheritdoc/>
    public override string ToString() => $"{X}x{Y}x{Z}";
}
