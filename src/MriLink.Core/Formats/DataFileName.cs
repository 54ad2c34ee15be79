using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Names of data files that a detached header gives.</summary>
internal static class DataFileName
{
    /// <summary>The most data files that a header may name.</summary>
    public const int MaxFiles = 65_536;

    private const int MaxLength = 1024;

    /// <summary>
    /// The full path of a file that a header names. Only files in the header's own folder or below it are allowed: a header must
    /// not make anybody read a file elsewhere.
    /// </summary>
    /// <exception cref="MriFileException">The name leads out of the folder, or is no file name.</exception>
    public static string Resolve(string headerPath, string name)
    {
        // Both separators count everywhere, so that a header means the same on every system.
        var parts = name.Split('/', '\\');
        if (name.Length is 0 or > MaxLength || name.Any(char.IsControl) || name.Contains(':', StringComparison.Ordinal))
        {
            throw new MriFileException(headerPath, $"names a data file '{SafeText.ForTerminal(name, 80)}', which is no file name.");
        }

        if (parts[0].Length == 0 || parts.Contains("..", StringComparer.Ordinal))
        {
            throw new MriFileException(
                headerPath, $"names a data file '{SafeText.ForTerminal(name, 80)}' outside its own folder, which is not followed.");
        }

        return Path.Combine([Path.GetDirectoryName(headerPath) ?? string.Empty, .. parts]);
    }

    /// <summary>
    /// The full paths of the files that a header names, each made when it is asked for: a few letters may name thousands, of which
    /// the first that is missing is the last that is needed.
    /// </summary>
    /// <exception cref="MriFileException">There is none, or one of them leads out of the folder or is no file name.</exception>
    public static IEnumerable<string> ResolveAll(string headerPath, IEnumerable<string> names)
    {
        var any = false;
        foreach (var name in names)
        {
            any = true;
            yield return Resolve(headerPath, name);
        }

        if (!any)
        {
            throw new MriFileException(headerPath, "names no data file.");
        }
    }

    /// <summary>
    /// The names that a pattern of the C language stands for, "slice%03d.raw" from <paramref name="first"/> to <paramref name="last"/>, each made
    /// when it is asked for.
    /// </summary>
    /// <exception cref="MriFileException">The pattern or the range makes no sense.</exception>
    public static IEnumerable<string> Expand(string headerPath, string pattern, long first, long last, long step)
    {
        var start = pattern.IndexOf('%', StringComparison.Ordinal);
        var end = start < 0 ? -1 : pattern.IndexOf('d', start);
        var width = end < 0 ? string.Empty : pattern[(start + 1)..end];
        if (end < 0 || width.Length > 3 || !width.All(char.IsAsciiDigit) || pattern.LastIndexOf('%') != start)
        {
            throw new MriFileException(
                headerPath, $"names its data files by a pattern that is not understood: '{SafeText.ForTerminal(pattern, 80)}'.");
        }

        if (step == 0 || Math.Abs((double)last - first) / Math.Abs((double)step) >= MaxFiles || (last - first) / step < 0)
        {
            throw new MriFileException(headerPath, $"numbers its data files from {first} to {last} by {step}, which makes no sense.");
        }

        var digits = width.Length == 0 ? 0 : int.Parse(width, CultureInfo.InvariantCulture);
        return Enumerable.Range(0, (int)((last - first) / step) + 1).Select(i =>
        {
            var number = (first + (i * step)).ToString(CultureInfo.InvariantCulture);
            number = width.StartsWith('0') ? number.PadLeft(digits, '0') : number.PadLeft(digits);
            return pattern[..start] + number + pattern[(end + 1)..];
        });
    }
}
