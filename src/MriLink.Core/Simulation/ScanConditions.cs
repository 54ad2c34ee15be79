using System.Globalization;
using System.Runtime.CompilerServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>How a simulated scan is acquired: every knob in physical units, with the range that makes sense.</summary>
/// <remarks>Setting a knob outside its range throws <see cref="ArgumentOutOfRangeException"/>.</remarks>
public sealed record ScanConditions
{
    /// <summary>Largest rotation of the head about each axis, degrees, 0 to 60; each scan draws its own within ± this.</summary>
    public double Rotation { get; init => field = Within(value, 0, 60); } = 6;

    /// <summary>
    /// Largest displacement of the head from the middle of the field of view along each axis, mm, 0 to 80; each scan draws its own within ± this.
    /// </summary>
    public double Translation { get; init => field = Within(value, 0, 80); } = 8;

    /// <summary>Distance of voxel centres along the three voxel axes, mm, each 0.4 to 10. The third axis runs across slices.</summary>
    public Point3 Spacing
    {
        get;
        init => field = new(Within(value.X, 0.4, 10), Within(value.Y, 0.4, 10), Within(value.Z, 0.4, 10));
    } = new(1, 1, 1);

    /// <summary>Thickness of a slice, mm, 0.4 to 15; null for the spacing of slices (no gap, no overlap).</summary>
    public double? SliceThickness { get; init => field = value is { } mm ? Within(mm, 0.4, 15) : null; }

    /// <summary>How a slice weighs the anatomy across its thickness.</summary>
    public SliceProfile SliceProfile { get; init; } = SliceProfile.Gaussian;

    /// <summary>Where the voxel axes run, as three letters, one of each pair R/L, A/P, S/I: "RAS", "LPS" (axial), "PSR" (sagittal).</summary>
    /// <exception cref="ArgumentException">The letters name no orientation.</exception>
    public string Orientation { get; init => field = GridOrientation.Checked(value); } = "RAS";

    /// <summary>Variation of the receive field over the head in per cent, 0 to 100: 40 means from 0.8 to 1.2 (the convention of BrainWeb).</summary>
    public double BiasField { get; init => field = Within(value, 0, 100); } = 25;

    /// <summary>
    /// Standard deviation of the noise in either channel, per cent of the intensity of white matter, 0 to 50; the magnitude is Rician.
    /// </summary>
    public double Noise { get; init => field = Within(value, 0, 50); } = 2.5;

    /// <summary>
    /// What the scan is weighted by. T1w leaves the anatomy's own intensities; the others are computed from its tissues, as spin echoes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such contrast.</exception>
    public MriContrast Contrast { get; init => field = OneOf(Enum.GetValues<MriContrast>(), value); }

    /// <summary>The field strength in tesla, 1.5 or 3, on which tissues' relaxation depends: in T2w, FLAIR and PD.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is another.</exception>
    public double FieldStrength { get; init => field = OneOf([1.5, 3], value); } = 3;

    /// <summary>
    /// How far tissue intensities depart from what the contrast has, 0 (not at all) to 1; it belongs to the scanner. In T1w a monotone random curve,
    /// in the others other echo, repetition and inversion times.
    /// </summary>
    public double ContrastVariation { get; init => field = Within(value, 0, 1); }

    /// <summary>Exponent applied to intensities relative to white matter, 0.3 to 3; 1 changes nothing.</summary>
    public double Gamma { get; init => field = Within(value, 0.3, 3); } = 1;

    /// <summary>Overall gain, 0.05 to 20; at 1 white matter lies at 800 before contrast, field and noise.</summary>
    public double Gain { get; init => field = Within(value, 0.05, 20); } = 1;

    /// <summary>Years since the anatomy's first scan, 0 to 40: shape drifts a little, and the brain shrinks by about 0.4 % a year.</summary>
    public double Interval { get; init => field = Within(value, 0, 40); }

    /// <summary>Cognitive decline, 0 (none) to 1 (severe): larger ventricles and a thinner cortex.</summary>
    public double Decline { get; init => field = Within(value, 0, 1); }

    /// <summary>
    /// Lesions of white matter, as of multiple sclerosis or of small vessels, ml, 0 to 60: bright in T2w and FLAIR, somewhat darker than white
    /// matter in T1w, and hardly seen in PD. Where they lie belongs to the person, and a larger load holds all of a smaller one.
    /// </summary>
    public double LesionLoad { get; init => field = Within(value, 0, 60); }

    /// <summary>Largest geometric distortion by the scanner's gradients at 100 mm from the isocentre, mm, 0 to 10.</summary>
    public double GradientDistortion { get; init => field = Within(value, 0, 10); } = 0.5;

    /// <summary>Whether everything outside the brain is exactly 0.</summary>
    public bool Stripped { get; init; }

    /// <summary>The conditions of a scenario's session: session 1 is the standard scan that later sessions depart from.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The session is below 1, or the scenario is none.</exception>
    public static ScanConditions For(ScanScenario scenario, int session)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(session, 1);
        var standard = new ScanConditions();
        var later = session - 1;
        if (later == 0 && Enum.IsDefined(scenario))
        {
            return standard;
        }

        return scenario switch
        {
            ScanScenario.Standard => standard,
            ScanScenario.Interval => standard with { Interval = Math.Min(40, 2 * later) },
            ScanScenario.Scanner => standard with
            {
                Orientation = "PSR",
                GradientDistortion = 1.5,
                BiasField = 45,
                Noise = 4,
                ContrastVariation = 0.3,
                Gain = 1.7,
            },
            ScanScenario.Resolution => standard with { Orientation = "LPS", Spacing = new(0.94, 0.94, 3) },
            ScanScenario.Protocol => standard with { ContrastVariation = 0.8 },
            ScanScenario.Contrast => standard with { Contrast = (MriContrast)(later % Enum.GetValues<MriContrast>().Length) },
            ScanScenario.Decline => standard with { Interval = Math.Min(40, 3 * later), Decline = Math.Min(1, 0.6 * later) },
            ScanScenario.AcrossDatabases => standard with
            {
                Rotation = 15,
                Translation = 20,
                Orientation = "LPS",
                Spacing = new(0.94, 0.94, 2),
                GradientDistortion = 1.5,
                BiasField = 45,
                Noise = 4,
                ContrastVariation = 0.6,
                Gain = 0.6,
                Interval = Math.Min(40, 3 * later),
                Decline = 0.4,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(scenario), scenario, "There is no such scenario."),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Contrast == MriContrast.T1w ? string.Empty : $"{Contrast}, ")}"
            + $"{Spacing.X:0.##} x {Spacing.Y:0.##} x {Spacing.Z:0.##} mm, {Orientation}, noise {Noise:0.##} %, field {BiasField:0.##} "
            + $"%{(Interval > 0 ? $", {Interval:0.##} years later" : string.Empty)}"
            + $"{(LesionLoad > 0 ? $", lesions of {LesionLoad:0.##} ml" : string.Empty)}{(Stripped ? ", stripped" : string.Empty)}");

    private static T OneOf<T>(T[] known, T value, [CallerMemberName] string knob = "") => known.Contains(value)
        ? value
        : throw new ArgumentOutOfRangeException(
            knob, value, string.Create(CultureInfo.InvariantCulture, $"{knob} must be one of {string.Join(", ", known)}."));

    private static double Within(double value, double low, double high, [CallerMemberName] string knob = "") =>
        value >= low && value <= high
            ? value
            : throw new ArgumentOutOfRangeException(knob, value, FormattableString.Invariant($"{knob} must lie between {low} and {high}."));
}
