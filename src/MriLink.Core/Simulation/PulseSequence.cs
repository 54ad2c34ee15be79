using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>Times of a spin-echo sequence, with or without inversion, and the signals that tissues give in it.</summary>
internal sealed record PulseSequence
{
    // Protocols of one kind at different sites differ by about a quarter in either direction; inversion times are set with more care.
    private const double LargestLogChange = 0.22;
    private const double LargestLogChangeOfInversion = 0.05;

    // What fat suppression, usual with FLAIR, leaves of fat.
    private const double SuppressedFat = 0.1;

    private PulseSequence(double fieldStrength, double repetition, double echo, double? inversion, double fat)
    {
        (FieldStrength, RepetitionTime, EchoTime, InversionTime, FatPart) = (fieldStrength, repetition, echo, inversion, fat);
    }

    /// <summary>Tesla.</summary>
    public double FieldStrength { get; }

    /// <summary>TR, ms.</summary>
    public double RepetitionTime { get; private init; }

    /// <summary>TE, ms.</summary>
    public double EchoTime { get; private init; }

    /// <summary>TI, ms, or null without inversion.</summary>
    public double? InversionTime { get; private init; }

    /// <summary>The part of fat's signal that is not suppressed.</summary>
    public double FatPart { get; }

    /// <summary>A usual sequence.</summary>
    /// <remarks>
    /// T2w and PD are the two echoes of the dual-echo sequences by which IXI's 1.5 T (Guy's) and 3 T (Hammersmith) scanners took them. FLAIR has the
    /// times of MS-SMART's protocol (Connick et al. 2018, BMJ Open 8:e021944) and is inverted so that fluid is at its zero when it is excited (Hajnal
    /// et al. 1992, J Comput Assist Tomogr 16:841), as scanners set it up.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">T1w: it is no spin echo here but the anatomy's own contrast.</exception>
    public static PulseSequence Usual(MriContrast contrast, double fieldStrength)
    {
        var high = fieldStrength > 2;
        var dualEcho = high ? 5725.79 : 8178.34;
        return contrast switch
        {
            MriContrast.T2w => new(fieldStrength, dualEcho, 100, null, 1),
            MriContrast.PD => new(fieldStrength, dualEcho, 8, null, 1),
            MriContrast.FLAIR => Inverted(high ? 9500 : 10000),
            _ => throw new ArgumentOutOfRangeException(nameof(contrast), contrast, "There is no sequence of this contrast."),
        };

        PulseSequence Inverted(double repetition)
        {
            var fluid = Relaxation.Of(Tissue.Fluid, fieldStrength).T1;
            var zero = fluid * Math.Log(2 / (1 + Math.Exp(-repetition / fluid)));
            return new(fieldStrength, repetition, 120, zero, SuppressedFat);
        }
    }

    /// <summary>The sequence as another protocol has it.</summary>
    /// <param name="strength">How far it may differ, 0 to 1.</param>
    /// <param name="scannerSeed">What the scanner's protocol follows from.</param>
    public PulseSequence Varied(double strength, long scannerSeed)
    {
        var random = RandomStream.For(scannerSeed, SeedUse.Contrast);
        double Change(double largest) => Math.Exp(strength * random.Uniform(-largest, largest));
        var (echo, repetition, inversion) = (Change(LargestLogChange), Change(LargestLogChange), Change(LargestLogChangeOfInversion));
        return this with { EchoTime = EchoTime * echo, RepetitionTime = RepetitionTime * repetition, InversionTime = InversionTime * inversion };
    }

    /// <summary>
    /// The transverse magnetisation at the echo, relative to water's at rest: ρ·(1 − e^(−TR/T1))·e^(−TE/T2), with inversion
    /// ρ·(1 − 2·e^(−TI/T1) + e^(−TR/T1))·e^(−TE/T2). Its sign stays: what is inverted takes away from the rest of a voxel.
    /// </summary>
    public double Signal(Tissue tissue)
    {
        var (t1, t2, density) = Relaxation.Of(tissue, FieldStrength);
        var recovery = Math.Exp(-RepetitionTime / t1);
        var longitudinal = InversionTime is { } inversion ? 1 - (2 * Math.Exp(-inversion / t1)) + recovery : 1 - recovery;
        return density * longitudinal * Math.Exp(-EchoTime / t2) * (tissue == Tissue.Fat ? FatPart : 1);
    }
}
