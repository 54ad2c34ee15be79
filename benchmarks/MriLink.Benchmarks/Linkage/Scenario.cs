using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

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

    /// <summary>Kinds of pair whose scans are not both T1-weighted; a group of their own, which "all" does not take.</summary>
    public static IReadOnlyList<Scenario> Contrasts { get; } =
    [
        Contrast(MriContrast.T1w, MriContrast.T2w),
        Contrast(MriContrast.T1w, MriContrast.FLAIR),
        Contrast(MriContrast.T1w, MriContrast.PD),
        Contrast(MriContrast.T2w, MriContrast.FLAIR),
        Contrast(MriContrast.T2w, MriContrast.T2w),
        Contrast(MriContrast.FLAIR, MriContrast.FLAIR),
    ];

    /// <summary>What the gallery's scans, those of the first session, are weighted by.</summary>
    public MriContrast GalleryContrast { get; init; }

    /// <summary>What the probes' scans are weighted by.</summary>
    public MriContrast ProbeContrast { get; init; }

    /// <summary>Lesions of white matter in the gallery's scans, ml; there is half as much again in the probes'.</summary>
    public double LesionLoad { get; init; }

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
            Adjust = conditions => conditions with
            {
                Stripped = Stripped,
                Contrast = session == 1 ? GalleryContrast : ProbeContrast,
                LesionLoad = session == 1 ? LesionLoad : 1.5 * LesionLoad,
            },
        }.Scans(),
    ];

    /// <summary>A kind of pair.</summary>
    /// <param name="gallery">What the gallery's scans are weighted by.</param>
    /// <param name="probe">What the probes' scans are weighted by.</param>
    public static Scenario Contrast(MriContrast gallery, MriContrast probe) =>
        new($"{gallery}-{probe}", $"{gallery} gallery, {probe} probes", ScanScenario.Contrast) { GalleryContrast = gallery, ProbeContrast = probe };
}
