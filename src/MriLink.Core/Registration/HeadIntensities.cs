using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>Holds a scan's intensities below what a brain shows, so that scalp, fat, vessels and artefacts do not outshine it.</summary>
/// <remarks>
/// Where the brain lies is not known yet. But it is the one large thing in a head that is tissue through and through: the darkest value within
/// 12 mm, which is air or bone wherever a scalp is, is tissue deep in a brain, and of such values the upper ones tell how bright brains are in
/// this scan (0.75 to 0.85 of the white matter's intensity in heads with and without a scalp of twice that, stripped ones included).
/// </remarks>
internal static class HeadIntensities
{
    private const double Spacing = 4;
    private const double Share = 0.9;

    // Of the level found: a little above the brightest white matter.
    private const float Headroom = 1.6f;

    /// <summary>The scan with whatever is brighter than any brain held down to that; the scan itself where nothing is.</summary>
    /// <param name="scan">A scan at about 2 mm, or coarser.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static Volume HeldDown(Volume scan, WorkOptions work)
    {
        var most = Brightest(BoxPyramid.Reduce(scan, Spacing, work), work);
        return float.IsFinite(most) ? new(scan.Geometry, Array.ConvertAll(scan.Voxels, v => Math.Min(v, most))) : scan;
    }

    private static float Brightest(Volume coarse, WorkOptions work)
    {
        var values = (float[])coarse.Voxels.Clone();
        var (low, high) = (Percentiles.AtRank(values, values.Length / 50), Percentiles.AtRank(values, values.Length * 49 / 50));
        var tissue = low + ((high - low) * 0.1f);

        // Of each voxel and its 26 neighbours.
        var darkest = BoxExtremes.Lowest(coarse.Voxels, coarse.Size, reach: 1, work);
        var count = 0;
        foreach (var value in darkest)
        {
            if (value > tissue)
            {
                values[count++] = value;
            }
        }

        // Thinner than this throughout, it is no head, and nothing is known of it.
        return count == 0 ? float.PositiveInfinity : low + (Headroom * (Percentiles.Of(values.AsSpan(0, count), Share) - low));
    }
}
