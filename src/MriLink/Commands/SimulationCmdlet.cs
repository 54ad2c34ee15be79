using System.Management.Automation;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>The knobs that all simulated scans have in common; what is not given is taken from the scenario.</summary>
public abstract class SimulationCmdlet : MriCmdlet
{
    // Scenarios and profiles are bound as text: a field of one of the library's own enumerations would have to be loaded
    // before the module has told the engine where its libraries are.

    /// <summary>In what the scans differ from a standard scan.</summary>
    [Parameter]
    [Choice(
        "Standard: the same again, in another pose",
        "Interval: years later",
        "Scanner: another scanner",
        "Resolution: thick slices",
        "Protocol: tissues in other intensities, T1-weighted all the same",
        "Contrast: T2w, FLAIR and PD, one after the other",
        "Decline: a brain that shrinks",
        "AcrossDatabases: all of these together")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Scenario { get; set; } = "Standard";

    /// <summary>Everything random follows from this number.</summary>
    [Parameter]
    public int Seed { get; set; } = 1;

    /// <summary>Largest rotation of the head about each axis, degrees (0 to 60).</summary>
    [Parameter]
    public double? Rotation { get; set; }

    /// <summary>Largest displacement of the head along each axis, mm (0 to 80).</summary>
    [Parameter]
    public double? Translation { get; set; }

    /// <summary>Variation of the receive field over the head, per cent (0 to 100).</summary>
    [Parameter]
    public double? BiasField { get; set; }

    /// <summary>Noise, per cent of the intensity of white matter (0 to 50).</summary>
    [Parameter]
    public double? Noise { get; set; }

    /// <summary>
    /// What the scans are weighted by. T1w leaves the intensities of the anatomy that is scanned; T2w, FLAIR and PD are computed from its tissues,
    /// which are known of simulated participants alone.
    /// </summary>
    [Parameter]
    [Choice(
        "T1w: the anatomy's own intensities",
        "T2w: fluid brightest",
        "FLAIR: T2-weighted with dark fluid",
        "PD: proton density, all nearly alike")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string? Contrast { get; set; }

    /// <summary>Field strength, tesla, on which the relaxation of tissues in T2w, FLAIR and PD depends (1.5 or 3).</summary>
    [Parameter]
    public double? FieldStrength { get; set; }

    /// <summary>
    /// How far tissue intensities depart from the contrast's usual ones (0 to 1): in T1w by a random curve, in T2w, FLAIR and PD by other echo,
    /// repetition and inversion times.
    /// </summary>
    [Parameter]
    public double? ContrastVariation { get; set; }

    /// <summary>Exponent of intensities relative to white matter (0.3 to 3).</summary>
    [Parameter]
    public double? Gamma { get; set; }

    /// <summary>Overall gain (0.05 to 20); at 1 white matter lies at about 800.</summary>
    [Parameter]
    public double? Gain { get; set; }

    /// <summary>Spacing of voxels, mm: one number, or one for each voxel axis (0.4 to 10).</summary>
    [Parameter]
    [ValidateCount(1, 3)]
    public double[]? Spacing { get; set; }

    /// <summary>Thickness of slices, across the third voxel axis, mm (0.4 to 15); the slices' spacing unless given.</summary>
    [Parameter]
    public double? SliceThickness { get; set; }

    /// <summary>How a slice weighs the anatomy across its thickness.</summary>
    [Parameter]
    [Choice("Gaussian: bell-shaped, as slices are excited", "Box: the same all across")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string? SliceProfile { get; set; }

    /// <summary>Directions of the voxel axes, as in RAS, LPS or PSR.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(OrientationCompleter))]
    public string? Orientation { get; set; }

    /// <summary>Years that have passed (0 to 40).</summary>
    [Parameter]
    public double? Interval { get; set; }

    /// <summary>Cognitive decline: growth of the ventricles and thinning of the cortex, from 0 (none) to 1 (severe).</summary>
    [Parameter]
    public double? Decline { get; set; }

    /// <summary>
    /// Lesions of white matter, ml (0 to 60): bright in T2w and FLAIR, somewhat dark in T1w. Where they lie belongs to the person, and a larger
    /// load holds a smaller one, as disease goes on. Of simulated participants alone.
    /// </summary>
    [Parameter]
    public double? LesionLoad { get; set; }

    /// <summary>Largest distortion by the gradients 100 mm from the isocentre, mm (0 to 10).</summary>
    [Parameter]
    public double? GradientDistortion { get; set; }

    /// <summary>The scenario as the library names it.</summary>
    private protected ScanScenario ChosenScenario => Enum.Parse<ScanScenario>(Scenario, ignoreCase: true);

    /// <summary>Replaces what the user has given.</summary>
    private protected ScanConditions Adjust(ScanConditions conditions) => conditions with
    {
        Rotation = Rotation ?? conditions.Rotation,
        Translation = Translation ?? conditions.Translation,
        BiasField = BiasField ?? conditions.BiasField,
        Noise = Noise ?? conditions.Noise,
        Contrast = Contrast is null ? conditions.Contrast : Enum.Parse<MriContrast>(Contrast, ignoreCase: true),
        FieldStrength = FieldStrength ?? conditions.FieldStrength,
        ContrastVariation = ContrastVariation ?? conditions.ContrastVariation,
        Gamma = Gamma ?? conditions.Gamma,
        Gain = Gain ?? conditions.Gain,
        Spacing = Spacing switch
        {
            null => conditions.Spacing,
            [var all] => new(all, all, all),
            [var x, var y, var z] => new(x, y, z),
            _ => throw new ArgumentException("Spacing takes one number, or three: one for each voxel axis.", nameof(conditions)),
        },
        SliceThickness = SliceThickness ?? conditions.SliceThickness,
        SliceProfile = SliceProfile is null ? conditions.SliceProfile : Enum.Parse<SliceProfile>(SliceProfile, ignoreCase: true),
        Orientation = Orientation ?? conditions.Orientation,
        Interval = Interval ?? conditions.Interval,
        Decline = Decline ?? conditions.Decline,
        LesionLoad = LesionLoad ?? conditions.LesionLoad,
        GradientDistortion = GradientDistortion ?? conditions.GradientDistortion,
    };

    /// <summary>Ends the command because a parameter makes no sense.</summary>
    private protected void ThrowInvalidParameter(Exception exception, string errorId) =>
        ThrowTerminatingError(new ErrorRecord(exception, errorId, ErrorCategory.InvalidArgument, targetObject: null));
}
