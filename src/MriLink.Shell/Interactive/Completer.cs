using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace MriLink.Shell.Interactive;

/// <summary>
/// Completes words: commands, parameters and their values through the engine; members and paths, for which the engine
/// needs modules that are not here, through <see cref="MemberCompleter"/> and <see cref="PathCompleter"/>.
/// </summary>
internal sealed class Completer(Runspace runspace)
{
    private readonly EngineIntrinsics _engine = (EngineIntrinsics)runspace.SessionStateProxy.GetVariable("ExecutionContext");

    /// <summary>Completes the word at <paramref name="cursor"/>.</summary>
    /// <returns>Null if nothing fits.</returns>
    public Completion? Complete(string line, int cursor) =>
        FromEngine(line, cursor)
        ?? MemberCompleter.Complete(line, cursor, Evaluate)
        ?? PathCompleter.Complete(line, cursor, _engine.SessionState.Path.CurrentFileSystemLocation.Path);

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

    private Completion? FromEngine(string line, int cursor)
    {
        using var shell = CreateShell();
        try
        {
            var found = CommandCompletion.CompleteInput(line, cursor, options: null, shell);
            return found.CompletionMatches.Count == 0
                ? null
                : new(
                    found.ReplacementIndex,
                    found.ReplacementLength,
                    CommonStart([.. found.CompletionMatches.Select(m => m.CompletionText)]),
                    [.. found.CompletionMatches.Select(m => m.ListItemText)]);
        }
        catch (RuntimeException)
        {
            // A completer of some module failed: as good as nothing found.
            return null;
        }
    }

    private IReadOnlyList<PSObject> Evaluate(string expression)
    {
        using var shell = CreateShell();
        try
        {
            return [.. shell.AddScript(expression).Invoke().OfType<PSObject>()];
        }
        catch (RuntimeException)
        {
            // A property that cannot be read has no members to offer.
            return [];
        }
    }

    private PowerShell CreateShell() => runspace.RunspaceAvailability == RunspaceAvailability.AvailableForNestedCommand
        ? PowerShell.Create(RunspaceMode.CurrentRunspace)
        : PowerShell.Create(runspace);
}
