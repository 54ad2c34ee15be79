namespace MriLink.Shell.CommandLine;

/// <summary>Tells parameters from values in what follows a script on the command line.</summary>
internal static class ScriptArguments
{
    /// <summary>
    /// Reads <c>-Name value</c>, <c>-Switch</c>, <c>-Name:value</c> and plain values. Values stay strings, for the script to convert;
    /// only <c>-Switch:true</c> and <c>-Switch:$false</c> become booleans, as a switch takes nothing else.
    /// </summary>
    public static IReadOnlyList<ScriptArgument> Read(IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var read = new List<ScriptArgument>();
        string? waiting = null;
        foreach (var argument in arguments)
        {
            if (waiting is not null)
            {
                read.Add(new(waiting, argument));
                waiting = null;
            }
            else if (argument.Length < 2 || argument[0] != '-')
            {
                read.Add(new(Name: null, argument));
            }
            else if (argument.IndexOf(':', StringComparison.Ordinal) is var colon && colon < 0)
            {
                read.Add(new(argument, Value: null));
            }
            else if (colon == argument.Length - 1)
            {
                waiting = argument.TrimEnd(':');
            }
            else
            {
                read.Add(new(argument[..colon], BooleanOrText(argument[(colon + 1)..])));
            }
        }

        if (waiting is not null)
        {
            read.Add(new(waiting, Value: null));
        }

        return read;
    }

    private static object BooleanOrText(string value) =>
        bool.TryParse(value.AsSpan(value[0] == '$' ? 1 : 0), out var boolean) ? boolean : value;
}
