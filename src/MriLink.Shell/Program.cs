using System.Runtime.CompilerServices;
using MriLink.Shell.CommandLine;

namespace MriLink.Shell;

/// <summary>The program's entry.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        ShellOptions options;
        try
        {
            options = ArgumentParser.Parse(arguments, Console.IsInputRedirected);
        }
        catch (UsageException exception)
        {
            Console.Error.WriteLine(exception.Message);
            return ExitCodes.BadCommandLine;
        }

        if (options.Mode == ShellMode.Help)
        {
            Console.Out.Write(UsageText.Help);
            return ExitCodes.Success;
        }

        // The engine reads these once, when its first type is touched: it must report to nobody and look for no update.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        Environment.SetEnvironmentVariable("POWERSHELL_UPDATECHECK", "Off");
        return Start(options);
    }

    // Apart from Main, so that no type of the engine is loaded before its environment is set.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Start(ShellOptions options) => ShellProgram.Run(options);
}
