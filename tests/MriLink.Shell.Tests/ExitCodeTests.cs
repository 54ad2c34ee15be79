namespace MriLink.Shell.Tests;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit", 0)]
    [InlineData("throw 'no'", 1)]
    [InlineData("Get-NoSuchThing; 1", 0)]
    [InlineData("1; Get-NoSuchThing", 1)]
    [InlineData("try { throw 'no' } catch { 'caught' }", 0)]
    [InlineData("if (", 1)]
    [InlineData("$Host.SetShouldExit(9); 'still here'", 9)]
    public void Of_a_command_is_that_of_its_last_statement(string command, int expected) =>
        Assert.Equal(expected, ShellProcess.Run("-Command", command).ExitCode);

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 0; throw 'never'", 0)]
    [InlineData("throw 'no'", 1)]
    [InlineData("1; Get-NoSuchThing", 0)]
    [InlineData("function f { exit 5 }; f; exit 6", 5)]
    [InlineData("param([int]$Count) exit 3", 1, "many")]
    [InlineData("[CmdletBinding()] param($Path) exit 3", 1, "-NoSuch", "x")]
    [InlineData("if (", 1)]
    [InlineData("#requires -Version 99\n1", 1)]
    [InlineData("$Host.SetShouldExit(9); 'still here'", 9)]
    public void Of_a_script_is_what_it_exits_with(string script, int expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var result = ShellProcess.Run(["-File", folder.Write("it's a script.ps1", script), .. arguments]);

        Assert.Equal(expected, result.ExitCode);
    }

    [Fact]
    public void Of_a_native_command_counts_as_in_pwsh()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Uses /bin/sh.");
        using var folder = new TemporaryFolder();

        Assert.Equal(1, ShellProcess.Run("-c", "/bin/sh -c 'exit 5'").ExitCode);
        Assert.Equal(5, ShellProcess.Run("-c", "/bin/sh -c 'exit 5'; exit $LASTEXITCODE").ExitCode);
        Assert.Equal(0, ShellProcess.Run("-f", folder.Write("native.ps1", "/bin/sh -c 'exit 5'; $LASTEXITCODE")).ExitCode);
        Assert.Equal(0, ShellProcess.Run("-f", folder.Write("last.ps1", "/bin/sh -c 'exit 5'")).ExitCode);
    }

    [Fact]
    public void Of_a_wrong_command_line_is_64_with_a_message()
    {
        foreach (var (argument, message) in new[] { ("-Nope", "no parameter"), ("missing.ps1", "does not exist") })
        {
            var result = ShellProcess.Run(argument);

            Assert.Equal(64, result.ExitCode);
            Assert.Contains(message, result.Errors, StringComparison.Ordinal);
            Assert.Contains(argument, result.Errors, StringComparison.Ordinal);
            Assert.Empty(result.Output);
        }
    }

    [Fact]
    public void Of_a_shell_without_its_module_is_1_with_a_message()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.EnumerateFiles(ShellProcess.Stage))
        {
            File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        }

        var missing = ShellProcess.RunFrom(folder.FullName, "-c", "'ran'");
        var module = Directory.CreateDirectory(Path.Combine(folder.FullName, "Modules", "MriLink")).FullName;
        File.WriteAllText(Path.Combine(module, "MriLink.psd1"), "@{ RootModule = 'MriLink.dll'; ModuleVersion = '1.0' }");
        var broken = ShellProcess.RunFrom(folder.FullName, "-c", "'ran'");

        Assert.Equal((1, string.Empty), (missing.ExitCode, missing.Output));
        Assert.Contains("MriLink.psd1' does not exist", missing.Errors, StringComparison.Ordinal);
        Assert.Equal((1, string.Empty), (broken.ExitCode, broken.Output));
        Assert.Contains("cannot be loaded", broken.Errors, StringComparison.Ordinal);
    }
}
