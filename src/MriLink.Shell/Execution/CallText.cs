using System.Management.Automation.Language;
using System.Text;
using MriLink.Shell.CommandLine;

namespace MriLink.Shell.Execution;

/// <summary>Writes the call of a script as one would type it.</summary>
internal static class CallText
{
    /// <summary>The call of <paramref name="path"/>; every value is quoted, so that nothing in it is evaluated.</summary>
    /// <param name="callOperator">The ampersand, or the dot to run the script in the caller's scope.</param>
    /// <param name="path">The script.</param>
    /// <param name="arguments">What it is called with.</param>
    public static string Of(string callOperator, string path, IReadOnlyList<ScriptArgument> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var text = new StringBuilder(callOperator).Append(' ').Append(Quote(path));
        foreach (var (name, value) in arguments)
        {
            text.Append(' ');
            if (name is null)
            {
                text.Append(Quote(value));
            }
            else if (IsParameter(name))
            {
                text.Append(name);
                if (value is not null)
                {
                    text.Append(':').Append(Quote(value));
                }
            }
            else
            {
                // "-5" or "-a=b": no parameter can be named so, it is a value that happens to start with a dash.
                text.Append(Quote(value is null ? name : $"{name}:{value}"));
            }
        }

        return text.ToString();
    }

    // Letters, digits and underscores after the dash: what a parameter's name may be made of and the parser takes as one.
    private static bool IsParameter(string name) =>
        name.Length > 1 && !char.IsAsciiDigit(name[1]) && name.AsSpan(1).IndexOfAnyExcept(NameCharacters) < 0;

    private static readonly System.Buffers.SearchValues<char> NameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static string Quote(object? value) => value switch
    {
        true => "$true",
        false => "$false",
        _ => $"'{CodeGeneration.EscapeSingleQuotedStringContent(value?.ToString() ?? string.Empty)}'",
    };
}
