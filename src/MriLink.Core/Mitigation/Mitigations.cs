namespace MriLink.Core.Mitigation;

/// <summary>The mitigations there are.</summary>
public static class Mitigations
{
    /// <summary>Each kind, with the strengths that are tried by default.</summary>
    public static IReadOnlyList<MitigationKind> All { get; } =
    [
        new("Smooth", "mm FWHM", "Blurs with a Gaussian", 0.1, 60, [2, 4, 8, 16], (kind, s) => new Smoothing(kind, s)),
        new("Resample", "mm voxels", "Averages over larger voxels", 0.1, 60, [2, 4, 8, 16], (kind, s) => new Resampling(kind, s)),
        new("Noise", "% noise", "Adds normal noise; in per cent of the brain's median intensity", 0.01, 10_000, [10, 50, 200, 800], (kind, s) =>
            new NoiseAddition(kind, s)) { IsRepeatable = false },
        new("Quantize", "bit", "Leaves few grey levels", 1, 16, [4, 3, 2, 1], (kind, s) => new Quantization(kind, s)),
        new("Crop", "mm cut", "Keeps the brain's box, less so much on each of its six sides", 0, 100, [0, 10, 20, 40], (kind, s) =>
            new Cropping(kind, s)),
        new("Deface", "mm kept", "Cuts off what lies before and below the brain, but so much next to it", 0, 100, [20, 10, 0], (kind, s) =>
            new Defacing(kind, s)),
        new("Strip", "mm kept", "Takes off everything but the brain and so much around it", 0, 100, [10, 0], (kind, s) =>
            new SkullStripping(kind, s)),
        new("Warp", "mm RMS", "Displaces places at random, smoothly", 0.01, 30, [1, 2, 4, 8], (kind, s) =>
            new Warping(kind, s)) { IsRepeatable = false },
    ];

    /// <summary>The kind of a name, whatever its case; null when there is none.</summary>
    public static MitigationKind? Find(string name) => All.FirstOrDefault(k => string.Equals(k.Name, name, StringComparison.OrdinalIgnoreCase));
}
