using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>What an attacker holds, as it is given: raw scans, or preprocessed ones.</summary>
public static class AttackerGallery
{
    /// <summary>The spacing that scans must be compared at; null where all are raw, and it is free.</summary>
    public static double? SpacingOf(IReadOnlyList<MriVolume> gallery) => gallery.OfType<PreprocessedVolume>().FirstOrDefault()?.Spacing.X;

    /// <summary>What a person should know where the gallery was not preprocessed as the release will be; null where it was, or is raw.</summary>
    /// <remarks>
    /// One person's brains preprocessed in two ways are less alike, in every row: the release would seem harder to link than it is.
    /// </remarks>
    /// <param name="gallery">What the attacker holds.</param>
    /// <param name="options">How the release will be preprocessed.</param>
    public static string? DifferenceNote(IReadOnlyList<MriVolume> gallery, PreprocessOptions options)
    {
        PreprocessedVolume[] preprocessed = [.. gallery.OfType<PreprocessedVolume>()];
        IReadOnlyList<string>[] different =
        [
            .. preprocessed.Select(g => g.Provenance?.DifferencesFrom(options) ?? ["nothing is recorded of how"]).Where(d => d.Count > 0),
        ];
        return different.Length == 0 ? null
            : $"{different.Length} of {preprocessed.Length} preprocessed gallery scans were not preprocessed as the release will be: "
                + $"{string.Join("; ", different.SelectMany(d => d).Distinct(StringComparer.Ordinal))}. That may lower scores by itself, in every "
                + $"row; raw scans as -Gallery are preprocessed as the release is.";
    }
}
