namespace MriLink.Core.Gallery;

/// <summary>An entry of a gallery that cannot be used.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Its name, as far as it can be read.</param>
/// <param name="Problem">What is wrong.</param>
public sealed record DamagedEntry(long Id, string Name, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Id} {Name}: {Problem}";
}
