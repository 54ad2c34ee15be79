using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>The measure of a cmdlet that decides: what -Metric asks for, or else that of the threshold, that of the signatures, the default.</summary>
internal static class MetricChoice
{
    /// <summary>Chooses; ends the cmdlet where -Metric and the threshold contradict each other, and warns where a threshold names no measure.</summary>
    /// <param name="cmdlet">The cmdlet, with a parameter Metric.</param>
    /// <param name="metric">Its value, bound or not.</param>
    /// <param name="threshold">The threshold, or null.</param>
    /// <param name="volumes">What is compared; signatures were made for one measure.</param>
    public static SimilarityMeasure Of(PSCmdlet cmdlet, string metric, LinkageThreshold? threshold, IReadOnlyList<MriVolume> volumes)
    {
        var asked = cmdlet.MyInvocation.BoundParameters.ContainsKey("Metric");
        var measure = SimilarityMeasures.Find(asked ? metric : threshold?.Metric ?? OfSignatures(volumes) ?? metric)!;
        if (threshold?.Metric is { } known && !string.Equals(known, measure.Name, StringComparison.Ordinal))
        {
            cmdlet.ThrowTerminatingError(new(
                new InvalidOperationException($"The threshold is one of {known}, and -Metric asks for {measure.Name}."), "ThresholdOfAnotherMeasure", ErrorCategory.InvalidArgument, threshold));
        }

        // Until version 0.1 the default was NCC, whose scores are higher: a threshold from then would let every link go.
        if (threshold is { Metric: null } && !asked)
        {
            cmdlet.WriteWarning($"{threshold} is taken for a score of {measure.Name}. If it is one of another measure, NCC for example, whose scores are higher, say so with -Metric.");
        }

        return measure;
    }

    /// <summary>The measure that signatures were made for; null where there are none.</summary>
    public static string? OfSignatures(IReadOnlyList<MriVolume> volumes) => volumes.OfType<MriSignature>().FirstOrDefault()?.Metric;
}
