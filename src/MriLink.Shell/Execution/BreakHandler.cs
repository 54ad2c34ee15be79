using System.Runtime.InteropServices;

namespace MriLink.Shell.Execution;

/// <summary>Turns Ctrl+C and SIGTERM into stopping what runs.</summary>
internal sealed class BreakHandler : IDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    // A command that does not obey gets this long to release what it holds before SIGTERM ends the process all the same.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly Func<bool> _stop;
    private readonly bool _prompts;
    private readonly PosixSignalRegistration[] _registrations;
    private int _signal;

    /// <summary>Watches for both signals.</summary>
    /// <param name="stop">Asks what runs to stop; false if nothing does.</param>
    /// <param name="prompts">Whether the program goes back to a prompt after Ctrl+C, and so does not end by it.</param>
    public BreakHandler(Func<bool> stop, bool prompts)
    {
        _stop = stop;
        _prompts = prompts;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate),
        ];
    }

    /// <summary>The exit code for the signal that ended the session; null while none has.</summary>
    public int? ExitCode => Volatile.Read(ref _signal) is var signal and not 0 ? ExitCodes.FromSignal(signal) : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_prompts)
        {
            _stop();
        }
        else if (Interlocked.Exchange(ref _signal, Interrupt) != 0 || !_stop())
        {
            // Pressed again, or pressed before anything ran: the user does not want to wait.
            Environment.Exit(ExitCodes.FromSignal(Interrupt));
        }
    }

    private void OnTerminate(PosixSignalContext context)
    {
        context.Cancel = true;
        Interlocked.Exchange(ref _signal, Terminate);
        if (_stop())
        {
            Thread.Sleep(Grace);
        }

        Environment.Exit(ExitCodes.FromSignal(Terminate));
    }
}
