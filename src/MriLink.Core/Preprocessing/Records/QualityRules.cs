using System.Globalization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Records;

/// <summary>
/// Draws the verdict from the numbers of a <see cref="QualityRecord"/>: each has a range that is usual and a wider one that is possible.
/// </summary>
/// <remarks>
/// The ranges were set on real scans (16 stripped at 0.9 mm, 10 raw at 2 mm, 4 raw of 3 mm slices with lesions), simulated ones of
/// every scenario, and on what must fail: noise, bottles and tubes, limbs and torso, half heads, wrong poses, wrong masks.
/// </remarks>
internal static class QualityRules
{
    private static readonly Rule[] Rules =
    [
        // Adult brains with their ventricles measure 0.9 to 1.8 litres (Colin27's own mask in MNI space: 1.8); a newborn's
        // 0.4. A mask of the whole head takes in 3 and more, one of half a brain 0.7.
        new("brain volume", q => q.BrainMillilitres, new(350, 2400), new(850, 2100), "0", " ml"),

        // Masks of heads that went well overlap by 0.94 to 0.98, loose and tight ones alike. A half gives 0.6, a mask in the
        // wrong place or turned around 0.80 to 0.90.
        new("overlap with the template's brain", q => q.TemplateOverlap, new(0.85, 1), new(0.90, 1), "0.00", ""),

        // Right brains give 0.51 to 0.65, simulated ones 0.75 and more; noise, phantoms, wrong poses and wrong masks -0.13 to
        // 0.27. Low contrast (contrast agents, odd protocols) can bring a good one down to 0.35.
        new("correlation with the template", q => q.TemplateCorrelation, new(0.30, 1), new(0.40, 1), "0.00", "")
        {
            AppliesTo = q => q.Kind == MriContrast.T1w,
        },

        // Of other contrasts, once intensities are mapped: a right brain explains the template whichever of its tissues are bright.
        // Right ones gave 0.43 to 0.64, phantoms and a wrong pose 0.24 to 0.28.
        new("correlation with the template", q => q.TemplateCorrelation, new(0.33, 1), new(0.40, 1), "0.00", "")
        {
            AppliesTo = q => q.Kind != MriContrast.T1w,
        },

        // A vertex or a cerebellum that is cut off takes a few per cent; where a quarter is missing, what is compared is another organ.
        new("share of the brain in view", q => q.Coverage, new(0.75, 1), new(0.95, 1), "0.00", ""),

        // Heads measure 0.8 to 1.1 of Colin27 in MNI space, infants' 0.65.
        new("scale left to right", q => q.ScaleX, new(0.6, 1.35), new(0.75, 1.2), "0.00", ""),
        new("scale back to front", q => q.ScaleY, new(0.6, 1.35), new(0.75, 1.2), "0.00", ""),
        new("scale bottom to top", q => q.ScaleZ, new(0.6, 1.35), new(0.75, 1.2), "0.00", ""),

        // Heads are not skewed: what alignment finds is below 10 degrees; where it does not find a head, 10 to 35.
        new("shear", q => q.ShearDegrees, new(0, 16), new(0, 10), "0.0", "°"),

        // Heads tilt by up to 30 degrees against their headers' axes; a header that is wrong about them is off by 90 or more. Such a
        // scan can be aligned all the same, so this alone is never a failure.
        new("turn against the header's axes", q => q.RotationDegrees, new(0, 180), new(0, 60), "0", "°", "left and right cannot be checked"),

        // Scans measure 6 (elderly heads at 2 mm, where anatomy counts as noise) to 37, with noise of a quarter of the white matter 3; pure
        // Rician noise gives 1.9.
        new("signal-to-noise ratio", q => q.SignalToNoise, new(2.5, double.PositiveInfinity), new(4.5, double.PositiveInfinity), "0.0", ""),
    ];

    // 21 real T1-weighted heads give 0.31 to 0.74, with a contrast agent included; FLAIR and T2-weighted scans -0.11 and less.
    private const double LeastWhiteOverGrey = 0.15;
    private const double MostWhiteOverGreyOfOthers = -0.05;
    private const double LeastGreyOverFluid = 0.25;

    // By proton density, fluid is as bright as grey matter or brighter, as it is T2-weighted: the two cannot be told apart. FLAIR has 0.6 to 1.3.
    private const double MostGreyOverFluidByPD = 0.5;

    // Right masks leave 0.37 and more of the shell to the scalp, and their rim is 0.78 to 0.87 times as bright as the brain; masks that took the
    // scalp in leave nothing, and their rim is 1.66 to 2.55 times as bright. Either may be odd alone (fat suppressed, a cut field of view).
    private const double LeastScalpShare = 0.2;
    private const double MostRimBrightness = 1.3;
    private const double LeastScalpShareByT2 = 0.1;

    // Noise of a real scan is never so little; the measure ends here. Nor is it gone from a part of the brain: 21 raw heads, 16 stripped brains and 4
    // of thick slices have 0.02 to 0.042, of 20 grey levels 0.061 at most; tissue maps smoothed by 1.4 mm, as resampling does, 0.095 to 0.21.
    private const double NoNoise = 1000;
    private const double MostFlat = 0.08;

    /// <summary>Poses this near to each other in how well they stand are one toss.</summary>
    internal const double LeastLead = 0.02;

    /// <summary>Whether a mask seems to hold skull and scalp.</summary>
    /// <remarks>Where fluid is bright, a right mask's rim is too, and only what is left outside tells.</remarks>
    public static bool HoldsScalp(MriContrast contrast, double? scalpShare, double? rimBrightness) => contrast is MriContrast.T2w or MriContrast.PD
        ? scalpShare < LeastScalpShareByT2
        : scalpShare < LeastScalpShare && rimBrightness > MostRimBrightness;

    /// <summary>What the tissues' order says.</summary>
    public static ScanContrast ContrastOf(QualityRecord quality) => ContrastOf(quality.WhiteOverGrey, quality.GreyOverFluid);

    /// <inheritdoc cref="ContrastOf(QualityRecord)"/>
    public static ScanContrast ContrastOf(double? whiteOverGrey, double? greyOverFluid) => (whiteOverGrey, greyOverFluid) switch
    {
        (null, _) or (_, null) => ScanContrast.Unknown,
        ( >= LeastWhiteOverGrey, >= LeastGreyOverFluid) => ScanContrast.T1Weighted,
        ( <= MostWhiteOverGreyOfOthers, >= LeastGreyOverFluid) => ScanContrast.Flair,
        ( <= MostWhiteOverGreyOfOthers, < 0) => ScanContrast.T2Weighted,
        _ => ScanContrast.Unknown,
    };

    // What no single number says.
    private static IEnumerable<Finding> Signs(QualityRecord q)
    {
        if (q is { WhiteOverGrey: not null, GreyOverFluid: not null } && OddContrast(q) is { } odd)
        {
            yield return new(QualityVerdict.Review, odd);
        }

        if (q.Kind != MriContrast.T1w && q.Source == ContrastSource.Name)
        {
            yield return new(QualityVerdict.Review, $"is {q.Contrast} by its name, not T1w; -Contrast {q.Contrast} takes it as such");
        }

        if (q.SignalToNoise >= NoNoise)
        {
            yield return new(QualityVerdict.Review, "has no noise: a segmentation or a synthetic image");
        }
        else if (q.FlatShare > MostFlat)
        {
            yield return new(QualityVerdict.Review, "has no noise in parts of the brain: a map of tissues or a synthetic image");
        }

        if (HoldsScalp(q.Kind, q.ScalpShare, q.RimBrightness))
        {
            yield return new(QualityVerdict.Review, "the brain mask seems to hold skull and scalp");
        }

        if (q.PoseLead < LeastLead)
        {
            yield return new(QualityVerdict.Review, "lies in one of two ways that fit alike");
        }
    }

    // Why the order of the tissues is not what the scan was taken for; null when it is. A contrast that only the image tells is always remarked upon.
    private static string? OddContrast(QualityRecord q)
    {
        var seen = ScanContrasts.LikenessOf(ContrastOf(q));
        var looks = seen switch
        {
            MriContrast.T1w => "looks T1-weighted: white matter is brighter than grey",
            MriContrast.FLAIR => "looks like FLAIR: grey matter is brighter than white",
            MriContrast.T2w => "looks T2-weighted: fluid is brighter than brain",
            _ => "its tissues are not told apart as in a T1-weighted scan",
        };
        return q.Kind == MriContrast.T1w
            ? seen == MriContrast.T1w ? null : looks
            : q.Source == ContrastSource.Image ? seen == q.Kind ? $"{looks}; -Contrast {q.Contrast} takes it as such"
                : $"is taken for {q.Kind} by its looks, which are not clear: {looks}"
            : seen is null || seen == q.Kind || (q.Kind == MriContrast.PD && q.GreyOverFluid < MostGreyOverFluidByPD) ? null
            : $"is taken for {q.Contrast} and {looks}";
    }

    /// <summary>The verdict and, for each number that is not usual, a short text; the gravest first.</summary>
    public static (QualityVerdict Verdict, IReadOnlyList<string> Reasons) Judge(QualityRecord quality)
    {
        var findings = Rules.Select(rule => rule.Apply(quality)).OfType<Finding>().Concat(Signs(quality)).OrderByDescending(f => f.Verdict).ToList();
        return (findings.Count > 0 ? findings[0].Verdict : QualityVerdict.Pass, [.. findings.Select(f => f.Text)]);
    }

    private sealed record Finding(QualityVerdict Verdict, string Text);

    private readonly record struct Range(double Low, double High)
    {
        // Written so that NaN lies outside.
        public bool Holds(double value) => value >= Low && value <= High;
    }

    private sealed record Rule(
        string Name, Func<QualityRecord, double> Measure, Range Possible, Range Usual, string Format, string Unit, string? Consequence = null)
    {
        public Func<QualityRecord, bool> AppliesTo { get; init; } = _ => true;

        public Finding? Apply(QualityRecord quality)
        {
            var value = Measure(quality);
            if (Usual.Holds(value) || !AppliesTo(quality))
            {
                return null;
            }

            var fails = !Possible.Holds(value);
            var (limit, range) = fails ? ("possible", Possible) : ("usual", Usual);
            var above = value > range.High;
            var edge = above ? range.High : range.Low;

            // A value that rounds to the bound itself gets as many digits as tell the two apart.
            var format = Format;
            for (var more = 0; more < 6 && string.Equals(Text(value, format), Text(edge, format), StringComparison.Ordinal); more++)
            {
                format += format.Contains('.', StringComparison.Ordinal) ? "0" : ".0";
            }

            var bound = $"{(above ? "more" : "less")} than {Text(edge, Format)} is not {limit}";
            return new(fails ? QualityVerdict.Fail
                : QualityVerdict.Review, $"{Name} {Text(value, format)}{Unit}, {bound}{(Consequence is null ? "" : "; " + Consequence)}");
        }

        private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
    }
}
