using System.Globalization;
using MriLink.Benchmarks.Reporting;

namespace MriLink.Benchmarks;

/// <summary>Reads the command line, checks that the peers are there, runs one benchmark and writes its section.</summary>
internal static class BenchmarkProgram
{
    private const int Success = 0;
    private const int Failure = 1;
    private const int WrongCommand = 64;

    // Fewer runs than this give no median worth printing.
    private const int LeastRuns = 5;

    private static readonly BenchmarkOption[] Common =
    [
        new("data", "../shared/data", "folder of real volumes; a relative path is taken from the repository"),
        new("runs", LeastRuns.ToString(CultureInfo.InvariantCulture), "timed runs of each side, in turn; with fewer than 5 nothing is written"),
        new("threads", "2", "threads that each side may use"),
        new("results", "benchmarks/RESULTS.md", "file whose section is replaced; 'none' writes no file"),
    ];

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors)
    {
        var benchmark = arguments.Count > 0 ? BenchmarkList.All.FirstOrDefault(b => string.Equals(b.Name, arguments[0], StringComparison.Ordinal))
            : null;
        if (benchmark is null)
        {
            PrintUsage(arguments.Count > 0 ? errors : output);
            return arguments.Count > 0 ? WrongCommand : Success;
        }

        try
        {
            using var context = new BenchmarkContext(Parse(benchmark, arguments.Skip(1)), output);
            var missing = benchmark.Peers.Where(peer => !peer.IsAvailable).ToList();
            foreach (var peer in missing)
            {
                errors.WriteLine($"{peer.Name} is missing{(peer.IsRequired ? "" : " and left out")}. To install it: {peer.HowToInstall}");
            }

            if (missing.Exists(peer => peer.IsRequired))
            {
                return Failure;
            }

            benchmark.Run(context);
            Write(benchmark, arguments, context);
            return Success;
        }
        catch (BenchmarkException problem)
        {
            errors.WriteLine(problem.Message);
            return Failure;
        }
        catch (FormatException problem)
        {
            errors.WriteLine(problem.Message);
            return WrongCommand;
        }
    }

    private static Dictionary<string, string> Parse(IBenchmark benchmark, IEnumerable<string> arguments)
    {
        var values = Common.Concat(benchmark.Options).ToDictionary(o => o.Name, o => o.Default, StringComparer.Ordinal);
        string? pending = null;
        foreach (var argument in arguments)
        {
            if (pending is not null)
            {
                values[pending] = argument;
                pending = null;
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal) && values.ContainsKey(argument[2..]))
            {
                pending = argument[2..];
            }
            else
            {
                throw new FormatException(
                    $"'{argument}' is no option of {benchmark.Name}; it takes {string.Join(", ", values.Keys.Select(k => "--" + k))}.");
            }
        }

        return pending is null ? values : throw new FormatException($"--{pending} needs a value.");
    }

    private static void Write(IBenchmark benchmark, IReadOnlyList<string> arguments, BenchmarkContext context)
    {
        if (context.Option("results") is "none")
        {
            return;
        }

        if (context.Runs < LeastRuns)
        {
            context.Output.WriteLine($"Fewer than {LeastRuns} runs: {context.Option("results")} stays as it is.");
            return;
        }

        ResultsFile.Replace(
            BenchmarkContext.InRepository(context.Option("results")),
            benchmark,
            $"{Machine.Describe(context.Today)}\n\n`{CommandLine(arguments)}`\n\n{context.Report}",
            BenchmarkList.All.Select(b => b.Name).ToList());
    }

    // Where the data lie on this machine is nobody's business.
    private static string CommandLine(IReadOnlyList<string> arguments) =>
        "dotnet run -c Release --project benchmarks/MriLink.Benchmarks -- "
        + string.Join(' ', arguments.Select(a => Path.IsPathRooted(a) ? "<folder>" : a));

    private static void PrintUsage(TextWriter output)
    {
        output.WriteLine("dotnet run -c Release --project benchmarks/MriLink.Benchmarks -- <name> [--option value]…");
        output.WriteLine();
        PrintOptions(output, "  every benchmark:", Common);
        foreach (var benchmark in BenchmarkList.All)
        {
            PrintOptions(output, $"  {benchmark.Name,-12} {benchmark.Summary}", benchmark.Options);
        }
    }

    private static void PrintOptions(TextWriter output, string heading, IEnumerable<BenchmarkOption> options)
    {
        output.WriteLine(heading);
        foreach (var option in options)
        {
            output.WriteLine($"      --{option.Name,-10} {option.Help} (default {option.Default})");
        }
    }
}
