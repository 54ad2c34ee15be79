namespace MriLink.Core.Volumes;

/// <summary>Where the voxels of a volume lie: the size of the grid and the map from voxel indices to RAS+ millimetres.</summary>
/// <remarks>Index (0, 0, 0) is the centre of the first voxel.</remarks>
public sealed record VolumeGeometry
{
    private readonly Affine _worldToVoxel;

    /// <summary>Makes a geometry.</summary>
    /// <param name="size">Voxels along each axis, each at least 1.</param>
    /// <param name="voxelToWorld">Voxel indices to RAS+ mm; must be invertible.</param>
    /// <exception cref="ArgumentException">A size is below 1, or the map cannot be inverted.</exception>
    public VolumeGeometry(GridSize size, Affine voxelToWorld)
    {
        if (size.X < 1 || size.Y < 1 || size.Z < 1)
        {
            throw new ArgumentException($"A volume of {size} voxels is empty.", nameof(size));
        }

        if (!voxelToWorld.IsInvertible)
        {
            throw new ArgumentException($"The voxel-to-world matrix ({voxelToWorld}) cannot be inverted.", nameof(voxelToWorld));
        }

        Size = size;
        VoxelToWorld = voxelToWorld;
        _worldToVoxel = voxelToWorld.Inverse();
    }

    /// <summary>Voxels along each axis.</summary>
    public GridSize Size { get; }

    /// <summary>Voxel indices to RAS+ millimetres.</summary>
    public Affine VoxelToWorld { get; }

    /// <summary>RAS+ millimetres to voxel indices.</summary>
    public Affine WorldToVoxel => _worldToVoxel;

    /// <summary>Distance in mm between neighbouring voxel centres along each axis.</summary>
    public Point3 Spacing => VoxelToWorld.ColumnLengths;

    /// <summary><see cref="Spacing"/> along the axis where it is largest.</summary>
    public double CoarsestSpacing => Math.Max(Spacing.X, Math.Max(Spacing.Y, Spacing.Z));

    /// <summary>The volume of a voxel in mm³.</summary>
    public double VoxelVolume => Math.Abs(VoxelToWorld.Determinant);

    /// <summary>The centre of the grid in RAS+ mm.</summary>
    public Point3 Center => VoxelToWorld.Apply(new((Size.X - 1) / 2.0, (Size.Y - 1) / 2.0, (Size.Z - 1) / 2.0));

    /// <summary>The three letters of the anatomical directions in which the axes run, nearest first choice: "RAS", "LPI", …</summary>
    public string Orientation => AxisOrientation.Describe(VoxelToWorld);

    /// <summary>Where the centre of a voxel lies, in RAS+ mm.</summary>
    /// <param name="index">The voxel's index into the voxel array.</param>
    public Point3 PlaceOf(int index) => VoxelToWorld.Apply(new(index % Size.X, index / Size.X % Size.Y, index / (Size.X * Size.Y)));

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant($"{Size} at {Spacing.X:0.##}x{Spacing.Y:0.##}x{Spacing.Z:0.##} mm, {Orientation}");
}
