using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing.Bias;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Engines;

/// <summary>This library's own readers, N4, registration and resampling.</summary>
internal sealed class BuiltInEngine() : PreprocessingEngine(BuiltInName, version: null)
{
    // Whole brains, cut tightly or loosely, stand at 0.81 to 0.85; cerebra without cerebellum and stem at 0.64 as whole brains, and at 0.85 as
    // cerebra.
    private const double WholeBrain = 0.74;

    public const string BuiltInName = VolumeHeader.BuiltInReader;

    /// <inheritdoc/>
    public override IHeaderReader CreateHeaderReader(int? volume) => new HeaderReader(volume);

    /// <inheritdoc/>
    /// <remarks>
    /// Every second voxel of the working grid is one in 4 mm, N4's usual shrink factor of 4 at 1 mm. Not averages over 4 mm: they mix
    /// tissues, and the field then errs by five times as much.
    /// </remarks>
    internal override Volume EstimateLogField(Volume head, Mask mask, WorkOptions work) =>
        N4BiasFieldCorrection.Estimate(head, mask, new() { ShrinkFactor = 2 }, work).LogFieldOn(head.Geometry, work);

    /// <inheritdoc/>
    internal override FoundPose FindPose(PreparedTemplate template, Volume scan, bool stripped, WorkOptions work)
    {
        var found = AffineRegistration.Register(stripped ? template.BrainTargets : template.HeadTargets, scan, work);
        if (stripped && found.Evidence < WholeBrain
            && AffineRegistration.Register(template.CerebrumTargets, scan, work) is var cerebrum && cerebrum.Evidence > found.Evidence)
        {
            found = cerebrum;
        }

        return new(found.FixedToMoving, found.Lead, found.Rival);
    }

    /// <inheritdoc/>
    internal override Affine Align(PreparedTemplate template, Volume scan, Mask? seen, bool stripped, TransformModel model, WorkOptions work)
    {
        var target = stripped ? template.InteriorTarget : template.HeadTarget;
        return AffineRegistration.Refine(seen is null ? target : target.Within(seen), scan, Affine.Identity, model, work).FixedToMoving;
    }

    /// <inheritdoc/>
    internal override Volume Resample(Volume source, Affine targetToSource, VolumeGeometry target, Mask? region, WorkOptions work) =>
        Resampler.Resample(source, targetToSource, target, region, work);
}
