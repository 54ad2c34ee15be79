using MriLink.Core.Execution;
using MriLink.Core.Volumes;

namespace MriLink.Core.Engines.SimpleItk;

/// <summary>Runs SimpleITK's filters: with the threads that are allowed, so that they can be stopped, and with exceptions of ours for theirs.</summary>
internal sealed class SimpleItkWork(SimpleItkApi api)
{
    // Sums are taken part by part, the same parts for any number of threads: N4's field is then the same to the bit. Registration's
    // result still differs by some 0.001 mm from one number of threads to another.
    private const uint Parts = 8;

    /// <summary>Runs one filter.</summary>
    /// <param name="filter">The filter; its parameters are set.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="execute">Executes it.</param>
    /// <param name="stop">Asks it to stop, from another thread.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public T Run<T>(IDisposable filter, WorkOptions work, Func<T> execute, Action<IDisposable> stop)
    {
        work.CancellationToken.ThrowIfCancellationRequested();
        api.Filters.SetNumberOfThreads(filter, (uint)work.MaxThreads);
        api.Filters.SetNumberOfWorkUnits(filter, Parts);

        // Let go of before the filter is: the caller disposes that.
        using var stopping = work.CancellationToken.Register(() => stop(filter));
        var result = execute();
        if (work.CancellationToken.IsCancellationRequested)
        {
            (result as IDisposable)?.Dispose();
            throw new OperationCanceledException(work.CancellationToken);
        }

        return result;
    }

    /// <summary>Runs one filter.</summary>
    /// <param name="filter">The filter; its parameters are set.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="execute">Executes it.</param>
    public T Run<T>(IDisposable filter, WorkOptions work, Func<T> execute) => Run(filter, work, execute, api.Filters.Abort);

    /// <summary>Does a piece of work, and tells of what SimpleITK throws there as of an engine's failure.</summary>
    /// <exception cref="EngineException">SimpleITK failed.</exception>
    public static T Guard<T>(Func<T> action, CancellationToken cancellationToken)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or EngineException or MriFileException))
        {
            // A filter that was stopped says so by an exception.
            cancellationToken.ThrowIfCancellationRequested();
            throw new EngineException(SimpleItkError.Text(exception), exception);
        }
    }
}
