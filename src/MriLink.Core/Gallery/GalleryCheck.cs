using MriLink.Core.Basics;

namespace MriLink.Core.Gallery;

/// <summary>What a check of a gallery found.</summary>
/// <param name="Gallery">The gallery.</param>
/// <param name="Entries">How many entries were read.</param>
/// <param name="Damaged">Those that cannot be used.</param>
/// <param name="Problems">What is wrong with the database as such.</param>
public sealed record GalleryCheck(string Gallery, long Entries, PlainList<DamagedEntry> Damaged, PlainList<string> Problems)
{
    /// <summary>Whether everything is as it was stored.</summary>
    public bool IsIntact => Damaged.Count == 0 && Problems.Count == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        IsIntact ? $"{Gallery}: {Entries} entries, intact" : $"{Gallery}: {Entries} entries, {Damaged.Count} damaged, {Problems.Count} problems";
}
