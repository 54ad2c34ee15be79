using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using MriLink.Core.Similarity;

namespace MriLink.Commands;

/// <summary>Completes the names of similarity measures.</summary>
public sealed class MetricCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? string.Empty).Trim('\'', '"');
        return SimilarityMeasures.All
            .Where(m => m.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(m => new CompletionResult(m.Name, m.Name, CompletionResultType.ParameterValue, $"{m.Description} ({(m.HigherIsBetter ? "higher" : "lower")} is more alike)"));
    }
}
