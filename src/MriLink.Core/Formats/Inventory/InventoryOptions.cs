namespace MriLink.Core.Formats.Inventory;

/// <summary>What is taken of folders. A file that is named by itself is always taken.</summary>
public sealed record InventoryOptions
{
    /// <summary>The suffix that stands for all.</summary>
    public const string AllSuffixes = "*";

    /// <summary>The suffixes of T1-weighted volumes, which are taken unless others are asked for.</summary>
    public static IReadOnlyList<string> T1Weighted { get; } = ["T1w", "UNIT1"];

    /// <summary>
    /// Suffixes of BIDS names that are taken, <see cref="AllSuffixes"/> for all; null for <see cref="T1Weighted"/> and names whose suffix
    /// BIDS does not know. Names that are none of BIDS are taken whatever this says. Masks and label maps are not.
    /// </summary>
    public IReadOnlyList<string>? Suffixes { get; init; }

    /// <summary>
    /// Whether masks, label maps, other suffixes, <c>derivatives</c> and <c>sourcedata</c> are taken too: for what is to miss no file.
    /// </summary>
    public bool TakesEverything { get; init; }
}
