using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace MriLink.Shell.Interactive;

/// <summary>Completes words through the engine, which knows commands, parameters, values, members and paths.</summary>
internal sealed class Completer(Runspace runspace)
{
    /// <summary>Completes the word at <paramref name="cursor"/>.</summary>
    /// <returns>Null if nothing fits.</returns>
    public Completion? Complete(string line, int cursor)
    {
        var nested = runspace.RunspaceAvailability == RunspaceAvailability.AvailableForNestedCommand;
        using var shell = nested ? PowerShell.Create(RunspaceMode.CurrentRunspace) : PowerShell.Create();
        if (!nested)
        {
            shell.Runspace = runspace;
        }

        CommandCompletion found;
        try
        {
            found = CommandCompletion.CompleteInput(line, cursor, options: null, shell);
        }
        catch (RuntimeException)
        {
            // A completer of some module failed: as good as nothing found.
            return null;
        }

        return found.CompletionMatches.Count == 0
            ? null
            : new(found.ReplacementIndex, found.ReplacementLength, CommonStart([.. found.CompletionMatches.Select(m => m.CompletionText)]), [.. found.CompletionMatches.Select(m => m.ListItemText)]);
    }

    /// <summary>The longest beginning that all of <paramref name="texts"/> share, apart from case.</summary>
    internal static string CommonStart(IReadOnlyList<string> texts)
    {
        var common = texts[0];
        foreach (var text in texts)
        {
            var length = 0;
            while (length < Math.Min(common.Length, text.Length) && char.ToUpperInvariant(common[length]) == char.ToUpperInvariant(text[length]))
            {
                length++;
            }

            common = common[..length];
        }

        return common;
    }
}
