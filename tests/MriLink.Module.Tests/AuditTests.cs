namespace MriLink.Module.Tests;

public sealed class AuditTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    private ModuleSession.Outcome Run(string script) => _session.Run($"$folder = $args[0]\n{script}", _session.Folder);

    // Two heads at 4 mm under three labels: the third file is the second person's scan under another name.
    [Fact]
    public void A_nightly_audit_finds_the_leak_once_and_minds_what_cannot_be_checked()
    {
        Run("""
            New-MriSimulatedCohort -ParticipantNumber (1..2) -SessionNumber 1 -Seed 5 | Export-MriVolume { "$folder/release/sub-$($_.Participant.Substring(4))_T1w.nii.gz" } -Force -DataType Int16
            """).ThrowIfFailed();
        File.Copy(Path.Combine(_session.Folder, "release/sub-0002_T1w.nii.gz"), Path.Combine(_session.Folder, "release/sub-9999_T1w.nii.gz"));
        _session.Place("release/sub-7_mask.nii");
        _session.Place("release/sub-8_T1w.nii", [1, 2, 3]);

        var output = Run("""
            $g = New-MriGallery "$folder/g"
            $audit = @{ Path = "$folder/release"; Gallery = "$folder/g"; Report = "$folder/reports"; Threshold = 0.9; Spacing = 4; WarningAction = 'SilentlyContinue' }
            (Invoke-MriAudit @audit -WhatIf).Count
            $g.Count
            $first = Invoke-MriAudit @audit
            "$($first.Files) $($first.Added) $($first.Problems.Count) $($first.ExitCode) $($first.Links)"
            $second = Invoke-MriAudit @audit
            "$($second.Unchanged) $($second.Added) $($second.ExitCode) $($second.ReportPath)"
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal("4", output[0]);
        Assert.Equal("0", output[1]);
        Assert.Matches("^4 3 1 2 (9999 -> 0002|0002 -> 9999) \\(1.000\\)$", output[2]);

        // The file that cannot be read is still there: told once, it counts until somebody sees to it.
        Assert.Equal("4 0 3 ", output[3]);
        Assert.Equal(2, Directory.GetFiles(Path.Combine(_session.Folder, "reports")).Length);
    }

    [Theory]
    [InlineData("Invoke-MriAudit $folder/none $folder/g $folder/reports", "does not exist")]
    [InlineData("Invoke-MriAudit $folder $folder/none $folder/reports", "New-MriGallery makes one")]
    public void What_is_not_there_fails_the_audit(string script, string problem)
    {
        var outcome = Run($"$g = New-MriGallery $folder/g\n{script}");

        Assert.Contains(problem, Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
    }
}
