using MriLink.Core.Basics;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>
/// A person who never was: a smooth, invertible random deformation of Colin27, wholly given by a seed. A scaling of the head,
/// then the flow of a stationary velocity field (Arsigny et al. 2006, MICCAI) with a coarse part for the shape of head and
/// brain and a fine part for folding.
/// </summary>
/// <remarks>The deformation is computed when first wanted (about 0.2 s) and kept as long as the object lives (10 MB).</remarks>
public sealed class SimulatedParticipant
{
    // Amplitudes and correlation lengths. With them the NCC of two participants' brains at 2 mm after a 12-parameter alignment
    // is that of real people; the figures are given where the constants are explained in the documentation of the type.
    private const double CoarseRms = 1.7;
    private const double CoarseKnots = 27;
    private const double FineRms = 1.1;
    private const double FineKnots = 9;

    // Heads differ by some per cent in size and in each direction; together at most 8 %.
    private const double LargestSizeChange = 0.05;
    private const double LargestAspectChange = 0.03;

    private const double LatticeStep = 3;
    private const double LatticeMargin = 15;

    private readonly Lazy<VectorLattice> _velocity;
    private readonly Lazy<VectorLattice> _toTemplate;
    private readonly Lazy<VectorLattice> _fromTemplate;

    /// <summary>Makes the participant that belongs to a seed.</summary>
    public SimulatedParticipant(long seed)
    {
        Seed = seed;
        var random = RandomStream.For(seed, SeedUse.HeadShape);
        var size = 1 + random.Uniform(-LargestSizeChange, LargestSizeChange);
        Span<double> scale = stackalloc double[3];
        foreach (ref var s in scale)
        {
            s = size + random.Uniform(-LargestAspectChange, LargestAspectChange);
        }

        HeadScale = Affine.FromScale(scale[0], scale[1], scale[2]).About(SimulationAnatomy.TemplateCenter);
        _velocity = new(MakeVelocity);
        _toTemplate = new(() => _velocity.Value.Exponential(1, WorkOptions.SingleThread));
        _fromTemplate = new(() => _velocity.Value.Exponential(-1, WorkOptions.SingleThread));
    }

    /// <summary>What the participant follows from.</summary>
    public long Seed { get; }

    /// <summary>The affine part: template world to the participant's world, a scaling along the axes about the middle of the head.</summary>
    public Affine HeadScale { get; }

    /// <summary>The displacements in template world that follow <see cref="HeadScale"/>'s inverse.</summary>
    internal VectorLattice TemplateDisplacement => _toTemplate.Value;

    /// <summary>Takes a point of the participant (mm, the head upright at the template's place) to the same anatomy in the template.</summary>
    public Point3 ToTemplate(Point3 point) => Displaced(_toTemplate.Value, HeadScale.Inverse().Apply(point));

    /// <summary>Takes a point of the template (mm) to the same anatomy in the participant: the inverse of <see cref="ToTemplate"/>.</summary>
    public Point3 FromTemplate(Point3 point) => HeadScale.Apply(Displaced(_fromTemplate.Value, point));

    internal static Point3 Displaced(VectorLattice displacement, Point3 point)
    {
        var d = displacement.Sample(VectorLattice.ToVector(point));
        return new(point.X + d.X, point.Y + d.Y, point.Z + d.Z);
    }

    private VectorLattice MakeVelocity()
    {
        var (low, high) = SimulationAnatomy.BoxOf(Template.Colin27.Head.Geometry, LatticeMargin);
        var velocity = new VectorLattice(low, high, LatticeStep);
        velocity.AddRandomSpline(CoarseRms, CoarseKnots, RandomStream.For(Seed, SeedUse.CoarseVelocity));
        velocity.AddRandomSpline(FineRms, FineKnots, RandomStream.For(Seed, SeedUse.FineVelocity));
        return velocity;
    }
}
