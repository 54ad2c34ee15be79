using System.Buffers;
using System.Globalization;
using System.Text;

namespace MriLink.Core.Basics;

/// <summary>
/// Makes text that comes out of files harmless where it goes: a terminal, a table opened in a spreadsheet, a page. Files are
/// written by anybody, so their text may carry escape sequences, formulas and markup.
/// </summary>
public static class SafeText
{
    /// <summary>The longest text that is taken over from a file, in characters; what is longer is cut and ends in "…".</summary>
    public const int MaxLength = 1024;

    private static readonly SearchValues<char> QuotedInCsv = SearchValues.Create("\",;\t\r\n");

    /// <summary>
    /// The text on one line without anything that a terminal acts on: control characters (escape sequences begin with one),
    /// characters that turn the direction of writing or have no width, and halves of surrogate pairs become "�"; line breaks and
    /// tabs become spaces. All else, letters of every script included, stays.
    /// </summary>
    /// <param name="text">Any text; null counts as empty.</param>
    /// <param name="maxLength">Characters that are kept.</param>
    public static string ForTerminal(string? text, int maxLength = MaxLength)
    {
        if (string.IsNullOrEmpty(text))
        {
            return string.Empty;
        }

        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var safe = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (var rune in text.EnumerateRunes())
        {
            if (safe.Length + rune.Utf16SequenceLength > maxLength)
            {
                return safe.Append('…').ToString();
            }

            switch (Rune.GetUnicodeCategory(rune))
            {
                case UnicodeCategory.Control when rune.Value is '\t' or '\n' or '\r':
                case UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator:
                    safe.Append(' ');
                    break;
                case UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned
                    or UnicodeCategory.PrivateUse:
                    safe.Append('\uFFFD');
                    break;
                default:
                    safe.Append(rune);
                    break;
            }
        }

        return safe.ToString();
    }

    /// <summary>
    /// Text that a spreadsheet does not take for a formula: what begins with =, +, -, @, a tab or a line break gets an apostrophe
    /// before it. Plain numbers stay numbers.
    /// </summary>
    public static string ForSpreadsheet(string? text)
    {
        text ??= string.Empty;
        return text.AsSpan().TrimStart() is [var first, ..] && (first is '=' or '+' or '-' or '@' || text[0] is '\t' or '\r' or '\n')
            && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? "'" + text
            : text;
    }

    /// <summary>A field of a CSV file (RFC 4180): as for a spreadsheet, and in quotation marks where it has to be.</summary>
    public static string ForCsv(string? text)
    {
        text = ForSpreadsheet(text);
        return text.AsSpan().ContainsAny(QuotedInCsv) || text.StartsWith(' ') || text.EndsWith(' ')
            ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : text;
    }

    /// <summary>
    /// Text as the content of an HTML element or of an attribute in quotation marks: markup characters are escaped, control characters replaced.
    /// </summary>
    public static string ForHtml(string? text) => System.Net.WebUtility.HtmlEncode(ForTerminal(text, int.MaxValue));
}
