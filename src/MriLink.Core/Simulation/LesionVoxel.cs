namespace MriLink.Core.Simulation;

/// <summary>A voxel with a lesion in it.</summary>
/// <param name="Index">The voxel's index.</param>
/// <param name="Part">The part of its white matter that is lesion, above 0 and up to 1.</param>
internal readonly record struct LesionVoxel(int Index, float Part);
