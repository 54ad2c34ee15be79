namespace MriLink.Core.Formats;

/// <summary>A field of a file's header that may identify a person.</summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Format">Its format, "NIfTI-1" for example.</param>
/// <param name="Field">What the format calls the field.</param>
/// <param name="Value">What it says; cut, without anything that acts on a terminal, and with an apostrophe before what a spreadsheet would take for a
/// formula.</param>
public sealed record IdentifyingField(string Path, string Format, string Field, string Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Value}";
}
