using System.Text;

namespace MriLink.Benchmarks.Reporting;

/// <summary>A Markdown table whose columns line up; all but the first are set right.</summary>
internal sealed class MarkdownTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has another number of cells than the heading.</exception>
    public MarkdownTable Row(params string[] cells)
    {
        if (cells.Length != headings.Length)
        {
            throw new ArgumentException($"{cells.Length} cells do not fill {headings.Length} columns.", nameof(cells));
        }

        _rows.Add(cells);
        return this;
    }

    /// <summary>The same with the rows of one first cell together, in the order in which those cells came.</summary>
    public MarkdownTable GroupedByFirst()
    {
        var sorted = new MarkdownTable(headings);
        foreach (var row in _rows.GroupBy(row => row[0], StringComparer.Ordinal).SelectMany(group => group))
        {
            sorted.Row(row);
        }

        return sorted;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var widths = headings.Select((heading, c) => _rows.Select(r => r[c].Length).Append(heading.Length).Append(3).Max()).ToArray();
        var text = new StringBuilder();
        Append(text, headings, widths);
        Append(text, widths.Select((w, c) => c == 0 ? new string('-', w) : new string('-', w - 1) + ':').ToArray(), widths);
        foreach (var row in _rows)
        {
            Append(text, row, widths);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string[] cells, int[] widths) =>
        text.Append("| ").AppendJoin(" | ", cells.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).Append(" |\n");
}
