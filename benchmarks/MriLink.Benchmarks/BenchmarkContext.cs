using System.Globalization;
using System.Reflection;
using System.Text;
using MriLink.Benchmarks.Reporting;
using MriLink.Core.Basics;

namespace MriLink.Benchmarks;

/// <summary>What a benchmark gets: its options, the data, a folder of its own that is deleted afterwards, and its report.</summary>
internal sealed class BenchmarkContext : IDisposable
{
    private readonly Dictionary<string, string> _options;
    private readonly StringBuilder _report = new();
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("mrilink-benchmark-");

    public BenchmarkContext(Dictionary<string, string> options, TextWriter output)
    {
        _options = options;
        Output = output;
        Runs = Number("runs");
        Work = new(Number("threads"), CancellationToken.None);
        Today = DateOnly.FromDateTime(DateTime.Now);
    }

    /// <summary>Where progress goes; the report is printed there too.</summary>
    public TextWriter Output { get; }

    /// <summary>Timed runs of each side.</summary>
    public int Runs { get; }

    /// <summary>Threads that our side may use.</summary>
    public WorkOptions Work { get; }

    /// <summary>The day of the run.</summary>
    public DateOnly Today { get; }

    /// <summary>The report so far, Markdown.</summary>
    public string Report => _report.ToString();

    /// <summary>The value of an option.</summary>
    public string Option(string name) => _options[name];

    /// <summary>The value of an option that is a whole number above 0.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public int Number(string name) =>
        int.TryParse(_options[name], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : throw new FormatException($"--{name} takes a whole number above 0, not '{_options[name]}'.");

    /// <summary>A path below the repository.</summary>
    public static string InRepository(string path) => Path.GetFullPath(path, RepositoryRoot);

    /// <summary>A path below the folder of real volumes.</summary>
    /// <exception cref="BenchmarkException">There is no such file or folder.</exception>
    public string Data(string path)
    {
        var full = Path.Combine(InRepository(Option("data")), path);
        return Path.Exists(full)
            ? full
            : throw new BenchmarkException(
                $"This benchmark needs {path} in the folder of real volumes, {Option("data")}: it is absent. Name the folder with --data.");
    }

    /// <summary>Whether the folder of real volumes holds a file or folder; says so when it does not.</summary>
    public bool HasData(string path)
    {
        var there = Path.Exists(Path.Combine(InRepository(Option("data")), path));
        if (!there)
        {
            Output.WriteLine($"{path} is absent from the folder of real volumes, {Option("data")}: what needs it is left out.");
        }

        return there;
    }

    /// <summary>A path in the benchmark's own folder, which is deleted in the end.</summary>
    public string Scratch(string name) => Path.Combine(_scratch.FullName, name);

    /// <summary>Adds a paragraph to the report.</summary>
    public void Say(string paragraph)
    {
        Output.WriteLine(paragraph);
        Output.WriteLine();
        _report.Append(paragraph.TrimEnd()).Append("\n\n");
    }

    /// <summary>Adds a table to the report.</summary>
    public void Say(MarkdownTable table) => Say(table.ToString());

    /// <summary>Tells how far the run has come; not part of the report.</summary>
    public void Progress(string line) => Output.WriteLine(line);

    public void Dispose() => _scratch.Delete(recursive: true);

    // Written by the build, for the program lies in bin/ and may be started from anywhere.
    private static string RepositoryRoot { get; } = typeof(BenchmarkContext).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => string.Equals(a.Key, "RepositoryRoot", StringComparison.Ordinal)).Value!;
}
