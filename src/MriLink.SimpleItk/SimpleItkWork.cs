using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>
/// Runs SimpleITK's filters: with the threads that are allowed, so that they can be stopped, and with exceptions of ours for theirs.
/// </summary>
internal sealed class SimpleItkWork(SimpleItkApi api)
{
    // Sums are taken part by part, the same parts for any number of threads: N4's field is then the same to the bit.
    private const uint Parts = 8;

    /// <summary>Runs one filter with all the threads that are allowed.</summary>
    /// <param name="filter">The filter; its parameters are set.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="execute">Executes it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public T Run<T>(IDisposable filter, WorkOptions work, Func<T> execute)
    {
        Limit(filter, work.Threads, Parts);
        return Stoppable(filter, execute, api.Filters.Abort, work.CancellationToken);
    }

    /// <summary>Runs one registration with one thread.</summary>
    /// <param name="method">The registration; its parameters are set.</param>
    /// <param name="execute">Executes it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public T RunAlone<T>(IDisposable method, Func<T> execute, CancellationToken cancellationToken)
    {
        Limit(method, 1, 1);
        return Stoppable(method, execute, unfinished => api.Registration.StopRegistration(unfinished), cancellationToken);
    }

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

            // Several threads may have failed: one tells why.
            var cause = exception is AggregateException { InnerException: { } first } ? first : exception;
            throw cause as EngineException ?? new EngineException(SimpleItkError.Text(cause), cause);
        }
    }

    private void Limit(IDisposable filter, int threads, uint parts)
    {
        api.Filters.SetNumberOfThreads(filter, (uint)threads);
        api.Filters.SetNumberOfWorkUnits(filter, parts);
    }

    private static T Stoppable<T>(IDisposable filter, Func<T> execute, Action<IDisposable> stop, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // Let go of before the filter is: the caller disposes that.
        using var stopping = cancellationToken.Register(() => stop(filter));
        var result = execute();
        if (cancellationToken.IsCancellationRequested)
        {
            (result as IDisposable)?.Dispose();
            throw new OperationCanceledException(cancellationToken);
        }

        return result;
    }
}
