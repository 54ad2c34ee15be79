using System.Management.Automation;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Simulates another scan of the person in a volume.</summary>
/// <remarks>
/// The volume's anatomy is put into a simulated scanner: another pose, grid, receive field, noise and contrast. The voxels are made when a command
/// reads them.
/// </remarks>
[Cmdlet(VerbsCommon.New, "MriSimulatedScan", DefaultParameterSetName = "Detect")]
[OutputType(typeof(SimulatedScan))]
public sealed class NewMriSimulatedScanCommand : SimulationCmdlet
{
    /// <summary>The volume: a raw head or a stripped brain.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume InputObject { get; set; } = null!;

    /// <summary>Session label of the new scan.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string SessionLabel { get; set; } = "sim";

    /// <summary>
    /// Says that the volume is stripped, and so the new scan. Unless given, the volume's background and size decide. Of a simulated participant
    /// either can be made.
    /// </summary>
    [Parameter(ParameterSetName = "Stripped", Mandatory = true)]
    public SwitchParameter Stripped { get; set; }

    /// <summary>Says that the volume is a raw head.</summary>
    [Parameter(ParameterSetName = "RawHead", Mandatory = true)]
    public SwitchParameter RawHead { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        bool? stripped = ParameterSetName switch
        {
            "Stripped" => Stripped.ToBool(),
            "RawHead" => !RawHead.ToBool(),
            _ => null,
        };
        try
        {
            // Of a scenario's sessions the second is the first that differs.
            var conditions = Adjust(ScanConditions.For(ChosenScenario, session: 2)) with
            {
                Stripped = stripped ?? (InputObject as SimulatedScan)?.IsStripped ?? false,
                LesionLoad = LesionLoad ?? (InputObject as SimulatedScan)?.Conditions.LesionLoad ?? 0,
            };
            WriteObject(SimulatedScan.Repeat(InputObject, conditions, ChosenScenario, Seed, SessionLabel, stripped));
        }
        catch (MriFileException exception)
        {
            WriteItemError(exception, "TissuesNotKnown", ErrorCategory.InvalidArgument, InputObject.Path ?? InputObject.Name);
        }
        catch (ArgumentException exception)
        {
            ThrowInvalidParameter(exception, "InvalidScanConditions");
        }
    }
}
