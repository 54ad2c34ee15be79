using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>Scans that are preprocessed side by side and come out in the order in which they went in.</summary>
/// <remarks>
/// So many are at work at once, and twice as many wait to be taken: results are small, scans at work are not. One thread puts scans in and takes
/// results out; the work is done on others.
/// </remarks>
/// <param name="preprocess">Preprocesses a scan, with a brain mask of the user's or null (<see cref="CachedPreprocessor.Process"/>).</param>
/// <param name="limit">How many scans are worked on at once.</param>
/// <param name="cancellationToken">Stops all that is under way.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable",
    Justification = "After a stop, workers may hold a slot for a moment yet; a semaphore without a wait handle holds nothing to be released.")]
public sealed class PreprocessPipeline(
    Func<MriVolume, Mask?, WorkOptions, (PreprocessedVolume Volume, string? Notice)> preprocess, int limit, CancellationToken cancellationToken)
{
    private readonly Queue<(ScanIdentity Identity, Task<(PreprocessedVolume Volume, string? Notice)> Result)> _waiting = new();
    private readonly SharedProcessors _processors = new(Environment.ProcessorCount);
    private readonly SemaphoreSlim _slots = new(limit);
    private int _taken;

    /// <summary>Scans whose results were not taken yet.</summary>
    public int Count => _waiting.Count;

    /// <summary>Whether a result should be taken before another scan comes.</summary>
    public bool IsFull => _waiting.Count >= 2 * limit;

    /// <summary>Whether the next result is there.</summary>
    public bool IsNextDone => _waiting.TryPeek(out var next) && next.Result.IsCompleted;

    /// <summary>Whose scan comes out next.</summary>
    /// <exception cref="InvalidOperationException">None waits.</exception>
    public ScanIdentity Next => _waiting.Peek().Identity;

    /// <summary>Puts a scan in.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="brainMask">A brain mask of the user's, or null.</param>
    public void Add(MriVolume scan, Mask? brainMask)
    {
        ArgumentNullException.ThrowIfNull(scan);
        _waiting.Enqueue((scan.Identity, Run(scan, brainMask)));
    }

    /// <summary>Puts in what is preprocessed already; it comes out in its turn.</summary>
    public void Add(PreprocessedVolume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        _waiting.Enqueue((volume.Identity, Task.FromResult<(PreprocessedVolume, string?)>((volume, null))));
    }

    /// <summary>Waits for the next result so long at most; gives whether it is there.</summary>
    public bool Wait(TimeSpan patience) => ((IAsyncResult)_waiting.Peek().Result).AsyncWaitHandle.WaitOne(patience);

    /// <summary>Takes the next result out, waiting for it where it is not there.</summary>
    /// <returns>The result, and what a person should know of it, or null.</returns>
    /// <exception cref="Exception">Whatever preprocessing the scan threw; the scan is out all the same.</exception>
    public (PreprocessedVolume Volume, string? Notice) Take()
    {
        var result = _waiting.Dequeue().Result.GetAwaiter().GetResult();
        _taken++;
        return result;
    }

    /// <summary>How far the work has come.</summary>
    /// <param name="elapsed">Time since it began.</param>
    /// <param name="isWhole">Whether all scans are in; how many are still to come is not known before, but the pace is.</param>
    public WorkProgress Progress(TimeSpan elapsed, bool isWhole)
    {
        var pace = _taken > 0 ? string.Create(CultureInfo.InvariantCulture, $", {elapsed.TotalSeconds / _taken:0.0} s each") : string.Empty;
        return new(isWhole ? (double)_taken / (_taken + _waiting.Count) : -1, $"{_taken} done{pace}, at {Next.Name}");
    }

    private async Task<(PreprocessedVolume Volume, string? Notice)> Run(MriVolume scan, Mask? brainMask)
    {
        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _processors.Enter();
            return await Task.Run(
                () => preprocess(scan, brainMask, new(Environment.ProcessorCount, cancellationToken) { Shared = _processors }),
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _processors.Leave();
            _slots.Release();
        }
    }
}
