namespace MriLink.Shell.Tests;

public sealed class ScriptTests
{
    private const string Echo = """
        param([string]$Name, [int]$Count = 1, [switch]$Loud, [Parameter(ValueFromRemainingArguments)][string[]]$Rest)
        "$Name|$Count|$Loud|$($Rest -join '+')|$([IO.Path]::GetFileName($PSCommandPath))|$($MyInvocation.MyCommand.Path -eq $PSCommandPath)"
        """;

    [Theory]
    [InlineData("x|2|True|", "x", "2", "-Loud")]
    [InlineData("x|2|False|", "-Count", "2", "-Name", "x")]
    [InlineData("x:y|1|False|", "-Name:x:y")]
    [InlineData("x|1|True|", "-Loud:true", "-Name", "x")]
    [InlineData("x|1|False|", "-Loud:$false", "-Name:", "x")]
    [InlineData("$(1+1); 'q' `\"|3|False|a b+$x", "$(1+1); 'q' `\"", "3", "a b", "$x")]
    [InlineData("|-5|False|", "-Count", "-5")]
    [InlineData("äöü 脳|1|False|", "äöü 脳")]
    public void Arguments_bind_as_in_pwsh_and_none_is_evaluated(string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("echo it.ps1", Echo);

        var result = ShellProcess.Run(["-File", script, .. arguments]);

        Assert.Equal((string.Empty, $"{expected}|echo it.ps1|True"), (result.Errors, result.Output));
    }

    [Fact]
    public void Standard_input_is_run_as_one_script()
    {
        const string Script = """
            $x = 'früh'
            if ($false) {
                'not this'
            }
            else {
                "this $x"
            }
            exit 4
            """;

        foreach (string[] line in (string[][])[[], ["-Command", "-"], ["-NoProfile", "-File", "-"]])
        {
            var result = ShellProcess.RunWithInput(Script, line);

            Assert.Equal((4, "this früh", string.Empty), (result.ExitCode, result.Output, result.Errors));
        }
    }

    [Fact]
    public void Standard_input_is_data_for_a_script_that_mentions_input()
    {
        using var folder = new TemporaryFolder();
        const string Script = "$input | ForEach-Object { \"<$_>\" }";

        var command = ShellProcess.RunWithInput("a\nb\n", "-Command", Script);
        var file = ShellProcess.RunWithInput("a\nb\n", "-File", folder.Write("lines.ps1", Script));

        Assert.Equal("<a>\n<b>", command.Output);
        Assert.Equal("<a>\n<b>", file.Output);
    }

    [Fact]
    public void The_working_directory_is_where_the_session_starts_and_not_where_the_script_is_looked_up()
    {
        using var folder = new TemporaryFolder();

        var result = ShellProcess.Run("-wd", folder.FullName, "-c", "$PWD.Path; [Environment]::CurrentDirectory");

        // The system's temporary folder may be a link.
        Assert.All(result.Output.Split('\n'), line => Assert.EndsWith(Path.GetFileName(folder.FullName), line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_script_without_extension_runs_too_as_a_first_line_with_its_path_needs()
    {
        using var folder = new TemporaryFolder();

        var result = ShellProcess.Run(folder.Write("audit", "#!/usr/bin/env mrilink\nparam($x) \"got $x\"; exit 6"), "this");

        Assert.Equal((6, "got this"), (result.ExitCode, result.Output));
    }
}
