using System.Globalization;

namespace MriLink.Benchmarks.Measuring;

/// <summary>The most memory (resident, bytes) that a process has held, from Linux's /proc.</summary>
internal static class PeakMemory
{
    /// <summary>Of this process.</summary>
    public static long OfThisProcess => Of(Environment.ProcessId);

    /// <summary>Begins anew: the peak of this process becomes what it holds now.</summary>
    public static void Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    /// <summary>Of any process; 0 when it has gone.</summary>
    public static long Of(int process)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    return 1024 * long.Parse(
                        line["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal),
                        NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
                }
            }
        }
        catch (IOException)
        {
            // It ended while we looked.
        }

        return 0;
    }
}
