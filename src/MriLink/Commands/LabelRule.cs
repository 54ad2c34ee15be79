using System.Management.Automation;
using System.Text.RegularExpressions;

namespace MriLink.Commands;

/// <summary>
/// How a label is found for a file: a script block that gets the file as <c>$_</c>, or a regular expression whose group of the
/// label's name, or else first group, or else whole match, is the label.
/// </summary>
public sealed class LabelRule
{
    // A pattern that takes longer on one path has run away.
    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    private readonly ScriptBlock? _script;
    private readonly Regex? _pattern;

    /// <summary>A rule that asks a script.</summary>
    public LabelRule(ScriptBlock script) => _script = script;

    /// <summary>A rule that matches the file's name, or, if that does not match, its full path with '/' between folders.</summary>
    /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
    public LabelRule(string pattern) => _pattern = new Regex(pattern, RegexOptions.CultureInvariant, MatchTime);

    /// <summary>The label of <paramref name="group"/> for a file.</summary>
    /// <exception cref="LabelException">There is none.</exception>
    internal string Find(FileInfo file, string group)
    {
        var label = _script is null ? MatchLabel(file, group) : RunScript(file, group);
        return string.IsNullOrWhiteSpace(label) ? throw new LabelException($"-{group} gives an empty label for '{file.FullName}'.") : label;
    }

    /// <summary>The label that a group named <paramref name="group"/> of the same pattern gives, or null.</summary>
    internal string? FindOptional(FileInfo file, string group)
    {
        var match = _pattern is null || !_pattern.GetGroupNames().Contains(group, StringComparer.Ordinal) ? null : Match(file);
        return match is { Success: true } && match.Groups[group].Value is { Length: > 0 } label ? label : null;
    }

    private string MatchLabel(FileInfo file, string group)
    {
        var match = Match(file);
        if (!match.Success)
        {
            throw new LabelException($"-{group} does not match '{file.FullName}'.");
        }

        return match.Groups[group] is { Success: true } named ? named.Value : match.Groups[match.Groups.Count > 1 ? 1 : 0].Value;
    }

    private Match Match(FileInfo file)
    {
        try
        {
            var match = _pattern!.Match(file.Name);
            return match.Success ? match : _pattern.Match(file.FullName.Replace(Path.DirectorySeparatorChar, '/'));
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw new LabelException($"Matching '{file.FullName}' took more than {MatchTime.TotalSeconds:0} s; the pattern is too ambiguous.", exception);
        }
    }

    private string? RunScript(FileInfo file, string group)
    {
        try
        {
            var results = _script!.InvokeWithContext(null, [new PSVariable("_", file)]);
            return results.Count == 1
                ? results[0]?.ToString()
                : throw new LabelException($"-{group} gives {results.Count} labels for '{file.FullName}', not one.");
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            throw new LabelException($"-{group} failed for '{file.FullName}': {exception.Message}", exception);
        }
    }
}
