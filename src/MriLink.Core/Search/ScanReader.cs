using MriLink.Core.Basics;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>Reads scans for comparison, several at a time, and says of each whether it can be compared with those that came before.</summary>
/// <remarks>A scan that is asked to be kept is read and held once for the same measures, by object: it may be probe and gallery at once.</remarks>
public sealed class ScanReader
{
    private readonly Dictionary<MriScan, PreparedVolume> _kept = new(ReferenceEqualityComparer.Instance);
    private readonly SignatureRule _signatures = new();
    private IReadOnlyList<SimilarityMeasure> _measures = [];

    /// <summary>The measures by which scans will be compared; none for any. What was read for others is let go.</summary>
    public IReadOnlyList<SimilarityMeasure> Measures
    {
        get => _measures;
        set
        {
            if (!_measures.SequenceEqual(value))
            {
                _kept.Clear();
            }

            _measures = value;
        }
    }

    /// <summary>Reads scans.</summary>
    /// <param name="scans">The scans.</param>
    /// <param name="grid">A volume on whose grid they must lie, or null for the first of them.</param>
    /// <param name="keep">Whether a scan that comes again is not read again.</param>
    /// <param name="withMirrored">Whether mirror images are made ready too.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told of each scan, or null.</param>
    /// <returns>What came of each scan, in their order.</returns>
    public IReadOnlyList<ReadScan> Read(
        IReadOnlyList<MriScan> scans, PreparedVolume? grid, bool keep, bool withMirrored, WorkOptions work, IProgress<WorkProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(scans);
        var read = new ReadScan[scans.Count];
        var done = 0;
        work.ForBlocks(read.Length, i =>
        {
            read[i] = _kept.TryGetValue(scans[i], out var known) && (known.Mirrored is not null || !withMirrored) ? new(scans[i], known, null)
                : Read(scans[i], withMirrored, work.CancellationToken);
            progress?.Report(new((double)Interlocked.Increment(ref done) / read.Length, scans[i].Name));
        });
        for (var i = 0; i < read.Length; i++)
        {
            var error = read[i].Error ?? _signatures.Problem(scans[i], Measures);
            grid ??= read[i].Volume;
            if (error is null && read[i].Volume is { } volume && grid is not null)
            {
                error = GridProblem(grid, volume);
                if (error is null && keep)
                {
                    _kept[scans[i]] = volume;
                }
            }

            read[i] = error is null ? read[i] : new(scans[i], null, error);
        }

        return read;
    }

    private static InvalidOperationException? GridProblem(PreparedVolume grid, PreparedVolume volume)
    {
        try
        {
            PairwiseScorer.RequireSameGrid(grid, volume);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception;
        }
    }

    private ReadScan Read(MriScan scan, bool withMirrored, CancellationToken cancellationToken)
    {
        try
        {
            return new(scan, PreparedVolume.Prepare(scan, Measures, withMirrored, cancellationToken), null);
        }
        catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
        {
            return new(scan, null, exception);
        }
    }
}
