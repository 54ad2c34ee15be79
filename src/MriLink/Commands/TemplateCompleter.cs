using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MriLink.Core.Templates;

namespace MriLink.Commands;

/// <summary>Completes the name of the template that MriLink holds; where it does not fit, the engine completes paths.</summary>
public sealed class TemplateCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Template.Colin27Name.StartsWith((wordToComplete ?? string.Empty).Trim('\'', '"'), StringComparison.OrdinalIgnoreCase)
            ? [new(Template.Colin27Name, Template.Colin27Name, CompletionResultType.ParameterValue, "One head scanned 27 times, inside MriLink; or give the path of a template of your own")]
            : [];
}
