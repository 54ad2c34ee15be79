using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>A brain on the template's grid: aligned, stripped, harmonised. Voxels outside the mask are 0.</summary>
/// <remarks>
/// Fresh from preprocessing it holds its voxels: at 2 mm 3.6 MB, and 0.9 MB of mask. One that was imported or comes from a gallery
/// reads them when a step asks, and keeps the mask once <see cref="BrainMask"/> has been asked for.
/// </remarks>
public class PreprocessedVolume : MriVolume
{
    private readonly Lazy<Mask> _brainMask;

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
        : this(identity, new MemoryVoxelSource(volume), () => brainMask, templateName, templateToScan, quality, timings)
    {
    }

    /// <summary>Makes a preprocessed volume whose voxels and mask are read when they are asked for.</summary>
    /// <param name="identity">Whose scan it is.</param>
    /// <param name="source">The brain on the template's grid.</param>
    /// <param name="readMask">Gives the brain's voxels on the same grid.</param>
    /// <param name="templateName">The template.</param>
    /// <param name="templateToScan">World mm of the template to world mm of the scan.</param>
    /// <param name="quality">How well it went.</param>
    /// <param name="timings">How long the steps took, in their order.</param>
    public PreprocessedVolume(
        ScanIdentity identity,
        IVoxelSource source,
        Func<Mask> readMask,
        string templateName,
        Affine templateToScan,
        QualityRecord quality,
        IReadOnlyList<StepTiming> timings)
        : base(OfContrast(identity, quality), source)
    {
        _brainMask = new(readMask, LazyThreadSafetyMode.PublicationOnly);
        Template = templateName;
        TemplateToScan = templateToScan;
        QualityRecord = quality;
        Timings = new StepTimings(timings ?? []);
    }

    /// <summary>What makes tissues bright in the scan: "T1w", "T2w", "FLAIR" or "PD".</summary>
    public string Contrast => Identity.Contrast;

    /// <summary>Whether the scan was taken for T1-weighted and looks like FLAIR or T2-weighted.</summary>
    public bool LooksOtherThanT1w() => QualityRecord.Kind == MriContrast.T1w
        && QualityRecord.LooksLike is Records.ScanContrast.Flair or Records.ScanContrast.T2Weighted;

    /// <summary>The voxels that are brain.</summary>
    /// <exception cref="MriFileException">What holds the mask is damaged or gone.</exception>
    public Mask BrainMask => _brainMask.Value;

    /// <summary>The template that the brain is aligned to.</summary>
    public string Template { get; }

    /// <summary>World mm of the template to world mm of the scan.</summary>
    public Affine TemplateToScan { get; }

    /// <summary>How well preprocessing went, in all its numbers.</summary>
    public QualityRecord QualityRecord { get; }

    /// <summary>The verdict, "Pass", "Review" or "Fail"; a word and no more, as are the columns below, for tables, filters and files.</summary>
    public string Quality => QualityRecord.Verdict;

    /// <summary>Why the verdict is not "Pass", in one line; empty when it is.</summary>
    public string Reasons => string.Join("; ", QualityRecord.Reasons);

    /// <summary>The correlation with the template (<see cref="QualityRecord.TemplateCorrelation"/>).</summary>
    public double NCC => QualityRecord.TemplateCorrelation;

    /// <summary>The overlap with the template's brain (<see cref="QualityRecord.TemplateOverlap"/>).</summary>
    public double Overlap => QualityRecord.TemplateOverlap;

    /// <summary>The brain's volume, ml (<see cref="QualityRecord.BrainMillilitres"/>).</summary>
    public double BrainMl => QualityRecord.BrainMillilitres;

    /// <summary>Whether the input was stripped already (<see cref="QualityRecord.InputStripped"/>).</summary>
    public bool Stripped => QualityRecord.InputStripped;

    /// <summary>How long the steps took.</summary>
    public IReadOnlyList<StepTiming> Timings { get; }

    /// <summary>What it was made from and how; null when that is not known.</summary>
    public Provenance? Provenance { get; init; }

    /// <summary>
    /// In what it was made otherwise than a scan would be now; empty where it can stand for what would come of the scan, which must be so for it to
    /// be passed on: preprocessed twice, a brain is no brain any more.
    /// </summary>
    /// <param name="options">How a scan would be preprocessed.</param>
    /// <param name="withBrainMask">Whether a brain mask of the user's would be taken.</param>
    public IReadOnlyList<string> DifferencesFrom(PreprocessOptions options, bool withBrainMask)
    {
        var differences = Provenance?.DifferencesFrom(options) ?? ["it does not say how"];
        return withBrainMask ? [.. differences, "a BrainMask is given"] : differences;
    }

    // A scan keeps the identity it came with, by which it is known, unless that does not tell its contrast.
    private static ScanIdentity OfContrast(ScanIdentity identity, QualityRecord quality)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(quality);
        return identity.Kind == quality.Kind ? identity : identity with { Kind = quality.Kind };
    }

    /// <inheritdoc/>
    public override string Stage => "Preprocessed";

    /// <summary>Voxels and mask in one reading; the mask is not kept.</summary>
    /// <exception cref="MriFileException">What holds them is damaged or gone.</exception>
    public virtual (Volume Voxels, Mask Mask) ReadBrain(CancellationToken cancellationToken) => (ReadVoxels(cancellationToken), BrainMask);

    /// <inheritdoc/>
    internal override (Volume Voxels, Mask? Mask) ReadCompared(CancellationToken cancellationToken) => ReadBrain(cancellationToken);
}
