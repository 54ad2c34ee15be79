namespace MriLink.Core.Simulation;

/// <summary>What gives a signal in a head. Bone and air give none: they are what is left of a voxel.</summary>
internal enum Tissue
{
    /// <summary>White matter.</summary>
    White,

    /// <summary>Grey matter.</summary>
    Grey,

    /// <summary>Cerebrospinal fluid, and the eyes' vitreous body, which is as watery.</summary>
    Fluid,

    /// <summary>Muscle, skin and other soft tissue outside the skull.</summary>
    Muscle,

    /// <summary>Fat under the skin, in orbits and in marrow.</summary>
    Fat,

    /// <summary>A lesion of white matter.</summary>
    Lesion,
}
