using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// Moves a brain surface that deformation has brought near by what the head shows there: outwards a little into tissue,
/// inwards out of what is as dark as air and bone or brighter than any brain.
/// </summary>
/// <remarks>
/// Every voxel near the surface votes: tissue for the brain, air, bone, fat and enhancing vessels against it, cerebrospinal
/// fluid for neither. Votes are averaged over some millimetres, so that the surface stays smooth and where tissue meets bone,
/// the votes cancel and the surface stays. One pass of fixed length: the same head gives the same surface, and a wrong
/// neighbourhood cannot be flooded.
/// </remarks>
internal static class SurfaceRefinement
{
    // Only so near the surface, in mm, are votes taken and distances changed.
    private const float Band = 14;

    // Voters are averaged with this standard deviation in voxels of 2 mm.
    private const float VoteSigma = 1;

    // How far a unanimous neighbourhood moves the surface, in mm. Outwards less than the thinnest bone between brain and
    // muscle; inwards as deep as cavities of the skull base reach into a surface carried there.
    private const float MostOutwards = 1;
    private const float MostInwards = 4;

    // Shares of the brain's median intensity. In T1-weighted heads grey matter lies near 0.8, cerebrospinal fluid from 0.25 to
    // 0.45, air and bone below 0.2. Votes rise from none to full over a range, so that noise and contrast cannot flip them.
    private const float DarkFrom = 0.25f;
    private const float DarkFull = 0.15f;
    private const float TissueFrom = 0.45f;
    private const float TissueFull = 0.60f;

    // Multiples of the brain's 98th percentile. Fat and enhancing veins lie above; what lies far above is no brain whatever
    // is around it, and its vote counts more.
    private const float BrightFrom = 1.1f;
    private const float BrightRange = 0.2f;
    private const float GlaringFrom = 1.4f;
    private const float GlaringRange = 0.3f;
    private const float GlaringWeight = 2;

    // Multiples of the brain's median from which on a T2-weighted scan shows fluid, which is as bright as fat: it votes for neither.
    private const float FluidFrom = 1.4f;
    private const float FluidRange = 0.3f;

    // The brain's own intensities are taken from voxels this far inside, in mm.
    private const float Deep = 4;

    /// <summary>Changes the distances near the surface.</summary>
    /// <param name="distance">Signed distance in mm to the surface, negative inside.</param>
    /// <param name="head">The head on the same grid, bias corrected.</param>
    /// <param name="contrast">What is bright in it. FLAIR and proton density show bone, fat and brain as T1-weighted scans do.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static void Apply(Volume distance, Volume head, MriContrast contrast, WorkOptions work)
    {
        var (surface, voxels) = (distance.Voxels, head.Voxels);
        var deep = new bool[surface.Length];
        work.ForRanges(deep.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                deep[i] = surface[i] < -Deep && voxels[i] > 0;
            }
        });
        if (!deep.AsSpan().Contains(true))
        {
            return;
        }

        var (median, top) = Percentiles.Of(voxels, deep, 0.5, 0.98);
        var votes = new float[surface.Length];
        var fluidIsBright = contrast == MriContrast.T2w;
        work.ForRanges(votes.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                votes[i] = MathF.Abs(surface[i]) > Band ? surface[i] < 0 ? 1 : 0
                    : fluidIsBright ? VoteByT2(voxels[i], median)
                    : Vote(voxels[i], median, top);
            }
        });
        GaussianFilter.Smooth(votes, new float[votes.Length], distance.Size, VoteSigma, work);
        work.ForRanges(votes.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                if (MathF.Abs(surface[i]) <= Band)
                {
                    surface[i] -= votes[i] * (votes[i] > 0 ? MostOutwards : MostInwards);
                }
            }
        });
    }

    // 1: brain; -1: not; below: on no account.
    private static float Vote(float value, float median, float top)
    {
        var bright = Rise((value / top) - BrightFrom, BrightRange);
        var glaring = GlaringWeight * Rise((value / top) - GlaringFrom, GlaringRange);
        var dark = Rise(DarkFrom - (value / median), DarkFrom - DarkFull);
        var tissue = Rise((value / median) - TissueFrom, TissueFull - TissueFrom) * (1 - bright);
        return tissue - Math.Max(dark, bright) - glaring;
    }

    private static float VoteByT2(float value, float median) =>
        (Rise((value / median) - TissueFrom, TissueFull - TissueFrom) * (1 - Rise((value / median) - FluidFrom, FluidRange)))
        - Rise(DarkFrom - (value / median), DarkFrom - DarkFull);

    private static float Rise(float beyond, float range) => Math.Clamp(beyond / range, 0, 1);
}
