using System.Management.Automation;
using MriLink.Core.Similarity;

namespace MriLink.Commands;

/// <summary>Accepts names of similarity measures; the error for any other lists those there are.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateMetricAttribute : ValidateEnumeratedArgumentsAttribute
{
    /// <summary>Whether the word for all measures is accepted too.</summary>
    public bool AllowAll { get; set; }

    /// <inheritdoc/>
    protected override void ValidateElement(object element)
    {
        var name = element?.ToString() ?? string.Empty;
        if (SimilarityMeasures.Find(name) is not null
            || (AllowAll && string.Equals(name, SimilarityMeasures.AllName, StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        var all = AllowAll ? $", or {SimilarityMeasures.AllName} for every one" : string.Empty;
        throw new ValidationMetadataException(
            $"There is no measure '{name}'. Choose from {string.Join(", ", SimilarityMeasures.All.Select(m => m.Name))}{all}.");
    }
}
