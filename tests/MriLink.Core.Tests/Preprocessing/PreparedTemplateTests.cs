using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing;
using MriLink.Core.Templates;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>What the library holds of Colin27 beforehand is what it would compute.</summary>
public class PreparedTemplateTests
{
    // Float sums of N4 come out a little different where the processor has other instructions.
    private const float Relative = 1e-4f;

    private static readonly Lazy<PreparedTemplate> Computed = new(() => PreparedTemplate.Compute(Template.Colin27, WorkOptions.AllProcessors));

    [Fact]
    public void Colin27_is_held_as_it_would_be_prepared()
    {
        var computed = Computed.Value;
        if (Environment.GetEnvironmentVariable("MRILINK_PREPARED") is { Length: > 0 } folder)
        {
            VolumeWriter.Write(Path.Combine(folder, PreparedTemplate.HeadResource), computed.Head, overwrite: true);
            VolumeWriter.Write(Path.Combine(folder, PreparedTemplate.SurfaceResource), computed.ToSquares(), VolumeDataType.Int16, overwrite: true);
        }

        var held = PreparedTemplate.Create(Template.Colin27, WorkOptions.AllProcessors);
        Assert.Equal(computed.Head.Geometry, held.Head.Geometry);
        Assert.Equal(computed.MaskDistance.Geometry, held.MaskDistance.Geometry);
        Assert.All(computed.Head.Voxels.Zip(held.Head.Voxels), pair =>
            Assert.InRange(pair.Second, pair.First * (1 - Relative), pair.First * (1 + Relative)));
        Assert.Equal(computed.MaskDistance.Voxels, held.MaskDistance.Voxels);
        Assert.Equal(computed.BrainMask.Voxels, held.BrainMask.Voxels);
    }

    [Fact]
    public void Targets_of_the_held_template_are_those_of_the_computed()
    {
        var (computed, held) = (Computed.Value, PreparedTemplate.Create(Template.Colin27, WorkOptions.AllProcessors));
        (Core.Registration.RegistrationTarget Computed, Core.Registration.RegistrationTarget Held)[] targets =
            [(computed.SearchTarget, held.SearchTarget), (computed.HeadTarget, held.HeadTarget), (computed.BrainTarget, held.BrainTarget),
                (computed.InteriorTarget, held.InteriorTarget)];
        Assert.All(targets, pair =>
        {
            Assert.Equal(pair.Computed.Center, pair.Held.Center);
            Assert.Equal(pair.Computed.Levels.Select(level => level.Count), pair.Held.Levels.Select(level => level.Count));
        });
    }

    [Fact]
    public void The_hash_of_Colin27_is_that_of_its_voxels() =>
        Assert.Equal(Template.HashOf(Template.Colin27.Head, Template.Colin27.BrainMask), Template.Colin27.ContentHash);

    [Fact]
    public void The_grid_of_Colin27_is_that_of_its_head() =>
        Assert.Equal(Template.Colin27.Head.Geometry, Template.Colin27.Geometry);
}
