using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Registration;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Registration;

public sealed class AffineRegistrationTests
{
    private const double Degree = Math.PI / 180;

    [Theory]
    [MemberData(nameof(PosedHead.Poses), MemberType = typeof(PosedHead))]
    public void FindsAKnownPose(double[] degrees, double[] shift, double[] scale)
    {
        var truth = PosedHead.Pose(degrees, shift, scale);
        Assert.InRange(PosedHead.Error(Register(PosedHead.Scan(truth)).FixedToMoving, truth), 0, PosedHead.Accuracy);
    }

    [Fact]
    public void TheMapGoesFromTheTemplateToTheScan()
    {
        // The whole head lies 30 mm farther to the right and nods by 20 degrees about x: ahead (+y) goes up (+z).
        var truth = Affine.FromTranslation(30, 0, 0) * Affine.FromRotation(20 * Degree, 0, 0);
        var map = Register(PosedHead.Scan(truth)).FixedToMoving;
        Assert.Equal(30, map.Apply(new(0, 0, 0)).X, PosedHead.Accuracy);
        Assert.Equal(100 * Math.Sin(20 * Degree), map.Apply(new(0, 100, 0)).Z - map.Apply(new(0, 0, 0)).Z, 1);
    }

    [Fact]
    public void FollowsAHeaderThatLiesAboutTheAxes()
    {
        // The same voxels under headers that turn the axes about: all that may change is the map.
        var scan = PosedHead.Scan(Affine.FromTranslation(4, -6, 3) * Affine.FromRotation(0.1, 0.05, -0.1));
        var upright = Register(scan).FixedToMoving;
        foreach (var lie in (Affine[])
        [
            new(-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0),  // LPS taken for RAS
            new(1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0),  // RPI
            new(0, 1, 0, 20, 0, 0, 1, -10, 1, 0, 0, 5), // axes cycled
            new(0, 0, 1, 0, 0, -1, 0, 0, 1, 0, 0, 0),   // axes exchanged
        ])
        {
            Assert.Equal(1, lie.Determinant);
            var turned = new Volume(new(scan.Size, lie * scan.Geometry.VoxelToWorld), scan.Voxels);
            Assert.InRange(PosedHead.Error(Register(turned).FixedToMoving, lie * upright), 0, PosedHead.Accuracy);
        }
    }

    [Fact]
    public void A_turn_against_the_header_has_to_win_by_a_margin()
    {
        // Of the template's variance; right poses of real heads lead turned ones by 0.09 and more, and turned headers are found by as much.
        Assert.Equal(0.06, AffineRegistration.TurnCost);
        Assert.Equal(0, Turn.Largeness(Affine.FromRotation(45 * Degree, 0, 0)), 9);
        Assert.Equal(0.5, Turn.Largeness(Affine.FromRotation(60 * Degree, 0, 0)), 9);
        Assert.Equal(1, Turn.Largeness(Affine.FromRotation(75 * Degree, 0, 0)), 9);
        Assert.Equal(1, Turn.Largeness(Affine.FromRotation(180 * Degree, 0, 0)), 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_scalp_brighter_than_the_brain_is_held_down(float factor)
    {
        // A scalp, and no face and no neck, which no rule about thickness tells from a brain.
        var (head, distance) = (PosedHead.Template.Head, PosedHead.Template.MaskDistance);
        var low = head.Size.IndexOf(0, 0, PosedHead.Template.UpperLevel);
        var brightest = head.Voxels.Where((_, i) => distance.Voxels[i] < -4).Order().ElementAt((int)(0.95 * distance.Voxels.Count(d => d < -4)));
        var scan = new Volume(head.Geometry, [.. head.Voxels.Select((v, i) => distance.Voxels[i] > 4 && i >= low ? v * factor : v)]);
        var held = HeadIntensities.HeldDown(scan, WorkOptions.AllProcessors).Voxels.Max();

        // White matter stays as it is, and nothing is half as bright again.
        Assert.InRange(held, brightest, 1.5 * brightest);
    }

    [Fact]
    public void LaysTheTemplateOverItself()
    {
        // A tenth of a voxel of 1 mm.
        Assert.InRange(PosedHead.Error(Register(Template.Colin27.Head).FixedToMoving, Affine.Identity), 0, 0.1);
    }

    [Fact]
    public void NeverMirrors()
    {
        // A head is so nearly its own mirror image that which side is which must be taken from the header.
        var scan = PosedHead.Scan(Affine.Identity);
        var mirrored = new Volume(new(scan.Size, Affine.FromScale(-1, 1, 1) * scan.Geometry.VoxelToWorld), scan.Voxels);
        Assert.True(Register(mirrored).FixedToMoving.Determinant > 0);
    }

    [Fact]
    public void SeesShiftsFarBelowAVoxel()
    {
        var scan = PosedHead.Scan(Affine.Identity);
        var shifted = new Volume(new(scan.Size, Affine.FromTranslation(0.5, 0, -0.25) * scan.Geometry.VoxelToWorld), scan.Voxels);
        var difference = Register(shifted).FixedToMoving.Apply(default) - Register(scan).FixedToMoving.Apply(default);

        // The search starts elsewhere and comes to rest within a hundredth of a voxel of the same place.
        Assert.InRange((difference - new Point3(0.5, 0, -0.25)).Length, 0, 0.05);
    }

    [Fact]
    public void ToleratesAFieldOfViewThatCutsTheVertexAndThickSlices()
    {
        var truth = Affine.FromRotation(0.15, 0, 0.1);
        var thick = PosedHead.Scan(truth, new VolumeGeometry(new(96, 112, 40), Affine.FromTranslation(-95, -125, -62) * Affine.FromScale(2, 2, 3)));
        Assert.True(truth.Apply(new(0, 0, 75)).Z > thick.Geometry.VoxelToWorld.Apply(new(0, 0, 39)).Z, "the vertex is to be cut off");
        Assert.InRange(PosedHead.Error(Register(thick).FixedToMoving, truth), 0, 1);
    }

    [Theory]
    [InlineData(4, 1, new double[] { 28, 10, -10 }, new double[] { -20, -20, 40 })]
    [InlineData(6, 1.5, new double[] { 10, 28, -20 }, new double[] { 10, 20, 40 })]
    public void SearchesWiderWhereScalpAndFieldOutshineTheBrain(double scalp, double field, double[] degrees, double[] shift)
    {
        // All beyond 8 mm from the brain is several times as bright; the vertex is cut off, slices are thick. The usual search
        // ends 81 mm and 9 mm away, with scores of 0.23 and 0.36.
        var (head, distance) = (PosedHead.Template.Head, PosedHead.Template.MaskDistance);
        var bright = new Volume(head.Geometry, [.. head.Voxels.Zip(distance.Voxels, (v, d) => d > 8 ? v * (float)scalp : v)]);
        var grid = new VolumeGeometry(new(96, 112, 40), Affine.FromTranslation(-95, -125, -62) * Affine.FromScale(2, 2, 3));
        var inGrid = Affine.FromRotation(0.1, 0, 0.05) * Affine.FromScale(0.88, 0.9, 0.92);
        var scan = Resampler.Resample(bright, inGrid.Inverse(), grid, null, WorkOptions.AllProcessors);
        for (var i = 0; i < scan.Voxels.Length; i++)
        {
            var p = grid.PlaceOf(i);
            scan.Voxels[i] *= (float)Math.Exp(field * ((0.006 * p.X) - (0.005 * p.Y) + (0.007 * p.Z)));
        }

        var pose = Affine.FromTranslation(shift[0], shift[1], shift[2])
            * Affine.FromRotation(degrees[0] * Degree, degrees[1] * Degree, degrees[2] * Degree);
        var found = Register(new(new(scan.Size, pose * grid.VoxelToWorld), scan.Voxels)).FixedToMoving;

        // Half a slice's thickness; wrong ends are farther away.
        Assert.InRange(PosedHead.Error(found, pose * inGrid), 0, 1.5);
    }

    [Fact]
    public void RegistersStrippedBrains()
    {
        var truth = Affine.FromTranslation(-20, 10, 15) * Affine.FromRotation(0.3, -0.2, 0.25) * Affine.FromScale(0.9, 0.95, 0.9);
        var brain = new Volume(Template.Colin27.Head.Geometry,
            [.. Template.Colin27.Head.Voxels.Zip(Template.Colin27.BrainMask.Voxels, (v, inside) => inside ? v : 0)]);
        var scan = PosedHead.Scan(truth, source: BoxPyramid.Reduce(brain, 2, WorkOptions.AllProcessors));
        Assert.InRange(PosedHead.Error(
            AffineRegistration.Register(PosedHead.Template.BrainTargets, scan, WorkOptions.AllProcessors).FixedToMoving, truth), 0,
            PosedHead.Accuracy);
    }

    [Fact]
    public void LaysACerebrumOverTheTemplateThoughCerebellumAndStemAreMissing()
    {
        // Cut off by a plane from beneath the occipital lobes to the notch of the tentorium, and before the stem.
        var head = PosedHead.Template.Head;
        var cerebrum = new Volume(head.Geometry, [.. head.Voxels.Select((v, i) =>
        {
            var p = head.Geometry.PlaceOf(i);
            return PosedHead.Template.MaskDistance.Voxels[i] < 0 && (p.Y > -8 || p.Z > -18 + (0.2 * (p.Y + 105))) ? v : 0;
        })]);
        var truth = Affine.FromTranslation(-20, 10, 15) * Affine.FromRotation(0.3, -0.2, 0.25) * Affine.FromScale(0.9, 0.95, 0.9);
        var found = PreprocessingEngine.BuiltIn.FindPose(
            PosedHead.Template, PosedHead.Scan(truth, source: cerebrum), stripped: true, WorkOptions.AllProcessors);
        Assert.InRange(PosedHead.Error(found.Map, truth), 0, 1);
    }

    [Fact]
    public void StaysWhereItStartsWhereAScanHasOneIntensity()
    {
        var head = PosedHead.Template.Head;
        var flat = new Volume(head.Geometry, Array.ConvertAll(head.Voxels, _ => 1f));
        var start = Affine.FromTranslation(1, 2, 3);
        var result = AffineRegistration.Refine(PosedHead.Template.HeadTarget, flat, start, TransformModel.Affine, WorkOptions.SingleThread);
        Assert.Equal((start, 0), (result.FixedToMoving, Math.Round(result.Score, 6)));
    }

    [Fact]
    public void IsTheSameForAnyNumberOfThreads()
    {
        var scan = PosedHead.Scan(Affine.FromTranslation(10, 5, -5) * Affine.FromRotation(0.2, 0, 0.1));
        Assert.Equal(Register(scan, WorkOptions.SingleThread), Register(scan, new(4, CancellationToken.None)));
    }

    private static RegistrationResult Register(Volume scan, WorkOptions? work = null) =>
        AffineRegistration.Register(PosedHead.Template.HeadTargets, scan, work ?? WorkOptions.AllProcessors);
}
