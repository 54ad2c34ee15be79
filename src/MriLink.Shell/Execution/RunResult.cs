namespace MriLink.Shell.Execution;

/// <summary>How a command ended.</summary>
internal enum RunResult
{
    /// <summary>It ran to its end; <c>$?</c> tells how its last statement went.</summary>
    Completed,

    /// <summary>An error ended it, and was shown.</summary>
    Failed,

    /// <summary>Ctrl+C or a signal ended it.</summary>
    Stopped,
}
