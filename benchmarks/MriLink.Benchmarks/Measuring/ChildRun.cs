namespace MriLink.Benchmarks.Measuring;

/// <summary>A process that ran to its end.</summary>
/// <param name="Elapsed">Wall time from the start to the exit.</param>
/// <param name="Processor">User and system time of all its threads, to a hundredth of a second.</param>
/// <param name="PeakBytes">The most memory it held at once (resident).</param>
/// <param name="Output">What it printed on standard output.</param>
internal sealed record ChildRun(TimeSpan Elapsed, TimeSpan Processor, long PeakBytes, string Output);
