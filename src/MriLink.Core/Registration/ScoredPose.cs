using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>A map and how well it fits.</summary>
/// <param name="Map">Fixed world to moving world.</param>
/// <param name="Score">Larger is better.</param>
internal sealed record ScoredPose(Affine Map, double Score);
