using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>
/// Simulated participants and their scans. Participant k of a seed is the same person in every cohort with that seed, and so is each session's scan.
/// </summary>
public sealed record SimulatedCohort
{
    /// <summary>What all participants and scans follow from.</summary>
    public required int Seed { get; init; }

    /// <summary>Numbers of the participants, from 1 up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public required IReadOnlyList<int> ParticipantNumbers { get; init => field = FromOne(value); }

    /// <summary>Numbers of the sessions, from 1 up; session 1 is the standard scan of every scenario.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public required IReadOnlyList<int> SessionNumbers { get; init => field = FromOne(value); }

    /// <summary>In what later sessions differ from the first.</summary>
    public ScanScenario Scenario { get; init; }

    /// <summary>Changes the conditions that the scenario gives; null to leave them.</summary>
    public Func<ScanConditions, ScanConditions>? Adjust { get; init; }

    /// <summary>Composite format of a participant's label; {0} is the number.</summary>
    public string ParticipantFormat { get; init; } = "sim-{0:0000}";

    /// <summary>Composite format of a session's label; {0} is the number.</summary>
    public string SessionFormat { get; init; } = "{0}";

    /// <summary>The scans, participant by participant. They hold no voxels.</summary>
    /// <exception cref="FormatException">A format is not one.</exception>
    public IEnumerable<SimulatedScan> Scans()
    {
        foreach (var participant in ParticipantNumbers)
        {
            foreach (var session in SessionNumbers)
            {
                yield return Scan(participant, session);
            }
        }
    }

    private static IReadOnlyList<int> FromOne(IReadOnlyList<int> value)
    {
        foreach (var number in value)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(number, 1, nameof(value));
        }

        return value;
    }

    private SimulatedScan Scan(int participant, int session)
    {
        var conditions = ScanConditions.For(Scenario, session);
        conditions = Adjust?.Invoke(conditions) ?? conditions;
        var participantSeed = RandomStream.Derive(Seed, SeedUse.Participant, participant);
        var source = new SimulatedVoxelSource(
            _ => new(SimulationAnatomy.Template, new(participantSeed)),
            ScanSimulator.TemplateGrid,
            conditions,
            SimulatedScan.ScanSeed(participantSeed, session, conditions.Contrast),
            RandomStream.Derive(Seed, SeedUse.Scanner, session));
        var identity = new ScanIdentity(
            string.Format(CultureInfo.InvariantCulture, ParticipantFormat, participant),
            string.Format(CultureInfo.InvariantCulture, SessionFormat, session));
        return new(identity, source, FormattableString.Invariant($"sim{Seed}-{participant:0000}"), Scenario, conditions.Contrast);
    }
}
