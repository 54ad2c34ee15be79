using System.Runtime.ExceptionServices;

namespace MriLink.Core.Basics;

/// <summary>How much of the machine a piece of work may use, and how it is told to stop.</summary>
/// <remarks>Results never depend on <paramref name="MaxThreads"/>: sums are taken per fixed block and added in block order.</remarks>
/// <param name="MaxThreads">Threads the work may use at once, 1 or more.</param>
/// <param name="CancellationToken">Obeyed within a fraction of a second; the work then throws <see cref="OperationCanceledException"/>.</param>
public readonly record struct WorkOptions(int MaxThreads, CancellationToken CancellationToken)
{
    // Some tens of microseconds of the simplest work: handing it to another thread takes less.
    private const int RangeLength = 1 << 15;

    /// <summary>Who else is at work on the same processors; null when nobody is.</summary>
    public SharedProcessors? Shared { get; init; }

    /// <summary>Threads to use now: what is allowed, or this work's share while there are others.</summary>
    public int Threads => Shared is null ? MaxThreads : Math.Min(MaxThreads, Shared.ThreadsForEach);

    /// <summary>One thread, never cancelled.</summary>
    public static WorkOptions SingleThread => new(1, CancellationToken.None);

    /// <summary>Every processor, never cancelled.</summary>
    public static WorkOptions AllProcessors => new(Environment.ProcessorCount, CancellationToken.None);

    /// <summary>Runs <paramref name="body"/> for each block 0…<paramref name="blocks"/>−1, in parallel where allowed.</summary>
    /// <remarks>What a block throws is thrown as it is, on however many threads: of several the first that is not a mere stop.</remarks>
    public void ForBlocks(int blocks, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        var threads = Threads;
        if (threads <= 1 || blocks <= 1)
        {
            for (var block = 0; block < blocks; block++)
            {
                CancellationToken.ThrowIfCancellationRequested();
                body(block);
            }

            return;
        }

        try
        {
            Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = CancellationToken }, body);
        }
        catch (AggregateException exception)
        {
            var causes = exception.Flatten().InnerExceptions;
            ExceptionDispatchInfo.Throw(causes.FirstOrDefault(cause => cause is not OperationCanceledException) ?? causes[0]);
        }
    }

    /// <summary>
    /// Runs <paramref name="body"/> for ranges (first, one past the last) that together are 0…<paramref name="count"/>−1, in parallel where allowed:
    /// for work on voxels that do not depend on each other.
    /// </summary>
    public void ForRanges(int count, Action<int, int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        ForBlocks((int)(((long)count + RangeLength - 1) / RangeLength), block =>
            body(block * RangeLength, (int)Math.Min(count, (block + 1L) * RangeLength)));
    }
}
