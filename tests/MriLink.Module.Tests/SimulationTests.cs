using System.Management.Automation;

namespace MriLink.Module.Tests;

/// <summary>New-MriSimulatedCohort and New-MriSimulatedScan.</summary>
public sealed class SimulationTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Numbers_labels_and_sessions_are_as_asked_for()
    {
        var scans = _session.Run("New-MriSimulatedCohort -ParticipantNumber 3, 7 -SessionNumber 2 -LabelFormat 'B{0:000}' -SessionFormat 'visit{0}'").ThrowIfFailed();

        Assert.Equal(["B003 ses-visit2", "B007 ses-visit2"], scans.Select(s => Text(s, "Name")));
        Assert.Equal(["sim1-0003", "sim1-0007"], scans.Select(s => Text(s, "TrueParticipant")));
    }

    [Theory]
    [InlineData("-Scenario Interval", "Interval", 2.0)]
    [InlineData("-Scenario Decline -Decline 0.3", "Decline", 0.3)]
    [InlineData("-Scenario Protocol", "Contrast", 0.8)]
    [InlineData("-Scenario Scanner -Noise 7.5", "Noise", 7.5)]
    [InlineData("-Gamma 2 -Gain 3 -BiasField 60 -GradientDistortion 2", "BiasField", 60.0)]
    [InlineData("-Stripped", "Stripped", true)]
    [InlineData("-SliceThickness 5 -SliceProfile Box", "SliceThickness", 5.0)]
    [InlineData("-Rotation 30 -Translation 40", "Rotation", 30.0)]
    public void A_scenario_sets_the_conditions_and_knobs_change_them(string arguments, string knob, object expected)
    {
        var conditions = _session.Run($"(New-MriSimulatedCohort 1 -SessionNumber 2 {arguments}).Conditions").ThrowIfFailed().Single();

        Assert.Equal(expected, conditions.Properties[knob].Value);
    }

    [Fact]
    public void Spacing_takes_one_number_or_three_and_the_grid_follows()
    {
        Assert.Equal("(3, 3, 3)", _session.Run("[string](New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 3).Spacing").ThrowIfFailed().Single().ToString());
        var scan = _session.Run("New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 2, 2, 5 -Orientation LPS").ThrowIfFailed().Single();
        Assert.Equal(("(2, 2, 5)", "LPS"), (Text(scan, "Spacing"), Text(scan, "Orientation")));
        Assert.Contains("Spacing", _session.Run("New-MriSimulatedCohort 1 -Spacing 2, 2").Problem!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("New-MriSimulatedCohort 0")]
    [InlineData("New-MriSimulatedCohort 1 -Rotation 100")]
    [InlineData("New-MriSimulatedCohort 1 -Orientation XYZ")]
    [InlineData("New-MriSimulatedCohort 1 -LabelFormat 'B{0'")]
    [InlineData("New-MriSimulatedCohort 1 -Scenario Dream")]
    [InlineData("New-MriSimulatedCohort -ParticipantNumber 0")]
    [InlineData("New-MriSimulatedCohort 1 -Noise 80")]
    public void What_makes_no_sense_is_refused(string command)
    {
        var outcome = _session.Run(command);

        Assert.NotNull(outcome.Problem);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void The_same_seed_gives_the_same_voxels_and_another_seed_others()
    {
        const string Script = """
            function Voxels($seed) { [string]::Join(' ', (New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 8 -Seed $seed).ReadVoxels().Voxels) }
            $first = Voxels 5
            $first -eq (Voxels 5)
            $first -eq (Voxels 6)
            """;

        Assert.Equal([true, false], _session.Run(Script).ThrowIfFailed().Select(r => (bool)r.BaseObject));
    }

    [Fact]
    public void The_truth_is_there_for_who_asks()
    {
        var truth = _session.Run(
            """
            $scan = New-MriSimulatedCohort 1 -SessionCount 1 -Spacing 6 -Noise 0 -BiasField 0
            $type = $scan.GetType().Assembly.GetType('MriLink.Core.Basics.WorkOptions')
            $result = $scan.SimulateTruth($type::new(2, [Threading.CancellationToken]::None))
            $result.BrainMask.VolumeMillilitres; $result.Head.Size.ToString(); $scan.Size.ToString(); $null -ne $result.Truth
            """).ThrowIfFailed();

        // People's brains, cerebrospinal fluid included.
        Assert.InRange((double)truth[0].BaseObject, 1000, 2500);
        Assert.Equal(truth[2].ToString(), truth[1].ToString());
        Assert.Equal(true, truth[3].BaseObject);
    }

    [Fact]
    public void A_rescan_keeps_the_person_and_comes_from_any_volume_in_the_pipeline()
    {
        var head = _session.Place("sub-05_ses-1_T1w.nii", SmallVolumes.Head());
        var other = _session.Place("sub-06_ses-1_T1w.nii", SmallVolumes.Head());

        var scans = _session.Run("Import-MriVolume $args | New-MriSimulatedScan -Scenario Resolution -RawHead -SessionLabel later -Seed 3", head, other).ThrowIfFailed();

        Assert.Equal(["05 ses-later", "06 ses-later"], scans.Select(s => Text(s, "Name")));
        Assert.Equal("LPS", Text(scans[0], "Orientation"));
        Assert.NotEqual(scans[0].Properties["Seed"].Value, scans[1].Properties["Seed"].Value);
        Assert.Equal("sim-0001 ses-b", Text(_session.Run("New-MriSimulatedCohort 1 -SessionCount 1 | New-MriSimulatedScan -SessionLabel b").ThrowIfFailed().Single(), "Name"));
    }

    [Fact]
    public void A_rescan_of_a_damaged_file_is_an_error_when_it_is_read_and_the_rest_goes_on()
    {
        var nan = _session.Place("nan.nii", TinyNifti.WithNaN());
        var head = _session.Place("head.nii", SmallVolumes.Head());

        var outcome = _session.Run("Import-MriVolume $args | New-MriSimulatedScan -RawHead -Spacing 6 | Invoke-MriPreprocess -Spacing 8 -Registration None -BrainExtraction Never -SkipBiasCorrection", nan, head);

        Assert.Null(outcome.Failure);
        Assert.Contains(nan, Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal("head", Text(Assert.Single(outcome.Output), "Participant"));
    }

    private static string Text(PSObject item, string property) => item.Properties[property].Value.ToString()!;
}
