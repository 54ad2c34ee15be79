using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Finds scans of one label that look like different people, and scans of different labels that look like one.</summary>
/// <remarks>
/// Compares every scan with every other and writes what does not fit, the strongest evidence first; nothing when all labels fit. Results come
/// when the last scan has come. A finding is a reason to look, not a proof: twins and siblings score above strangers.
/// </remarks>
[Cmdlet(VerbsDiagnostic.Test, "MriLabel", DefaultParameterSetName = "FalseDiscoveryRate")]
[OutputType(typeof(LabelFinding))]
public sealed class TestMriLabelCommand : DecisionCmdlet
{
    private readonly List<PreparedVolume> _volumes = [];
    private readonly List<MriScan> _scans = [];
    private SimilarityMeasure? _measure;
    private double _error;

    /// <summary>The scans, preprocessed, labelled with their participants.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriScan[] InputObject { get; set; } = [];

    /// <summary>The measure, by name; that of signatures, or else LocalNCC, by default.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>
    /// The score from which on a pair is one person: a number, or what Get-MriLinkageThreshold gives. It decides where scans are too few to say
    /// how strangers score: pairs of different labels that reach it, and pairs of one label that do not, are findings.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = "Threshold")]
    [RestoredThreshold]
    [ValidateNotNull]
    public LinkageThreshold? Threshold { get; set; }

    /// <summary>The part of the findings of two labels for one person that may be false on average.</summary>
    [Parameter(ParameterSetName = "FalseDiscoveryRate")]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get; set; } = new MatchOptions().FalseDiscoveryRate;

    /// <summary>
    /// Also compares each scan with left and right exchanged, and takes the better score (IsMirrored says which): finds duplicates that somebody
    /// mirrored, and scans of one label that fit only mirrored (OneLabelMirrored). Takes preprocessed scans.
    /// </summary>
    [Parameter]
    public SwitchParameter Mirrored { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        _error = InputObject is [MriSignature signature, ..] ? signature.ScoreError : 0;
        _measure ??= MetricChoice.Of(this, Metric, Threshold, InputObject);
        PreparedFor = [_measure];
        var usable = Usable(InputObject);
        _scans.AddRange(usable);
        _volumes.AddRange(Prepare(usable, _volumes.Count > 0 ? _volumes[0] : null, keep: true, Mirrored));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_volumes.Count < 2)
        {
            WriteWarning($"{_volumes.Count} scans can be compared: nothing is known of the labels.");
            return;
        }

        try
        {
            ScanIdentity[] names = [.. _volumes.Select(v => v.Identity)];
            ContrastKind[] kinds = [.. ContrastKind.Among(names, names).Where(kind => kind.Probe <= kind.Gallery)];
            var findings = LabelAuditor.Join(
                [.. kinds.Select(kind => FindingsOf(kind, isOnly: kinds.Length == 1)).OfType<NotedList<LabelFinding>>()]);
            WriteVerbose($"{findings.Count} findings among {_volumes.Count} scans of "
                + $"{_volumes.Select(v => v.Identity.Participant).Distinct(StringComparer.Ordinal).Count()} labels.");
            WriteObject(findings, enumerateCollection: true);
        }
        catch (InvalidOperationException exception)
        {
            ThrowTerminatingError(new(exception, "TooFewPairs", ErrorCategory.InvalidOperation, targetObject: null));
        }
    }

    // Each kind of pair has strangers of its own. One that has too few to be judged is told, and the others go on.
    private NotedList<LabelFinding>? FindingsOf(ContrastKind kind, bool isOnly)
    {
        var isMeasureAsked = MyInvocation.BoundParameters.ContainsKey(nameof(Metric));
        var comparison = KindComparison.Of(
            kind, _measure!, isMeasureAsked,
            new() { Threshold = Threshold, FalseDiscoveryRate = FalseDiscoveryRate, ScoreError = _error, Spacing = _volumes[0].Spacing });
        Warn(comparison.MeasureNote);
        var similarity = SimilarityOptions;
        var rows = Prepared(_volumes, _scans, kind.IsProbe, comparison.Measure, _measure!, Mirrored);
        var columns = kind.IsOneContrast ? rows
            : Prepared(_volumes, _scans, kind.IsGallery, comparison.Measure, _measure!, withMirrored: false);
        try
        {
            var (scores, findings) = RunWithProgress("Comparing labels", (progress, token) =>
            {
                var matrix = comparison.Score(rows, columns, Mirrored, similarity, Work(token), progress);
                return (matrix, LabelAuditor.Audit(kind.IsOneContrast ? matrix : matrix.ToSquare(), comparison.Options));
            });
            WarnOfMissing(scores);
            Warn([comparison.RuleNote, .. findings.Notes.Select(note => isOnly ? note : kind.Named(note))]);
            return findings;
        }
        catch (InvalidOperationException exception) when (!isOnly)
        {
            WriteWarning(kind.Named($"nothing is known of their labels. {exception.Message}"));
            return null;
        }
    }
}
