using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Simulation;

namespace MriLink.Commands;

/// <summary>Simulates participants and their scans.</summary>
/// <remarks>
/// A participant is a smooth invertible deformation of Colin27 and follows from the seed and the participant's number alone. Scans hold no voxels:
/// they are made when a command reads them.
/// </remarks>
[Cmdlet(VerbsCommon.New, "MriSimulatedCohort", DefaultParameterSetName = "Count")]
[OutputType(typeof(SimulatedScan))]
public sealed class NewMriSimulatedCohortCommand : SimulationCmdlet
{
    /// <summary>How many participants: those numbered from 1 on.</summary>
    [Parameter(ParameterSetName = "Count", Position = 0)]
    [ValidateRange(1, 100000)]
    public int ParticipantCount { get; set; } = 10;

    /// <summary>Which participants. A second cohort that shares some numbers and the seed shares the people.</summary>
    [Parameter(ParameterSetName = "Number", Mandatory = true)]
    [ValidateRange(1, int.MaxValue)]
    public int[]? ParticipantNumber { get; set; }

    /// <summary>How many scans of each participant: the standard scan and those that the scenario makes different.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int SessionCount { get; set; } = 2;

    /// <summary>Which sessions, instead of a count; session 1 is the standard scan.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int[]? SessionNumber { get; set; }

    /// <summary>Format of participants' labels; {0} is the number. Two databases may label one person differently.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string LabelFormat { get; set; } = "sim-{0:0000}";

    /// <summary>Format of sessions' labels; {0} is the number.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string SessionFormat { get; set; } = "{0}";

    /// <summary>Leaves nothing but the brain: everything else is exactly 0.</summary>
    [Parameter]
    public SwitchParameter Stripped { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var cohort = new SimulatedCohort
        {
            Seed = Seed,
            ParticipantNumbers = ParticipantNumber ?? [.. Enumerable.Range(1, ParticipantCount)],
            SessionNumbers = SessionNumber ?? [.. Enumerable.Range(1, SessionCount)],
            Scenario = ChosenScenario,
            Adjust = conditions => Adjust(conditions) with { Stripped = Stripped },
            ParticipantFormat = LabelFormat,
            SessionFormat = SessionFormat,
        };
        CheckFormat(LabelFormat, nameof(LabelFormat));
        CheckFormat(SessionFormat, nameof(SessionFormat));
        try
        {
            foreach (var scan in cohort.Scans())
            {
                StopToken.ThrowIfCancellationRequested();
                WriteObject(scan);
            }
        }
        catch (ArgumentException exception)
        {
            ThrowInvalidParameter(exception, "InvalidScanConditions");
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private void CheckFormat(string format, string parameter)
    {
        try
        {
            _ = string.Format(CultureInfo.InvariantCulture, format, 1);
        }
        catch (FormatException exception)
        {
            ThrowInvalidParameter(
                new ArgumentException($"'{format}' is no format with the number as {{0}}, as in 'B{{0:000}}'.", parameter, exception),
                "InvalidFormat");
        }
    }
}
