using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>What preprocessing does.</summary>
public sealed record PreprocessOptions
{
    private readonly double _spacing = 2;

    /// <summary>Who corrects the bias field, registers and resamples.</summary>
    public PreprocessingEngine Engine { get; init; } = PreprocessingEngine.BuiltIn;

    /// <summary>The template to align to.</summary>
    public Template Template { get; init; } = Template.Colin27;

    /// <summary>Spacing of the output grid in mm, 0.5 to 8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of range.</exception>
    public double Spacing
    {
        get => _spacing;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 0.5);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 8);
            _spacing = value;
        }
    }

    /// <summary>Whether the bias field is removed (N4).</summary>
    public bool BiasCorrection { get; init; } = true;

    /// <summary>Whether the brain is cut out.</summary>
    public BrainExtractionMode BrainExtraction { get; init; } = BrainExtractionMode.Auto;

    /// <summary>How the scan is aligned.</summary>
    public RegistrationMode Registration { get; init; } = RegistrationMode.Affine;

    /// <summary>What the scan's contrast is; null to be told by its name (a BIDS suffix), or else by what it looks like.</summary>
    public MriContrast? Contrast { get; init; }

    /// <summary>How intensities are brought to a common scale.</summary>
    public Harmonization Harmonization { get; init; } = Harmonization.ZScore;
}
