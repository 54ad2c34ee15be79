using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// What every MriLink cmdlet has in common: Ctrl+C as a cancellation token, and work off the pipeline thread that reports progress.
/// </summary>
public abstract class MriCmdlet : PSCmdlet, IDisposable
{
    // Ctrl+C and progress are looked at this often while work runs elsewhere; well under the second that a user waits.
    private static readonly TimeSpan PumpInterval = TimeSpan.FromMilliseconds(100);

    // Progress is shown only for work that takes longer than this, so that quick pipelines stay quiet.
    private static readonly TimeSpan QuietTime = TimeSpan.FromSeconds(1);

    // What is shown of work that has not said yet what it does.
    private const string Nameless = "Working";

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Cancelled on Ctrl+C.</summary>
    protected CancellationToken StopToken => _stopping.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing() => _stopping.Cancel();

    /// <summary>Releases what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stopping.Dispose();
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> on another thread while this one shows its progress and watches for Ctrl+C; tells how long it took with
    /// -Verbose.
    /// </summary>
    /// <exception cref="PipelineStoppedException">The user pressed Ctrl+C.</exception>
    protected T RunWithProgress<T>(string activity, Func<IProgress<WorkProgress>, CancellationToken, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var reports = new LatestProgress();
        var started = DateTime.UtcNow;
        var task = Task.Run(() => work(reports, StopToken), CancellationToken.None);
        var (shown, latest) = (false, new WorkProgress(-1, Nameless));
        while (!((IAsyncResult)task).AsyncWaitHandle.WaitOne(PumpInterval))
        {
            var isNew = reports.TryTake(ref latest);
            if ((isNew || !shown) && DateTime.UtcNow - started > QuietTime)
            {
                ShowProgress(activity, latest, DateTime.UtcNow - started);
                shown = true;
            }
        }

        if (shown)
        {
            HideProgress(activity);
        }

        try
        {
            var result = task.GetAwaiter().GetResult();
            _ = reports.TryTake(ref latest);

            // Of work in steps, the last step's name says nothing about the whole.
            var subject = latest.Fraction >= 0 || string.Equals(latest.Status, Nameless, StringComparison.Ordinal) ? string.Empty
                : $" ({latest.Status})";
            WriteVerbose(string.Create(CultureInfo.InvariantCulture, $"{activity}{subject}: {(DateTime.UtcNow - started).TotalSeconds:0.00} s"));
            return result;
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Shows how far <paramref name="activity"/> has come, with the time left as the pace so far suggests.</summary>
    protected void ShowProgress(string activity, WorkProgress progress, TimeSpan elapsed)
    {
        var record = new ProgressRecord(0, activity, progress.Status);
        if (progress.Fraction is > 0 and <= 1)
        {
            record.PercentComplete = (int)(100 * progress.Fraction);
            record.SecondsRemaining = (int)(elapsed.TotalSeconds * (1 - progress.Fraction) / progress.Fraction);
        }

        WriteProgress(record);
    }

    /// <summary>Takes the progress of <paramref name="activity"/> away.</summary>
    protected void HideProgress(string activity) =>
        WriteProgress(new ProgressRecord(0, activity, "Done") { RecordType = ProgressRecordType.Completed });

    /// <summary>Writes an error about one volume or file; the pipeline goes on with the next.</summary>
    /// <param name="exception">What went wrong; its message names the file.</param>
    /// <param name="errorId">Short stable identifier, "VolumeUnreadable" for example.</param>
    /// <param name="category">PowerShell's category.</param>
    /// <param name="target">The path or the volume's identity; never a volume.</param>
    protected void WriteItemError(Exception exception, string errorId, ErrorCategory category, object? target) =>
        WriteError(RecordOf(exception, errorId, category, target));

    /// <summary>An error as people read it: without the name of a parameter that is none of the cmdlet's.</summary>
    protected static ErrorRecord RecordOf(Exception exception, string errorId, ErrorCategory category, object? target)
    {
        var record = new ErrorRecord(exception, errorId, category, target);
        if (exception is ArgumentException { ParamName: { } name }
            && exception.Message.IndexOf($" (Parameter '{name}')", StringComparison.Ordinal) is > 0 and var end)
        {
            record.ErrorDetails = new(exception.Message[..end]);
        }

        return record;
    }

    /// <summary>Writes the error for a volume whose voxels could not be read or used.</summary>
    protected void WriteVolumeError(Exception exception, ScanIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        WriteItemError(MriFileException.Of(identity, exception), "VolumeUnusable", ErrorCategory.InvalidData, identity.Path ?? identity.Name);
    }

    // Keeps only the newest report: the pipeline thread shows progress when it gets to it.
    private sealed class LatestProgress : IProgress<WorkProgress>
    {
        private readonly ConcurrentQueue<WorkProgress> _reports = new();

        public void Report(WorkProgress value) => _reports.Enqueue(value);

        public bool TryTake(ref WorkProgress latest)
        {
            var any = false;
            while (_reports.TryDequeue(out var report))
            {
                latest = report;
                any = true;
            }

            return any;
        }
    }
}
