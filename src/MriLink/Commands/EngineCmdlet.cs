using System.Management.Automation;
using MriLink.Core.Preprocessing.Engines;

namespace MriLink.Commands;

/// <summary>What the cmdlets that preprocess have in common: whose code does the numerical work.</summary>
public abstract class EngineCmdlet : MriCmdlet
{
    /// <summary>
    /// Who corrects the bias field, registers and resamples: MriLink itself, or SimpleITK, which is not part of MriLink (Get-MriEngine says whether
    /// it is there, and why not).
    /// </summary>
    [Parameter]
    [Choice("BuiltIn: MriLink itself", "SimpleITK: ITK's own code, where it is installed")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Engine { get; set; } = "BuiltIn";

    /// <summary>
    /// With -Engine SimpleITK: the folder of its C# binding. Without it, $env:MRILINK_SIMPLEITK and then engines/simpleitk in the module's folder
    /// are looked at.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SimpleItkPath { get; set; }

    /// <summary>The engine that was chosen; an error that ends the cmdlet when it cannot be used.</summary>
    private protected PreprocessingEngine ResolveEngine() => EngineChoice.Resolve(this, Engine, SimpleItkPath);
}
