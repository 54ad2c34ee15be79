namespace MriLink.Core.Volumes;

/// <summary>A binary volume: which voxels of a grid belong to something, the brain for example.</summary>
public sealed class Mask
{
    /// <summary>Wraps <paramref name="voxels"/>; they are not copied.</summary>
    /// <exception cref="ArgumentException">The number of voxels is not that of the geometry.</exception>
    public Mask(VolumeGeometry geometry, bool[] voxels)
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

    /// <summary>True for voxels that belong, x fastest.</summary>
    /// <remarks>Not public, so that a preprocessed volume made into JSON is its facts and not a million truth values.</remarks>
    internal bool[] Voxels { get; }

    /// <summary>How many voxels belong.</summary>
    public int Count => Voxels.AsSpan().Count(true);

    /// <summary>The volume of the masked region in millilitres.</summary>
    public double VolumeMillilitres => Count * Geometry.VoxelVolume / 1000;

    /// <summary>The mask of the voxels above <paramref name="threshold"/>.</summary>
    public static Mask FromVolume(Volume volume, float threshold = 0)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var voxels = new bool[volume.Voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = volume.Voxels[i] > threshold;
        }

        return new(volume.Geometry, voxels);
    }

    /// <summary>Overlap of two masks on one grid, 2·|A∩B| / (|A|+|B|) (Dice 1945); 1 when both are empty.</summary>
    /// <exception cref="ArgumentException">The grids differ in size.</exception>
    public double Dice(Mask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Size != Size)
        {
            throw new ArgumentException($"A mask of {other.Size} cannot be compared with one of {Size}.", nameof(other));
        }

        long both = 0;
        for (var i = 0; i < Voxels.Length; i++)
        {
            both += Voxels[i] && other.Voxels[i] ? 1 : 0;
        }

        var total = (long)Count + other.Count;
        return total == 0 ? 1 : 2.0 * both / total;
    }

    /// <summary>The mask as a volume of 0 and 1.</summary>
    public Volume ToVolume()
    {
        // A loop of its own: a delegate for each of some million voxels takes five times as long.
        var voxels = new float[Voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = Voxels[i] ? 1 : 0;
        }

        return new(Geometry, voxels);
    }

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Count} voxels, {VolumeMillilitres:0} ml");
}
