using System.Buffers;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace MriLink.Commands;

/// <summary>
/// How a label is found for a file: a script block that gets the file as <c>$_</c>, a regular expression whose group of the label's name,
/// or else first group, or else whole match, is the label, or the label itself. Which of them it is, its type says.
/// </summary>
internal sealed class LabelRule
{
    // A pattern that takes longer on one path has run away.
    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    private static readonly SearchValues<char> PatternSigns = SearchValues.Create("\\()^*|");

    private readonly ScriptBlock? _script;
    private readonly Regex? _pattern;
    private readonly string _label = string.Empty;

    private LabelRule(object value)
    {
        switch (value)
        {
            case ScriptBlock script:
                _script = script;
                break;
            case Regex pattern:
                _pattern = new Regex(pattern.ToString(), pattern.Options, MatchTime);
                break;
            default:
                _label = LanguagePrimitives.ConvertTo<string>(value);
                break;
        }
    }

    /// <summary>Whether it is the label itself, the same for every file.</summary>
    public bool IsLabel => _script is null && _pattern is null;

    /// <summary>Whether it is a label that looks as if a pattern was meant.</summary>
    public bool LooksLikePattern => IsLabel && _label.AsSpan().ContainsAny(PatternSigns);

    /// <summary>The rule that an argument is: a script block, a regular expression, or any other value for itself; null for none.</summary>
    public static LabelRule? Of(object? argument) => (argument is PSObject wrapped ? wrapped.BaseObject : argument) is { } value ? new(value) : null;

    /// <summary>The label of <paramref name="group"/> for a file.</summary>
    /// <exception cref="LabelException">There is none.</exception>
    internal string Find(FileInfo file, string group)
    {
        var label = _script is not null ? RunScript(file, group) : _pattern is not null ? MatchLabel(file, group) : _label;
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
            throw new LabelException(
                $"Matching '{file.FullName}' took more than {MatchTime.TotalSeconds:0} s; the pattern is too ambiguous.", exception);
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
