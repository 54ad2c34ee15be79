using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace MriLink.Commands;

/// <summary>Completes directions of the three voxel axes, as in RAS.</summary>
public sealed class OrientationCompleter : IArgumentCompleter
{
    private static readonly (char Letter, string Word)[][] Axes =
        [[('R', "right"), ('L', "left")], [('A', "front"), ('P', "back")], [('S', "up"), ('I', "down")]];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
        return
            from first in Enumerable.Range(0, 3)
            from second in Enumerable.Range(0, 3)
            where second != first
            from a in Axes[first]
            from b in Axes[second]
            from c in Axes[3 - first - second]
            let code = $"{a.Letter}{b.Letter}{c.Letter}"
            where code.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
            select new CompletionResult(code, code, CompletionResultType.ParameterValue, $"{code}: voxel axes run {a.Word}, {b.Word}, {c.Word}");
    }
}
