using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets that compare volumes have in common: the measures' parameters, and reading volumes for comparison.</summary>
public abstract class SimilarityCmdlet : MriCmdlet
{
    private readonly ScanReader _reader = new();

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
    private protected IReadOnlyList<SimilarityMeasure> PreparedFor { get => _reader.Measures; set => _reader.Measures = value; }

    /// <summary>Threads and cancellation for a piece of work.</summary>
    protected WorkOptions Work(CancellationToken cancellationToken) => new(ThrottleLimit, cancellationToken);

    /// <summary>Reads volumes for comparison, several at a time; writes an error for each that cannot be used, and leaves it out.</summary>
    /// <param name="volumes">The volumes.</param>
    /// <param name="grid">A volume on whose grid they must lie, or null for the first of them.</param>
    /// <param name="keep">Whether a volume that comes again is not read again.</param>
    /// <param name="withMirrored">Whether mirror images are made ready too.</param>
    protected IReadOnlyList<PreparedVolume> Prepare(IReadOnlyList<MriScan> volumes, PreparedVolume? grid, bool keep, bool withMirrored = false)
    {
        var read = RunWithProgress(
            "Reading volumes", (progress, token) => _reader.Read(volumes, grid, keep, withMirrored, Work(token), progress));
        foreach (var (scan, _, error) in read)
        {
            if (error is not null)
            {
                Refuse(scan, error);
            }
        }

        return [.. read.Select(one => one.Volume).OfType<PreparedVolume>()];
    }

    /// <summary>Tells of a volume that cannot be used.</summary>
    private protected virtual void Refuse(MriScan volume, Exception exception) => WriteVolumeError(exception, volume.Identity);
}
