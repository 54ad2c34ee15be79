namespace MriLink.Shell.Interactive;

/// <summary>What a key did to the line, beyond changing it.</summary>
internal enum LineOutcome
{
    /// <summary>The line goes on.</summary>
    Editing,

    /// <summary>Enter: the line is done.</summary>
    Submitted,

    /// <summary>Ctrl+C: the line is dropped.</summary>
    Cancelled,

    /// <summary>Ctrl+D on an empty line: there will be no more.</summary>
    EndOfInput,

    /// <summary>Tab: the word at the cursor is to be completed.</summary>
    Completing,

    /// <summary>Ctrl+L: the screen is to be cleared.</summary>
    Clearing,
}
