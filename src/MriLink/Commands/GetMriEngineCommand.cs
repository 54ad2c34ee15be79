using System.Management.Automation;
using MriLink.Core.Preprocessing.Engines;
using MriLink.SimpleItk;

namespace MriLink.Commands;

/// <summary>Gets the engines that can read and preprocess scans, and says why one cannot be used.</summary>
/// <remarks>
/// BuiltIn is always there. SimpleITK is a reference to check it against: it reads, corrects the bias field, registers and resamples by ITK's own
/// code; brain extraction and harmonisation stay MriLink's. It is not part of MriLink. It is looked for at -SimpleItkPath, then where
/// $env:MRILINK_SIMPLEITK says, then in engines/simpleitk in the module's folder; the first of these that is there counts.
/// </remarks>
[Cmdlet(VerbsCommon.Get, "MriEngine")]
[OutputType(typeof(EngineStatus))]
public sealed class GetMriEngineCommand : PSCmdlet
{
    /// <summary>One engine alone.</summary>
    [Parameter(Position = 0)]
    [Choice("BuiltIn: MriLink itself", "SimpleITK: ITK's own code, where it is installed")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string? Name { get; set; }

    /// <summary>The folder of SimpleITK's C# binding, or the managed library in it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SimpleItkPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var engine in PreprocessingEngines.Describe(EngineChoice.Search(this, SimpleItkPath)))
        {
            if (Name is null || string.Equals(Name, engine.Name, StringComparison.OrdinalIgnoreCase))
            {
                WriteObject(engine);
            }
        }
    }
}
