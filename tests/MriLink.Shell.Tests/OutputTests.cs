namespace MriLink.Shell.Tests;

public sealed class OutputTests
{
    // Write-Error and its like belong to the Utility module, so a function writes to the streams itself.
    private const string AllStreams = """
        function Write-All {
            [CmdletBinding()] param()
            'an object'
            $PSCmdlet.WriteWarning('a warning')
            $PSCmdlet.WriteVerbose('a detail')
            $PSCmdlet.WriteDebug('a trace')
            $PSCmdlet.WriteInformation('a note', @())
            $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(0, 'some progress', 'going'))
            $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('an error'), 'Id', 'NotSpecified', $null))
            $Host.UI.WriteLine('Red', 'Black', 'to the host')
        }
        $VerbosePreference = $DebugPreference = $InformationPreference = 'Continue'
        Write-All
        """;

    [Fact]
    public void Every_stream_has_its_place_and_progress_has_none()
    {
        var result = ShellProcess.Run("-Command", AllStreams);

        Assert.Equal("an object\nWARNING: a warning\nVERBOSE: a detail\nDEBUG: a trace\na note\nto the host", result.Output);
        Assert.Contains("Write-All: ", result.Errors, StringComparison.Ordinal);
        Assert.EndsWith("an error", result.Errors.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Streams_that_are_off_stay_silent()
    {
        var result = ShellProcess.Run("-Command", AllStreams[..AllStreams.IndexOf("$VerbosePreference", StringComparison.Ordinal)] + "\nWrite-All 2>&1 | Out-Null");

        Assert.Equal("WARNING: a warning\nto the host", result.Output);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void No_escape_codes_reach_a_file_or_a_pipe()
    {
        var result = ShellProcess.Run("-Command", "$PSStyle.Foreground.Red + 'red' + $PSStyle.Reset; Get-Command Get-Command; throw 'loud'");

        Assert.StartsWith("red\n", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Output);
        Assert.Contains("loud", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', result.Errors);
    }

    [Fact]
    public void Objects_are_shown_as_tables_120_columns_wide()
    {
        var result = ShellProcess.Run("-Command", "1..2 | ForEach-Object { [pscustomobject]@{ Probe = \"sub-0$_\"; Score = $_ / 4; Note = 'x' * 200 } }");

        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches("^Probe +Score Note *$", lines[0]);
        Assert.Matches("^----- +----- ---- *$", lines[1]);
        Assert.Matches("^sub-01 +0.25 x+…$", lines[2]);
        Assert.Matches("^sub-02 +0.50 x+…$", lines[3]);

        // The engine's tables leave the last column free.
        Assert.Equal(119, lines[2].Length);
    }

    [Fact]
    public void An_error_in_a_script_names_the_file_and_shows_the_line()
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("deep.ps1", "function Find { throw 'nothing here' }\n\nFind\n");

        var result = ShellProcess.Run("-File", script);

        Assert.Contains($"{script}:1", result.Errors, StringComparison.Ordinal);
        Assert.Contains("function Find { throw 'nothing here' }", result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("Get-ChildItem", "Get-ChildItem")]
    [InlineData("1 | select -First 1", "Select-Object")]
    public void A_cmdlet_of_another_module_is_not_found_and_the_hint_says_why(string command, string cmdlet)
    {
        var result = ShellProcess.Run("-Command", command);

        Assert.Contains($"The term '{cmdlet}' is not recognized", result.Errors, StringComparison.Ordinal);
        Assert.Matches($"Hint: .* core cmdlets .* not {cmdlet}\\. pwsh has", result.Errors);
    }

    [Fact]
    public void The_hint_stays_away_from_errors_that_were_caught_and_from_unknown_names()
    {
        var result = ShellProcess.Run("-Command", "try { Get-Date } catch { $_.FullyQualifiedErrorId }; Get-NoSuchThing");

        Assert.Equal("CommandNotFoundException", result.Output);
        Assert.Contains("Get-NoSuchThing", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Hint", result.Errors, StringComparison.Ordinal);
    }
}
