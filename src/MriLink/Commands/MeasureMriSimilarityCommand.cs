using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Says how alike volumes are to reference volumes, by one or several measures: an object per pair and measure.</summary>
/// <remarks>
/// Scores are over the voxels in both masks: the brain mask of a preprocessed volume, otherwise the voxels that are not zero. The volumes
/// must lie on one grid (Invoke-MriPreprocess). References are held in memory as brain voxels; piped volumes pass through in batches of as
/// many as there are references (16 to 256), or as come within a second, and are let go once they are compared.
/// </remarks>
[Cmdlet(VerbsDiagnostic.Measure, "MriSimilarity", DefaultParameterSetName = PairSet)]
[OutputType(typeof(ScanSimilarity), ParameterSetName = [PairSet])]
[OutputType(typeof(SimilarityMatrix), ParameterSetName = [MatrixSet])]
[OutputType(typeof(MriVolume), ParameterSetName = [MapSet])]
public sealed partial class MeasureMriSimilarityCommand : SimilarityCmdlet
{
    private const string PairSet = "Pair";
    private const string MatrixSet = "Matrix";
    private const string MapSet = "Map";

    // A map shows where brains agree; SSIM's is the one that people know.
    private const string MapMetric = "SSIM";

    // A batch is compared when it is full, or when its first volume has waited this long: results then keep up with what is piped.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly List<PreparedVolume> _batch = [];
    private readonly List<IReadOnlyList<SimilarityMatrix>> _done = [];
    private readonly Stopwatch _waiting = new();
    private IReadOnlyList<SimilarityMeasure> _measures = [];
    private IReadOnlyList<PreparedVolume> _references = [];
    private ReferenceComparison? _comparison;
    private bool _warnedOfContrasts;

    /// <summary>The volumes to compare with; the first volume of each pair.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriScan[] Reference { get; set; } = [];

    /// <summary>The volumes to compare.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public MriScan[] InputObject { get; set; } = [];

    /// <summary>The measures, by name; All for every one. LocalNCC by default, for signatures what they were made for, and SSIM for a map.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ValidateMetric(AllowAll = true)]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string[] Metric { get; set; } = [SimilarityMeasures.Default.Name];

    /// <summary>
    /// Gives a matrix for each measure when all volumes have come, with rows and columns as Find-MriMatch calls them: the volumes are its Probes
    /// (rows), the references its Gallery (columns). $m[i, j] is a score, $m.Pairs() gives every pair as a row of a table, and
    /// $m.Rows() | Export-Csv writes the labelled matrix, which R and Python read; in one line, (… -AsMatrix).Rows() | Export-Csv. Without .Rows() a
    /// CSV file gets one row that says how large the matrix is, and a warning says so.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = MatrixSet)]
    public SwitchParameter AsMatrix { get; set; }

    /// <summary>Gives for each pair and measure a volume of the similarity around each voxel, for Export-MriVolume; SSIM, UQI or LNCC.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MapSet)]
    public SwitchParameter Map { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        WarnOfCsv();
        var asked = MyInvocation.BoundParameters.ContainsKey(nameof(Metric));
        _measures = SimilarityMeasures.Resolve(
            asked ? Metric : Map ? [MapMetric] : [MetricChoice.OfSignatures(Reference) ?? SimilarityMeasures.Default.Name]);
        PreparedFor = _measures;
        if (Map && _measures.Except(LocalSimilarityMap.Measures).Select(m => m.Name).ToArray() is { Length: > 0 } others)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException(
                    $"{string.Join(", ", others)}: no map. The measures that have one are {string.Join(", ", LocalSimilarityMap.Measures)}."),
                "NoMap",
                ErrorCategory.InvalidArgument,
                Metric));
        }

        _references = Prepare(Reference, grid: null, keep: true);
        if (_references.Count == 0)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("None of the reference volumes can be used."), "NoReference", ErrorCategory.InvalidArgument,
                targetObject: null));
        }

        _comparison = new(_references, _measures, SimilarityOptions);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var part in InputObject.Chunk(_comparison!.BatchSize))
        {
            var volumes = Prepare(part, _references[0], keep: false);
            if (Map)
            {
                WriteMaps(volumes);
                continue;
            }

            _waiting.Start();
            _batch.AddRange(volumes);
            if (_batch.Count >= _comparison.BatchSize || _waiting.Elapsed > Patience)
            {
                Compare();
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        Compare();
        if (AsMatrix && _done.Count > 0)
        {
            for (var i = 0; i < _measures.Count; i++)
            {
                WriteObject(SimilarityMatrix.Join([.. _done.Select(d => d[i])]).Transpose());
            }
        }
    }

    // A matrix is one object, and a file of it has one row with its size. That nobody wants it shows only when it is read again.
    private void WarnOfCsv()
    {
        // Of a pipeline a cmdlet knows the line that its name is in, and where.
        var (line, at) = (MyInvocation.Line ?? string.Empty, MyInvocation.OffsetInLine - 1);
        if (AsMatrix && at >= 0 && at < line.Length && IntoCsv().IsMatch(line[at..]))
        {
            WriteWarning("Piped so, a CSV file holds the matrix's size and no score. The labelled matrix is written by "
                + "(… | Measure-MriSimilarity … -AsMatrix).Rows() | Export-Csv, and all pairs without -AsMatrix.");
        }
    }

    // The rest of this command, with arguments in parentheses and braces, and then the one that writes.
    [GeneratedRegex(@"^([^;|(){}]|\([^()]*\)|\{[^{}]*\})*\|\s*(Export-Csv|epcsv|ConvertTo-Csv)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IntoCsv();

    private void Compare()
    {
        if (_batch.Count > 0)
        {
            WarnOfContrasts();
            var matrices = RunWithProgress("Measuring similarity", (progress, token) => _comparison!.Compare(_batch, Work(token), progress));
            Warn(matrices);
            if (AsMatrix)
            {
                _done.Add(matrices);
            }
            else
            {
                WritePairs([.. matrices.Select(matrix => matrix.Transpose())]);
            }
        }

        _batch.Clear();
        _waiting.Reset();
    }

    // Once: it is the same for every pair.
    private void WarnOfContrasts()
    {
        if (!_warnedOfContrasts && !_measures.Contains(SimilarityMeasures.AcrossContrasts)
            && ContrastKind.Among(_batch.Select(volume => volume.Identity), _references.Select(volume => volume.Identity))
                .FirstOrDefault(kind => !kind.IsOneContrast) is { } kind)
        {
            _warnedOfContrasts = true;
            WriteWarning($"Among the pairs are {kind}: whoever they are of, {string.Join(", ", _measures.Take(3))} of two contrasts says little. "
                + $"-Metric {SimilarityMeasures.AcrossContrasts} compares their edges.");
        }
    }

    private void Warn(IReadOnlyList<SimilarityMatrix> matrices)
    {
        for (var volume = 0; volume < matrices[0].GalleryCount; volume++)
        {
            for (var reference = 0; reference < matrices[0].ProbeCount; reference++)
            {
                foreach (var problem in matrices.Where(m => double.IsNaN(m[reference, volume])).Select(m => m.Score(reference, volume).Problem)
                    .Distinct(StringComparer.Ordinal))
                {
                    WriteWarning($"No score for {matrices[0].Probes[reference]} and {matrices[0].Gallery[volume]}: {problem}");
                }
            }
        }
    }

    private void WritePairs(IReadOnlyList<SimilarityMatrix> matrices)
    {
        for (var volume = 0; volume < matrices[0].ProbeCount; volume++)
        {
            for (var reference = 0; reference < matrices[0].GalleryCount; reference++)
            {
                foreach (var matrix in matrices)
                {
                    WriteObject(matrix.Pair(volume, reference));
                }
            }
        }
    }

    private void WriteMaps(IReadOnlyList<PreparedVolume> volumes)
    {
        var options = SimilarityOptions;
        foreach (var volume in volumes)
        {
            foreach (var reference in _references)
            {
                foreach (var measure in _measures)
                {
                    try
                    {
                        WriteObject(RunWithProgress("Mapping similarity", (_, _) => LocalSimilarityMap.Of(reference, volume, measure, options)));
                    }
                    catch (InvalidOperationException exception)
                    {
                        WriteError(new(exception, "NoOverlap", ErrorCategory.InvalidData, volume.Identity));
                    }
                }
            }
        }
    }
}
