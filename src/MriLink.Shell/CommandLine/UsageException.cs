namespace MriLink.Shell.CommandLine;

/// <summary>The command line cannot be followed; the message is for the user.</summary>
internal sealed class UsageException(string message) : Exception(message);
