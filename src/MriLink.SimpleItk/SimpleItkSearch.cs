using System.Runtime.InteropServices;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Engines;

namespace MriLink.SimpleItk;

/// <summary>
/// Where SimpleITK is looked for. The first place that is named counts: one that is wrong is an error, not a reason to look farther.
/// </summary>
/// <param name="GivenPath">The folder, or the managed library in it, that the user gave; or null.</param>
/// <param name="VariablePath">The same from the environment (<see cref="Variable"/>); or null.</param>
/// <param name="ModuleFolder">The module's own folder, which may hold "engines/simpleitk".</param>
public sealed record SimpleItkSearch(string? GivenPath, string? VariablePath, string ModuleFolder)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "MRILINK_SIMPLEITK";

    /// <summary>The folder in the module's.</summary>
    public string OwnFolder => Path.Combine(ModuleFolder, "engines", "simpleitk");

    /// <summary>Finds the folder that holds SimpleITK's C# binding. Loads nothing.</summary>
    /// <exception cref="EngineUnavailableException">There is none, or the one that is named is not what it should be.</exception>
    public string Find()
    {
        if (!string.IsNullOrEmpty(GivenPath))
        {
            return FolderAt(GivenPath, "that -SimpleItkPath names");
        }

        if (!string.IsNullOrEmpty(VariablePath))
        {
            return FolderAt(VariablePath, $"that $env:{Variable} names");
        }

        return Directory.Exists(OwnFolder)
            ? FolderAt(OwnFolder, "in the module's folder")
            : throw new EngineUnavailableException(EngineProblem.NotInstalled, $"""
                SimpleITK is not installed for MriLink. Get the C# binding of SimpleITK {SimpleItkVersions.Text} for
                {RuntimeInformation.RuntimeIdentifier}: {SimpleItkLibrary.ManagedName} and {SimpleItkLibrary.NativeNames[0]}
                (SimpleITK-<version>-CSharp-<system>.zip from https://github.com/SimpleITK/SimpleITK/releases, or your own build of
                it). Put both into '{Shown(OwnFolder)}', or name their folder by -SimpleItkPath or $env:{Variable}.
                """.ReplaceLineEndings(" "));
    }

    // Paths come from users and environments: what is shown of them does not act on a terminal.
    internal static string Shown(string path) => SafeText.ForTerminal(path, 4096);

    private static string FolderAt(string path, string origin)
    {
        var full = Path.GetFullPath(path);
        var folder = string.Equals(Path.GetFileName(full), SimpleItkLibrary.ManagedName, StringComparison.OrdinalIgnoreCase)
            ? Path.GetDirectoryName(full)! : full;
        if (!Directory.Exists(folder))
        {
            throw new EngineUnavailableException(
                EngineProblem.ManagedLibraryMissing, $"The folder of SimpleITK {origin}, '{Shown(folder)}', does not exist.");
        }

        return File.Exists(Path.Combine(folder, SimpleItkLibrary.ManagedName))
            ? folder
            : throw new EngineUnavailableException(
                EngineProblem.ManagedLibraryMissing,
                $"The folder of SimpleITK {origin}, '{Shown(folder)}', holds no {SimpleItkLibrary.ManagedName}. The C# binding of SimpleITK "
                    + $"{SimpleItkVersions.Text} has it, beside {SimpleItkLibrary.NativeNames[0]}.");
    }
}
