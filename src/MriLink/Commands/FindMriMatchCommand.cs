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
/// with itself: the same object, or the same file.
/// </remarks>
[Cmdlet(VerbsCommon.Find, "MriMatch")]
[OutputType(typeof(ScanMatch))]
public sealed class FindMriMatchCommand : SimilarityCmdlet
{
    private readonly List<PreparedVolume> _probes = [];
    private IReadOnlyList<PreparedVolume> _gallery = [];

    /// <summary>The volumes to search.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public MriVolume[] Gallery { get; set; } = [];

    /// <summary>The volumes to look for.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public MriVolume[] Probe { get; set; } = [];

    /// <summary>How many gallery scans to list per probe.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; } = 1;

    /// <summary>The measure, by name; NCC by default.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>The score from which on a pair is a match: at least this for measures where higher is better, at most this for errors.</summary>
    [Parameter]
    public double? Threshold { get; set; }

    /// <summary>Without -Threshold: the share of false links among all links that may be made on average.</summary>
    [Parameter]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get; set; } = new MatchOptions().FalseDiscoveryRate;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _gallery = Prepare(Gallery, grid: null, keep: true);
        if (_gallery.Count == 0)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("None of the gallery's volumes can be used."), "NoGallery", ErrorCategory.InvalidArgument, targetObject: null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _probes.AddRange(Prepare(Probe, _gallery[0], keep: true));

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_probes.Count == 0)
        {
            return;
        }

        var options = new MatchOptions { Top = Top, Threshold = Threshold, FalseDiscoveryRate = FalseDiscoveryRate };
        var measure = SimilarityMeasures.Find(Metric)!;
        var similarity = SimilarityOptions;
        var (scores, matches) = RunWithProgress("Finding matches", (progress, token) =>
        {
            var matrix = PairwiseScorer.ScoreAll(measure, _probes, _gallery, similarity, Work(token), progress);
            return (matrix, MatchFinder.Find(matrix, Names(_probes), Names(_gallery), options));
        });
        Warn(scores, matches);
        WriteObject(matches, enumerateCollection: true);
    }

    private static ScanIdentity[] Names(IReadOnlyList<PreparedVolume> volumes) => [.. volumes.Select(v => v.Identity)];

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

        if (Threshold is null && matches.FirstOrDefault(m => m.IsMatch is null) is { } undecided)
        {
            WriteWarning($"{undecided.DecidingRule}. IsMatch is empty; give -Threshold, or more probes or a larger gallery.");
        }
    }
}
