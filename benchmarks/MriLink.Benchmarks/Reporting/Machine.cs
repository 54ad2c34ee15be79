using System.Globalization;
using System.Runtime.InteropServices;

namespace MriLink.Benchmarks.Reporting;

/// <summary>What a reader must know to judge the figures: when, on what processor, with which runtime.</summary>
internal static class Machine
{
    public static string Describe(DateOnly day) =>
        $"{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} · {Processor()}, {Environment.ProcessorCount} cores · "
            + $"{RuntimeInformation.FrameworkDescription}";

    private static string Processor() => File.ReadLines("/proc/cpuinfo")
        .Where(line => line.StartsWith("model name", StringComparison.Ordinal))
        .Select(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim())
        .FirstOrDefault() ?? RuntimeInformation.ProcessArchitecture.ToString();
}
