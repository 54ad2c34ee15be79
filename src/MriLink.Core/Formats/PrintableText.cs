using System.Text;
using MriLink.Core.Basics;

namespace MriLink.Core.Formats;

/// <summary>What a person can read in bytes of unknown kind.</summary>
internal static class PrintableText
{
    // As the strings program of Unix: shorter runs are mostly chance.
    private const int ShortestRun = 4;

    /// <summary>The runs of printable characters, separated by blanks; empty when there are none. Bounded as all text from files.</summary>
    public static string In(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var start = 0;
        for (var i = 0; i <= bytes.Length && text.Length <= SafeText.MaxLength; i++)
        {
            if (i < bytes.Length && bytes[i] is (>= 0x20 and < 0x7f) or >= 0x80)
            {
                continue;
            }

            if (i - start >= ShortestRun)
            {
                text.Append(text.Length > 0 ? " " : string.Empty).Append(Encoding.UTF8.GetString(bytes[start..i]));
            }

            start = i + 1;
        }

        return text.ToString();
    }
}
