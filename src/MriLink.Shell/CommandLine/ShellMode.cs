namespace MriLink.Shell.CommandLine;

/// <summary>What the program was asked to do.</summary>
internal enum ShellMode
{
    /// <summary>Prompt for commands.</summary>
    Interactive,

    /// <summary>Run the text given on the command line.</summary>
    Command,

    /// <summary>Run a script file.</summary>
    File,

    /// <summary>Run what comes through standard input, as one script.</summary>
    StandardInput,

    /// <summary>Say what the parameters are.</summary>
    Help,

    /// <summary>Say which version this is.</summary>
    Version,
}
