using System.Management.Automation;

namespace MriLink.Module.Tests;

/// <summary>Engines as users choose them, with a stand-in for SimpleITK, and without any.</summary>
[Collection(StandIn.Users)]
public sealed class EngineTests : IDisposable
{
    // Steps that cost time and that these tests are not about are left out.
    private const string Quick = "-Spacing 8 -Registration None -BrainExtraction Never";

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void The_list_says_what_there_is_what_it_does_and_what_is_missing()
    {
        var engines = _session.Run("$env:MRILINK_SIMPLEITK = ''; Get-MriEngine").ThrowIfFailed();

        Assert.Equal(["BuiltIn", "SimpleITK"], engines.Select(e => e.Properties["Name"].Value));
        Assert.Equal([true, false], engines.Select(e => e.Properties["Available"].Value));
        Assert.Contains("Harmonization", (IEnumerable<string>)engines[0].Properties["Capabilities"].Value);
        Assert.Equal(["Reading", "BiasCorrection", "Registration", "Resampling"], (IEnumerable<string>)engines[1].Properties["Capabilities"].Value);
        var problem = (string)engines[1].Properties["Problem"].Value;
        Assert.Contains("is not installed for MriLink", problem, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Path.GetDirectoryName(ModuleSession.ManifestPath)!, "engines", "simpleitk"), problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Import-MriVolume none.nii -Engine SimpleITK")]
    [InlineData("New-MriSimulatedCohort -ParticipantNumber 1 | Invoke-MriPreprocess -Engine SimpleITK")]
    [InlineData("Invoke-MriAudit -Path none -Gallery none.mrigallery -Report none -Engine SimpleITK")]
    public void Where_it_is_not_one_error_ends_the_cmdlet_and_says_what_to_do(string command)
    {
        var outcome = _session.Run($"$env:MRILINK_SIMPLEITK = ''; {command}");

        var record = Assert.Single(outcome.Errors);
        Assert.StartsWith("EngineUnavailable,", record.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.NotInstalled, record.CategoryInfo.Category);
        Assert.Contains("Get the C# binding of SimpleITK 2.1 to 2.5", record.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    [Fact]
    public void A_path_without_the_engine_is_refused()
    {
        var outcome = _session.Run("New-MriSimulatedCohort -ParticipantNumber 1 | Invoke-MriPreprocess -SimpleItkPath $args[0]", _session.Folder);
        Assert.Contains("-SimpleItkPath goes with -Engine SimpleITK", outcome.Problem!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_found_by_the_variable_and_at_the_path_that_is_given_first()
    {
        var (one, other) = (Install("one", "2.3.1"), Install("other", "2.5.0"));

        var versions = _session.Run("$env:MRILINK_SIMPLEITK = $args[0]; (Get-MriEngine SimpleITK).Version; (Get-MriEngine SimpleITK -SimpleItkPath $args[1]).Version", one, other).ThrowIfFailed();

        Assert.Equal(["2.3.1 (ITK test double)", "2.5.0 (ITK test double)"], versions.Select(v => v.ToString()));
    }

    [Fact]
    public void A_scan_goes_through_it_and_says_so()
    {
        var simpleItk = Install("simpleitk", "2.4.1");

        // The stand-in finds a bias field of 2 everywhere, and resamples as ITK does.
        var result = _session.Run(
            $"""
            $scan = Import-MriVolume $args[1]
            $ours = $scan | Invoke-MriPreprocess {Quick} -SkipBiasCorrection -Harmonization None
            $theirs = $scan | Invoke-MriPreprocess {Quick} -Harmonization None -Engine SimpleITK -SimpleItkPath $args[0]
            $theirs.Provenance.Engine
            $ours.Provenance.Engine
            $theirs | Measure-MriSimilarity $ours -Metric NCC | ForEach-Object Score
            $a = $ours.ReadVoxels().Voxels; $b = $theirs.ReadVoxels().Voxels
            $i = [array]::IndexOf($a, [Linq.Enumerable]::Max($a))
            $a[$i] / $b[$i]
            """,
            simpleItk,
            Head()).ThrowIfFailed();

        Assert.Equal(["SimpleITK 2.4.1 (ITK test double)", "BuiltIn"], result.Take(2).Select(r => r.ToString()));

        // Not 1: at the rim of the grid, where the head's neck is, the field ends.
        Assert.InRange(Convert.ToDouble(result[2].BaseObject, System.Globalization.CultureInfo.InvariantCulture), 0.98, 1);
        Assert.Equal(2, Convert.ToDouble(result[3].BaseObject, System.Globalization.CultureInfo.InvariantCulture), 1e-3);
    }

    [Fact]
    public void Files_that_only_it_reads_become_volumes_and_bad_ones_an_error_each()
    {
        var simpleItk = Install("simpleitk", "2.4.1");
        var good = Place("sub-7_ses-1.fake", StandIn.Scan);
        var bad = Place("sub-8.fake", "broken header");

        var outcome = _session.Run("Import-MriVolume -LiteralPath $args[1], $args[2] -Engine SimpleITK -SimpleItkPath $args[0]", simpleItk, bad, good);

        var volume = Assert.Single(outcome.Output);
        Assert.Equal(("7", "1", "LPS"), (volume.Properties["Participant"].Value, volume.Properties["Session"].Value, volume.Properties["Orientation"].Value));
        var error = Assert.Single(outcome.Errors);
        Assert.StartsWith($"'{bad}' cannot be read by SimpleITK: ", error.Exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("VolumeUnreadable,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void A_scan_that_it_fails_at_is_an_error_that_names_it_and_the_others_go_on()
    {
        var simpleItk = Install("simpleitk", "2.4.1");
        var broken = Place("broken.fake", StandIn.Scan + "\nbroken voxels");

        var outcome = _session.Run(
            $"& {{ Import-MriVolume $args[1] -Engine SimpleITK -SimpleItkPath $args[0]; Import-MriVolume $args[2] }} $args[0] $args[1] $args[2] | Invoke-MriPreprocess {Quick} -Harmonization None -Engine SimpleITK -SimpleItkPath $args[0]",
            simpleItk,
            broken,
            Head());

        Assert.Single(outcome.Output);
        Assert.Contains($"'{broken}' cannot be read by SimpleITK: The voxels", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_shows_why_one_is_missing()
    {
        var view = System.Xml.Linq.XDocument.Load(Path.Combine(Path.GetDirectoryName(ModuleSession.ManifestPath)!, "MriLink.Format.ps1xml"))
            .Descendants("View").Single(v => v.Element("Name")!.Value == "MriLink.Core.Preprocessing.Engines.EngineStatus");
        Assert.Equal(["Name", "Available", "Version", "Path", "Problem"], view.Descendants("PropertyName").Select(p => p.Value));
    }

    private string Install(string name, string version) => StandIn.Install(_session.Folder, name, version);

    private string Head() => _session.Place("sub-01_T1w.nii", SmallVolumes.Head(degrees: 0, shift: 0));

    private string Place(string name, string content)
    {
        var path = Path.Combine(_session.Folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
