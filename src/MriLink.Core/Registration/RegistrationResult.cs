using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>The outcome of a registration.</summary>
/// <param name="FixedToMoving">World mm of the fixed side to world mm of the moving side.</param>
/// <param name="Score">Correlation ratio at the finest level, 0 to 1: the share of the fixed image's variance that the moving one explains.</param>
public sealed record RegistrationResult(Affine FixedToMoving, double Score);
