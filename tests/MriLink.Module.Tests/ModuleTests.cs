namespace MriLink.Module.Tests;

public sealed class ModuleTests
{
    [Fact]
    public void The_manifest_is_valid()
    {
        using var session = new ModuleSession();

        var manifest = session.Run("Test-ModuleManifest -Path $args[0]", ModuleSession.ManifestPath).ThrowIfFailed().Single();

        Assert.Equal("MriLink", manifest.Properties["Name"].Value);
    }

    [Fact]
    public void Every_cmdlet_the_manifest_names_is_there()
    {
        using var session = new ModuleSession();

        var declared = session.Run("(Test-ModuleManifest -Path $args[0]).ExportedCmdlets.Keys", ModuleSession.ManifestPath).ThrowIfFailed();
        var found = session.Run("(Get-Command -Module MriLink -CommandType Cmdlet).Name").ThrowIfFailed();

        Assert.NotEmpty(declared);
        Assert.Equal(declared.Select(n => n.ToString()).Order(), found.Select(n => n.ToString()).Order());
    }
}
