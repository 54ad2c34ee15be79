using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// Where a T1-weighted brain shows a large hole full of fluid and the template shows tissue: what surgery, a stroke or a cyst left.
/// </summary>
/// <remarks>
/// A fit of the whole brain is pulled towards it by up to two millimetres, and a bias field takes its darkness for shade in part; both are told
/// to leave it out. Wide ventricles are none: they lie about the template's own, and their rims are thinner. Nor is a part that was cut away: the
/// brain's border towards it is the same for all, and helps.
/// </remarks>
internal static class Cavity
{
    // In shares of the median: tissue lies between 0.75 and 1.2, fluid at 0.2 to 0.5.
    private const float Darker = 0.35f;

    // In mm: what no ball of this radius fits into is a rim of ventricles that are wider than the template's, or a cleft between folds. Of 21 real
    // heads, among them elderly ones with up to 112 ml of such rims, none has room for more than 3 ml of such balls; cavities of 50 mm
    // in the same heads have 34 to 62 ml, which is what of them lies in the interior.
    private const double Radius = 8;
    private const double LeastMillilitres = 10;

    /// <summary>Looks for one, with a margin around it; null when there is none.</summary>
    /// <param name="brain">The brain on the template's working grid, smoothed, 0 around it.</param>
    /// <param name="mask">Where it is, on the same grid.</param>
    /// <param name="map">Template world to the brain's.</param>
    /// <param name="margin">How far smoothing carries darkness, in mm.</param>
    /// <param name="template">The template.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static Mask? Of(Volume brain, Mask mask, Affine map, double margin, PreparedTemplate template, WorkOptions work)
    {
        var (reference, interior) = (template.SmoothInterior, template.Interior);
        var laid = Resampler.Resample(brain, map, reference.Geometry, interior, work);
        var (scale, level) = (Median(reference, interior), Median(laid, interior));
        if (level <= 0)
        {
            return null;
        }

        var dark = new bool[laid.Voxels.Length];
        for (var i = 0; i < dark.Length; i++)
        {
            dark[i] = interior.Voxels[i] && laid.Voxels[i] / level < (reference.Voxels[i] / scale) - Darker;
        }

        if (!MayHoldBall(dark, reference.Geometry))
        {
            return null;
        }

        var held = Resampler.Resample(mask, map, reference.Geometry, work);
        for (var i = 0; i < dark.Length; i++)
        {
            dark[i] &= held.Voxels[i] >= 0.5f;
        }

        var core = DistanceTransform.Erode(new(reference.Geometry, dark), Radius, work);
        return DistanceTransform.Dilate(core, Radius, work).VolumeMillilitres < LeastMillilitres
            ? null
            : DistanceTransform.Dilate(core, Radius + margin, work);
    }

    // Around the middle of a ball it is dark a radius away along each axis too. In most brains no place is so, and distances, which take
    // long, need not be known.
    private static bool MayHoldBall(bool[] dark, VolumeGeometry grid)
    {
        var (size, spacing) = (grid.Size, grid.Spacing);
        var (dx, dy, dz) = ((int)(Radius / spacing.X), (int)(Radius / spacing.Y), (int)(Radius / spacing.Z));
        var (row, plane) = (dy * size.X, dz * size.X * size.Y);
        for (var z = dz; z < size.Z - dz; z++)
        {
            for (var y = dy; y < size.Y - dy; y++)
            {
                var from = size.IndexOf(0, y, z);
                for (var i = from + dx; i < from + size.X - dx; i++)
                {
                    if (dark[i] && dark[i - dx] && dark[i + dx] && dark[i - row] && dark[i + row] && dark[i - plane] && dark[i + plane])
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static float Median(Volume volume, Mask mask) => Percentiles.Of(Percentiles.Selected(volume.Voxels, mask.Voxels), 0.5);
}
