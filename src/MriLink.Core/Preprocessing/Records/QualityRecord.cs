using System.Text.Json.Serialization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>How well preprocessing went, in numbers a person can judge by, and the verdict that follows from them.</summary>
public sealed record QualityRecord
{
    /// <summary>What to make of the scan: the name of a <see cref="QualityVerdict"/>, a word in files too.</summary>
    public string Verdict => GetVerdict().ToString();

    /// <summary>Why the verdict is not <see cref="QualityVerdict.Pass"/>, one short text each, the gravest first; empty when it is.</summary>
    public IReadOnlyList<string> Reasons => QualityRules.Judge(this).Reasons;

    /// <summary>
    /// Pearson correlation with the template's brain within both masks, over blocks of about 6 mm; good T1-weighted brains give 0.5 and more. Of
    /// other contrasts, after each intensity was given the mean of what the template shows where the scan has it.
    /// </summary>
    public required double TemplateCorrelation { get; init; }

    /// <summary>Dice overlap of the brain mask with the template's, as the pose lays one over the other; usually above 0.9.</summary>
    public required double TemplateOverlap { get; init; }

    /// <summary>Volume of the brain in the scan itself, before alignment, ml.</summary>
    public required double BrainMillilitres { get; init; }

    /// <summary>Size of the head relative to the template, left to right.</summary>
    public required double ScaleX { get; init; }

    /// <summary>Size of the head relative to the template, back to front.</summary>
    public required double ScaleY { get; init; }

    /// <summary>Size of the head relative to the template, bottom to top.</summary>
    public required double ScaleZ { get; init; }

    /// <summary>By how many degrees alignment bends the right angle between two of the template's axes; the largest of the three.</summary>
    public required double ShearDegrees { get; init; }

    /// <summary>
    /// By how many degrees alignment turns the template to lay it over the scan in the world of the scan's header, 0 to 180. A head
    /// does not lie far from where its header says; a large turn means that the header does not tell how the scan lies, and then not
    /// which side is left either. What turns nothing goes unseen: a header that is mirrored, and no more, gives a small angle here.
    /// </summary>
    public required double RotationDegrees { get; init; }

    /// <summary>
    /// The brain's median intensity over the standard deviation of the noise, as estimated from the scan's own voxels before any resampling.
    /// </summary>
    public required double SignalToNoise { get; init; }

    /// <summary>Share of the template's brain that the scan's field of view holds.</summary>
    public required double Coverage { get; init; }

    /// <summary>Whether the input was found, or said, to be stripped already.</summary>
    public required bool InputStripped { get; init; }

    /// <summary>
    /// By how many standard deviations of the brain its white matter is brighter than its grey, where the template shows them: 0.3 to 0.8 in
    /// T1-weighted scans, below 0 in FLAIR and T2-weighted ones. Null where it was not measured.
    /// </summary>
    public double? WhiteOverGrey { get; init; }

    /// <summary>
    /// By how many standard deviations grey matter is brighter than fluid: about 1 in T1-weighted scans and FLAIR, below 0 in T2-weighted ones.
    /// </summary>
    public double? GreyOverFluid { get; init; }

    /// <summary>
    /// Share of the brain's voxels that hardly differ from the mean of their neighbours: 2.7 % in normal noise, 2 to 6 % in real scans, more than
    /// 9 % where flat areas meet, as in maps of tissues. Null where it was not measured.
    /// </summary>
    public double? FlatShare { get; init; }

    /// <summary>
    /// By how much the pose stood ahead of the best one elsewhere when it was chosen: in shares of the template's variance, or in correlation of the
    /// brains with the template where both were carried as far as the brain. Null where none were compared.
    /// </summary>
    public double? PoseLead { get; init; }

    /// <summary>
    /// Of what lies 6 to 16 mm outside the brain in the upper part of a raw head, the share that is brighter than a quarter of the brain: scalp. None
    /// where the mask took the scalp in.
    /// </summary>
    public double? ScalpShare { get; init; }

    /// <summary>
    /// The 95th percentile of the brain's outer 6 mm over its median in a raw head: below 1 for a brain, 1.5 and more where the mask took a scalp in.
    /// </summary>
    public double? RimBrightness { get; init; }

    /// <summary>What the scan was taken for: the name of a <see cref="MriContrast"/>, a word in files too.</summary>
    [JsonIgnore]
    public string Contrast => Kind.ToString();

    /// <summary>Who said so: the name of a <see cref="ContrastSource"/>.</summary>
    [JsonIgnore]
    public string ContrastFrom => Source.ToString();

    /// <summary><see cref="Contrast"/>.</summary>
    [JsonInclude]
    [JsonPropertyName(nameof(Contrast))]
    internal MriContrast Kind { get; init; }

    /// <summary><see cref="ContrastFrom"/>.</summary>
    [JsonInclude]
    [JsonPropertyName(nameof(ContrastFrom))]
    internal ContrastSource Source { get; init; }

    /// <summary>What the scan's contrast looks like.</summary>
    [JsonIgnore]
    public ScanContrast LooksLike => QualityRules.ContrastOf(this);

    /// <summary>What to make of the scan, as a value to compare and sort by.</summary>
    public QualityVerdict GetVerdict() => QualityRules.Judge(this).Verdict;

    /// <inheritdoc/>
    public override string ToString() =>
        FormattableString.Invariant(
            $"{Verdict}: correlation {TemplateCorrelation:0.00}, overlap {TemplateOverlap:0.00}, brain {BrainMillilitres:0} ml");
}
