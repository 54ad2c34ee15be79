using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Preprocessing.Records;

namespace MriLink.SimpleItk;

/// <summary>The engines there are, by name.</summary>
public static class PreprocessingEngines
{
    // What both do; the rest of preprocessing is the same code whichever is chosen.
    private static readonly string[] Common = ["Reading", "BiasCorrection", "Registration", "Resampling"];

    /// <summary>Gives an engine; loads its library the first time.</summary>
    /// <param name="name">"BuiltIn" or "SimpleITK", in any case.</param>
    /// <param name="search">Where SimpleITK is looked for.</param>
    /// <exception cref="EngineUnavailableException">It cannot be used.</exception>
    /// <exception cref="ArgumentException">There is no such engine.</exception>
    public static PreprocessingEngine Get(string name, SimpleItkSearch search)
    {
        ArgumentNullException.ThrowIfNull(search);
        return string.Equals(name, BuiltInEngine.BuiltInName, StringComparison.OrdinalIgnoreCase) ? PreprocessingEngine.BuiltIn
            : string.Equals(name, SimpleItkEngine.SimpleItkName, StringComparison.OrdinalIgnoreCase) ? SimpleItkEngine.Load(search.Find())
            : throw new ArgumentException($"There is no engine '{name}'.", nameof(name));
    }

    /// <summary>What there is, and why what is missing is missing. Loads what can be loaded.</summary>
    /// <param name="search">Where SimpleITK is looked for.</param>
    public static IReadOnlyList<EngineStatus> Describe(SimpleItkSearch search)
    {
        ArgumentNullException.ThrowIfNull(search);
        var builtIn = new EngineStatus
        {
            Name = BuiltInEngine.BuiltInName,
            Version = Provenance.ToolVersion,
            Capabilities = [.. Common, "BrainExtraction", "Harmonization"],
        };
        return [builtIn, DescribeSimpleItk(search)];
    }

    private static EngineStatus DescribeSimpleItk(SimpleItkSearch search)
    {
        var status = new EngineStatus { Name = SimpleItkEngine.SimpleItkName, Capabilities = [.. Common] };
        string? folder = null;
        try
        {
            folder = search.Find();
            return status with { Path = folder, Version = SimpleItkEngine.Load(folder).Version };
        }
        catch (EngineUnavailableException exception)
        {
            return status with { Path = folder, Problem = exception.Message };
        }
    }
}
