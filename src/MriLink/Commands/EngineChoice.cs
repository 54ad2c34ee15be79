using System.Management.Automation;
using MriLink.Core.Preprocessing.Engines;
using MriLink.SimpleItk;

namespace MriLink.Commands;

/// <summary>What -Engine and -SimpleItkPath mean, wherever they are taken.</summary>
internal static class EngineChoice
{
    /// <summary>The engine that a user chose; an error that ends the cmdlet when it cannot be used.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="engine">Its -Engine.</param>
    /// <param name="simpleItkPath">Its -SimpleItkPath.</param>
    public static PreprocessingEngine Resolve(PSCmdlet cmdlet, string engine, string? simpleItkPath)
    {
        try
        {
            var chosen = PreprocessingEngines.Get(engine, Search(cmdlet, simpleItkPath));
            return simpleItkPath is null || chosen != PreprocessingEngine.BuiltIn
                ? chosen
                : throw new ParameterBindingException("-SimpleItkPath goes with -Engine SimpleITK.");
        }
        catch (EngineUnavailableException exception)
        {
            cmdlet.ThrowTerminatingError(new ErrorRecord(exception, "EngineUnavailable", ErrorCategory.NotInstalled, engine));
            throw;
        }
        catch (ParameterBindingException exception)
        {
            cmdlet.ThrowTerminatingError(new ErrorRecord(exception, "EngineMisnamed", ErrorCategory.InvalidArgument, engine));
            throw;
        }
    }

    /// <summary>Where SimpleITK is looked for.</summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="simpleItkPath">Its -SimpleItkPath.</param>
    public static SimpleItkSearch Search(PSCmdlet cmdlet, string? simpleItkPath) => new(
        simpleItkPath is null ? null : cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(simpleItkPath),
        Environment.GetEnvironmentVariable(SimpleItkSearch.Variable),
        System.IO.Path.GetDirectoryName(typeof(EngineChoice).Assembly.Location)!);
}
