using System.Management.Automation;
using MriLink.Core.Simulation;

namespace MriLink.Commands;

/// <summary>The knobs that all simulated scans have in common; what is not given is taken from the scenario.</summary>
public abstract class SimulationCmdlet : MriCmdlet
{
    // Scenarios and profiles are bound as text: a field of one of the library's own enumerations would have to be loaded
    // before the module has told the engine where its libraries are.

    /// <summary><para type="description">In what the scans differ from a standard scan.</para></summary>
    [Parameter]
    [Choice(
        "Standard: the same again, in another pose",
        "Interval: years later",
        "Scanner: another scanner",
        "Resolution: thick slices",
        "Protocol: another contrast",
        "Decline: a brain that shrinks",
        "AcrossDatabases: all of these together")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Scenario { get; set; } = "Standard";

    /// <summary><para type="description">Everything random follows from this number.</para></summary>
    [Parameter]
    public int Seed { get; set; } = 1;

    /// <summary><para type="description">Largest rotation of the head about each axis, degrees (0 to 60).</para></summary>
    [Parameter]
    public double? Rotation { get; set; }

    /// <summary><para type="description">Largest displacement of the head along each axis, mm (0 to 80).</para></summary>
    [Parameter]
    public double? Translation { get; set; }

    /// <summary><para type="description">Variation of the receive field over the head, per cent (0 to 100).</para></summary>
    [Parameter]
    public double? BiasField { get; set; }

    /// <summary><para type="description">Noise, per cent of the intensity of white matter (0 to 50).</para></summary>
    [Parameter]
    public double? Noise { get; set; }

    /// <summary><para type="description">How far tissue intensities depart from the anatomy's own (0 to 1).</para></summary>
    [Parameter]
    public double? Contrast { get; set; }

    /// <summary><para type="description">Exponent of intensities relative to white matter (0.3 to 3).</para></summary>
    [Parameter]
    public double? Gamma { get; set; }

    /// <summary><para type="description">Overall gain (0.05 to 20); at 1 white matter lies at about 800.</para></summary>
    [Parameter]
    public double? Gain { get; set; }

    /// <summary><para type="description">Spacing of voxels, mm: one number, or one for each voxel axis (0.4 to 10).</para></summary>
    [Parameter]
    [ValidateCount(1, 3)]
    public double[]? Spacing { get; set; }

    /// <summary><para type="description">Thickness of slices, across the third voxel axis, mm (0.4 to 15); the slices' spacing unless given.</para></summary>
    [Parameter]
    public double? SliceThickness { get; set; }

    /// <summary><para type="description">How a slice weighs the anatomy across its thickness.</para></summary>
    [Parameter]
    [Choice("Gaussian: bell-shaped, as slices are excited", "Box: the same all across")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string? SliceProfile { get; set; }

    /// <summary><para type="description">Directions of the voxel axes, as in RAS, LPS or PSR.</para></summary>
    [Parameter]
    [ArgumentCompleter(typeof(OrientationCompleter))]
    public string? Orientation { get; set; }

    /// <summary><para type="description">Years that have passed (0 to 40).</para></summary>
    [Parameter]
    public double? Interval { get; set; }

    /// <summary><para type="description">Cognitive decline: growth of the ventricles and thinning of the cortex, from 0 (none) to 1 (severe).</para></summary>
    [Parameter]
    public double? Decline { get; set; }

    /// <summary><para type="description">Largest distortion by the gradients 100 mm from the isocentre, mm (0 to 10).</para></summary>
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
        Contrast = Contrast ?? conditions.Contrast,
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
        GradientDistortion = GradientDistortion ?? conditions.GradientDistortion,
    };

    /// <summary>Ends the command because a parameter makes no sense.</summary>
    private protected void ThrowInvalidParameter(Exception exception, string errorId) =>
        ThrowTerminatingError(new ErrorRecord(exception, errorId, ErrorCategory.InvalidArgument, targetObject: null));
}
