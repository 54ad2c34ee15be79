namespace MriLink.Core.Formats;

/// <summary>The order in which people read names: numbers in them by value, so that sub-2 comes before sub-10; all else by character code.</summary>
public sealed class NaturalOrder : IComparer<string>
{
    private NaturalOrder()
    {
    }

    /// <summary>The only one there needs to be.</summary>
    public static NaturalOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
        {
            return string.CompareOrdinal(x, y);
        }

        var (i, j) = (0, 0);
        while (i < x.Length && j < y.Length)
        {
            if (char.IsAsciiDigit(x[i]) && char.IsAsciiDigit(y[j]))
            {
                var a = TakeNumber(x, ref i);
                var b = TakeNumber(y, ref j);
                var numbers = a.Length != b.Length ? a.Length - b.Length : a.SequenceCompareTo(b);
                if (numbers != 0)
                {
                    return numbers;
                }
            }
            else if (x[i] != y[j])
            {
                return x[i] - y[j];
            }
            else
            {
                i++;
                j++;
            }
        }

        var rest = (x.Length - i) - (y.Length - j);

        // "07" and "7" are equal so far; some fixed order must be.
        return rest != 0 ? rest : string.CompareOrdinal(x, y);
    }

    // The digits without leading zeros, so that the longer number is the larger.
    private static ReadOnlySpan<char> TakeNumber(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start).TrimStart('0');
    }
}
