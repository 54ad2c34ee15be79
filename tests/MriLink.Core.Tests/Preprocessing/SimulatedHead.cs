using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Simulation;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

/// <summary>Scans for the tests of preprocessing, on coarse grids to save time, and one preprocessor for all of them.</summary>
public sealed class SimulatedHead
{
    private readonly Lazy<SimulationResult> _colin = new(() => SimulatedScan.Repeat(
        new MriVolume(new("colin"), new MemoryVoxelSource(Template.Colin27.Head)),
        new ScanConditions
        {
            Spacing = new(2, 2, 2),
            Orientation = "PSR",
            Rotation = 20,
            Translation = 25,
            GradientDistortion = 0,
        },
        ScanScenario.Standard,
        seed: 5,
        "1").SimulateTruth(WorkOptions.AllProcessors));

    private readonly Lazy<SimulationResult> _first = new(() => Person(ScanScenario.Standard, session: 1, new(2, 2, 2)));

    /// <summary>Prepared with the defaults.</summary>
    public Preprocessor Preprocessor { get; } = new(new() { Template = Template.Colin27 }, WorkOptions.AllProcessors);

    /// <summary>Colin27 himself in another pose: where each place of the template lies in this scan is known exactly.</summary>
    public SimulationResult Colin => _colin.Value;

    /// <summary>A person's first scan.</summary>
    public SimulationResult First => _first.Value;

    /// <summary>A scan of one and the same person.</summary>
    public static SimulationResult Person(ScanScenario scenario, int session, Point3 spacing, bool stripped = false) => new SimulatedCohort
    {
        Seed = 3,
        ParticipantNumbers = [4],
        SessionNumbers = [session],
        Scenario = scenario,
        Adjust = c => c with { Spacing = spacing, Stripped = stripped },
    }.Scans().Single().SimulateTruth(WorkOptions.AllProcessors);

    /// <summary>Preprocesses a volume in memory.</summary>
    public PreprocessedVolume Process(Volume scan, Mask? brainMask = null) =>
        Preprocessor.Process(new MriVolume(new("someone"), new MemoryVoxelSource(scan)), brainMask, WorkOptions.AllProcessors);
}
