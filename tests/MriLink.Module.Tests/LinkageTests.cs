using System.Collections.ObjectModel;
using System.Management.Automation;

namespace MriLink.Module.Tests;

/// <summary>Twelve people with two scans each, read into $a and $b: a person's own random voxels and, half as strong, the scan's.</summary>
public sealed class TwoDatabases : IDisposable
{
    public TwoDatabases()
    {
        foreach (var session in new[] { 1, 2 })
        {
            for (var person = 0; person < 12; person++)
            {
                var (own, scan) = (new Random(100 + person), new Random((1000 * session) + person));
                var file = TinyNifti.Make(12, 12, 12);
                for (var i = 352; i < file.Length; i++)
                {
                    file[i] = (byte)(50 + (100 * own.NextDouble()) + (50 * scan.NextDouble()));
                }

                Session.Place($"{session}/sub-{person}_ses-{session}_T1w.nii", file);
            }
        }

        Session.Run("$global:a = Import-MriVolume \"$($args[0])/1\" -Recurse; $global:b = Import-MriVolume \"$($args[0])/2\" -Recurse", Session.Folder).ThrowIfFailed();
    }

    public ModuleSession Session { get; } = new();

    public void Dispose() => Session.Dispose();
}

/// <summary>Find-MriMatch, Get-MriLinkageThreshold and Measure-MriLinkage as people use them.</summary>
public sealed class LinkageTests(TwoDatabases databases) : IClassFixture<TwoDatabases>
{
    private readonly ModuleSession _session = databases.Session;

    [Fact]
    public void Matches_say_which_rule_decided_and_how_probable_they_are()
    {
        var matches = Run("$b | Find-MriMatch -Gallery $a");

        Assert.Equal(12, matches.Count);
        Assert.All(matches, m => Assert.True(Get<bool>(m, "IsMatch")));
        Assert.All(matches, m => Assert.InRange(Get<double>(m, "Probability"), 0.9, 1));
        Assert.All(matches, m => Assert.StartsWith("ImpostorTail: false discovery rate 0.01", Get<string>(m, "DecidingRule"), StringComparison.Ordinal));
        Assert.All(
            Run("$b | Find-MriMatch -Gallery $a -FalseMatchRate 0.001"),
            m => Assert.StartsWith("FalseMatchRate: 0.001 by the impostor tail", Get<string>(m, "DecidingRule"), StringComparison.Ordinal));
        Assert.All(
            Run("$b | Find-MriMatch -Gallery $a -CohortNormalization SNorm -OneToOne"),
            m => Assert.True(Get<bool>(m, "IsMatch") && Get<double>(m, "NormalizedScore") > 3 && Get<string>(m, "DecidingRule").EndsWith(", one to one", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_threshold_is_a_number_or_what_known_pairs_gave()
    {
        foreach (var number in new[] { "0.5", "'0.5'", "([decimal]0.5)", "([single]0.5)" })
        {
            var matches = Run($"$b | Find-MriMatch -Gallery $a -Threshold {number} -Top 2");
            Assert.Equal(24, matches.Count);
            Assert.Equal(12, matches.Count(m => Get<bool>(m, "IsMatch")));
            Assert.All(matches, m => Assert.Equal("Threshold: LocalNCC >= 0.5", Get<string>(m, "DecidingRule")));
        }

        // A number says nothing of its measure, and the default was another one once.
        Assert.Contains("taken for a score of LocalNCC", _session.Run("$b | Find-MriMatch -Gallery $a -Threshold 0.5").Warnings.Single(), StringComparison.Ordinal);
        Assert.Empty(_session.Run("$b | Find-MriMatch -Gallery $a -Threshold 0.5 -Metric NCC").Warnings);
        Assert.All(Run("$b | Find-MriMatch -Gallery $a -Threshold 1"), m => Assert.False(Get<bool>(m, "IsMatch")));
        var learnt = Run(
            """
            $t = $b | Measure-MriSimilarity $a | Get-MriLinkageThreshold -Prior 0.05 -WarningAction SilentlyContinue
            $b | Find-MriMatch -Gallery $a -Threshold $t -Top 2
            """);
        Assert.Equal(12, learnt.Count(m => Get<bool>(m, "IsMatch")));
        Assert.All(learnt, m => Assert.Contains("GapMidpoint, prior 0.05", Get<string>(m, "DecidingRule"), StringComparison.Ordinal));
        Assert.All(learnt, m => Assert.InRange(Get<double>(m, "Probability"), Get<bool>(m, "IsMatch") ? 0.5 : 0, Get<bool>(m, "IsMatch") ? 1 : 0.5));
        var wrong = _session.Run("$b | Find-MriMatch -Gallery $a -Metric MI -Threshold ($b | Measure-MriSimilarity $a | Get-MriLinkageThreshold)");
        Assert.Contains("one of LocalNCC", wrong.Errors.Single().Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Thresholds_come_from_arrays_too_and_warn_of_a_gap()
    {
        var outcome = _session.Run("Get-MriLinkageThreshold -Genuine 0.9, 0.95, 0.92 -Impostor 0.4, 0.5, 0.45, 0.6 -Metric ncc -Bandwidth Silverman");

        Assert.Equal(0.75, Get<double>(outcome.ThrowIfFailed().Single(), "Threshold"), 1e-9);
        Assert.Contains(outcome.Warnings, w => w.Contains("do not overlap", StringComparison.Ordinal));
        Assert.Contains("at least 3", _session.Run("Get-MriLinkageThreshold -Genuine 1, 2 -Impostor 0, 0.1, 0.2").Errors.Single().Exception.Message, StringComparison.Ordinal);
        Assert.Contains("neither a match", _session.Run("'x' | Get-MriLinkageThreshold").Errors[0].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Known_participants_give_an_evaluation_of_every_measure()
    {
        var results = Run("$b | Measure-MriSimilarity $a -Metric NCC, MSE | Measure-MriLinkage -Replicate 100");

        Assert.Equal(["NCC", "MSE"], results.Select(r => Get<string>(r, "Metric")));
        Assert.All(results, r => Assert.Equal((12, 12, 132), (Get<int>(r, "Participants"), Get<int>(r, "GenuinePairs"), Get<int>(r, "ImpostorPairs"))));
        Assert.All(results, r => Assert.StartsWith("1 [", r.Properties["Rank1"].Value.ToString(), StringComparison.Ordinal));
        Assert.All(results, r => Assert.StartsWith("0 [0, ", r.Properties["Eer"].Value.ToString(), StringComparison.Ordinal));
        Assert.All(results, r => Assert.Null(r.Properties["TarAtFar1e3"].Value));
        var matches = Run("$b | Find-MriMatch -Gallery $a -Top 12 -Metric NCC | Measure-MriLinkage -Replicate 100").Single();

        // All pairs at once and pair by pair differ in the last digits of a float.
        Assert.Equal(results[0].Properties["DPrime"].Value.ToString()![..5], matches.Properties["DPrime"].Value.ToString()![..5]);
        var cut = _session.Run("$b | Find-MriMatch -Gallery $a -Top 3 | Measure-MriLinkage");
        Assert.Empty(cut.Output);
        Assert.Contains("cut off", cut.Errors.Single().Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_differ_between_databases_are_brought_together_by_a_script()
    {
        const string Renamed = "$c = Import-MriVolume \"$($args[0])/2\" -Recurse -Participant { 'B' + ($_.Name -replace '\\D+(\\d+).*', '$1') }\n";
        var evaluation = _session.Run(
            Renamed + "$c | Measure-MriSimilarity $a | Measure-MriLinkage -Participant { $_.Participant.TrimStart('B') } -Replicate 100", _session.Folder).ThrowIfFailed().Single();

        Assert.Equal(12, Get<int>(evaluation, "GenuinePairs"));
        Assert.Contains(
            "both kinds",
            _session.Run(Renamed + "$c | Measure-MriSimilarity $a | Measure-MriLinkage", _session.Folder).Errors.Single().Exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Scans_whose_preprocessing_failed_are_left_out_and_named_unless_asked_for()
    {
        // A record of nothing but zeros is that of no brain at all.
        const string Failed = """
            $library = $b[0].GetType().Assembly
            $quality = $library.GetType('MriLink.Core.Preprocessing.Records.QualityRecord')::new()
            $probes = @($b[0..1] | ForEach-Object {
                $voxels = $_.ReadVoxels([Threading.CancellationToken]::None)
                $mask = $library.GetType('MriLink.Core.Volumes.Mask')::FromVolume($voxels, 10)
                $library.GetType('MriLink.Core.Preprocessing.PreprocessedVolume')::new($_.Identity, $voxels, $mask, 'none', $voxels.Geometry.VoxelToWorld, $quality, $null)
            }) + $b[2..11]

            """;
        var outcome = _session.Run(Failed + "$probes | Find-MriMatch -Gallery $a -Threshold 0.5");
        Assert.Equal(10, outcome.ThrowIfFailed().Count);
        Assert.Equal(["0 ses-2", "1 ses-2"], outcome.Warnings.Select(w => w[..Math.Max(0, w.IndexOf(" is left out", StringComparison.Ordinal))]));
        var all = _session.Run(Failed + "$probes | Find-MriMatch -Gallery $a -Threshold 0.5 -IncludeFailed");
        Assert.Equal(12, all.ThrowIfFailed().Count);
        Assert.Empty(all.Warnings);
    }

    [Fact]
    public void Swapped_labels_are_found_and_right_ones_are_not()
    {
        Assert.Empty(Run("$a + $b | Test-MriLabel"));
        var findings = _session.Run(
            "$c = Import-MriVolume \"$($args[0])/2\" -Recurse -Participant { @{ '3' = '4'; '4' = '3' }[($n = $_.Name -replace '\\D+(\\d+).*', '$1')] ?? $n }; $a + $c | Test-MriLabel",
            _session.Folder).ThrowIfFailed();

        Assert.Equal(["OneLabelTwoPeople", "OneLabelTwoPeople", "TwoLabelsOnePerson", "TwoLabelsOnePerson"], findings.Select(f => f.Properties["Problem"].Value.ToString()).Order());
        Assert.All(findings, f => Assert.Equal("3 or 4", new[] { "3", "4" }.Contains(Get<string>(f, "FirstParticipant")) ? "3 or 4" : Get<string>(f, "FirstParticipant")));
    }

    [Fact]
    public void Rules_exclude_one_another_and_repeats_are_told_of()
    {
        Assert.Contains(
            "AmbiguousParameterSet",
            _session.Run("$b | Find-MriMatch -Gallery $a -Threshold 0.5 -FalseDiscoveryRate 0.05").Errors.Single().FullyQualifiedErrorId,
            StringComparison.Ordinal);
        var twice = _session.Run("$b | Find-MriMatch -Gallery ($a + $b) -OneToOne");
        Assert.Contains(twice.Warnings, w => w.Contains("several scans of 0, 1, 2, 3, 4, …", StringComparison.Ordinal));
        var few = _session.Run("$b | Find-MriMatch -Gallery $a[0..3] -CohortNormalization TNorm");
        Assert.Contains("at least 10 gallery scans", few.Errors.Single().Exception.Message, StringComparison.Ordinal);
    }

    private Collection<PSObject> Run(string script) => _session.Run(script).ThrowIfFailed();

    private static T Get<T>(PSObject item, string property) => (T)item.Properties[property].Value;
}
