using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Finds scans of one label that look like different people, and scans of different labels that look like one.</summary>
/// <remarks>
/// Compares every scan with every other and writes what does not fit, the strongest evidence first; nothing when all labels fit. Results come
/// when the last scan has come. A finding is a reason to look, not a proof: twins and siblings score above strangers.
/// </remarks>
[Cmdlet(VerbsDiagnostic.Test, "MriLabel")]
[OutputType(typeof(LabelFinding))]
public sealed class TestMriLabelCommand : SimilarityCmdlet
{
    private readonly List<PreparedVolume> _volumes = [];
    private SimilarityMeasure? _measure;

    /// <summary>The scans, preprocessed, labelled with their participants.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public MriScan[] InputObject { get; set; } = [];

    /// <summary>The measure, by name; that of signatures, or else LocalNCC, by default.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>The part of the findings of two labels for one person that may be false on average.</summary>
    [Parameter]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get; set; } = new MatchOptions().FalseDiscoveryRate;

    /// <summary>
    /// Also compares each scan with left and right exchanged, and takes the better score (IsMirrored says which): finds duplicates that somebody
    /// mirrored, and scans of one label that fit only mirrored (OneLabelMirrored). Takes preprocessed scans.
    /// </summary>
    [Parameter]
    public SwitchParameter Mirrored { get; set; }

    /// <summary>Compares scans whose preprocessing failed (quality verdict Fail) all the same.</summary>
    [Parameter]
    public SwitchParameter IncludeFailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _measure ??= MetricChoice.Of(this, Metric, threshold: null, InputObject);
        PreparedFor = [_measure];
        _volumes.AddRange(Prepare(IncludeFailed ? InputObject : FailedScans.LeaveOut(InputObject, WriteWarning), _volumes.Count > 0 ? _volumes[0] : null, keep: true, Mirrored));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_volumes.Count == 0)
        {
            return;
        }

        var measure = _measure!;
        var similarity = SimilarityOptions;
        var rate = FalseDiscoveryRate;
        try
        {
            var findings = RunWithProgress("Comparing labels", (progress, token) =>
                LabelAuditor.Audit(
                    Mirrored
                        ? PairwiseScorer.ScoreAllMirrored(measure, _volumes, _volumes, similarity, Work(token), progress)
                        : PairwiseScorer.ScoreAll(measure, _volumes, _volumes, similarity, Work(token), progress),
                    rate));
            foreach (var note in findings.Notes)
            {
                WriteWarning(note);
            }

            WriteVerbose($"{findings.Count} findings among {_volumes.Count} scans of {_volumes.Select(v => v.Identity.Participant).Distinct(StringComparer.Ordinal).Count()} labels.");
            WriteObject(findings, enumerateCollection: true);
        }
        catch (InvalidOperationException exception)
        {
            ThrowTerminatingError(new(exception, "TooFewPairs", ErrorCategory.InvalidOperation, targetObject: null));
        }
    }
}
