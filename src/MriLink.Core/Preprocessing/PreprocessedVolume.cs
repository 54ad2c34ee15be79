using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>A brain on the template's grid: aligned, stripped, harmonised. Voxels outside the mask are 0.</summary>
/// <remarks>Unlike a volume from a file it holds its voxels: at 2 mm 3.6 MB, and 0.9 MB of mask.</remarks>
public sealed class PreprocessedVolume : MriVolume
{
    /// <summary>Makes a preprocessed volume.</summary>
    /// <param name="identity">Whose scan it is.</param>
    /// <param name="volume">The brain on the template's grid.</param>
    /// <param name="brainMask">The brain's voxels on the same grid.</param>
    /// <param name="templateName">The template.</param>
    /// <param name="templateToScan">World mm of the template to world mm of the scan.</param>
    /// <param name="quality">How well it went.</param>
    /// <param name="timings">How long the steps took, in their order.</param>
    public PreprocessedVolume(
        ScanIdentity identity,
        Volume volume,
        Mask brainMask,
        string templateName,
        Affine templateToScan,
        QualityRecord quality,
        IReadOnlyList<StepTiming> timings)
        : base(identity, new MemoryVoxelSource(volume))
    {
        BrainMask = brainMask;
        Template = templateName;
        TemplateToScan = templateToScan;
        Quality = quality;
        Timings = timings;
    }

    /// <summary>The voxels that are brain.</summary>
    public Mask BrainMask { get; }

    /// <summary>The template that the brain is aligned to.</summary>
    public string Template { get; }

    /// <summary>World mm of the template to world mm of the scan.</summary>
    public Affine TemplateToScan { get; }

    /// <summary>How well preprocessing went.</summary>
    public QualityRecord Quality { get; }

    /// <summary>How long the steps took.</summary>
    public IReadOnlyList<StepTiming> Timings { get; }

    /// <inheritdoc/>
    public override string Stage => "Preprocessed";
}
