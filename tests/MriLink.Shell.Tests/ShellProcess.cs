using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace MriLink.Shell.Tests;

/// <summary>The staged program, started as a user would start it, with its streams redirected.</summary>
internal sealed class ShellProcess : IDisposable
{
    // Far beyond what any of these runs takes, for a machine that does other things as well.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private ShellProcess(string folder, string[] arguments, bool resetSignals)
    {
        var program = Path.Combine(folder, OperatingSystem.IsWindows() ? "mrilink.exe" : "mrilink");
        var start = new ProcessStartInfo(resetSignals ? "env" : program)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        if (resetSignals)
        {
            // Programs started in the background inherit an ignored Ctrl+C, from the tests' own parent too.
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add(program);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Remove("NO_COLOR");
        start.Environment.Remove("POWERSHELL_TELEMETRY_OPTOUT");
        start.Environment["TERM"] = "xterm-256color";
        start.Environment["LC_ALL"] = "C";
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>The folder that the program is staged in.</summary>
    public static string Stage { get; } = Metadata("ShellStage");

    /// <summary>The root of the checkout.</summary>
    public static string RepositoryRoot { get; } = Metadata("RepositoryRoot");

    public TextReader Output => _process.StandardOutput;

    /// <summary>Runs the program to its end with an empty standard input.</summary>
    public static Result Run(params string[] arguments) => RunWithInput(string.Empty, arguments);

    /// <summary>Runs a copy of the program to its end.</summary>
    public static Result RunFrom(string folder, params string[] arguments) => Run(folder, string.Empty, arguments);

    /// <summary>Runs the program to its end.</summary>
    public static Result RunWithInput(string input, params string[] arguments) => Run(Stage, input, arguments);

    /// <summary>Starts the program, able to receive signals.</summary>
    public static ShellProcess Start(params string[] arguments)
    {
        var shell = new ShellProcess(Stage, arguments, resetSignals: OperatingSystem.IsLinux());
        shell._process.StandardInput.Close();
        return shell;
    }

    public void Signal(int number) => Assert.Equal(0, Native.Kill(_process.Id, number));

    public bool EndsWithin(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>Waits, and fails if the program does not end in time.</summary>
    public Result WaitForEnd(TimeSpan patience)
    {
        var output = _process.StandardOutput.ReadToEndAsync();
        if (!_process.WaitForExit(patience))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"The program did not end within {patience}.");
        }

        return new(_process.ExitCode, Lines(output.Result), Lines(_errors.Result));
    }

    public void Dispose() => _process.Dispose();

    private static Result Run(string folder, string input, string[] arguments)
    {
        using var shell = new ShellProcess(folder, arguments, resetSignals: false);
        shell._process.StandardInput.Write(input);
        shell._process.StandardInput.Close();
        return shell.WaitForEnd(Patience);
    }

    private static string Metadata(string key) =>
        typeof(ShellProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;

    private static string Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n');

    /// <summary>How the program ended and what it wrote, without the last line ends.</summary>
    internal sealed record Result(int ExitCode, string Output, string Errors);

    private static class Native
    {
        [DllImport("libc", EntryPoint = "kill", ExactSpelling = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Kill(int process, int signal);
    }
}
