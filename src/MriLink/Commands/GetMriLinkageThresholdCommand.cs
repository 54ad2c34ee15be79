using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;

namespace MriLink.Commands;

/// <summary>Finds the score that tells pairs of one person from pairs of two, from scores whose truth is known.</summary>
/// <remarks>
/// Kernel density estimates of both kinds of scores, and the point where they cross when weighted by the prior; without overlap the middle
/// of the gap; with -FalseMatchRate the score that impostors reach at that rate. The result goes to Find-MriMatch -Threshold.
/// </remarks>
[Cmdlet(VerbsCommon.Get, "MriLinkageThreshold", DefaultParameterSetName = PairSet)]
[OutputType(typeof(LinkageThreshold))]
public sealed class GetMriLinkageThresholdCommand : PairCmdlet
{
    private const string PairSet = "Pair";
    private const string ScoreSet = "Score";

    private readonly List<ScoredPair> _pairs = [];

    /// <summary>Similarities, matrices of them (-AsMatrix), or matches of scans whose participants are known: one label is one person.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = PairSet)]
    [ValidateNotNull]
    public object[] InputObject { get; set; } = [];

    /// <summary>Scores of pairs of one person.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScoreSet)]
    [ValidateNotNull]
    public double[] Genuine { get; set; } = [];

    /// <summary>Scores of pairs of two people.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ScoreSet)]
    [ValidateNotNullOrEmpty]
    public double[] Impostor { get; set; } = [];

    /// <summary>With -Genuine and -Impostor: the measure that gave the scores.</summary>
    [Parameter(ParameterSetName = ScoreSet)]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string? Metric { get; set; }

    /// <summary>With -Genuine and -Impostor and no -Metric: a smaller score means more alike.</summary>
    [Parameter(ParameterSetName = ScoreSet)]
    public SwitchParameter LowerIsBetter { get; set; }

    /// <summary>
    /// The probability that a pair is one person before its score is known. Without it the part of genuine pairs among those given; for an
    /// audit, one in as many as the gallery holds is a fair one.
    /// </summary>
    [Parameter]
    [ValidateRange(1e-12, 1 - 1e-12)]
    public double Prior { get; set; }

    /// <summary>How the width of the densities' kernels is chosen.</summary>
    [Parameter]
    [Choice("SheatherJones: from the scores' own curvature", "Silverman: a rule of thumb for bell-shaped scores")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Bandwidth { get; set; } = "SheatherJones";

    /// <summary>Seeks the score that impostors reach at this rate instead of the crossing.</summary>
    [Parameter]
    [ValidateRange(1e-12, 0.5)]
    public double FalseMatchRate { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _pairs.AddRange(Read(InputObject));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (string.Equals(ParameterSetName, ScoreSet, StringComparison.Ordinal))
        {
            Write(Genuine, Impostor, Options(Metric is null ? null : SimilarityMeasures.Find(Metric), CohortNormalization.None, !LowerIsBetter));
            return;
        }

        WarnOfRows();
        foreach (var group in _pairs.GroupBy(p => (p.Metric, p.Normalization, p.Kind.Unordered)))
        {
            var comparisons = ComparisonSet.From(group);
            Write(
                comparisons.GenuineScores,
                comparisons.ImpostorScores,
                Options(SimilarityMeasures.Find(group.Key.Metric), group.Key.Normalization, comparisons.HigherIsBetter) with
                {
                    Contrasts = group.Key.Unordered.Name,
                });
        }
    }

    private ThresholdOptions Options(SimilarityMeasure? measure, CohortNormalization normalization, bool higherIsBetter) => new()
    {
        Measure = measure,
        Normalization = normalization,
        HigherIsBetter = higherIsBetter,
        BandwidthRule = Enum.Parse<BandwidthRule>(Bandwidth, ignoreCase: true),
        Prior = MyInvocation.BoundParameters.ContainsKey(nameof(Prior)) ? Prior : null,
        FalseMatchRate = MyInvocation.BoundParameters.ContainsKey(nameof(FalseMatchRate)) ? FalseMatchRate : null,
    };

    private void Write(IReadOnlyCollection<double> genuine, IReadOnlyCollection<double> impostor, ThresholdOptions options)
    {
        try
        {
            var threshold = ThresholdEstimator.Estimate(genuine, impostor, options);
            foreach (var note in threshold.Notes)
            {
                WriteWarning(note);
            }

            WriteObject(threshold);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            WriteItemError(exception, "NoThreshold", ErrorCategory.InvalidData, options.Measure?.Name);
        }
    }
}
