namespace MriLink.Shell.Tests;

public sealed class SessionTests
{
    [Fact]
    public void The_module_beside_the_program_is_imported_and_first_on_the_module_path()
    {
        var result = ShellProcess.Run("-Command", "(Get-Module MriLink).ImplementingAssembly.Location; ($env:PSModulePath -split [IO.Path]::PathSeparator)[0]; $PSHOME");

        var home = Path.TrimEndingDirectorySeparator(ShellProcess.Stage);
        Assert.Equal($"{home}/Modules/MriLink/MriLink.dll\n{home}/Modules\n{home}".Replace('/', Path.DirectorySeparatorChar), result.Output);
    }

    [Fact]
    public void The_host_introduces_itself_and_reports_to_nobody()
    {
        var result = ShellProcess.Run("-Command", "$Host.Name; $PSEdition; $env:POWERSHELL_TELEMETRY_OPTOUT; $Host.UI.RawUI.BufferSize.Width; [string]::IsNullOrEmpty($PROFILE)");

        Assert.Equal("MriLink\nCore\n1\n120\nTrue", result.Output);
    }

    [Fact]
    public void Numbers_read_the_same_everywhere_and_scripts_may_still_name_a_culture()
    {
        var result = ShellProcess.Run("-Command", "(1.5).ToString(); $Host.CurrentUICulture.Name; [cultureinfo]::new('de-DE').Name");

        Assert.Equal("1.5\nen-US\nde-DE", result.Output);
    }

    [Theory]
    [InlineData("$Host.UI.ReadLine()")]
    [InlineData("$Host.UI.PromptForChoice('', 'Sure?', [System.Management.Automation.Host.ChoiceDescription[]]@('&Yes'), 0)")]
    [InlineData("$Host.UI.ReadLineAsSecureString()")]
    [InlineData("$Host.UI.PromptForCredential('', '', 'me', '')")]
    [InlineData("$Host.UI.RawUI.ReadKey()")]
    [InlineData("$Host.EnterNestedPrompt()")]
    public void Non_interactive_asks_nothing(string question)
    {
        var result = ShellProcess.RunWithInput("y\ny\n", "-NonInteractive", "-Command", question);

        Assert.Equal((1, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains("-NonInteractive", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_parameter_is_asked_for_unless_non_interactive()
    {
        const string Command = "function Ask { param([Parameter(Mandatory)][int] $Count) \"got $($Count + 1)\" }; Ask";

        var asked = ShellProcess.RunWithInput("many\n41\n", "-Command", Command);
        var refused = ShellProcess.RunWithInput("41\n", "-NonInteractive", "-Command", Command);

        Assert.EndsWith("Count: Count: got 42", asked.Output, StringComparison.Ordinal);
        Assert.Contains("'many'", asked.Errors, StringComparison.Ordinal);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("missing mandatory parameters: Count", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void A_question_takes_a_choice_by_key_or_name_and_the_end_of_input_is_an_error()
    {
        const string Command = "$Host.UI.PromptForChoice('', 'Delete?', [System.Management.Automation.Host.ChoiceDescription[]]@('&Yes', '&No'), 1)";

        Assert.EndsWith(": 0", ShellProcess.RunWithInput("perhaps\nyes\n", "-c", Command).Output, StringComparison.Ordinal);
        Assert.EndsWith(": 1", ShellProcess.RunWithInput("\n", "-c", Command).Output, StringComparison.Ordinal);
        var unanswered = ShellProcess.RunWithInput(string.Empty, "-c", Command);
        Assert.Equal(1, unanswered.ExitCode);
        Assert.Contains("ended before", unanswered.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void The_prompt_after_a_script_keeps_what_it_defined()
    {
        using var folder = new TemporaryFolder();

        var result = ShellProcess.RunWithInput("if ($true) {\n\"$kept again\"\n}\nexit 3\n", "-NoExit", "-File", folder.Write("define.ps1", "$kept = 'here'; $kept"));

        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith("here\nPS ", result.Output, StringComparison.Ordinal);
        Assert.Contains("> >> >> here again\n", result.Output, StringComparison.Ordinal);
    }
}
