using System.Globalization;

namespace MriLink.Commands;

/// <summary>A share of a pipeline: "3/16" is every 16th item, from the 3rd on.</summary>
public sealed class Shard
{
    private readonly int _number;
    private readonly int _count;
    private int _seen;

    /// <summary>Reads "3/16".</summary>
    /// <exception cref="ArgumentException">The text is no share, or its number is not among so many.</exception>
    public Shard(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = text.Split('/');
        if (parts.Length != 2
            || !int.TryParse(parts[0].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _number)
            || !int.TryParse(parts[1].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _count)
            || _number < 1 || _number > _count)
        {
            throw new ArgumentException($"'{text}' is no share: '3/16' is the third of sixteen.", nameof(text));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_number}/{_count}";

    /// <summary>Whether the next item belongs to this share.</summary>
    internal bool TakesNext() => _seen++ % _count == _number - 1;
}
