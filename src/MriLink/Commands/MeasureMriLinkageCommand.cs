using System.Management.Automation;
using MriLink.Core.Linkage;

namespace MriLink.Commands;

/// <summary>Says how well scores tell who is who, from similarities or matches of scans whose participants are known.</summary>
/// <remarks>
/// Takes every pair: Measure-MriSimilarity of all probes with all references, or Find-MriMatch with -Top as large as the gallery. One result
/// per measure; intervals are bootstrapped by participant.
/// </remarks>
[Cmdlet(VerbsDiagnostic.Measure, "MriLinkage")]
[OutputType(typeof(LinkageEvaluation))]
public sealed class MeasureMriLinkageCommand : PairCmdlet
{
    private readonly List<ScoredPair> _pairs = [];

    /// <summary>Similarities, matrices of them (-AsMatrix), or matches of scans whose participants are known: one label is one person.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    public object[] InputObject { get; set; } = [];

    /// <summary>Bootstrap samples behind the intervals.</summary>
    [Parameter]
    [ValidateRange(100, 1_000_000)]
    public int Replicate { get; set; } = new EvaluationOptions().Replicates;

    /// <summary>The same seed gives the same intervals.</summary>
    [Parameter]
    public int Seed { get; set; } = new EvaluationOptions().Seed;

    /// <summary>How many threads to use at once; by default one per processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <inheritdoc/>
    protected override void ProcessRecord() => _pairs.AddRange(Read(InputObject));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        WarnOfRows();
        foreach (var group in _pairs.GroupBy(p => (p.Metric, p.Normalization, p.Kind)))
        {
            try
            {
                var evaluation = RunWithProgress($"Evaluating {group.Key.Metric}", (progress, token) =>
                    LinkageEvaluator.Evaluate(ComparisonSet.From(group), new(Replicate, Seed), new(ThrottleLimit, token), progress));
                foreach (var note in evaluation.Notes)
                {
                    WriteVerbose($"{group.Key.Metric}: {note}");
                }

                WriteObject(evaluation);
            }
            catch (InvalidOperationException exception)
            {
                WriteItemError(exception, "NoEvaluation", ErrorCategory.InvalidData, group.Key.Metric);
            }
        }
    }
}
