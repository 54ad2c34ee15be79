using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// Deforms a scan by a smooth random field of its own: the flow of a cubic B-spline velocity, so that nothing folds. The strength is the
/// root mean square of the velocity's components, which for short flows is that of the displacements.
/// </summary>
internal sealed class Warping(MitigationKind kind, double rms) : IMitigation
{
    // About the width of a gyrus with its sulci: wide enough to look natural, too fine for an affine alignment to undo.
    private const double KnotSpacing = 24;
    private const double NodeSpacing = 6;

    public MitigationKind Kind => kind;

    public double Strength => rms;

    public string? WhyNot(MitigationTarget scan) => null;

    public Volume Apply(MitigationTarget scan, WorkOptions work)
    {
        var geometry = scan.Volume.Geometry;
        var (low, high) = SimulationAnatomy.BoxOf(geometry, margin: 0);
        var velocity = new VectorLattice(low, high, NodeSpacing);
        velocity.AddRandomSpline(rms, KnotSpacing, RandomStream.For(scan.Seed, SeedUse.FineVelocity));
        var flow = velocity.Exponential(1, work);
        var (toWorld, toVoxel) = (geometry.VoxelToWorld, geometry.WorldToVoxel);
        var sampler = new TrilinearSampler(scan.Volume);
        var size = geometry.Size;
        var voxels = new float[size.Count];
        var columns = (
            X: VectorLattice.ToVector(toVoxel.ApplyDirection(new(1, 0, 0))),
            Y: VectorLattice.ToVector(toVoxel.ApplyDirection(new(0, 1, 0))),
            Z: VectorLattice.ToVector(toVoxel.ApplyDirection(new(0, 0, 1))));
        var step = VectorLattice.ToVector(toWorld.ApplyDirection(new(1, 0, 0)));
        work.ForBlocks(size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                var start = VectorLattice.ToVector(toWorld.Apply(new(0, y, z)));
                for (var x = 0; x < size.X; x++)
                {
                    var d = flow.Sample(start + (step * x));
                    var moved = (columns.X * d.X) + (columns.Y * d.Y) + (columns.Z * d.Z);
                    voxels[size.IndexOf(x, y, z)] = sampler.Sample(x + moved.X, y + moved.Y, z + moved.Z, scan.Background);
                }
            }
        });
        return new(geometry, voxels);
    }
}
