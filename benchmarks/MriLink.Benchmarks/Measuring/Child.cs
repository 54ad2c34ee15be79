using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace MriLink.Benchmarks.Measuring;

/// <summary>Runs a program to its end and measures the whole process.</summary>
internal static class Child
{
    // How often the kernel is asked. A peak of the last few milliseconds of a process may be missed, no more.
    private const int PollMilliseconds = 3;

    // The unit of /proc/PID/stat, which Linux fixes at 100 a second for programs.
    private const double TicksPerSecond = 100;

    /// <summary>Runs a program; what it prints is kept.</summary>
    /// <param name="program">Name or path.</param>
    /// <param name="arguments">Its arguments, unquoted.</param>
    /// <param name="environment">Variables to set.</param>
    /// <exception cref="BenchmarkException">It cannot be started, or ends with another exit code than 0.</exception>
    public static ChildRun Run(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var watch = Stopwatch.StartNew();
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        var (peak, seconds) = (0L, 0.0);
        do
        {
            // Not ru_maxrss: of a child that is still to load its program, that counts this process's own memory.
            peak = Math.Max(peak, PeakMemory.Of(process.Id));
            seconds = Math.Max(seconds, ProcessorSeconds(process.Id));
        }
        while (!process.WaitForExit(PollMilliseconds));
        var elapsed = watch.Elapsed;
        var text = output.GetAwaiter().GetResult();
        return process.ExitCode == 0
            ? new(elapsed, TimeSpan.FromSeconds(seconds), peak, text)
            : throw new BenchmarkException($"{program} ended with exit code {process.ExitCode}: {Last(errors.GetAwaiter().GetResult() + text)}");
    }

    /// <summary>Whether a program ends well.</summary>
    public static bool Succeeds(string program, IEnumerable<string> arguments)
    {
        try
        {
            Run(program, arguments);
            return true;
        }
        catch (BenchmarkException)
        {
            return false;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception problem)
        {
            throw new BenchmarkException($"{start.FileName} cannot be started: {problem.Message}", problem);
        }
    }

    // User and system time of all threads.
    private static double ProcessorSeconds(int id)
    {
        try
        {
            // The fields follow the program's name, which is in parentheses and may hold anything.
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static string Last(string text)
    {
        const int most = 2000;
        return text.Length > most ? "…" + text[^most..] : text;
    }
}
