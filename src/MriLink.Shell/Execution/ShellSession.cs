using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

namespace MriLink.Shell.Execution;

/// <summary>Opens the engine with the MriLink module imported.</summary>
internal static class ShellSession
{
    /// <summary>The modules that come with the program, beside it.</summary>
    public static string ModulesFolder { get; } = Path.Combine(AppContext.BaseDirectory, "Modules");

    /// <summary>Opens a runspace in the process's working directory.</summary>
    /// <exception cref="ModuleUnavailableException">The MriLink module is missing or cannot be loaded.</exception>
    public static Runspace Open(PSHost host, ExecutionPolicy? policy)
    {
        var manifest = Path.Combine(ModulesFolder, "MriLink", "MriLink.psd1");
        if (!File.Exists(manifest))
        {
            throw new ModuleUnavailableException($"The MriLink module is not where it belongs: '{manifest}' does not exist.");
        }

        var state = InitialSessionState.CreateDefault2();
        if (policy is { } chosen)
        {
            state.ExecutionPolicy = chosen;
        }

        var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        runspace.Open();
        PutModulesFirst();
        Runspace.DefaultRunspace = runspace;
        try
        {
            // Not through the initial session state, which lets a module pass whose library is missing.
            using var import = PowerShell.Create(runspace);
            import.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop).Invoke();
        }
        catch (RuntimeException exception)
        {
            runspace.Dispose();
            throw new ModuleUnavailableException($"The MriLink module in '{Path.GetDirectoryName(manifest)}' cannot be loaded: {exception.Message}", exception);
        }

        return runspace;
    }

    // Opening the runspace completes PSModulePath in its own order, in which a user's own copy would win over the one beside the program.
    private static void PutModulesFirst()
    {
        const string Variable = "PSModulePath";
        var folders = (Environment.GetEnvironmentVariable(Variable) ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(folder => !string.Equals(Path.TrimEndingDirectorySeparator(folder), ModulesFolder, StringComparison.Ordinal));
        Environment.SetEnvironmentVariable(Variable, string.Join(Path.PathSeparator, folders.Prepend(ModulesFolder)));
    }
}
