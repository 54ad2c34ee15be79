namespace MriLink.Core.Simulation;

/// <summary>What a tissue's signal depends on.</summary>
/// <param name="T1">Longitudinal relaxation time, ms.</param>
/// <param name="T2">Transverse relaxation time, ms.</param>
/// <param name="ProtonDensity">Density of protons that give a signal, relative to water.</param>
internal readonly record struct Relaxation(double T1, double T2, double ProtonDensity)
{
    /// <summary>The published values at 1.5 or 3 T.</summary>
    /// <remarks>
    /// At 1.5 T those of BrainWeb's simulator (Kwan et al. 1999, IEEE Trans Med Imaging 18:1085), proton densities at either field too. At 3 T: white
    /// and grey matter and muscle by Stanisz et al. (2005, Magn Reson Med 54:507); fluid's T1, which hardly depends on the field, by Rooney et al.
    /// (2007, Magn Reson Med 57:308) and its T2 by Piechnik et al. (2009, Magn Reson Med 61:579); fat under the skin by Gold et al. (2004, AJR
    /// 183:343); lesions of multiple sclerosis as Madhuranthakam et al. (2012, Magn Reson Med 67:81) have them.
    /// </remarks>
    public static Relaxation Of(Tissue tissue, double fieldStrength) => (tissue, fieldStrength) switch
    {
        (Tissue.White, 1.5) => new(500, 70, 0.77),
        (Tissue.Grey, 1.5) => new(833, 83, 0.86),
        (Tissue.Fluid, 1.5) => new(2569, 329, 1),
        (Tissue.Muscle, 1.5) => new(900, 47, 1),
        (Tissue.Fat, 1.5) => new(350, 70, 1),
        (Tissue.Lesion, 1.5) => new(752, 237, 0.76),
        (Tissue.White, 3) => new(1084, 69, 0.77),
        (Tissue.Grey, 3) => new(1820, 99, 0.86),
        (Tissue.Fluid, 3) => new(4300, 503, 1),
        (Tissue.Muscle, 3) => new(1412, 50, 1),
        (Tissue.Fat, 3) => new(371, 133, 1),
        (Tissue.Lesion, 3) => new(1350, 100, 0.76),
        _ => throw new ArgumentOutOfRangeException(nameof(fieldStrength), fieldStrength, $"Nothing is known of {tissue} at this field strength."),
    };
}
