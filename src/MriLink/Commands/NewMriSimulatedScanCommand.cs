using System.Management.Automation;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// <para type="synopsis">Simulates another scan of the person in a volume.</para>
/// <para type="description">The volume's anatomy is put into a simulated scanner: another pose, grid, receive field, noise and contrast. The voxels are made when a command reads them.</para>
/// </summary>
[Cmdlet(VerbsCommon.New, "MriSimulatedScan", DefaultParameterSetName = "Detect")]
[OutputType(typeof(SimulatedScan))]
public sealed class NewMriSimulatedScanCommand : SimulationCmdlet
{
    /// <summary><para type="description">The volume: a raw head or a stripped brain.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume InputObject { get; set; } = null!;

    /// <summary><para type="description">Session label of the new scan.</para></summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string SessionLabel { get; set; } = "sim";

    /// <summary><para type="description">Says that the volume is stripped, and so the new scan. Unless given, the volume's background and size decide. Of a simulated participant either can be made.</para></summary>
    [Parameter(ParameterSetName = "Stripped", Mandatory = true)]
    public SwitchParameter Stripped { get; set; }

    /// <summary><para type="description">Says that the volume is a raw head.</para></summary>
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
            };
            WriteObject(SimulatedScan.Repeat(InputObject, conditions, ChosenScenario, Seed, SessionLabel, stripped));
        }
        catch (ArgumentException exception)
        {
            ThrowInvalidParameter(exception, "InvalidScanConditions");
        }
    }
}
