using System.Text;
using MriLink.Shell.Hosting;

namespace MriLink.Shell.Interactive;

/// <summary>Lists in columns, as shells show what a word may be completed to.</summary>
internal static class Columns
{
    /// <summary>Arranges <paramref name="labels"/> down the columns; what does not fit the screen is counted at the end.</summary>
    public static string Arrange(IReadOnlyList<string> labels, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(labels);
        const int Gap = 2;
        var cell = Math.Min(labels.Max(l => CellWidth.Of(l)) + Gap, width);
        var columns = Math.Max(1, (width - 1) / cell);
        var room = columns * Math.Max(1, height - 3);
        var shown = Math.Min(labels.Count, room);
        var rows = (shown + columns - 1) / columns;
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            for (var i = row; i < shown; i += rows)
            {
                text.Append(labels[i]);
                if (i + rows < shown)
                {
                    text.Append(' ', Math.Max(0, cell - CellWidth.Of(labels[i])));
                }
            }

            text.Append(Environment.NewLine);
        }

        return shown < labels.Count
            ? text.Append("... and ").Append(labels.Count - shown).Append(" more").Append(Environment.NewLine).ToString()
            : text.ToString();
    }
}
