using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>All that is known of a preprocessed volume but its voxels and its name, as it is written to JSON.</summary>
/// <param name="Template">The template.</param>
/// <param name="Size">Voxels along the three axes.</param>
/// <param name="VoxelToWorld">The twelve numbers of the grid's map to mm, row by row.</param>
/// <param name="TemplateToScan">The twelve numbers of the map from the template's mm to the scan's, row by row.</param>
/// <param name="BrainVoxels">Voxels in the brain mask.</param>
/// <param name="Quality">How well it went.</param>
/// <param name="Provenance">What it was made from, when that is known.</param>
internal sealed record PreprocessedRecord(
    string Template, int[] Size, double[] VoxelToWorld, double[] TemplateToScan, int BrainVoxels, QualityRecord? Quality, Provenance? Provenance)
{
    // The largest grid read back: half a millimetre on a head of 320 mm. Larger ones are taken for damage.
    public const long MaxVoxels = 1L << 28;

    public static PreprocessedRecord Of(PreprocessedVolume volume)
    {
        var size = volume.Size;
        return new(
            volume.Template,
            [size.X, size.Y, size.Z],
            volume.Geometry.VoxelToWorld.ToRows(),
            volume.TemplateToScan.ToRows(),
            volume.BrainMask.Count,
            volume.QualityRecord,
            volume.Provenance);
    }

    /// <summary>The grid, when the numbers make one; otherwise null.</summary>
    public VolumeGeometry? Geometry()
    {
        if (Template is null || Size is not { Length: 3 } || Size.Any(n => n is < 1 or > 1 << 16) || VoxelToWorld is not { Length: 12 }
            || TemplateToScan is not { Length: 12 })
        {
            return null;
        }

        var size = new GridSize(Size[0], Size[1], Size[2]);
        var map = Affine.FromRows(VoxelToWorld);
        return size.Count <= MaxVoxels && map.IsInvertible ? new(size, map) : null;
    }
}
