using MriLink.Shell.CommandLine;

namespace MriLink.Shell.Tests;

public sealed class ArgumentParserTests
{
    [Theory]
    [InlineData("-Command")]
    [InlineData("-c")]
    [InlineData("-COMM")]
    [InlineData("--command")]
    public void A_command_takes_the_rest_of_the_line_joined_by_blanks(string parameter)
    {
        var options = Parse("-NoLogo", parameter, "'a'", "-NoProfile", "-File");

        Assert.Equal(ShellMode.Command, options.Mode);
        Assert.Equal("'a' -NoProfile -File", options.CommandText);
        Assert.False(options.ShowLogo);
    }

    [Fact]
    public void Nothing_at_all_prompts_or_reads_what_is_piped_in()
    {
        Assert.Equal(ShellMode.Interactive, ArgumentParser.Parse([], inputRedirected: false).Mode);
        Assert.Equal(ShellMode.StandardInput, ArgumentParser.Parse([], inputRedirected: true).Mode);
        Assert.Equal(ShellMode.StandardInput, ArgumentParser.Parse(["-Command", "-"], inputRedirected: true).Mode);
        Assert.Throws<UsageException>(() => ArgumentParser.Parse(["-Command", "-"], inputRedirected: false));
    }

    [Fact]
    public void A_script_gets_everything_after_it_even_what_looks_like_a_parameter_of_the_shell()
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("audit.ps1", "1");

        foreach (string[] line in (string[][])[["-f", script], ["-File", script], [script]])
        {
            var options = Parse([.. line, "-NoLogo", "-Path:x", "-Deep:$true", "-Off:false", "-Late:", "-v", "plain", "-"]);

            Assert.Equal(ShellMode.File, options.Mode);
            Assert.Equal(script, options.ScriptPath);
            Assert.Equal(
                [
                    new("-NoLogo", null),
                    new("-Path", "x"),
                    new("-Deep", true),
                    new("-Off", false),
                    new("-Late", "-v"),
                    new(null, "plain"),
                    new ScriptArgument(null, "-"),
                ],
                options.Arguments);
        }
    }

    [Fact]
    public void An_encoded_command_is_base64_of_utf16()
    {
        // From: printf "'ä'" | iconv -t UTF-16LE | base64
        Assert.Equal("'ä'", Parse("-EncodedCommand", "JwDkACcA").CommandText);
        Assert.Throws<UsageException>(() => Parse("-e", "no base64!"));
    }

    [Theory]
    [InlineData("-Nope")]
    [InlineData("-File")]
    [InlineData("-File", "missing.ps1")]
    [InlineData("missing.ps1")]
    [InlineData("-Command")]
    [InlineData("-WorkingDirectory", "no such folder")]
    [InlineData("-no")]
    public void What_makes_no_sense_is_refused(params string[] line) => Assert.Throws<UsageException>(() => Parse(line));

    [Theory]
    [InlineData("-Version", ShellMode.Version)]
    [InlineData("-v", ShellMode.Version)]
    [InlineData("-?", ShellMode.Help)]
    [InlineData("-h", ShellMode.Help)]
    internal void Version_and_help_win_over_what_follows(string parameter, ShellMode mode) =>
        Assert.Equal(mode, Parse("-NonInteractive", parameter, "-Nope").Mode);

    private static ShellOptions Parse(params string[] arguments) => ArgumentParser.Parse(arguments, inputRedirected: false);
}
