using System.Management.Automation;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Says how alike volumes are to reference volumes, by one or several measures: an object per pair and measure.</summary>
/// <remarks>
/// Scores are over the voxels in both masks: the brain mask of a preprocessed volume, otherwise the voxels that are not zero. The volumes
/// must lie on one grid (Invoke-MriPreprocess). References are held in memory as brain voxels; piped volumes pass through one by one.
/// </remarks>
[Cmdlet(VerbsDiagnostic.Measure, "MriSimilarity")]
[OutputType(typeof(ScanSimilarity))]
public sealed class MeasureMriSimilarityCommand : SimilarityCmdlet
{
    private IReadOnlyList<SimilarityMeasure> _measures = [];
    private IReadOnlyList<PreparedVolume> _references = [];

    /// <summary>The volumes to compare with; the first volume of each pair.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriVolume[] Reference { get; set; } = [];

    /// <summary>The volumes to compare.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriVolume[] InputObject { get; set; } = [];

    /// <summary>The measures, by name; All for every one. NCC by default.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ValidateMetric(AllowAll = true)]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string[] Metric { get; set; } = [SimilarityMeasures.Default.Name];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _measures = SimilarityMeasures.Resolve(Metric);
        _references = Prepare(Reference, grid: null, keep: true);
        if (_references.Count == 0)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("None of the reference volumes can be used."), "NoReference", ErrorCategory.InvalidArgument, targetObject: null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var volume in Prepare(InputObject, _references[0], keep: false))
        {
            var options = SimilarityOptions;
            var scores = RunWithProgress("Measuring similarity", (progress, token) =>
            {
                var results = new IReadOnlyList<SimilarityScore>[_references.Count];
                var done = 0;
                Work(token).ForBlocks(results.Length, i =>
                {
                    results[i] = PairwiseScorer.Score(_references[i], volume, _measures, options, token);
                    progress.Report(new((double)Interlocked.Increment(ref done) / results.Length, volume.Identity.Name));
                });
                return results;
            });
            for (var i = 0; i < scores.Length; i++)
            {
                Write(_references[i].Identity, volume.Identity, scores[i]);
            }
        }
    }

    private void Write(ScanIdentity reference, ScanIdentity volume, IReadOnlyList<SimilarityScore> scores)
    {
        foreach (var problem in scores.Select(s => s.Problem).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            WriteWarning($"No score for {reference} and {volume}: {problem}");
        }

        foreach (var score in scores)
        {
            WriteObject(new ScanSimilarity(reference, volume, score));
        }
    }
}
