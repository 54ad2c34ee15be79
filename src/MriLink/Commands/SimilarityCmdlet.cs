using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets that compare volumes have in common: the measures' parameters, and reading volumes for comparison.</summary>
public abstract class SimilarityCmdlet : MriCmdlet
{
    // By object: a volume that is probe and gallery at once is read and held once, for the measures that it was read for.
    private readonly Dictionary<MriScan, PreparedVolume> _prepared = new(ReferenceEqualityComparer.Instance);
    private IReadOnlyList<SimilarityMeasure> _preparedFor = [];
    private readonly SignatureRule _signatures = new();

    /// <summary>
    /// The data range of NRMSE, PSNR, SSIM, MS-SSIM and GMSD. Without it, each pair's: from the lower of the two volumes' 1st percentiles
    /// to the higher of their 99th.
    /// </summary>
    [Parameter]
    [ValidateRange(double.Epsilon, double.MaxValue)]
    public double DataRange { get; set; }

    /// <summary>Bins of the histogram measures.</summary>
    [Parameter]
    [ValidateRange(2, 256)]
    public int Bins { get; set; } = SimilarityOptions.Default.Bins;

    /// <summary>Radius in voxels of the window of LNCC.</summary>
    [Parameter]
    [ValidateRange(1, 15)]
    public int WindowRadius { get; set; } = SimilarityOptions.Default.WindowRadius;

    /// <summary>How many threads to use at once; by default one per processor.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>The measures' parameters as bound.</summary>
    protected SimilarityOptions SimilarityOptions => new()
    {
        Bins = Bins,
        WindowRadius = WindowRadius,
        DataRange = MyInvocation.BoundParameters.ContainsKey(nameof(DataRange)) ? DataRange : null,
    };

    /// <summary>The measures by which volumes will be compared, set before they are read.</summary>
    private protected IReadOnlyList<SimilarityMeasure> PreparedFor
    {
        get => _preparedFor;
        set
        {
            if (!_preparedFor.SequenceEqual(value))
            {
                _prepared.Clear();
            }

            _preparedFor = value;
        }
    }

    /// <summary>Threads and cancellation for a piece of work.</summary>
    protected WorkOptions Work(CancellationToken cancellationToken) => new(ThrottleLimit, cancellationToken);

    /// <summary>Reads volumes for comparison, several at a time; writes an error for each that cannot be used, and leaves it out.</summary>
    /// <param name="volumes">The volumes.</param>
    /// <param name="grid">A volume on whose grid they must lie, or null for the first of them.</param>
    /// <param name="keep">Whether a volume that comes again is not read again.</param>
    /// <param name="withMirrored">Whether mirror images are made ready too.</param>
    protected IReadOnlyList<PreparedVolume> Prepare(IReadOnlyList<MriScan> volumes, PreparedVolume? grid, bool keep, bool withMirrored = false)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        var outcomes = RunWithProgress<(PreparedVolume? Volume, Exception? Error)[]>("Reading volumes", (progress, token) =>
        {
            var results = new (PreparedVolume? Volume, Exception? Error)[volumes.Count];
            var done = 0;
            Work(token).ForBlocks(volumes.Count, i =>
            {
                results[i] = _prepared.TryGetValue(volumes[i], out var known) && (known.Mirrored is not null || !withMirrored) ? (known, null)
                    : Read(volumes[i], withMirrored, token);
                progress.Report(new((double)Interlocked.Increment(ref done) / volumes.Count, volumes[i].Name));
            });
            return results;
        });
        var prepared = new List<PreparedVolume>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            var (volume, error) = outcomes[i];
            error ??= _signatures.Problem(volumes[i], PreparedFor);
            grid ??= volume;
            if (error is null && volume is not null && grid is not null)
            {
                try
                {
                    PairwiseScorer.RequireSameGrid(grid, volume);
                    prepared.Add(volume);
                    if (keep)
                    {
                        _prepared[volumes[i]] = volume;
                    }
                }
                catch (InvalidOperationException exception)
                {
                    error = exception;
                }
            }

            if (error is not null)
            {
                Refuse(volumes[i], error);
            }
        }

        return prepared;
    }

    /// <summary>Tells of a volume that cannot be used.</summary>
    private protected virtual void Refuse(MriScan volume, Exception exception) => WriteVolumeError(exception, volume.Identity);

    private (PreparedVolume? Volume, Exception? Error) Read(MriScan volume, bool withMirrored, CancellationToken token)
    {
        try
        {
            return (PreparedVolume.Prepare(volume, PreparedFor, withMirrored, token), null);
        }
        catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
        {
            return (null, exception);
        }
    }
}
