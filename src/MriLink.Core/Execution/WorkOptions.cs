namespace MriLink.Core.Execution;

/// <summary>How much of the machine a piece of work may use, and how it is told to stop.</summary>
/// <remarks>Results never depend on <paramref name="MaxThreads"/>: sums are taken per fixed block and added in block order.</remarks>
/// <param name="MaxThreads">Threads the work may use at once, 1 or more.</param>
/// <param name="CancellationToken">Obeyed within a fraction of a second; the work then throws <see cref="OperationCanceledException"/>.</param>
public readonly record struct WorkOptions(int MaxThreads, CancellationToken CancellationToken)
{
    /// <summary>One thread, never cancelled.</summary>
    public static WorkOptions SingleThread => new(1, CancellationToken.None);

    /// <summary>Every processor, never cancelled.</summary>
    public static WorkOptions AllProcessors => new(Environment.ProcessorCount, CancellationToken.None);

    /// <summary>Runs <paramref name="body"/> for each block 0…<paramref name="blocks"/>−1, in parallel where allowed.</summary>
    public void ForBlocks(int blocks, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (MaxThreads <= 1 || blocks <= 1)
        {
            for (var block = 0; block < blocks; block++)
            {
                CancellationToken.ThrowIfCancellationRequested();
                body(block);
            }

            return;
        }

        Parallel.For(0, blocks, new ParallelOptions { MaxDegreeOfParallelism = MaxThreads, CancellationToken = CancellationToken }, body);
    }
}
