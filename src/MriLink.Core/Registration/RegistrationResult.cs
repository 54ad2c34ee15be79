using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>The outcome of a registration.</summary>
/// <param name="FixedToMoving">World mm of the fixed side to world mm of the moving side.</param>
/// <param name="Score">Correlation ratio at the finest level, 0 to 1: the share of the fixed image's variance that the moving one explains.</param>
/// <param name="Evidence">How well the pose stood when it was chosen among others, about 0.4 to 0.7 for a head that is laid right; 0 where none were
/// compared.</param>
/// <param name="Lead">By how much it was ahead of the best pose that lies elsewhere; 1 where there was none.</param>
/// <param name="Rival">That other pose, to some millimetres; null where there was none.</param>
public sealed record RegistrationResult(Affine FixedToMoving, double Score, double Evidence = 0, double Lead = 1, Affine? Rival = null);
