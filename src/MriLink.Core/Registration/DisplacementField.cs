using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>A displacement in mm for each voxel of a grid whose axes run along the world's.</summary>
/// <param name="Geometry">The grid.</param>
/// <param name="X">Displacement to the right.</param>
/// <param name="Y">Displacement to the front.</param>
/// <param name="Z">Displacement upwards.</param>
public sealed record DisplacementField(VolumeGeometry Geometry, float[] X, float[] Y, float[] Z)
{
    /// <summary>Samplers of the three components, for reading between voxels.</summary>
    public (TrilinearSampler X, TrilinearSampler Y, TrilinearSampler Z) Samplers() =>
        (new(new(Geometry, X)), new(new(Geometry, Y)), new(new(Geometry, Z)));
}
