namespace MriLink.Core.Basics;

/// <summary>Divides processors among pieces of work that come and go: one alone gets all, and as many as there are processors get one each.</summary>
/// <param name="processors">Processors to divide, 1 or more.</param>
public sealed class SharedProcessors(int processors)
{
    private int _working;

    /// <summary>
    /// Threads for each piece of work that is under way now, 1 or more. Rounded up, so that no processor is left idle; what is asked for
    /// beyond the processors waits in the thread pool's queue.
    /// </summary>
    public int ThreadsForEach
    {
        get
        {
            var working = Math.Max(1, Volatile.Read(ref _working));
            return Math.Max(1, (processors + working - 1) / working);
        }
    }

    /// <summary>A piece of work begins.</summary>
    public void Enter() => Interlocked.Increment(ref _working);

    /// <summary>A piece of work has ended.</summary>
    public void Leave() => Interlocked.Decrement(ref _working);
}
