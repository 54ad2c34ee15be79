using System.Reflection;
using System.Reflection.Emit;

namespace MriLink.Shell.Tests;

/// <summary>MriLink beside a module that brings another version of a library that MriLink uses.</summary>
public sealed class IsolationTests
{
    private const string Library = "MathNet.Numerics";

    // Every MathNet in the process with the load context that holds it.
    private const string Versions = """
        [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'MathNet.Numerics' } |
            ForEach-Object { "$([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name) $($_.GetName().Version)" } |
            ForEach-Object { $_ }
        """;

    // Registration and bias correction, which solve linear systems with MathNet; the small head is quick.
    private const string Work = "$null = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 8 | Invoke-MriPreprocess -Spacing 8";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_keeps_its_own_version_whichever_comes_first(bool otherFirst)
    {
        using var folder = new TemporaryFolder();
        WriteOtherModule(folder.FullName);
        var useOther = $"Import-Module '{folder.FullName}/Other.psd1' -ErrorAction Stop; [MathNet.Numerics.Marker]::Say()";

        var result = ShellProcess.Run("-Command", $"{(otherFirst ? $"{useOther}; {Work}" : $"{Work}; {useOther}")}; {Versions}");

        Assert.Equal((string.Empty, 0), (result.Errors, result.ExitCode));
        Assert.Equal(["Default 4.0.0.0", "MriLink 5.0.0.0", "the other one"], result.Output.Split('\n').Order(StringComparer.Ordinal));
    }

    // A library of the same name and another version, with a type that the real one lacks, and a module that loads it.
    private static void WriteOtherModule(string folder)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(Library) { Version = new(4, 0, 0, 0) }, typeof(object).Assembly);
        var type = assembly.DefineDynamicModule(Library).DefineType("MathNet.Numerics.Marker", TypeAttributes.Public | TypeAttributes.Class);
        var body = type.DefineMethod("Say", MethodAttributes.Public | MethodAttributes.Static, typeof(string), []).GetILGenerator();
        body.Emit(OpCodes.Ldstr, "the other one");
        body.Emit(OpCodes.Ret);
        type.CreateType();
        assembly.Save(Path.Combine(folder, $"{Library}.dll"));
        File.WriteAllText(Path.Combine(folder, "Other.psd1"), $"@{{ ModuleVersion = '1.0'; RequiredAssemblies = '{Library}.dll' }}");
    }
}
