using MriLink.Benchmarks.Peers;

namespace MriLink.Benchmarks;

/// <summary>One comparison: a subcommand of the program and a section of RESULTS.md.</summary>
internal interface IBenchmark
{
    /// <summary>The subcommand, a lower-case word.</summary>
    string Name { get; }

    /// <summary>What is compared, in one line; the heading of the section.</summary>
    string Summary { get; }

    /// <summary>Programs, modules and files that the comparison needs and that the repository does not hold.</summary>
    IReadOnlyList<Peer> Peers { get; }

    /// <summary>The benchmark's own options.</summary>
    IReadOnlyList<BenchmarkOption> Options => [];

    /// <summary>Measures, and writes what it found into the context's report.</summary>
    /// <exception cref="BenchmarkException">The comparison cannot be made; the message says why.</exception>
    void Run(BenchmarkContext context);
}
