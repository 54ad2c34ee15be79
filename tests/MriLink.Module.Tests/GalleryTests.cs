using System.Text.RegularExpressions;

namespace MriLink.Module.Tests;

public sealed class GalleryTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public GalleryTests()
    {
        for (var i = 1; i <= 6; i++)
        {
            _session.PlaceBrain($"a/sub-{i}_desc-preproc_T1w.nii", i);
        }

        _session.PlaceBrain("b/sub-x_desc-preproc_T1w.nii", 100, alike: 3, likeness: 0.8);
    }

    public void Dispose() => _session.Dispose();

    private string Place => Path.Combine(_session.Folder, "g.mrigallery");

    private ModuleSession.Outcome Run(string script) => _session.Run($"$folder, $place = $args\n{script}", _session.Folder, Place);

    [Fact]
    public void Volumes_go_in_once_and_come_back()
    {
        var output = Run("""
            (New-MriGallery $place).Name
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $place
            (Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $place -PassThru).Count
            (Get-MriGalleryVolume $place).Participant -join ' '
            (Get-MriGalleryVolume $place -Participant 2, '[45]').Id -join ' '
            $v = Get-MriGalleryVolume $place -Id 3
            $v.Stage
            $v.Provenance.InputHash
            ($v.ReadVoxels([Threading.CancellationToken]::None).Voxels -join ' ') -eq ((Import-MriVolume $folder/a/sub-3_desc-preproc_T1w.nii).ReadVoxels([Threading.CancellationToken]::None).Voxels -join ' ')
            (Test-MriGallery $place).IsIntact
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal([Place, "6", "1 2 3 4 5 6", "2 4 5", "Preprocessed", "sha256:3-0-0", "True", "True"], output);
    }

    [Fact]
    public void Candidates_find_whom_a_full_comparison_finds()
    {
        var output = Run("""
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume (New-MriGallery $place)
            $probe = Import-MriVolume $folder/b -Recurse
            $match = $probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Candidates 2
            "$($match.GalleryParticipant) $($match.IsMatch) $($match.DecidingRule)"
            $match.Score -eq ($probe | Find-MriMatch -Gallery $place -Threshold 0.5).Score
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["3 True Threshold: LocalNCC >= 0.5, 6 of 6 gallery scans measured", "True"], output);
    }

    [Theory]
    [InlineData("$probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Candidates 2 -CohortNormalization ZNorm", "CandidatesAlone")]
    [InlineData("$probe | Find-MriMatch -Gallery (Import-MriVolume $folder/a -Recurse) -Threshold 0.5 -Candidates 2", "CandidatesOfNothing")]
    [InlineData("$probe | Find-MriMatch -Gallery $place -Threshold 0.5 -Candidates -1", "ParameterArgumentValidationError")]
    public void Candidates_of_what_has_no_signatures_are_refused(string script, string error)
    {
        var outcome = Run("Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume (New-MriGallery $place); $probe = Import-MriVolume $folder/b -Recurse\n" + script);

        Assert.StartsWith(error, Assert.Single(outcome.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    [Theory]
    [InlineData("$place")]
    [InlineData("(Get-MriGalleryVolume $place)")]
    [InlineData("$gallery")]
    public void Matching_and_measuring_take_a_gallery_a_path_or_volumes(string gallery)
    {
        var output = Run($$"""
            $gallery = New-MriGallery $place
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $gallery
            $probe = Import-MriVolume $folder/b -Recurse
            $match = $probe | Find-MriMatch -Gallery {{gallery}} -Threshold 0.5
            "$($match.GalleryParticipant) $($match.IsMatch)"
            ($probe | Measure-MriSimilarity {{gallery}}).Count
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["3 True", "6"], output);
    }

    [Fact]
    public void Removing_takes_entries_from_the_pipeline_and_WhatIf_takes_none()
    {
        var output = Run("""
            $gallery = New-MriGallery $place
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $gallery -WhatIf
            $gallery.Count
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $gallery
            Get-MriGalleryVolume $place -Participant 1, 2 | Remove-MriGalleryVolume $place -WhatIf
            $gallery.Count
            Get-MriGalleryVolume $place -Participant 1, 2 | Remove-MriGalleryVolume $place
            Optimize-MriGallery $place
            (Get-MriGalleryVolume $place).Participant -join ' '
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["0", "6", "3 4 5 6"], output);
    }

    [Fact]
    public void Verbose_tells_steps_and_how_long_they_took()
    {
        var told = Run("""
            $null = New-MriGallery $place
            Import-MriVolume $folder/a/sub-1_desc-preproc_T1w.nii | Add-MriGalleryVolume $place -Verbose 4>&1
            Test-MriGallery $place -Verbose 4>&1
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Single(told, t => Regex.IsMatch(t, @"^Adding to the gallery \(1\): \d+\.\d\d s$", RegexOptions.None, TimeSpan.FromSeconds(1)));
        Assert.Single(told, t => Regex.IsMatch(t, @"^Checking the gallery: \d+\.\d\d s$", RegexOptions.None, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_pseudonymised_gallery_wants_its_key()
    {
        File.WriteAllBytes(Path.Combine(_session.Folder, "key"), [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        var outcome = Run("""
            $gallery = New-MriGallery $place -Pseudonymize -KeyPath $folder/key
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $place
            Import-MriVolume $folder/a -Recurse | Add-MriGalleryVolume $place -KeyPath $folder/key
            (Get-MriGalleryVolume $place).Participant -match '^.$'
            (Get-MriGalleryVolume $place -Participant 4 -KeyPath $folder/key).Id
            (Import-MriVolume $folder/b -Recurse | Find-MriMatch $place -Threshold 0.5).GalleryParticipant -eq (Get-MriGalleryVolume $place -Id 3).Participant
            """);

        Assert.Contains("-KeyPath", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["4", "True"], outcome.Output.Select(o => o.ToString()));
    }

    [Theory]
    [InlineData("Get-MriGalleryVolume $folder/none", "does not exist")]
    [InlineData("Get-MriGalleryVolume $folder/a/sub-1_desc-preproc_T1w.nii", "is no gallery")]
    [InlineData("New-MriGallery $folder/a/sub-1_desc-preproc_T1w.nii", "exists already")]
    [InlineData("New-MriGallery $place -Pseudonymize", "go together")]
    [InlineData("New-MriGallery $place -Pseudonymize -KeyPath $folder/nokey", "To make one")]
    [InlineData("$g = New-MriGallery $place; Import-MriVolume $folder/b -Recurse | Find-MriMatch $place", "is empty")]
    [InlineData("$g = New-MriGallery $place; Get-MriGalleryVolume $place -Id 7", "has no entry 7")]
    [InlineData("$g = New-MriGallery $place; Get-MriGalleryVolume $place nobody", "has no participant 'nobody'")]
    [InlineData("$g = New-MriGallery $place; Remove-MriGalleryVolume $place 7", "has no entry 7")]
    [InlineData("$g = New-MriGallery $place; Get-MriGalleryVolume 'Host=127.0.0.1;Port=1;Timeout=2;Password=topsecret'", "cannot be reached")]
    public void Mistakes_are_told(string script, string problem)
    {
        var error = Assert.Single(Run(script).Errors);

        Assert.Contains(problem, error.Exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_raw_volume_is_refused_and_the_others_go_in()
    {
        var raw = _session.Place("raw.nii");
        var outcome = _session.Run("$g = New-MriGallery $args[0]; Import-MriVolume $args[1], $args[2] | Add-MriGalleryVolume $g; $g.Count", Place, raw, Path.Combine(_session.Folder, "a/sub-1_desc-preproc_T1w.nii"));

        Assert.Contains("is not preprocessed", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal("1", outcome.Output.Single().ToString());
    }

    [Fact]
    public void Galleries_of_several_machines_become_one()
    {
        var output = Run("""
            $null = New-MriGallery "$folder/part1"; $null = New-MriGallery "$folder/part2"
            Import-MriVolume $folder/a/sub-[1-4]_* | Add-MriGalleryVolume $folder/part1
            Import-MriVolume $folder/a/sub-[3-6]_* | Add-MriGalleryVolume $folder/part2
            $all = New-MriGallery $place
            Merge-MriGallery $place -Source $folder/part1, "$folder/part2" -WhatIf
            $all.Count
            (Merge-MriGallery $place -Source "$folder/part1", "$folder/part2" -PassThru).Count
            """).ThrowIfFailed().Select(o => o.ToString()).ToArray();

        Assert.Equal(["0", "6"], output);
    }

    [Theory]
    [InlineData("3/2")]
    [InlineData("0/2")]
    [InlineData("half")]
    public void A_share_that_is_none_is_told(string shard)
    {
        var error = Assert.Single(_session.Run("Import-MriVolume $args[0] | Invoke-MriPreprocess -Shard $args[1]", Path.Combine(_session.Folder, "b/sub-x_desc-preproc_T1w.nii"), shard).Errors);

        Assert.Contains("is no share", error.Exception.Message, StringComparison.Ordinal);
    }
}
