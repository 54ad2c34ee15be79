namespace MriLink.Shell.CommandLine;

/// <summary>The command line, understood.</summary>
internal sealed record ShellOptions
{
    /// <summary>What to do.</summary>
    public ShellMode Mode { get; init; }

    /// <summary>The script text for <see cref="ShellMode.Command"/>.</summary>
    public string? CommandText { get; init; }

    /// <summary>The absolute path of an existing file for <see cref="ShellMode.File"/>.</summary>
    public string? ScriptPath { get; init; }

    /// <summary>What the script or the command is called with.</summary>
    public IReadOnlyList<ScriptArgument> Arguments { get; init; } = [];

    /// <summary>Whether anything that would ask the user is an error.</summary>
    public bool NonInteractive { get; init; }

    /// <summary>Whether the prompt follows once the command or the script is done.</summary>
    public bool NoExit { get; init; }

    /// <summary>Whether the prompt starts with a line about the program.</summary>
    public bool ShowLogo { get; init; } = true;

    /// <summary>An existing folder to start in, or null for the caller's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The execution policy by name, or null; Windows alone has one.</summary>
    public string? ExecutionPolicy { get; init; }
}
