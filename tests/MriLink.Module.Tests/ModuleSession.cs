using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace MriLink.Module.Tests;

/// <summary>A runspace of the real engine with the staged module imported, and a folder that goes away with it.</summary>
public sealed class ModuleSession : IDisposable
{
    private readonly Runspace _runspace;

    public ModuleSession()
    {
        Folder = Directory.CreateTempSubdirectory("mrilink-").FullName;
        _runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        _runspace.Open();
        Run("Import-Module -Name $args[0] -ErrorAction Stop", ManifestPath).ThrowIfFailed();
    }

    /// <summary>The manifest of the staged module.</summary>
    public static string ManifestPath => Path.Combine(Metadata("ModuleStage"), "MriLink.psd1");

    /// <summary>The root of the checkout.</summary>
    public static string RepositoryRoot => Metadata("RepositoryRoot");

    /// <summary>A temporary folder of this session.</summary>
    public string Folder { get; }

    /// <summary>Runs a script with <c>$args</c> and collects every stream.</summary>
    public Outcome Run(string script, params object?[] arguments)
    {
        using var shell = Create(script, arguments);
        var output = new Collection<PSObject>();
        Exception? failure = null;
        try
        {
            foreach (var item in shell.Invoke())
            {
                output.Add(item);
            }
        }
        catch (RuntimeException exception)
        {
            failure = exception;
        }

        return new(output, [.. shell.Streams.Error], [.. shell.Streams.Warning.Select(w => w.Message)], failure);
    }

    /// <summary>A shell on this session's runspace, for tests that need to stop it or watch it run.</summary>
    public PowerShell Create(string script, params object?[] arguments)
    {
        var shell = PowerShell.Create(_runspace).AddScript(script);
        foreach (var argument in arguments)
        {
            shell.AddArgument(argument);
        }

        return shell;
    }

    /// <summary>What Tab would offer at the end of a line.</summary>
    public IReadOnlyList<CompletionResult> Complete(string line)
    {
        using var shell = PowerShell.Create(_runspace);
        return CommandCompletion.CompleteInput(line, line.Length, options: null, shell).CompletionMatches;
    }

    /// <summary>Runs a script that takes long, stops it after half a second, and measures how long that takes.</summary>
    /// <remarks>Three tries: what else the machine does can delay one, and never hastens any.</remarks>
    public void AssertStopsWithinASecond(string script, string setup)
    {
        Run(setup).ThrowIfFailed();
        var shortest = TimeSpan.MaxValue;
        for (var attempt = 0; attempt < 3 && shortest > TimeSpan.FromSeconds(1); attempt++)
        {
            using var shell = Create(script);
            var running = shell.BeginInvoke();
            Assert.False(running.AsyncWaitHandle.WaitOne(TimeSpan.FromMilliseconds(500)), "finished before it could be stopped");

            var stopwatch = Stopwatch.StartNew();
            shell.Stop();

            shortest = stopwatch.Elapsed < shortest ? stopwatch.Elapsed : shortest;
            Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        }

        Assert.InRange(shortest, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Metadata(string key) =>
        typeof(ModuleSession).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    /// <summary>What a script wrote, stream by stream.</summary>
    public sealed record Outcome(Collection<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, IReadOnlyList<string> Warnings, Exception? Failure)
    {
        /// <summary>What went wrong first: an error that ends a statement is thrown or written, as the script has it.</summary>
        public Exception? Problem => Failure ?? (Errors.Count > 0 ? Errors[0].Exception : null);

        /// <summary>The output, when nothing went wrong.</summary>
        public Collection<PSObject> ThrowIfFailed()
        {
            if (Failure is not null)
            {
                throw new InvalidOperationException($"The script failed: {Failure.Message}", Failure);
            }

            return Errors.Count == 0 ? Output : throw new InvalidOperationException($"The script wrote errors: {string.Join(" | ", Errors)}");
        }
    }
}
