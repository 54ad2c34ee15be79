using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>One thing that may be the matter with a scan.</summary>
/// <param name="Kind">The row of the table it counts in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Apply">Makes the disturbed scan; equal for equal random numbers.</param>
/// <param name="Effect">What it leaves of the scan.</param>
internal sealed record Disturbance(
    string Kind, string Name, Func<LabelledHead, Random, Volume> Apply, DisturbanceEffect Effect = DisturbanceEffect.None)
{
    /// <summary>
    /// Where the disturbed scan shows what the undisturbed one shows at a place, in mm; for the random numbers that <see cref="Apply"/> gets.
    /// </summary>
    public Func<LabelledHead, Random, Affine> Moves { get; init; } = (_, _) => Affine.Identity;
}
