using System.Globalization;
using System.Text;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>A header of text lines, "name: value" or "name = value", at the start of a file.</summary>
internal sealed class TextHeader
{
    /// <summary>The longest header that is read, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    private TextHeader(IReadOnlyList<string> lines, int length, bool reachesEnd)
    {
        Lines = lines;
        Length = length;
        ReachesEnd = reachesEnd;
    }

    /// <summary>The lines without their ends; the one that closes the header is the last, unless it is empty.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Bytes up to and with the last line.</summary>
    public int Length { get; }

    /// <summary>Whether the file ended without a closing line.</summary>
    public bool ReachesEnd { get; }

    /// <summary>Reads the lines up to the one that closes the header.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isLast">Whether a line is the last of the header.</param>
    /// <exception cref="MriFileException">There is no end to the header.</exception>
    public static TextHeader Read(VolumeFile file, Func<string, bool> isLast)
    {
        for (var length = file.Start.Length; ; length = Math.Min(length * 16, MaxLength))
        {
            var bytes = file.ReadStart(length);
            if (Take(bytes, bytes.Length < length || length == file.Stamp.Length && !file.IsGzip, isLast) is { } header)
            {
                return header;
            }

            if (length == MaxLength)
            {
                throw new MriFileException(file.Path, $"has a header without an end: none is found in its first {MaxLength:N0} bytes.");
            }
        }
    }

    /// <summary>Numbers separated by blanks.</summary>
    /// <exception cref="MriFileException">Something there is no number.</exception>
    public static double[] Numbers(string path, string field, string text)
    {
        var parts = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => Number(path, field, part))];
    }

    /// <summary>Whole numbers separated by blanks.</summary>
    /// <exception cref="MriFileException">Something there is no whole number, or too large a one.</exception>
    public static long[] Integers(string path, string field, string text) =>
        [.. text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(part => Integer(path, field, part))];

    /// <summary>A number.</summary>
    /// <exception cref="MriFileException">It is none.</exception>
    public static double Number(string path, string field, string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw NoNumber(path, field, text);

    /// <summary>A whole number.</summary>
    /// <exception cref="MriFileException">It is none.</exception>
    public static long Integer(string path, string field, string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture, out var number)
            ? number
            : throw NoNumber(path, field, text);

    private static MriFileException NoNumber(string path, string field, string text) =>
        new(path, $"has a damaged header: '{SafeText.ForTerminal(text, 40)}' in its field '{SafeText.ForTerminal(field, 40)}' is no number that "
            + $"can be used.");

    // Null when the bytes end before the header does and more may follow.
    private static TextHeader? Take(ReadOnlySpan<byte> bytes, bool isAll, Func<string, bool> isLast)
    {
        var lines = new List<string>();
        var at = 0;
        while (at < bytes.Length)
        {
            var end = bytes[at..].IndexOf((byte)'\n');
            if (end < 0 && !isAll)
            {
                return null;
            }

            var next = end < 0 ? bytes.Length : at + end + 1;
            var line = Encoding.UTF8.GetString(bytes[at..(end < 0 ? next : next - 1)]).TrimEnd('\r');
            lines.Add(line);
            at = next;
            if (isLast(line))
            {
                return new(lines, at, reachesEnd: false);
            }
        }

        return isAll ? new(lines, at, reachesEnd: true) : null;
    }
}
