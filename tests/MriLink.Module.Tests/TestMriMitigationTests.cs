using System.Management.Automation;

namespace MriLink.Module.Tests;

/// <summary>Test-MriMitigation as people use it, on three simulated people: stripped and coarse to save time.</summary>
public sealed class TestMriMitigationTests : IDisposable
{
    private const string Start = """
        $a = New-MriSimulatedCohort -ParticipantNumber (1..3) -SessionNumber 1 -Spacing 4 -Stripped -Rotation 2 -Translation 2 -LabelFormat 'P{0}'
        $b = New-MriSimulatedCohort -ParticipantNumber (1..3) -SessionNumber 2 -Spacing 4 -Stripped -Rotation 2 -Translation 2 -LabelFormat 'P{0}'
        $how = @{ SkipBiasCorrection = $true; Spacing = 4; Threshold = 0.6 }

        """;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Rows_say_who_still_links_and_what_it_costs_and_what_changes_nothing_is_a_warning()
    {
        var outcome = _session.Run(Start + "$b | Test-MriMitigation $a -Mitigation Quantize, deface -Strength @{ quantize = 6, 1 } @how");

        var rows = outcome.ThrowIfFailed();
        Assert.Equal(["None ", "Quantize 6 bit", "Quantize 1 bit"], rows.Select(r => $"{Value(r, "Mitigation")} {Value(r, "Setting")}"));
        Assert.All(rows, r => Assert.Equal((3, 3, 3), ((int)Value(r, "Probes")!, (int)Value(r, "GalleryScans")!, (int)Value(r, "MatedProbes")!)));
        Assert.Equal((3, 3), ((int)Value(rows[0], "TrueLinks")!, (int)Value(rows[1], "TrueLinks")!));
        Assert.True((double)Value(rows[1], "Ssim")! > (double)Value(rows[2], "Ssim")! && (double)Value(rows[1], "Psnr")! > (double)Value(rows[2], "Psnr")!);
        Assert.True((double)Value(rows[1], "GenuineScore")! > (double)Value(rows[2], "GenuineScore")!);
        Assert.Equal(3, outcome.Warnings.Count);
        Assert.All(outcome.Warnings, w => Assert.Contains("stripped already", w, StringComparison.Ordinal));
        var list = string.Concat(_session.Run("$args[0] | Out-Default", rows).Output);
        Assert.DoesNotContain("MitigationResult", list, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_are_brought_together_by_a_script_a_bad_scan_is_one_error_and_a_gallery_may_be_preprocessed()
    {
        var bad = _session.Place("bad.nii", SmallVolumes.Nifti([9, 9, 9], [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0], [.. Enumerable.Repeat((byte)7, 729)]));
        var outcome = _session.Run(
            Start + """
            $how.Remove('Spacing')
            $c = New-MriSimulatedCohort -ParticipantNumber (2..3) -SessionNumber 2 -Spacing 4 -Stripped -Rotation 2 -Translation 2 -LabelFormat 'Q{0}'
            $held = $a | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection
            @($c) + (Import-MriVolume $args[0]) + $held[0] | Test-MriMitigation $held -Mitigation Resample -Strength 5 -Participant { $_.Participant.Substring(1) } @how
            """,
            bad);

        Assert.Null(outcome.Failure);
        Assert.Equal(["NotRaw", "VolumeUnusable"], outcome.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Contains(bad, outcome.Errors[1].Exception.Message, StringComparison.Ordinal);
        Assert.Equal([2, 2], outcome.Output.Select(r => (int)Value(r, "TrueLinks")!));
        Assert.Empty(outcome.Warnings);
    }

    [Fact]
    public void A_gallery_that_was_preprocessed_otherwise_is_one_warning_that_names_what_differs()
    {
        var outcome = _session.Run(
            Start + """
            $held = @($a[0] | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection) + ($a[1..2] | Invoke-MriPreprocess -Spacing 4 -SkipBiasCorrection -Harmonization None)
            $b[1] | Test-MriMitigation $held -Mitigation Quantize -Strength 6 @how
            """);

        Assert.Equal(2, outcome.ThrowIfFailed().Count);
        var warning = Assert.Single(outcome.Warnings);
        Assert.Contains("2 of 3 preprocessed gallery scans", warning, StringComparison.Ordinal);
        Assert.Contains(": Harmonization None, not ZScore.", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Strength 2", "hashtable")]
    [InlineData("-Mitigation Smooth -Strength 900", "Smooth takes")]
    [InlineData("-Mitigation Smooth -Strength @{ Noise = 2 }", "'Noise'")]
    [InlineData("-Mitigation Pixelate", "Quantize")]
    public void What_makes_no_sense_ends_the_command_before_anything_runs(string arguments, string message) =>
        Assert.Contains(message, _session.Run(Start + $"$b | Test-MriMitigation $a {arguments}").Problem!.Message, StringComparison.Ordinal);

    private static object? Value(PSObject row, string property) => row.Properties[property].Value;
}
