using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>Brains from which a part is missing: holes full of fluid are left out of the fit, and nothing else is.</summary>
public sealed class CavityTests(SimulatedHead heads) : IClassFixture<SimulatedHead>
{
    // Of the template's brain, whose tissue lies about 1: cerebrospinal fluid has a quarter to a half of it.
    private const float FluidShare = 0.3f;

    private static readonly PreparedTemplate Colin = PreparedTemplate.Colin27;

    // In the white matter of the left frontal lobe.
    private static readonly Point3 Lobe = new(-30, 15, 25);

    [Theory]
    [InlineData(20, true)]
    [InlineData(25, true)]

    // A ball that the search's own ball hardly fits into is a ventricle, a cyst of the choroid fissure or a cleft.
    [InlineData(8, false)]
    [InlineData(0, false)]
    public void A_large_hole_full_of_fluid_is_found_where_it_is(double radius, bool found)
    {
        var cavity = Look(Holed(p => (p - Lobe).Length < radius), Colin.BrainMask);

        Assert.Equal(found, cavity is not null);
        Assert.All(cavity is null ? [] : Places(cavity), p => Assert.InRange((p - Lobe).Length, 0, radius + Margin + 2));
    }

    [Fact]
    public void A_rim_as_wide_ventricles_leave_is_none_however_much_it_holds()
    {
        // Twelve millimetres of fluid in place of tissue along the middle, 80 by 50 mm: a quarter of what some elderly brains show in all.
        var brain = Holed(p => Math.Abs(p.X + 14) < 6 && Math.Abs(p.Y + 15) < 40 && Math.Abs(p.Z - 15) < 25);

        Assert.Null(Look(brain, Colin.BrainMask));
    }

    [Fact]
    public void A_part_that_was_cut_away_is_none()
    {
        var cut = new Mask(Colin.BrainMask.Geometry, [.. Colin.BrainMask.Voxels.Select((held, i) => held && PlaceOf(i).Z > -20)]);

        Assert.Null(Look(new(Colin.Head.Geometry, [.. Colin.BrainAlone().Voxels.Select((v, i) => cut.Voxels[i] ? v : 0)]), cut));
    }

    [Fact]
    public void A_brain_with_a_cavity_is_laid_where_it_lay_before()
    {
        var head = heads.First.Head;
        var whole = heads.Process(head);
        var center = whole.TemplateToScan.Apply(Lobe);
        var white = Percentiles.Of(Inside(head, heads.First.BrainMask!), 0.8);
        var holed = heads.Process(new(head.Geometry, [.. head.Voxels.Select((v, i) =>
            heads.First.BrainMask!.Voxels[i] && (head.Geometry.PlaceOf(i) - center).Length < 25
                ? white * FluidShare : v)]));

        Assert.Contains(holed.Timings, t => t.Step == WithoutCavity);
        Assert.DoesNotContain(whole.Timings, t => t.Step == WithoutCavity);
        Assert.NotEqual(QualityVerdict.Fail, holed.QualityRecord.GetVerdict());
        var apart = Places(whole.BrainMask).Average(p => (whole.TemplateToScan.Apply(p) - holed.TemplateToScan.Apply(p)).Length);

        // It came to 0.24 mm. Eleven real heads, which cavities left in the fit take 0.5 to 2.3 mm away, came to lie 0.2 to 1.0 mm away.
        Assert.InRange(apart, 0, 0.5);
    }

    [Fact]
    public void What_the_field_of_view_leaves_out_is_no_cavity()
    {
        // The top 30 mm of the head are not in the volume, and the brain that is carried there from the template is whole.
        var head = heads.First.Head;
        var top = head.Geometry.VoxelToWorld.M33 > 0 ? 0.8 : 1;
        var kept = (int)(head.Size.Z * top);
        Assert.True(kept < head.Size.Z, "slices go up in this head");
        var size = new GridSize(head.Size.X, head.Size.Y, kept);
        var cut = heads.Process(new(new VolumeGeometry(size, head.Geometry.VoxelToWorld), head.Voxels[..(int)size.Count]));

        Assert.DoesNotContain(cut.Timings, t => t.Step == WithoutCavity);
    }

    private const double Margin = 5;
    private const string WithoutCavity = "bias without the cavity";

    private static Mask? Look(Volume brain, Mask mask) =>
        Cavity.Of(GaussianFilter.Smooth(brain, 1.4, WorkOptions.AllProcessors), mask, Affine.Identity, Margin, Colin, WorkOptions.AllProcessors);

    // The template's own brain, with fluid in some places.
    private static Volume Holed(Func<Point3, bool> isHole)
    {
        var brain = Colin.BrainAlone();
        var fluid = FluidShare * Percentiles.Of(Inside(brain, Colin.BrainMask), 0.5);
        return new(brain.Geometry, [.. brain.Voxels.Select((v, i) => Colin.BrainMask.Voxels[i] && isHole(PlaceOf(i)) ? fluid : v)]);
    }

    private static float[] Inside(Volume volume, Mask mask) => Percentiles.Selected(volume.Voxels, mask.Voxels);

    private static Point3 PlaceOf(int i) => Colin.Head.Geometry.PlaceOf(i);

    private static IEnumerable<Point3> Places(Mask mask) => Enumerable.Range(0, mask.Voxels.Length).Where(i => mask.Voxels[i])
        .Select(i => mask.Geometry.PlaceOf(i));
}
