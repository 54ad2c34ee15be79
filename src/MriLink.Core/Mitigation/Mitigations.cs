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

    /// <summary>Mitigations of some kinds, at the strengths that are asked for or, where none are, at each one the kind comes in.</summary>
    /// <param name="names">The kinds' names; one that comes again is tried once.</param>
    /// <param name="strengths">Strengths by a kind's name, whatever its case.</param>
    /// <exception cref="ArgumentException">There is no kind of a name, or a strength makes no sense.</exception>
    /// <exception cref="InvalidOperationException">Strengths are of a kind that is not tried.</exception>
    public static IReadOnlyList<IMitigation> Choose(
        IReadOnlyList<string> names, IReadOnlyList<KeyValuePair<string, IReadOnlyList<double>>> strengths)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(strengths);
        foreach (var (name, _) in strengths)
        {
            if (!names.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new InvalidOperationException($"-Strength names '{name}', which is not among -Mitigation {string.Join(", ", names)}.");
            }
        }

        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase).SelectMany(name =>
        {
            var kind = Find(name) ?? throw new ArgumentException($"There is no mitigation '{name}'.", nameof(names));
            var asked = strengths.Where(s => string.Equals(s.Key, kind.Name, StringComparison.OrdinalIgnoreCase)).Select(s => s.Value);
            return (asked.FirstOrDefault() ?? kind.Strengths).Select(kind.Create);
        })];
    }
}
