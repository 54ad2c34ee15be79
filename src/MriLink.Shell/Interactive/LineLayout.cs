using System.Text;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Interactive;

/// <summary>Where text lands on a terminal that wraps at its width.</summary>
internal static class LineLayout
{
    /// <summary>The place after <paramref name="text"/>, which starts at column <paramref name="start"/> of row 0.</summary>
    public static (int Row, int Column) Place(ReadOnlySpan<char> text, int start, int width)
    {
        var (row, column) = (0, start);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n')
            {
                (row, column) = (row + 1, 0);
                continue;
            }

            // A wide character does not straddle the edge.
            var cells = Cells(rune);
            if (column + cells > width)
            {
                (row, column) = (row + 1, 0);
            }

            column += cells;
        }

        return column >= width ? (row + 1, 0) : (row, column);
    }

    /// <summary>Text as the terminal is to get it.</summary>
    public static string ToScreen(string text)
    {
        var screen = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            // Control characters, pasted or recalled, would move the cursor: a tab shows as a blank, others as a mark.
            screen.Append(rune.Value switch
            {
                '\n' => "\e[K\r\n",
                '\t' => " ",
                _ when Rune.IsControl(rune) => "?",
                _ => rune.ToString(),
            });
        }

        return screen.ToString();
    }

    private static int Cells(Rune rune) => Rune.IsControl(rune) ? 1 : CellWidth.Of(rune);
}
