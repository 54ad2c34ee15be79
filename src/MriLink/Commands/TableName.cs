using MriLink.Core.Basics;

namespace MriLink.Commands;

/// <summary>Names of scans as tables show them: whole where there is room, and never so long that other columns fall off.</summary>
public static class TableName
{
    // Of a terminal that does not say how wide it is.
    private const int UsualWidth = 80;

    /// <summary>The name, its middle left out if need be: what tells people apart is at its beginning, which session at its end.</summary>
    /// <param name="name">The name, of which characters that a terminal acts on are replaced.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="others">Columns that the rest of a row needs.</param>
    /// <param name="share">The part of what is left that is this name's.</param>
    public static string Fit(string? name, int width, int others, double share)
    {
        var whole = SafeText.ForTerminal(name);
        var room = (int)((Math.Max(width, UsualWidth) - others) * share);
        if (whole.Length <= room)
        {
            return whole;
        }

        var end = room / 3;
        return string.Concat(whole.AsSpan(0, room - end - 1), "…", whole.AsSpan(whole.Length - end));
    }
}
