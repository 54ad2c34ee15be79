using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// The measure of a cmdlet that decides: what -Metric asks for, or else that of the threshold, that of the signatures, the default.
/// </summary>
internal static class MetricChoice
{
    // The lowest LocalNCC of two scans of one person, aligned rightly, among 72 real pairs.
    private const double Lowest = 0.6;

    /// <summary>
    /// Chooses; ends the cmdlet where -Metric and the threshold contradict each other, and warns where a threshold names no measure and seems to be
    /// one of NCC.
    /// </summary>
    /// <param name="cmdlet">The cmdlet, with a parameter Metric.</param>
    /// <param name="metric">Its value, bound or not.</param>
    /// <param name="threshold">The threshold, or null.</param>
    /// <param name="volumes">What is compared; signatures were made for one measure.</param>
    public static SimilarityMeasure Of(PSCmdlet cmdlet, string metric, LinkageThreshold? threshold, IReadOnlyList<MriScan> volumes)
    {
        var asked = cmdlet.MyInvocation.BoundParameters.ContainsKey("Metric");
        var measure = SimilarityMeasures.Find(asked ? metric : threshold?.Metric ?? OfSignatures(volumes) ?? metric)!;
        if (threshold?.Metric is { } known && !string.Equals(known, measure.Name, StringComparison.Ordinal))
        {
            cmdlet.ThrowTerminatingError(new(
                new InvalidOperationException($"The threshold is one of {known}, and -Metric asks for {measure.Name}."), "ThresholdOfAnotherMeasure",
                ErrorCategory.InvalidArgument, threshold));
        }

        if (threshold is { Normalization: nameof(CohortNormalization.None) } && measure.Scale == ScoreScale.FisherZ
            && Math.Abs(threshold.Threshold) > 1)
        {
            cmdlet.ThrowTerminatingError(new(
                new InvalidOperationException(
                    string.Create(CultureInfo.InvariantCulture,
                    $"The threshold {threshold.Threshold} is none of {measure.Name}, whose scores lie between -1 and 1.")),
                "ThresholdOutOfRange", ErrorCategory.InvalidArgument, threshold));
        }

        // The default was NCC once, whose scores are higher: a number from then would let links go.
        if (threshold is { Metric: null } && !asked && measure == SimilarityMeasures.Default && threshold.Threshold > Lowest)
        {
            cmdlet.WriteWarning(string.Create(
                CultureInfo.InvariantCulture,
                $"The threshold {threshold.Threshold} is taken for one of {measure.Name}, by which scans of one person may have {Lowest}. If it is "
                    + $"one of NCC, whose scores are higher, say -Metric NCC; if not, -Metric {measure.Name}."));
        }

        return measure;
    }

    /// <summary>The measure that signatures were made for; null where there are none.</summary>
    public static string? OfSignatures(IReadOnlyList<MriScan> volumes) => volumes.OfType<MriSignature>().FirstOrDefault()?.Metric;
}
