using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.EndToEnd;

/// <summary>
/// The brain of a real head, Colin27, as it lies and in another pose, against the brain that was outlined in it for the field's
/// own tools (ch2bet).
/// </summary>
public sealed class RealHeadTests
{
    // Debian's mricron-data; without it the same head from the library, whose mask is ch2bet with its cavities filled.
    private const string Folder = "/usr/share/mricron/templates";

    [Theory]
    [InlineData(0, 0)]
    [InlineData(20, 30)]
    public void Brain_agrees_with_the_reference(double degrees, double millimetres)
    {
        var (head, brain) = Colin27();
        var radians = degrees * Math.PI / 180;
        var pose = Affine.FromTranslation(millimetres, -millimetres, millimetres)
            * Affine.FromRotation(radians, -radians, radians).About(head.Geometry.Center);
        var scan = Posed(head, pose);

        var result = new Preprocessor(new() { Template = Template.Colin27 }, WorkOptions.AllProcessors)
            .Process(new MriVolume(new("colin"), new MemoryVoxelSource(scan)), null, WorkOptions.AllProcessors);

        // The mask lies where the transform says it does in the scan; the reference lies where the pose put it.
        var reference = Mask.FromVolume(
            Resampler.Resample(brain.ToVolume(), pose.Inverse() * result.TemplateToScan, result.Geometry, null, WorkOptions.AllProcessors), 0.5f);

        // 0.95 is what BET reaches against human raters (Smith 2002), and what the project promises on this head.
        Assert.InRange(result.BrainMask.Dice(reference), 0.95, 1);
    }

    // On a grid of its own, large enough that nothing of the head is lost; a scanner's grid does not turn with the head.
    private static Volume Posed(Volume head, Affine pose)
    {
        if (pose == Affine.Identity)
        {
            return head;
        }

        const int margin = 60;
        var size = head.Size;
        var grid = new VolumeGeometry(
            new(size.X + (2 * margin), size.Y + (2 * margin), size.Z + (2 * margin)),
            head.Geometry.VoxelToWorld * Affine.FromTranslation(-margin, -margin, -margin));
        return Resampler.Resample(head, pose.Inverse(), grid, null, WorkOptions.AllProcessors);
    }

    private static (Volume Head, Mask Brain) Colin27()
    {
        var (head, brain) = (Path.Combine(Folder, "ch2.nii.gz"), Path.Combine(Folder, "ch2bet.nii.gz"));
        return File.Exists(head) && File.Exists(brain)
            ? (Read(head), Mask.FromVolume(Read(brain)))
            : (Template.Colin27.Head, Template.Colin27.BrainMask);
    }

    private static Volume Read(string path) =>
        new FileVoxelSource(VolumeFormats.ReadHeader(path), new()).Read(CancellationToken.None);
}
