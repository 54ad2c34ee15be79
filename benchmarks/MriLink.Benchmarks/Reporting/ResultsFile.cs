using System.Text;

namespace MriLink.Benchmarks.Reporting;

/// <summary>RESULTS.md: one section for each benchmark, replaced by the benchmark alone.</summary>
internal static class ResultsFile
{
    private const string Preamble = """
        # Results

        Written by the benchmark program, a section for each benchmark; see `benchmarks/README.md`. Times are medians of
        alternating runs with the smallest and largest in parentheses; ratios are the medians of the ratios run by run.

        """;

    /// <summary>Replaces the section of a benchmark, or puts it where it belongs.</summary>
    /// <param name="path">The file; made when absent.</param>
    /// <param name="benchmark">Whose section.</param>
    /// <param name="text">The section without its heading.</param>
    /// <param name="order">The names of all benchmarks, in the order of their sections.</param>
    public static void Replace(string path, IBenchmark benchmark, string text, IReadOnlyList<string> order)
    {
        var sections = File.Exists(path) ? Sections(File.ReadAllText(path)) : [];
        sections[benchmark.Name] = $"{Heading(benchmark.Name)}\n\n{benchmark.Summary}\n\n{text.TrimEnd()}\n";
        var all = new StringBuilder(Preamble.ReplaceLineEndings("\n"));
        foreach (var name in order.Concat(sections.Keys.Except(order, StringComparer.Ordinal)))
        {
            if (sections.TryGetValue(name, out var section))
            {
                all.Append('\n').Append(section);
            }
        }

        File.WriteAllText(path, all.ToString());
    }

    private static string Heading(string name) => "## " + name;

    // Name to text, each from its heading to the next.
    private static Dictionary<string, string> Sections(string file)
    {
        var sections = new Dictionary<string, string>(StringComparer.Ordinal);
        string? name = null;
        var lines = new StringBuilder();
        foreach (var line in file.ReplaceLineEndings("\n").Split('\n').Append("## "))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                if (name is not null)
                {
                    sections[name] = lines.ToString().TrimEnd() + "\n";
                }

                name = line[3..].Trim();
                lines.Clear();
            }

            lines.Append(line).Append('\n');
        }

        return sections;
    }
}
