using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;

namespace MriLink.Commands;

/// <summary>Completes the values of a parameter with a <see cref="ChoiceAttribute"/>, and says what each means.</summary>
public sealed class ChoiceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
        return Choices(commandName, parameterName)
            .Where(choice => choice.Key.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(choice => new CompletionResult(choice.Key, choice.Key, CompletionResultType.ParameterValue, $"{choice.Key}: {choice.Value}"));
    }

    private static IReadOnlyList<KeyValuePair<string, string>> Choices(string command, string parameter) =>
        typeof(ChoiceCompleter).Assembly.GetTypes()
            .FirstOrDefault(type => type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet
                && string.Equals($"{cmdlet.VerbName}-{cmdlet.NounName}", command, StringComparison.OrdinalIgnoreCase))
            ?.GetProperty(parameter)?.GetCustomAttribute<ChoiceAttribute>()?.Choices ?? [];
}
