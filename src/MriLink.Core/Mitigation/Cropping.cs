using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// Cuts the field of view down to the brain's box, along the voxel axes, less a margin on each of its six sides; voxels stay where they are.
/// </summary>
internal sealed class Cropping(MitigationKind kind, double cut) : IMitigation
{
    public MitigationKind Kind => kind;

    public double Strength => cut;

    public string? WhyNot(MitigationTarget scan) => null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var (volume, size, spacing) = (scan.Volume, scan.Volume.Size, scan.Volume.Geometry.Spacing);
        var (low, high) = BoxOf(scan.Brain);
        var (x0, x1) = Shrink(low.X, high.X, spacing.X);
        var (y0, y1) = Shrink(low.Y, high.Y, spacing.Y);
        var (z0, z1) = Shrink(low.Z, high.Z, spacing.Z);
        if (x1 < x0 || y1 < y0 || z1 < z0)
        {
            throw new PreprocessingException(scan.Identity, "is cropped to nothing");
        }

        var to = new GridSize(x1 - x0 + 1, y1 - y0 + 1, z1 - z0 + 1);
        var voxels = new float[to.Count];
        for (var z = 0; z < to.Z; z++)
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            for (var y = 0; y < to.Y; y++)
            {
                volume.Voxels.AsSpan(size.IndexOf(x0, y0 + y, z0 + z), to.X).CopyTo(voxels.AsSpan(to.IndexOf(0, y, z)));
            }
        }

        return new(new(to, volume.Geometry.VoxelToWorld * Affine.FromTranslation(x0, y0, z0)), voxels);

        (int Low, int High) Shrink(int from, int to, double step)
        {
            var width = (int)Math.Round(cut / step);
            return (from + width, to - width);
        }
    }

    private static ((int X, int Y, int Z) Low, (int X, int Y, int Z) High) BoxOf(Mask mask)
    {
        var size = mask.Size;
        var (low, high) = ((X: size.X, Y: size.Y, Z: size.Z), (X: -1, Y: -1, Z: -1));
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = mask.Voxels.AsSpan(size.IndexOf(0, y, z), size.X);
                if (row.IndexOf(true) is >= 0 and var first)
                {
                    low = (Math.Min(low.X, first), Math.Min(low.Y, y), Math.Min(low.Z, z));
                    high = (Math.Max(high.X, row.LastIndexOf(true)), Math.Max(high.Y, y), Math.Max(high.Z, z));
                }
            }
        }

        return (low, high);
    }
}
