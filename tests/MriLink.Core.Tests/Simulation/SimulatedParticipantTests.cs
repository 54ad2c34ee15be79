using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Simulation;

public sealed class SimulatedParticipantTests
{
    [Fact]
    public void Deformations_fold_nowhere()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var displacement = new SimulatedParticipant(seed).TemplateDisplacement;
            var least = double.MaxValue;
            var size = displacement.Size;
            for (var z = 1; z < size.Z - 1; z++)
            {
                for (var y = 1; y < size.Y - 1; y++)
                {
                    for (var x = 1; x < size.X - 1; x++)
                    {
                        least = Math.Min(least, displacement.JacobianAt(x, y, z));
                    }
                }
            }

            Assert.True(least > 0, $"participant of seed {seed} has a Jacobian determinant of {least}");
        }
    }

    [Fact]
    public void There_and_back_is_where_one_was()
    {
        var participant = new SimulatedParticipant(11);
        var worst = 0.0;
        var moved = 0.0;
        for (var z = -60; z <= 90; z += 10)
        {
            for (var y = -100; y <= 70; y += 10)
            {
                for (var x = -70; x <= 70; x += 10)
                {
                    var p = new Point3(x, y, z);
                    worst = Math.Max(worst, (participant.ToTemplate(participant.FromTemplate(p)) - p).Length);
                    moved = Math.Max(moved, (participant.HeadScale.Apply(p) - participant.FromTemplate(p)).Length);
                }
            }
        }

        // Half a 1 mm voxel; what is left is interpolation on the 3 mm lattice. The map must do something for this to mean anything.
        Assert.True(worst < 0.5, $"the way there and back misses by {worst} mm");
        Assert.InRange(moved, 5, 20);
    }

    [Fact]
    public void Heads_differ_in_size_by_at_most_eight_per_cent()
    {
        var scales = Enumerable.Range(1, 200).Select(seed => new SimulatedParticipant(seed).HeadScale.ColumnLengths).ToList();

        Assert.All(scales, s => Assert.InRange(Math.Max(s.X, Math.Max(s.Y, s.Z)), 0.92, 1.08));
        Assert.All(scales, s => Assert.InRange(Math.Min(s.X, Math.Min(s.Y, s.Z)), 0.92, 1.08));

        // Uniform draws over 16 % would be no people if they bunched.
        Assert.True(scales.Max(s => s.X) - scales.Min(s => s.X) > 0.1);
    }

    [Fact]
    public void A_seed_is_a_person()
    {
        var point = new Point3(30, -20, 40);

        Assert.Equal(new SimulatedParticipant(5).ToTemplate(point), new SimulatedParticipant(5).ToTemplate(point));
        Assert.True((new SimulatedParticipant(5).ToTemplate(point) - new SimulatedParticipant(6).ToTemplate(point)).Length > 0.5);
    }
}
