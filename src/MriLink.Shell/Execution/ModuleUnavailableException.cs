namespace MriLink.Shell.Execution;

/// <summary>The MriLink module could not be loaded; the message is for the user.</summary>
internal sealed class ModuleUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
