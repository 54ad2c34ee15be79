using System.Text;

namespace MriLink.Shell.CommandLine;

/// <summary>Reads the command line by the rules of pwsh: parameters may be shortened, and what is no parameter is a script.</summary>
internal static class ArgumentParser
{
    // Name, the shortest form that is understood, other names. The shortest forms are pwsh's, so that habits carry over.
    private static readonly Parameter[] Parameters =
    [
        new("Version", "v"),
        new("Help", "h", "?"),
        new("NoExit", "noe"),
        new("NoProfile", "nop"),
        new("NoLogo", "nol"),
        new("NonInteractive", "noni"),
        new("Interactive", "i"),
        new("CommandWithArgs", "commandwithargs", "cwa"),
        new("Command", "c"),
        new("File", "f"),
        new("EncodedCommand", "e", "ec"),
        new("ExecutionPolicy", "ex", "ep"),
        new("WorkingDirectory", "wo", "wd"),
    ];

    /// <summary>Understands <paramref name="arguments"/>.</summary>
    /// <param name="arguments">As the process got them.</param>
    /// <param name="inputRedirected">Whether standard input is a file or a pipe.</param>
    /// <exception cref="UsageException">The command line makes no sense.</exception>
    public static ShellOptions Parse(IReadOnlyList<string> arguments, bool inputRedirected)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var options = new ShellOptions { Mode = inputRedirected ? ShellMode.StandardInput : ShellMode.Interactive };
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i].Trim();
            var name = Find(argument);
            switch (name)
            {
                case "Version":
                    return options with { Mode = ShellMode.Version };
                case "Help":
                    return options with { Mode = ShellMode.Help };
                case "NoExit":
                    options = options with { NoExit = true };
                    break;
                case "NoProfile":
                    break;
                case "NoLogo":
                    options = options with { ShowLogo = false };
                    break;
                case "NonInteractive":
                    options = options with { NonInteractive = true };
                    break;
                case "Interactive":
                    options = options with { NonInteractive = false };
                    break;
                case "ExecutionPolicy":
                    options = options with { ExecutionPolicy = Value(arguments, ++i, name) };
                    break;
                case "WorkingDirectory":
                    options = options with { WorkingDirectory = Folder(Value(arguments, ++i, name)) };
                    break;
                case "EncodedCommand":
                    options = options with { Mode = ShellMode.Command, CommandText = Decode(Value(arguments, ++i, name)) };
                    break;
                case "CommandWithArgs":
                    return options with
                    {
                        Mode = ShellMode.Command,
                        CommandText = Value(arguments, ++i, name),
                        Arguments = ScriptArguments.Read(arguments.Skip(i + 1)),
                    };
                case "Command":
                    return Command(options, Value(arguments, ++i, name), arguments.Skip(i + 1), inputRedirected);
                case "File":
                    return File(options, Value(arguments, ++i, name), arguments.Skip(i + 1));
                case null when argument.Length == 0:
                    break;
                case null:
                    return File(options, arguments[i], arguments.Skip(i + 1));
            }
        }

        return options;
    }

    private static string? Find(string argument)
    {
        if (argument.Length < 2 || argument[0] != '-')
        {
            return null;
        }

        var key = argument[(argument.StartsWith("--", StringComparison.Ordinal) ? 2 : 1)..];
        return Array.Find(Parameters, p => p.Matches(key))?.Name;
    }

    private static string Value(IReadOnlyList<string> arguments, int index, string name) =>
        index < arguments.Count ? arguments[index] : throw new UsageException($"The parameter -{name} needs a value. 'mrilink -Help' shows the parameters.");

    private static ShellOptions Command(ShellOptions options, string text, IEnumerable<string> rest, bool inputRedirected)
    {
        if (!string.Equals(text, "-", StringComparison.Ordinal))
        {
            return options with { Mode = ShellMode.Command, CommandText = string.Join(' ', rest.Prepend(text)) };
        }

        if (rest.Any())
        {
            throw new UsageException("'-Command -' reads the commands from standard input and takes nothing after the dash.");
        }

        return inputRedirected
            ? options with { Mode = ShellMode.StandardInput }
            : throw new UsageException("'-Command -' reads the commands from standard input, which is not redirected.");
    }

    private static ShellOptions File(ShellOptions options, string path, IEnumerable<string> rest)
    {
        if (string.Equals(path, "-", StringComparison.Ordinal))
        {
            return options with { Arguments = ScriptArguments.Read(rest) };
        }

        // The path is the caller's: it is not looked up in -WorkingDirectory.
        var full = path.Length == 0 ? string.Empty : Path.GetFullPath(path);
        if (System.IO.File.Exists(full))
        {
            return options with { Mode = ShellMode.File, ScriptPath = full, Arguments = ScriptArguments.Read(rest) };
        }

        throw new UsageException(path.StartsWith('-')
            ? $"'{path}' is no parameter of mrilink. 'mrilink -Help' shows the parameters."
            : $"The script file '{path}' does not exist. 'mrilink -Help' shows the parameters.");
    }

    private static string Folder(string path) => path.Length > 0 && Directory.Exists(path)
        ? Path.GetFullPath(path)
        : throw new UsageException($"The working directory '{path}' does not exist.");

    private static string Decode(string base64)
    {
        try
        {
            return Encoding.Unicode.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw new UsageException("The value of -EncodedCommand is not Base64.");
        }
    }

    private sealed record Parameter(string Name, string Shortest, string? Alias = null)
    {
        public bool Matches(string key) =>
            string.Equals(key, Alias, StringComparison.OrdinalIgnoreCase)
            || (key.Length >= Shortest.Length && Name.StartsWith(key, StringComparison.OrdinalIgnoreCase));
    }
}
