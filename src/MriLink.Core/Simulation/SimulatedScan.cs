using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>A scan that is simulated when its voxels are read, and not kept: a cohort of hundreds takes no room.</summary>
public sealed class SimulatedScan : MriVolume
{
    private readonly SimulatedVoxelSource _source;

    internal SimulatedScan(
        ScanIdentity identity, SimulatedVoxelSource source, string trueParticipant, ScanScenario scenario, MriContrast? contrast,
        string? suffix = null)
        : base(contrast is { } shown and not MriContrast.T1w ? identity with { Kind = shown } : identity, source)
    {
        (_source, TrueParticipant, Scenario) = (source, trueParticipant, scenario.ToString());
        (Contrast, Suffix) = (contrast?.ToString(), contrast is { } known ? BidsName.SuffixOf(known) : suffix);
    }

    /// <summary>Who was scanned, whatever the scan is labelled: the same text for every scan of one person.</summary>
    public string TrueParticipant { get; }

    /// <summary>The scenario that the conditions were taken from.</summary>
    public string Scenario { get; }

    /// <summary>What the scan is weighted by (<see cref="MriContrast"/>), or null for a given volume: as that is, whatever it is.</summary>
    public string? Contrast { get; }

    /// <summary>The suffix of the scan's BIDS name: that of its contrast, or of a given volume's name; null when that has none.</summary>
    public string? Suffix { get; }

    /// <summary>How the scan is acquired.</summary>
    public ScanConditions Conditions => _source.Conditions;

    /// <summary>The seed of what is drawn for this scan alone.</summary>
    public long Seed => _source.ScanSeed;

    /// <summary>Whether everything outside the brain is 0.</summary>
    public bool IsStripped => Conditions.Stripped;

    /// <summary>Makes the scan together with its brain mask, transform and receive field; the voxels are those that reading gives.</summary>
    /// <exception cref="MriFileException">The scanned file is damaged or gone, or does not suit the conditions.</exception>
    public SimulationResult SimulateTruth(WorkOptions work) => _source.Simulate(work);

    /// <summary>
    /// The seed of what is drawn for one scan alone. Each contrast has its own: scans of one session share neither noise nor pose, by which they
    /// would know each other.
    /// </summary>
    internal static long ScanSeed(long seed, long key, MriContrast contrast) => contrast == MriContrast.T1w
        ? RandomStream.Derive(seed, SeedUse.Scan, key)
        : RandomStream.Derive(seed, SeedUse.Scan, key, (long)contrast);

    /// <summary>A new scan of the person in a volume.</summary>
    /// <remarks>
    /// A simulated scan is not scanned again itself; its person is. Of any other volume the intensities are the anatomy,
    /// read when the new scan's voxels are. The same volume and seed give the same scan, whatever else is scanned.
    /// </remarks>
    /// <param name="volume">A raw head or a stripped brain.</param>
    /// <param name="conditions">How to scan. Of a simulated scan's person, stripped or not as these say.</param>
    /// <param name="scenario">The scenario that the conditions were taken from.</param>
    /// <param name="seed">Pose, field, noise and scanner follow from it together with the volume's name.</param>
    /// <param name="sessionLabel">The session of the new scan.</param>
    /// <param name="stripped">Whether the volume is stripped, and so the new scan; null to find out on reading. Not used for a simulated
    /// scan.</param>
    /// <exception cref="MriFileException">The conditions ask for another contrast or for lesions of a volume whose tissues are not known.</exception>
    public static SimulatedScan Repeat(
        MriVolume volume, ScanConditions conditions, ScanScenario scenario, long seed, string sessionLabel, bool? stripped = null)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(conditions);
        var scanSeed = ScanSeed(seed, RandomStream.KeyOf(volume.Name), conditions.Contrast);
        var scannerSeed = RandomStream.Derive(seed, SeedUse.Scanner);
        var identity = new ScanIdentity(volume.Participant, sessionLabel, volume.Run);
        var isSimulatedPerson = volume is SimulatedScan { Contrast: not null };
        if (conditions.LesionLoad > 0 && !isSimulatedPerson)
        {
            throw new MriFileException(volume.Path ?? volume.Name, ScanSimulator.LesionsRefused);
        }

        if (conditions.Contrast != MriContrast.T1w && !isSimulatedPerson)
        {
            throw new MriFileException(volume.Path ?? volume.Name, ScanSimulator.OtherContrastRefused(conditions.Contrast));
        }

        if (volume is SimulatedScan simulated)
        {
            MriContrast? contrast = simulated.Contrast is null ? null : conditions.Contrast;
            return new(
                identity, simulated._source.With(conditions, scanSeed, scannerSeed), simulated.TrueParticipant, scenario, contrast, simulated.Suffix);
        }

        var known = stripped ?? (conditions.Stripped ? true : null);
        var source = new SimulatedVoxelSource(
            cancellation => new(SimulationAnatomy.FromVolume(volume.ReadVoxels(cancellation), volume.Path ?? volume.Name, known)),
            setup => ScanSimulator.GridOf(volume.Geometry, setup),
            conditions,
            scanSeed,
            scannerSeed);
        return new(identity, source, volume.Participant, scenario, contrast: null, volume.Path is null ? null : BidsName.Parse(volume.Path).Suffix);
    }
}
