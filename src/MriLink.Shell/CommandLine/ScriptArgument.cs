namespace MriLink.Shell.CommandLine;

/// <summary>One argument for a script.</summary>
/// <param name="Name">The parameter with its dash, or null for a value that stands alone.</param>
/// <param name="Value">A string, or a boolean for <c>-Switch:true</c>; null when the parameter stands alone.</param>
internal sealed record ScriptArgument(string? Name, object? Value);
