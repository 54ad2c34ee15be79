namespace MriLink.Core.Gallery;

/// <summary>An entry of a gallery that cannot be used.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, as far as it can be read.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Gallery">The gallery, so that the entry can be piped to what removes it.</param>
public sealed record DamagedEntry(long Id, string Name, string Problem, string Gallery)
{
    /// <summary>The same as an error that says what can be done about it.</summary>
    public GalleryException ToException() =>
        new(Gallery, $"has a damaged entry, number {Id}: {Problem}. Remove-MriGalleryVolume -Id {Id} removes it.") { EntryId = Id };

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Name}: {Problem}";
}
