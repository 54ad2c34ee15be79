using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Reflection;
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
        var all = new CompletionResult(SimilarityMeasures.AllName, SimilarityMeasures.AllName, CompletionResultType.ParameterValue, "Every measure");
        var takesAll = typeof(MetricCompleter).Assembly.GetTypes()
            .FirstOrDefault(type => type.GetCustomAttribute<CmdletAttribute>() is { } cmdlet
                && string.Equals($"{cmdlet.VerbName}-{cmdlet.NounName}", commandName, StringComparison.OrdinalIgnoreCase))
            ?.GetProperty(parameterName)?.GetCustomAttribute<ValidateMetricAttribute>() is { AllowAll: true };
        return SimilarityMeasures.All
            .Where(m => m.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(m => new CompletionResult(
                m.Name, m.Name, CompletionResultType.ParameterValue, $"{m.Description} ({(m.HigherIsBetter ? "higher" : "lower")} is more alike)"))
            .Concat(takesAll && SimilarityMeasures.AllName.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? [all] : []);
    }
}
