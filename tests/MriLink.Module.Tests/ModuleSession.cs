using System.Collections.ObjectModel;
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
