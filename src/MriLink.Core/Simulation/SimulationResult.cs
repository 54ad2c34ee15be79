using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>A simulated scan with what is known about it.</summary>
/// <param name="Head">The scan: integers from 0 up, as a scanner stores them; stripped if the conditions say so.</param>
/// <param name="BrainMask">The brain on the scan's grid, carried through the same deformation; null when the anatomy's brain is unknown.</param>
/// <param name="Truth">Transform and receive field.</param>
public sealed record SimulationResult(Volume Head, Mask? BrainMask, ScanTruth Truth);
