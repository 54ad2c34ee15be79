namespace MriLink.Core.Preprocessing;

/// <summary>How well preprocessing went, in numbers a person can judge by.</summary>
/// <param name="TemplateCorrelation">Pearson correlation with the template's brain within both masks; a good T1-weighted brain gives 0.5 or more.</param>
/// <param name="TemplateOverlap">Dice overlap of the brain mask with the template's after alignment; usually above 0.9.</param>
/// <param name="BrainMillilitres">Volume of the brain in the scan itself, before alignment.</param>
/// <param name="ScaleX">Size of the head relative to the template, left to right.</param>
/// <param name="ScaleY">Size of the head relative to the template, back to front.</param>
/// <param name="ScaleZ">Size of the head relative to the template, bottom to top.</param>
/// <param name="Coverage">Share of the template's brain that the scan's field of view holds.</param>
/// <param name="InputStripped">Whether the input was found, or said, to be stripped already.</param>
public sealed record QualityRecord(
    double TemplateCorrelation,
    double TemplateOverlap,
    double BrainMillilitres,
    double ScaleX,
    double ScaleY,
    double ScaleZ,
    double Coverage,
    bool InputStripped)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"correlation {TemplateCorrelation:0.00}, overlap {TemplateOverlap:0.00}, brain {BrainMillilitres:0} ml";
}
