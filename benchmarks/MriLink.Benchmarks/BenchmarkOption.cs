namespace MriLink.Benchmarks;

/// <summary>An option <c>--name value</c> of a benchmark.</summary>
/// <param name="Name">Without the dashes.</param>
/// <param name="Default">What holds when it is not given.</param>
/// <param name="Help">What it means, in one line.</param>
internal sealed record BenchmarkOption(string Name, string Default, string Help);
