namespace MriLink.Core.Similarity;

/// <summary>The map v ↦ (v − Shift)·Factor that gives a volume about zero mean and unit variance within its mask.</summary>
/// <remarks>
/// Windowed statistics are taken on standardised values and mapped back, so that single precision suffices whatever the
/// intensities' offset and scale.
/// </remarks>
internal readonly record struct Standardization(float Shift, float Factor)
{
    /// <summary>Leaves values as they are.</summary>
    public static Standardization None => new(0, 1);
}
