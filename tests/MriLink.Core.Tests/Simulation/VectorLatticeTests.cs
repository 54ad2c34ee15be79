using System.Numerics;
using MriLink.Core.Basics;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

public sealed class VectorLatticeTests
{
    [Fact]
    public void Flowing_along_a_turning_field_turns()
    {
        // The exponential of the velocity w × x is the rotation by |w|: an exact answer, and one that a single Euler step misses.
        const double angle = 0.4;
        var lattice = new VectorLattice(new(-60, -60, -20), new(60, 60, 20), 3);
        Fill(lattice, p => new(-angle * p.Y, angle * p.X, 0));

        var displacement = lattice.Exponential(1, WorkOptions.AllProcessors);

        var rotation = Affine.FromRotation(0, 0, angle);
        foreach (var p in new Point3[] { new(20, 0, 0), new(-14, 9, 4), new(1, -25, -7) })
        {
            // First steps of a sixteenth of 3 mm on a circle of 25 mm leave an error of about angle²·25/2/2^n, n = 6 squarings: 0.03 mm.
            var moved = SimulatedParticipant.Displaced(displacement, p);
            Assert.True((moved - rotation.Apply(p)).Length < 0.05, $"{p} went to {moved}, not {rotation.Apply(p)}");
        }
    }

    [Fact]
    public void Sampling_between_nodes_is_exact_for_a_linear_field()
    {
        var lattice = new VectorLattice(new(-10, 5, 0), new(20, 30, 12), 4);
        Fill(lattice, p => new(p.X + (2 * p.Y), p.Z, 3 - p.X));

        var value = lattice.Sample(new(3.3f, 17.9f, 7.1f));

        // Single precision on numbers of some tens.
        Assert.Equal(3.3 + (2 * 17.9), value.X, 1e-4);
        Assert.Equal(7.1, value.Y, 1e-4);
        Assert.Equal(3 - 3.3, value.Z, 1e-4);
    }

    [Fact]
    public void A_random_field_has_the_amplitude_and_the_width_that_were_asked_for()
    {
        var lattice = new VectorLattice(new(0, 0, 0), new(300, 300, 300), 5);
        lattice.AddRandomSpline(rms: 2, knotSpacing: 15, new RandomStream(3));

        var (square, near, far, count) = (0.0, 0.0, 0.0, 0);
        for (var z = 0; z < lattice.Size.Z; z++)
        {
            for (var y = 0; y < lattice.Size.Y; y++)
            {
                for (var x = 0; x + 12 < lattice.Size.X; x++)
                {
                    var here = lattice.Values[lattice.Size.IndexOf(x, y, z)].Y;
                    square += here * here;
                    near += here * lattice.Values[lattice.Size.IndexOf(x + 3, y, z)].Y;
                    far += here * lattice.Values[lattice.Size.IndexOf(x + 12, y, z)].Y;
                    count++;
                }
            }
        }

        // About 20³ independent patches: 1/sqrt(2·8000) = 1 % on the RMS. At one knot's distance the autocorrelation of cubic
        // B-spline noise is β7(1)/β7(0) = 1191/2416 = 0.493; at four knots it is 0. Both to 0.04, four standard errors.
        Assert.Equal(2, Math.Sqrt(square / count), 0.06);
        Assert.Equal(0.493, near / square, 0.04);
        Assert.Equal(0, far / square, 0.04);
    }

    private static void Fill(VectorLattice lattice, Func<Point3, Point3> field)
    {
        for (var z = 0; z < lattice.Size.Z; z++)
        {
            for (var y = 0; y < lattice.Size.Y; y++)
            {
                for (var x = 0; x < lattice.Size.X; x++)
                {
                    lattice.Values[lattice.Size.IndexOf(x, y, z)] = new Vector4(VectorLattice.ToVector(field(lattice.PositionOf(x, y, z))), 0);
                }
            }
        }
    }
}
