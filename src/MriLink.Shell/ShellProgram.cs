using System.Management.Automation.Runspaces;
using System.Text;
using Microsoft.PowerShell;
using MriLink.Shell.CommandLine;
using MriLink.Shell.Execution;
using MriLink.Shell.Hosting;
using MriLink.Shell.Interactive;

namespace MriLink.Shell;

/// <summary>Does what the command line asked for.</summary>
internal static class ShellProgram
{
    /// <summary>Runs to the end.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(ShellOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Mode == ShellMode.Version)
        {
            Console.Out.WriteLine($"MriLink {ShellHost.ProgramVersion.ToString(3)} (PowerShell engine {ShellHost.EngineVersion})");
            return ExitCodes.Success;
        }

        if (!TryReadPolicy(options.ExecutionPolicy, out var policy))
        {
            Console.Error.WriteLine($"'{options.ExecutionPolicy}' is no execution policy. There are {string.Join(", ", Enum.GetNames<ExecutionPolicy>())}.");
            return ExitCodes.BadCommandLine;
        }

        UseUtf8();
        if (options.WorkingDirectory is { } folder)
        {
            Environment.CurrentDirectory = folder;
        }

        var userInterface = new ShellUserInterface(interactive: !options.NonInteractive);
        var host = new ShellHost(userInterface);
        Runspace runspace;
        try
        {
            runspace = ShellSession.Open(host, policy);
        }
        catch (ModuleUnavailableException exception)
        {
            userInterface.WriteErrorLine(exception.Message);
            return ExitCodes.Failure;
        }

        using (runspace)
        {
            var prompts = options.Mode == ShellMode.Interactive || options.NoExit;
            var runner = new ScriptRunner(runspace, host, userInterface);
            using var breaks = new BreakHandler(runner.Stop, prompts);
            var code = options.Mode switch
            {
                ShellMode.Command => runner.RunText(options.CommandText!, options.Arguments, inputIsData: true),
                ShellMode.File => runner.RunFile(options.ScriptPath!, options.Arguments, keepScope: options.NoExit),
                ShellMode.StandardInput => runner.RunText(Console.In.ReadToEnd(), options.Arguments, inputIsData: false),
                _ => ExitCodes.Success,
            };
            if (prompts && host.RequestedExit is null)
            {
                code = new InteractiveLoop(runspace, runner, host, userInterface, () => breaks.ExitCode is not null).Run(options.ShowLogo && options.Mode == ShellMode.Interactive);
            }

            return breaks.ExitCode ?? code;
        }
    }

    // Whatever the locale says, or does not say in a container.
    private static void UseUtf8()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Console.OutputEncoding = utf8;
        if (Console.IsInputRedirected || !OperatingSystem.IsWindows())
        {
            Console.InputEncoding = utf8;
        }
    }

    private static bool TryReadPolicy(string? name, out ExecutionPolicy? policy)
    {
        policy = null;
        if (name is null)
        {
            return true;
        }

        var known = Enum.TryParse<ExecutionPolicy>(name, ignoreCase: true, out var read) && Enum.IsDefined(read) && !char.IsAsciiDigit(name[0]);
        policy = known ? read : null;
        return known;
    }
}
