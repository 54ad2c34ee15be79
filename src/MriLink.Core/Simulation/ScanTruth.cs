using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>What is known of a simulated scan because it was simulated: where each place of it came from, and the receive field.</summary>
public sealed class ScanTruth
{
    private readonly VectorLattice? _younger;
    private readonly VectorLattice? _older;

    internal ScanTruth(Affine pose, ScannerField scanner, SimulatedParticipant? participant, VectorLattice? younger, VectorLattice? older)
    {
        (Pose, Participant, Scanner, _younger, _older) = (pose, participant, scanner, younger, older);
    }

    /// <summary>The rigid pose of the head: scanner world (the scan's header, mm) to the participant's own world.</summary>
    public Affine Pose { get; }

    /// <summary>The simulated participant, or null when a given volume was scanned: its world is then the participant's own.</summary>
    public SimulatedParticipant? Participant { get; }

    internal ScannerField Scanner { get; }

    /// <summary>
    /// Takes a point of the scan (mm, as its header has it) to the same anatomy in the template or the given volume (mm):
    /// gradients, pose, the participant's deformation, and the changes of time, in this order.
    /// </summary>
    public Point3 ToAnatomy(Point3 scanPoint)
    {
        var point = Pose.Apply(SimulatedParticipant.Displaced(Scanner.Lattice, scanPoint));
        point = Participant?.ToTemplate(point) ?? point;
        return _younger is null ? point : SimulatedParticipant.Displaced(_younger, point);
    }

    /// <summary>Takes a point of the anatomy to where the scan shows it: the inverse of <see cref="ToAnatomy"/>.</summary>
    public Point3 FromAnatomy(Point3 anatomyPoint)
    {
        var point = _older is null ? anatomyPoint : SimulatedParticipant.Displaced(_older, anatomyPoint);
        var place = Pose.Inverse().Apply(Participant?.FromTemplate(point) ?? point);

        // The distortion is a few per cent at most, so that each round gains more than a decimal.
        var shown = place;
        for (var i = 0; i < 10; i++)
        {
            shown += place - SimulatedParticipant.Displaced(Scanner.Lattice, shown);
        }

        return shown;
    }

    /// <summary>The receive field's factor at a point of the scan (mm); about 1.</summary>
    public double BiasAt(Point3 scanPoint) => Scanner.Lattice.Sample(VectorLattice.ToVector(scanPoint)).W;

    /// <summary>The receive field on a grid in the scan's world.</summary>
    public Volume BiasField(VolumeGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        var voxels = new float[geometry.Size.Count];
        for (var z = 0; z < geometry.Size.Z; z++)
        {
            for (var y = 0; y < geometry.Size.Y; y++)
            {
                for (var x = 0; x < geometry.Size.X; x++)
                {
                    voxels[geometry.Size.IndexOf(x, y, z)] = (float)BiasAt(geometry.VoxelToWorld.Apply(new(x, y, z)));
                }
            }
        }

        return new(geometry, voxels);
    }
}
