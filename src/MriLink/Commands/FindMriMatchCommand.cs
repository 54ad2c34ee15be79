using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Finds each probe's best matches in a gallery and judges whether they are the same person.</summary>
/// <remarks>
/// With -Threshold, a pair is a match when its score is at least as good. Without it, the scores of all probes against all gallery scans
/// are judged together, on the ground that nearly all pairs are impostors; results therefore come when the last probe has come. Probes
/// and gallery are held as brain voxels, about 1 MB each at 2 mm, and whatever the measure keeps per volume. A scan is never compared
/// with itself: the same object, or the same file. Scans whose preprocessing failed are left out, and named, unless -IncludeFailed.
/// </remarks>
[Cmdlet(VerbsCommon.Find, "MriMatch", DefaultParameterSetName = DiscoverySet)]
[OutputType(typeof(ScanMatch))]
public sealed class FindMriMatchCommand : SimilarityCmdlet
{
    private const string DiscoverySet = "FalseDiscoveryRate";
    private const string ThresholdSet = "Threshold";
    private const string MatchRateSet = "FalseMatchRate";

    private readonly List<PreparedVolume> _probes = [];
    private IReadOnlyList<PreparedVolume> _gallery = [];
    private SimilarityMeasure _measure = SimilarityMeasures.Default;

    /// <summary>The volumes to search.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriVolume[] Gallery { get; set; } = [];

    /// <summary>The volumes to look for.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriVolume[] Probe { get; set; } = [];

    /// <summary>How many gallery scans to list per probe.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; } = 1;

    /// <summary>The measure, by name; that of -Threshold, or else NCC, by default.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>
    /// The score from which on a pair is a match: at least this for measures where higher is better, at most this for errors. A number, or
    /// what Get-MriLinkageThreshold gives, which fills Probability too.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ThresholdSet)]
    [Alias("LinkageThreshold")]
    [ValidateNotNull]
    public LinkageThreshold? Threshold { get; set; }

    /// <summary>The part of all comparisons of two different people that may match.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MatchRateSet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseMatchRate { get; set; }

    /// <summary>
    /// For -FalseMatchRate: scores of pairs known to be different people. Without them the distribution of impostors is estimated from the
    /// audit itself.
    /// </summary>
    [Parameter(ParameterSetName = MatchRateSet)]
    [ValidateNotNullOrEmpty]
    public double[]? ImpostorScore { get; set; }

    /// <summary>The part of all links that may be false on average; the rule when no other is asked for, at 0.01.</summary>
    [Parameter(ParameterSetName = DiscoverySet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get; set; } = new MatchOptions().FalseDiscoveryRate;

    /// <summary>
    /// Ranks and judges scores after they are normalised by those of the same gallery scan (ZNorm) or probe (TNorm) with other people, or by
    /// both (SNorm).
    /// </summary>
    [Parameter]
    [Alias("CohortNormalisation")]
    [Choice(
        "None: scores as they are",
        "ZNorm: by the gallery scan's scores with other people",
        "TNorm: by the probe's scores with other people",
        "SNorm: the mean of both")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string CohortNormalization { get; set; } = "None";

    /// <summary>Each person is in probes and gallery at most once: assigns each gallery scan to one probe at most, for the best total score.</summary>
    [Parameter]
    public SwitchParameter OneToOne { get; set; }

    /// <summary>
    /// Re-aligns each probe's best three gallery scans rigidly to it and measures them again: for scans whose registrations to the template
    /// differ. Scores rise by it, so a threshold must come from refined scores too.
    /// </summary>
    [Parameter]
    public SwitchParameter Refine { get; set; }

    /// <summary>Compares scans whose preprocessing failed (quality verdict Fail) all the same.</summary>
    [Parameter]
    public SwitchParameter IncludeFailed { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        // A threshold of one measure says nothing about another's scores.
        var asked = MyInvocation.BoundParameters.ContainsKey(nameof(Metric));
        _measure = SimilarityMeasures.Find(asked ? Metric : Threshold?.Metric ?? Metric)!;
        if (Threshold?.Metric is { } metric && !string.Equals(metric, _measure.Name, StringComparison.Ordinal))
        {
            ThrowTerminatingError(new(
                new InvalidOperationException($"The threshold is one of {metric}, and -Metric asks for {_measure.Name}."), "ThresholdOfAnotherMeasure", ErrorCategory.InvalidArgument, Threshold));
        }

        _gallery = Prepare(Usable(Gallery), grid: null, keep: true);
        if (_gallery.Count == 0)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("None of the gallery's volumes can be used."), "NoGallery", ErrorCategory.InvalidArgument, targetObject: null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _probes.AddRange(Prepare(Usable(Probe), _gallery[0], keep: true));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_probes.Count == 0)
        {
            return;
        }

        var options = new MatchOptions
        {
            Top = Top,
            Threshold = Threshold,
            FalseMatchRate = string.Equals(ParameterSetName, MatchRateSet, StringComparison.Ordinal) ? FalseMatchRate : null,
            ImpostorScores = ImpostorScore,
            FalseDiscoveryRate = FalseDiscoveryRate,
            Normalization = MyInvocation.BoundParameters.ContainsKey(nameof(CohortNormalization))
                ? Enum.Parse<CohortNormalization>(CohortNormalization, ignoreCase: true)
                : Threshold?.Normalization ?? Core.Linkage.CohortNormalization.None,
            OneToOne = OneToOne,
        };
        WarnOfRepeats();
        var similarity = SimilarityOptions;
        try
        {
            var (scores, matches) = RunWithProgress("Finding matches", (progress, token) =>
            {
                var matrix = PairwiseScorer.ScoreAll(_measure, _probes, _gallery, similarity, Work(token), progress);
                if (Refine)
                {
                    matrix = CandidateRefinement.Refine(matrix, _probes, _gallery, similarity, CandidateRefinement.DefaultCandidates, Work(token), progress);
                }

                return (matrix, MatchFinder.Find(matrix, Names(_probes), Names(_gallery), options, token));
            });
            Warn(scores, matches);
            WriteObject(matches, enumerateCollection: true);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            ThrowTerminatingError(new(exception, "NoDecision", ErrorCategory.InvalidOperation, targetObject: null));
        }
    }

    private static ScanIdentity[] Names(IReadOnlyList<PreparedVolume> volumes) => [.. volumes.Select(v => v.Identity)];

    private MriVolume[] Usable(MriVolume[] volumes) => IncludeFailed ? volumes : FailedScans.LeaveOut(volumes, WriteWarning);

    private void WarnOfRepeats()
    {
        if (!OneToOne)
        {
            return;
        }

        foreach (var (side, volumes) in new[] { ("gallery", _gallery), ("probes", _probes) })
        {
            var repeated = volumes.GroupBy(v => v.Identity.Participant, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
            if (repeated.Count > 0)
            {
                WriteWarning($"-OneToOne takes each scan for another person, but the {side} hold several scans of {string.Join(", ", repeated.Take(5))}{(repeated.Count > 5 ? ", …" : string.Empty)}.");
            }
        }
    }

    private void Warn(SimilarityMatrix scores, IReadOnlyList<ScanMatch> matches)
    {
        var missing = 0;
        for (var i = 0; i < scores.ProbeCount; i++)
        {
            for (var j = 0; j < scores.GalleryCount; j++)
            {
                missing += double.IsNaN(scores[i, j]) ? 1 : 0;
            }
        }

        if (missing > 0)
        {
            WriteWarning(
                $"{missing} of {(long)scores.ProbeCount * scores.GalleryCount} pairs have no {scores.Measure} score and are left out: "
                + "their masks hardly overlap, or a volume is constant. Measure-MriSimilarity says more about a pair.");
        }

        if (matches.FirstOrDefault(m => m.IsMatch is null) is { } undecided)
        {
            WriteWarning($"{undecided.DecidingRule}. IsMatch is empty; give -Threshold, or more probes or a larger gallery.");
        }
    }
}
