using MriLink.Core.Simulation;

namespace MriLink.Benchmarks.Linkage;

/// <summary>A row of the table: in what the probe's scan differs from the gallery's.</summary>
/// <param name="Key">What --scenarios names it by.</param>
/// <param name="Name">For people.</param>
/// <param name="Kind">Conditions of the second session.</param>
internal sealed record Scenario(string Key, string Name, ScanScenario Kind)
{
    /// <summary>The scenarios of the paper and of this project.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("interval", "time interval, 2 years", ScanScenario.Interval),
        new("scanner", "another scanner", ScanScenario.Scanner),
        new("resolution", "3 mm slices", ScanScenario.Resolution),
        new("protocol", "another protocol (contrast)", ScanScenario.Protocol),
        new("decline", "cognitive decline, 3 years", ScanScenario.Decline),
        new("databases", "across databases: all at once", ScanScenario.AcrossDatabases),
        new("stripped", "stripped input, another scanner", ScanScenario.Scanner) { Stripped = true },
        new("raw", "raw heads, same scanner", ScanScenario.Standard),
    ];

    /// <summary>Whether both scans come without skull and scalp.</summary>
    public bool Stripped { get; init; }

    /// <summary>The scans of one session.</summary>
    public IReadOnlyList<SimulatedScan> Scans(int seed, int participants, int session) =>
    [
        .. new SimulatedCohort
        {
            Seed = seed,
            ParticipantNumbers = [.. Enumerable.Range(1, participants)],
            SessionNumbers = [session],
            Scenario = Kind,
            Adjust = conditions => conditions with { Stripped = Stripped },
        }.Scans(),
    ];
}
