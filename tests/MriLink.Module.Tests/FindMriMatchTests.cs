using System.Management.Automation;

namespace MriLink.Module.Tests;

public sealed class FindMriMatchTests : IDisposable
{
    private const int People = 6;

    // $gallery is everybody's first scan, $probes everybody's second.
    private const string Start = """
        $gallery = Import-MriVolume "$($args[0])/sub-*_ses-1_T1w.nii"
        $probes = Import-MriVolume "$($args[0])/sub-*_ses-2_T1w.nii"

        """;

    private readonly ModuleSession _session = new();

    public FindMriMatchTests()
    {
        for (var person = 1; person <= People; person++)
        {
            _session.PlacePerson(person, 1);
            _session.PlacePerson(person, 2);
        }
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Each_probe_finds_its_person_in_the_order_of_the_probes()
    {
        var matches = Run("$probes | Find-MriMatch -Gallery $gallery");

        Assert.Equal(Enumerable.Range(1, People).Select(i => ($"{i:00} ses-2", $"{i:00} ses-1")), matches.Select(m => (Text(m, "Probe"), Text(m, "Gallery"))));
        Assert.All(matches, m =>
        {
            Assert.Contains("MriLink.Core.Linkage.ScanMatch", m.TypeNames);
            Assert.Equal((1, "LocalNCC", true), ((int)m.Properties["Rank"].Value, Text(m, "Metric"), (bool)m.Properties["IsMatch"].Value));
            Assert.InRange((double)m.Properties["Score"].Value, 0.9, 1);
            Assert.InRange((double)m.Properties["Margin"].Value, 0.7, 1.1);
            Assert.NotEmpty(Text(m, "DecidingRule"));
        });
    }

    [Fact]
    public void Identities_are_names_and_never_voxels()
    {
        var probe = Run("($probes | Find-MriMatch $gallery)[0].Probe").Single();

        Assert.Equal(("01", "2", true), (Text(probe, "Participant"), Text(probe, "Session"), Text(probe, "Path").EndsWith("sub-01_ses-2_T1w.nii", StringComparison.Ordinal)));
        Assert.Equal(["Name", "Participant", "Path", "Run", "Session"], probe.Properties.Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Top_lists_that_many_best_first_and_only_the_best_can_be_a_match()
    {
        var matches = Run("$probes[2] | Find-MriMatch $gallery -Top 4 -Metric SSIM -Threshold 0.5");

        Assert.Equal([1, 2, 3, 4], matches.Select(m => (int)m.Properties["Rank"].Value));
        Assert.Equal(matches.Select(m => (double)m.Properties["Score"].Value).OrderDescending(), matches.Select(m => (double)m.Properties["Score"].Value));
        Assert.Equal([true, false, false, false], matches.Select(m => (bool)m.Properties["IsMatch"].Value));
        Assert.Equal("03 ses-1", Text(matches[0], "Gallery"));
    }

    [Fact]
    public void A_threshold_decides_at_least_for_likeness_and_at_most_for_errors()
    {
        Assert.Equal(People, Run("$probes | Find-MriMatch $gallery -Threshold 0.5 | Where-Object IsMatch").Count);
        Assert.Empty(Run("$probes | Find-MriMatch $gallery -Threshold 0.99 | Where-Object IsMatch"));
        Assert.Equal(People, Run("$probes | Find-MriMatch $gallery -Metric MAE -Threshold 25 | Where-Object IsMatch").Count);
        Assert.Empty(Run("$probes | Find-MriMatch $gallery -Metric MAE -Threshold 1 | Where-Object IsMatch"));
    }

    [Fact]
    public void A_scan_is_never_matched_with_itself()
    {
        // The same objects, and the same files read again.
        Assert.Equal(["01 ses-1", "02 ses-1"], Run("$both = @($gallery[0..1]) + @($probes[0..1]); $both | Find-MriMatch $both -Threshold 0.5").Skip(2).Select(m => Text(m, "Gallery")));
        Assert.All(Run("Import-MriVolume \"$($args[0])/sub-*_ses-1_T1w.nii\" | Find-MriMatch $gallery -Threshold 0.5"), m => Assert.NotEqual(Text(m, "Probe"), Text(m, "Gallery")));
    }

    [Fact]
    public void People_who_are_not_in_the_gallery_are_not_matched()
    {
        var matches = Run("$probes | Find-MriMatch $gallery[1..5]");

        Assert.Equal([false, true, true, true, true, true], matches.Select(m => (bool)m.Properties["IsMatch"].Value));
    }

    [Fact]
    public void Too_few_pairs_are_left_undecided_with_a_warning()
    {
        var outcome = _session.Run(Start + "$probes[0] | Find-MriMatch $gallery[0..1]", _session.Folder);

        Assert.Null(Assert.Single(outcome.Output).Properties["IsMatch"].Value);
        Assert.Contains("-Threshold", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_probe_is_one_error_a_bad_gallery_scan_too_and_the_rest_is_matched()
    {
        _session.Place("sub-00_ses-1_T1w.nii", TinyNifti.WithNaN());
        _session.Place("sub-99_ses-2_T1w.nii");

        var outcome = _session.Run(Start + "$probes | Find-MriMatch $gallery -Threshold 0.5", _session.Folder);

        Assert.Null(outcome.Failure);
        Assert.Equal(People, outcome.Output.Count);
        Assert.Equal(["sub-00_ses-1_T1w.nii", "sub-99_ses-2_T1w.nii"], outcome.Errors.Select(e => Path.GetFileName((string)e.TargetObject)));

        var none = _session.Run(Start + "$probes | Find-MriMatch $gallery[0]", _session.Folder);
        Assert.Contains("gallery", none.Errors[^1].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_of_measures_complete() =>
        Assert.Equal(["NCC", "NMI", "NRMSE"], _session.Complete("Find-MriMatch -Metric N").Select(c => c.CompletionText).Order(StringComparer.Ordinal));

    private System.Collections.ObjectModel.Collection<PSObject> Run(string script) => _session.Run(Start + script, _session.Folder).ThrowIfFailed();

    private static string Text(PSObject item, string property) => item.Properties[property].Value.ToString()!;
}
