using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>What a raw head shows just outside and just inside the brain that was found in it: whether skull and scalp were left outside.</summary>
/// <param name="ScalpShare">
/// Of the shell 6 to 16 mm outside the brain, in the upper part of the head, the share that is brighter than a quarter of the brain's median: scalp
/// and marrow. Null where the scan does not show that shell.
/// </param>
/// <param name="RimBrightness">The 95th percentile of the brain's outer 6 mm over its median.</param>
internal sealed record BrainSurroundings(double? ScalpShare, double? RimBrightness)
{
    private const float ShellFrom = 6;
    private const float ShellTo = 16;
    private const float Rim = 6;

    // Less than so many voxels say nothing.
    private const int Fewest = 1000;

    /// <summary>Looks.</summary>
    /// <param name="head">The scan on the template's working grid, bias corrected.</param>
    /// <param name="distance">Signed distance in mm to the brain's surface on the same grid, negative inside.</param>
    /// <param name="covered">Where the scan's field of view is.</param>
    /// <param name="level">Slices from this one on are above face and neck.</param>
    public static BrainSurroundings Of(Volume head, Volume distance, bool[] covered, int level)
    {
        var (voxels, far) = (head.Voxels, distance.Voxels);
        var (brain, rim) = (new List<float>(), new List<float>());
        for (var i = 0; i < far.Length; i++)
        {
            if (far[i] < 0 && covered[i])
            {
                brain.Add(voxels[i]);
                if (far[i] > -Rim)
                {
                    rim.Add(voxels[i]);
                }
            }
        }

        if (brain.Count < Fewest || rim.Count < Fewest)
        {
            return new(null, null);
        }

        var median = Percentiles.Of(CollectionsMarshal.AsSpan(brain), 0.5);
        var (shell, bright) = (0, 0);
        for (var i = head.Size.IndexOf(0, 0, level); i < far.Length; i++)
        {
            if (far[i] is > ShellFrom and < ShellTo && covered[i])
            {
                shell++;
                bright += voxels[i] > median / 4 ? 1 : 0;
            }
        }

        return median <= 0
            ? new(null, null)
            : new(shell < Fewest ? null : bright / (double)shell, Percentiles.Of(CollectionsMarshal.AsSpan(rim), 0.95) / median);
    }
}
