using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MriLink.Commands;

/// <summary>Completes participants and numbers of entries from the gallery that the line names.</summary>
public sealed class GalleryEntryCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if ((fakeBoundParameters?["Gallery"] ?? fakeBoundParameters?["Path"]) is not { } gallery)
        {
            return [];
        }

        // The cmdlet itself knows what may stand for a gallery; one that cannot be read completes nothing.
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand("Get-MriGalleryVolume").AddParameter("Gallery", gallery).AddParameter("ErrorAction", ActionPreference.Ignore);
        try
        {
            return Complete(shell.Invoke<Core.Gallery.GalleryVolume>(), parameterName, (wordToComplete ?? string.Empty).Trim('\'', '"'));
        }
        catch (RuntimeException)
        {
            return [];
        }
    }

    private static CompletionResult[] Complete(IReadOnlyList<Core.Gallery.GalleryVolume> entries, string parameterName, string typed)
    {
        var found = string.Equals(parameterName, "Id", StringComparison.OrdinalIgnoreCase)
            ? entries.Select(e => (Text: $"{e.Id}", Shown: $"{e.Id} {e.Name}", Tip: $"{e.Name}, added {e.Added:yyyy-MM-dd HH:mm} UTC"))
            : entries.GroupBy(e => e.Participant, StringComparer.Ordinal)
                .Select(g => (Text: g.Key, Shown: g.Key, Tip: g.Count() == 1 ? "1 volume" : $"{g.Count()} volumes"));
        return [.. found.Where(f => f.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(f => new CompletionResult(Quoted(f.Text), f.Shown, CompletionResultType.ParameterValue, f.Tip))];
    }

    // As a word where the parser takes it for one; a label that looks like a wildcard is meant as it is.
    private static string Quoted(string text)
    {
        var literal = WildcardPattern.ContainsWildcardCharacters(text) ? WildcardPattern.Escape(text) : text;
        return literal.All(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.') && !literal.StartsWith('-')
            ? literal
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(literal)}'";
    }
}
