using System.Management.Automation.Internal;
using System.Text;

namespace MriLink.Shell.Hosting;

/// <summary>How many columns of a terminal text takes.</summary>
internal static class CellWidth
{
    /// <summary>Columns of text that may hold escape sequences, which take none.</summary>
    public static int OfDecorated(string text) => Of(new StringDecorated(text).ToString(System.Management.Automation.OutputRendering.PlainText));

    /// <summary>Columns of plain text.</summary>
    public static int Of(ReadOnlySpan<char> text)
    {
        var width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += Of(rune);
        }

        return width;
    }

    /// <summary>Columns of one character: none for marks that combine with the one before, two for wide East Asian ones and emoji.</summary>
    public static int Of(Rune rune)
    {
        if (rune.Value < 0x300)
        {
            return Rune.IsControl(rune) ? 0 : 1;
        }

        if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.EnclosingMark
            or System.Globalization.UnicodeCategory.Format)
        {
            return 0;
        }

        // The wide and full-width blocks of Unicode's EastAsianWidth table, rounded to whole blocks.
        return rune.Value is (>= 0x1100 and <= 0x115F)
            or (>= 0x2E80 and <= 0xA4CF)
            or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F)
            or (>= 0xFF00 and <= 0xFF60)
            or (>= 0xFFE0 and <= 0xFFE6)
            or (>= 0x1F300 and <= 0x1F64F)
            or (>= 0x1F900 and <= 0x1F9FF)
            or (>= 0x20000 and <= 0x3FFFD)
            ? 2
            : 1;
    }
}
