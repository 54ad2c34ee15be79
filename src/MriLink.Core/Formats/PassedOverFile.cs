namespace MriLink.Core.Formats;

/// <summary>A file that is no volume and no part of one.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Reason">Why, as the end of a sentence, and in the same words for all files of one kind: "holds no image.".</param>
public sealed record PassedOverFile(string Path, string Reason)
{
    /// <summary>Whether it could not be looked at, so that it may be a scan all the same.</summary>
    public bool IsUnseen { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"'{Path}' {Reason}";
}
