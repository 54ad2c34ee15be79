using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests;

/// <summary>Preprocessed volumes made by hand, for tests that care for voxels and mask alone.</summary>
internal static class TestVolume
{
    /// <summary>The record of a scan that went well.</summary>
    public static QualityRecord GoodQuality { get; } = new()
    {
        TemplateCorrelation = 0.6,
        TemplateOverlap = 0.95,
        BrainMillilitres = 1400,
        ScaleX = 0.95,
        ScaleY = 0.95,
        ScaleZ = 0.9,
        ShearDegrees = 2,
        RotationDegrees = 8,
        SignalToNoise = 25,
        Coverage = 1,
        InputStripped = true,
    };

    public static PreprocessedVolume Preprocessed(ScanIdentity identity, Volume volume, Mask mask) =>
        new(identity, volume, mask, "none", Affine.Identity, GoodQuality, []);
}
