namespace MriLink.Core.Volumes;

/// <summary>A scalar volume in memory: its geometry and its voxels, x fastest.</summary>
public sealed class Volume
{
    /// <summary>Wraps <paramref name="voxels"/>; they are not copied.</summary>
    /// <exception cref="ArgumentException">The number of voxels is not that of the geometry.</exception>
    public Volume(VolumeGeometry geometry, float[] voxels)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentNullException.ThrowIfNull(voxels);
        if (voxels.Length != geometry.Size.Count)
        {
            throw new ArgumentException($"{voxels.Length} voxels do not fill a grid of {geometry.Size}.", nameof(voxels));
        }

        Geometry = geometry;
        Voxels = voxels;
    }

    /// <summary>Where the voxels lie.</summary>
    public VolumeGeometry Geometry { get; }

    /// <summary>Voxels along each axis.</summary>
    public GridSize Size => Geometry.Size;

    /// <summary>Intensities, x fastest.</summary>
    public float[] Voxels { get; }

    /// <summary>The intensity at a voxel.</summary>
    public float this[int x, int y, int z] => Voxels[Size.IndexOf(x, y, z)];

    /// <inheritdoc/>
    public override string ToString() => Geometry.ToString();
}
