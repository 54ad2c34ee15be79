using System.Management.Automation.Language;

namespace MriLink.Module.Tests;

/// <summary>Scripts that need a full PowerShell are at least read by the engine's own parser here.</summary>
public sealed class ScriptSyntaxTests
{
    public static TheoryData<string> Scripts => [.. Directory
        .EnumerateFiles(ModuleSession.RepositoryRoot, "*.ps*1", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(ModuleSession.RepositoryRoot, path).Replace('\\', '/'))
        .Where(path => path.Split('/') is var parts && !parts.Contains("bin") && !parts.Contains("obj") && parts[0] != "out")
        .Order(StringComparer.Ordinal)];

    [Fact]
    public void There_are_scripts_of_each_kind()
    {
        var scripts = Scripts.Select(row => row.Data).ToArray();

        Assert.Contains("build.ps1", scripts);
        Assert.Contains("MriLink.psd1", scripts);
        Assert.Contains("examples/audit.ps1", scripts);
        Assert.Contains(scripts, s => s.StartsWith("tests/", StringComparison.Ordinal) && s.EndsWith(".Tests.ps1", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_script_parses(string path)
    {
        Parser.ParseFile(Path.Combine(ModuleSession.RepositoryRoot, path), out _, out var errors);

        Assert.Empty(errors.Select(e => $"{e.Extent.StartLineNumber}: {e.Message}"));
    }

    [Fact]
    public void Every_cmdlet_is_called_in_a_Pester_test()
    {
        var calls = Directory.EnumerateFiles(Path.Combine(ModuleSession.RepositoryRoot, "tests"), "*.Tests.ps1")
            .SelectMany(path => Parser.ParseFile(path, out _, out _).FindAll(ast => ast is CommandAst, searchNestedScriptBlocks: true))
            .Select(ast => ((CommandAst)ast).GetCommandName())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
        using var session = new ModuleSession();

        var cmdlets = session.Run("(Get-Command -Module MriLink -CommandType Cmdlet).Name").ThrowIfFailed().Select(n => n.ToString());

        Assert.All(cmdlets, name => Assert.Contains(name, calls));
    }
}
