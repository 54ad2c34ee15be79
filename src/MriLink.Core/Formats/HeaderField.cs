using MriLink.Core.Basics;

namespace MriLink.Core.Formats;

/// <summary>One field of a file's header.</summary>
/// <remarks>Name and value come from the file; both are cut and have nothing that acts on a terminal.</remarks>
public sealed class HeaderField
{
    private const int MaxNameLength = 200;

    /// <summary>Makes a field.</summary>
    /// <param name="name">What the format calls it.</param>
    /// <param name="value">What it says.</param>
    /// <param name="mayIdentify">Whether such a field can name a person, a place or a date; only counts when it says something.</param>
    public HeaderField(string name, string value, bool mayIdentify = false)
    {
        Name = SafeText.ForTerminal(name, MaxNameLength);
        Value = SafeText.ForTerminal(value).Trim();
        MayIdentify = mayIdentify && Value.Length > 0;
    }

    /// <summary>What the format calls the field; fields within sequences after those, with dots.</summary>
    public string Name { get; }

    /// <summary>What it says, as text.</summary>
    public string Value { get; }

    /// <summary>Whether the field says something that may identify a person.</summary>
    public bool MayIdentify { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Value}";
}
