using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Engines;

/// <summary>Where an engine found the template to lie in a scan.</summary>
/// <param name="Map">World mm (RAS+) of the template to world mm of the scan.</param>
/// <param name="Lead">By how much this was better than the best pose elsewhere, in shares of the template's variance; null where the engine compares
/// none.</param>
/// <param name="Rival">That other pose, to some millimetres; null where there is none.</param>
internal readonly record struct FoundPose(Affine Map, double? Lead, Affine? Rival = null);
