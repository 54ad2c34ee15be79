using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MriLink.Core.Templates;

namespace MriLink.Commands;

/// <summary>Completes the name of the template that MriLink holds, and paths.</summary>
public sealed class TemplateCompleter : IArgumentCompleter
{
    private static readonly CompletionResult Colin27 = new(
        Template.Colin27Name, Template.Colin27Name, CompletionResultType.ParameterValue,
        "One head scanned 27 times, inside MriLink; or give the path of a template of your own");

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = wordToComplete ?? string.Empty;
        var files = CompletionCompleters.CompleteFilename(typed);
        return Template.Colin27Name.StartsWith(typed.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase) ? files.Prepend(Colin27) : files;
    }
}
