using MriLink.Core.Execution;
using MriLink.Core.Registration;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>What preprocessing needs of a template, computed once and shared by all scans: coarse copies, regions, registration targets.</summary>
internal sealed class PreparedTemplate
{
    /// <summary>Spacing in mm of the grid on which extraction and the bias field live.</summary>
    public const double WorkingSpacing = 2;

    // Clefts narrower than twice this are bridged: masks that people draw span the sulci, and which of them a strict mask
    // leaves open differs from scan to scan.
    private const double ClosingRadius = 3;

    private PreparedTemplate(Template template, WorkOptions work)
    {
        Template = template;
        var head = BoxPyramid.Reduce(template.Head, WorkingSpacing, work);
        var coverage = BoxPyramid.Reduce(template.BrainMask.ToVolume(), WorkingSpacing, work);
        BrainMask = Closed(Mask.FromVolume(coverage, 0.5f), work);
        MaskDistance = new(head.Geometry, DistanceTransform.SignedDistance(BrainMask, work));
        Head = CorrectBias(head, BrainMask, work);
        Brain = new(head.Geometry, Head.Voxels.Zip(BrainMask.Voxels, (v, inside) => inside ? v : 0).ToArray());

        // Wide while the pose is sought (scalp and air tell where the head is), narrow for the fit (scalps do not match). A
        // stripped brain against a stripped template: the border itself aligns, so zeros around count.
        (Volume Image, double Reach)[] targets = [(Head, 24), (Head, 4), (Brain, 10)];
        var made = new RegistrationTarget[targets.Length];
        work.ForBlocks(targets.Length, i => made[i] = RegistrationTarget.Create(targets[i].Image, Within(targets[i].Reach), work));
        (SearchTarget, HeadTarget, BrainTarget) = (made[0], made[1], made[2]);
    }

    /// <summary>The template as given.</summary>
    public Template Template { get; }

    /// <summary>The whole head at <see cref="WorkingSpacing"/>, bias corrected.</summary>
    public Volume Head { get; }

    /// <summary>The brain alone.</summary>
    public Volume Brain { get; }

    /// <summary>The brain's voxels.</summary>
    public Mask BrainMask { get; }

    /// <summary>Signed distance in mm to the brain's surface, negative inside.</summary>
    public Volume MaskDistance { get; }

    /// <summary>The wide target for finding the pose of a raw head.</summary>
    public RegistrationTarget SearchTarget { get; }

    /// <summary>The narrow target for fitting a raw head.</summary>
    public RegistrationTarget HeadTarget { get; }

    /// <summary>The target for stripped brains.</summary>
    public RegistrationTarget BrainTarget { get; }

    /// <summary>Prepares a template.</summary>
    public static PreparedTemplate Create(Template template, WorkOptions work) => new(template, work);

    /// <summary>The voxels whose distance to the brain is below <paramref name="distance"/> mm; negative: inside by that much.</summary>
    public Mask Within(double distance) => new(MaskDistance.Geometry, Array.ConvertAll(MaskDistance.Voxels, d => d < distance));

    private static Mask Closed(Mask mask, WorkOptions work) =>
        DistanceTransform.Erode(DistanceTransform.Dilate(mask, ClosingRadius, work), ClosingRadius, work);

    private static Volume CorrectBias(Volume head, Mask brainMask, WorkOptions work)
    {
        var field = N4BiasFieldCorrection.Estimate(head, brainMask, new() { ShrinkFactor = 2 }, work).LogFieldOn(head.Geometry, work);
        return new(head.Geometry, head.Voxels.Zip(field.Voxels, (v, b) => v / MathF.Exp(b)).ToArray());
    }
}
