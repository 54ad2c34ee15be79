using System.Security.Cryptography;
using System.Text.Json;

namespace MriLink.Module.Tests;

/// <summary>One simulated head in a file, preprocessed once into a cache; what that leaves is looked at from all sides.</summary>
public sealed class PreprocessedHead : IDisposable
{
    public PreprocessedHead()
    {
        Session.Run("New-MriSimulatedCohort -ParticipantNumber 1 -SessionNumber 1 -Seed 4 | Export-MriVolume $args[0] -DataType Int16", File).ThrowIfFailed();
        Session.Run("$global:computed = Import-MriVolume $args[0] | Invoke-MriPreprocess -Spacing 4 -CachePath $args[1]", File, Cache).ThrowIfFailed();
    }

    public ModuleSession Session { get; } = new();

    public string File => Path.Combine(Session.Folder, "sub-Ada_ses-2_T1w.nii.gz");

    public string Cache => Path.Combine(Session.Folder, "cache");

    public void Dispose() => Session.Dispose();
}

public sealed class ProvenanceTests(PreprocessedHead head) : IClassFixture<PreprocessedHead>
{
    private readonly ModuleSession _session = head.Session;

    // Everything that must be the same, as one text; voxels bit for bit.
    private const string Describe = """
        function Describe($v) {
            $none = [Threading.CancellationToken]::None
            $voxels = $v.ReadVoxels($none).Voxels
            $bytes = [byte[]]::new(4 * $voxels.Length)
            [Buffer]::BlockCopy($voxels, 0, $bytes, 0, $bytes.Length)
            $mask = [byte[]] $v.BrainMask.ToVolume().Voxels
            $sha = [Security.Cryptography.SHA256]
            @([Convert]::ToHexString($sha::HashData($bytes)), [Convert]::ToHexString($sha::HashData($mask)), $v.Geometry, ($v.TemplateToScan.ToRows() -join ' '), $v.Template, $v.Quality, ($v.Quality.psobject.Properties.Value -join ' '), $v.Provenance, ($v.Provenance.Parameters.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" }), $v.Stage, $v.Participant, $v.Session) -join "`n"
        }

        """;

    [Fact]
    public void Provenance_says_what_went_in_and_how()
    {
        var p = _session.Run("$computed.Provenance").ThrowIfFailed().Single();
        var parameters = (IReadOnlyDictionary<string, object?>)p.Properties["Parameters"].Value;

        Assert.Equal("MriLink", p.Properties["Tool"].Value);
        Assert.StartsWith("0.", (string)p.Properties["Version"].Value, StringComparison.Ordinal);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(head.File))), p.Properties["InputHash"].Value);
        Assert.Equal(4.0, parameters["Spacing"]);
        Assert.Equal("ZScore", parameters["Harmonization"]);
        Assert.Equal("Error", parameters["Input.NonFinite"]);
        Assert.DoesNotContain("Ada", p.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_cached_result_is_the_computed_one_bit_for_bit_and_comes_from_the_cache()
    {
        var texts = _session.Run(
            Describe + "$again = Import-MriVolume $args[0] | Invoke-MriPreprocess -Spacing 4 -CachePath $args[1]; Describe $computed; Describe $again; \"$($again.Timings)\"",
            head.File, head.Cache).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(texts[0], texts[1]);
        Assert.StartsWith("cache ", texts[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_entry_is_told_and_made_again()
    {
        var cache = Path.Combine(_session.Folder, "damaged");
        Directory.CreateDirectory(cache);
        var entry = Path.Combine(cache, Path.GetFileName(Assert.Single(Directory.GetFiles(head.Cache))));
        File.WriteAllBytes(entry, [1, 2, 3]);

        var outcome = _session.Run(Describe + "Describe (Import-MriVolume $args[0] | Invoke-MriPreprocess -Spacing 4 -CachePath $args[1]); Describe $computed", head.File, cache);
        outcome.ThrowIfFailed();

        Assert.Contains("made again", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
        Assert.Equal(outcome.Output[1].ToString(), outcome.Output[0].ToString());
        Assert.Equal(File.ReadAllBytes(Directory.GetFiles(head.Cache)[0]), File.ReadAllBytes(entry));
    }

    [Fact]
    public void A_cache_that_cannot_be_is_an_error_at_once()
    {
        var error = Assert.Single(_session.Run("Import-MriVolume $args[0] | Invoke-MriPreprocess -CachePath $args[0]", head.File).Errors);

        Assert.Contains("cannot be used", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exported_volume_is_imported_as_the_preprocessed_one_it_was()
    {
        var texts = _session.Run(
            Describe + """
            $folder = "$($args[0])/derived/"
            $file = $computed | Export-MriVolume $folder -Force -Mask -PassThru | Where-Object Name -notlike *mask*
            Describe $computed
            Describe (Import-MriVolume $file.FullName)
            Describe (Import-MriVolume $folder -Recurse | Where-Object Stage -eq Preprocessed)
            $file.FullName
            (Import-MriVolume $file.FullName).psobject.TypeNames[0]
            """,
            _session.Folder).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(texts[0], texts[1]);
        Assert.Equal(texts[0], texts[2]);
        Assert.EndsWith("PreprocessedVolume", texts[4], StringComparison.Ordinal);

        var sidecar = texts[3].Replace(".nii.gz", ".json", StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(sidecar));
        Assert.True(json.RootElement.GetProperty("SkullStripped").GetBoolean());
        Assert.Equal("MriLink", json.RootElement.GetProperty("GeneratedBy")[0].GetProperty("Name").GetString());
        Assert.False(json.RootElement.TryGetProperty("Sources", out _));
        Assert.DoesNotContain("Ada", json.RootElement.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sidecar_names_the_source_when_asked_and_is_left_out_when_asked()
    {
        var files = _session.Run(
            """
            $computed | Export-MriVolume "$($args[0])/with.nii" -IncludeSource
            $computed | Export-MriVolume "$($args[0])/without.nii" -SkipSidecar
            """,
            _session.Folder).ThrowIfFailed();

        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(_session.Folder, "with.json")));
        Assert.Equal(head.File, json.RootElement.GetProperty("Sources")[0].GetString());
        Assert.False(File.Exists(Path.Combine(_session.Folder, "without.json")));
        Assert.Empty(files);
    }

    [Fact]
    public void A_raw_volume_in_a_preprocessed_ones_place_does_not_inherit_its_sidecar()
    {
        var outcome = _session.Run(
            """
            $file = "$($args[0])/v.nii"
            $computed | Export-MriVolume $file
            [IO.File]::Delete($file)
            $raw = Import-MriVolume $args[1]
            $raw | Export-MriVolume $file
            [IO.File]::Exists($file)
            $raw | Export-MriVolume $file -Force
            (Import-MriVolume $file).Stage
            [IO.File]::Exists("$($args[0])/v.json")
            """,
            _session.Folder,
            head.File);

        Assert.StartsWith("SidecarOfAnother", Assert.Single(outcome.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(["False", "Raw", "False"], outcome.Output.Select(o => o.ToString()));
    }

    [Fact]
    public void Someone_elses_sidecar_is_neither_replaced_nor_taken_for_ours()
    {
        var path = _session.Place("other/sub-1_T1w.nii");
        var sidecar = Path.ChangeExtension(path, ".json");
        File.WriteAllText(sidecar, """{ "Manufacturer": "Siemens" }""");

        Assert.Equal("Raw", _session.Run("(Import-MriVolume $args[0]).Stage", path).ThrowIfFailed().Single().ToString());
        File.Delete(path);
        var error = Assert.Single(_session.Run("$computed | Export-MriVolume $args[0]", path).Errors);
        Assert.Contains("use -Force to replace it", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Siemens", File.ReadAllText(sidecar), StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("""{ "MriLink": { "Size": [1, 2, 3] } }""", "describes another volume")]
    [InlineData("""{ "MriLink": """, "no JSON")]
    public void A_sidecar_that_does_not_fit_is_told_and_the_volume_is_raw(string text, string problem)
    {
        var path = _session.Place("odd/sub-2_T1w.nii");
        File.WriteAllText(Path.ChangeExtension(path, ".json"), text);

        var outcome = _session.Run("(Import-MriVolume $args[0]).Stage", path);

        Assert.Equal("Raw", outcome.ThrowIfFailed().Single().ToString());
        Assert.Contains(problem, Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }
}
