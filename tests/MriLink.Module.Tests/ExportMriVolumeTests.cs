using System.Management.Automation;

namespace MriLink.Module.Tests;

public sealed class ExportMriVolumeTests : IDisposable
{
    // The voxel arrays of two files, read back through the module.
    private const string Voxels = "(Import-MriVolume $args).ReadVoxels([Threading.CancellationToken]::None).Voxels";

    // A preprocessed volume made from a raw one, as Invoke-MriPreprocess would give it.
    private const string Preprocessed = """
        $raw = Import-MriVolume $args[0]
        $volume = $raw.ReadVoxels([Threading.CancellationToken]::None)
        $library = $raw.GetType().Assembly
        $mask = $library.GetType('MriLink.Core.Volumes.Mask')::FromVolume($volume, 10)
        $done = $library.GetType('MriLink.Core.Preprocessing.PreprocessedVolume')::new($raw.Identity, $volume, $mask, 'none', $volume.Geometry.VoxelToWorld, $null, $null)

        """;

    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    private string Out => Path.Combine(_session.Folder, "out");

    [Theory]
    [InlineData("Float32")]
    [InlineData("Int16")]
    [InlineData("UInt8")]
    public void A_volume_comes_back_as_it_was(string dataType)
    {
        var path = _session.Place("in.nii");
        var target = Path.Combine(_session.Folder, "out.nii.gz");

        var file = _session.Run("Import-MriVolume $args[0] | Export-MriVolume $args[1] -DataType $args[2] -PassThru", path, target, dataType).ThrowIfFailed().Single();

        Assert.Equal(target, Assert.IsType<FileInfo>(file.BaseObject).FullName);
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (float)i), _session.Run(Voxels, target).ThrowIfFailed().Select(v => (float)v.BaseObject));
        Assert.Equal("LAS", _session.Run("(Import-MriVolume $args).Orientation", target).ThrowIfFailed().Single().BaseObject);
    }

    [Fact]
    public void Into_a_folder_names_follow_BIDS_and_a_missing_one_needs_Force()
    {
        var first = _session.Place("sub-1_ses-a_acq-x_T1w.nii");
        var second = _session.Place("odd name.nii");
        var script = "Import-MriVolume $args[0], $args[1] | Export-MriVolume \"$($args[2])/\" -PassThru";

        var refused = _session.Run(script, first, second, Out);
        Assert.Equal(2, refused.Errors.Count);
        Assert.All(refused.Errors, e => Assert.Contains("use -Force to make it", e.Exception.Message, StringComparison.Ordinal));
        Assert.False(Directory.Exists(Out));

        var written = _session.Run(script + " -Force", first, second, Out).ThrowIfFailed();
        Assert.Equal(["sub-1_ses-a_acq-x_T1w.nii.gz", "sub-oddname_T1w.nii.gz"], written.Select(f => ((FileInfo)f.BaseObject).Name));
    }

    [Fact]
    public void A_script_block_names_each_file()
    {
        var first = _session.Place("sub-1_T1w.nii");
        var second = _session.Place("sub-2_T1w.nii");
        Directory.CreateDirectory(Out);

        _session.Run("$folder = $args[2]; Import-MriVolume $args[0], $args[1] | Export-MriVolume { \"$folder/$($_.Participant).nii\" }", first, second, Out).ThrowIfFailed();

        Assert.Equal(["1.nii", "2.nii"], Directory.GetFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_preprocessed_volume_is_named_so_and_brings_its_mask()
    {
        var path = _session.Place("sub-1_ses-a_T1w.nii");
        Directory.CreateDirectory(Out);

        var files = _session.Run(Preprocessed + "$done | Export-MriVolume $args[1] -Mask -PassThru", path, Out).ThrowIfFailed();

        Assert.Equal(["sub-1_ses-a_desc-preproc_T1w.nii.gz", "sub-1_ses-a_desc-preproc_mask.nii.gz"], files.Select(f => ((FileInfo)f.BaseObject).Name));
        Assert.Equal(
            Enumerable.Range(0, 60).Select(i => i > 10 ? 1f : 0f),
            _session.Run(Voxels, ((FileInfo)files[1].BaseObject).FullName).ThrowIfFailed().Select(v => (float)v.BaseObject));

        var raw = _session.Run("Import-MriVolume $args[0] | Export-MriVolume $args[1] -Mask", path, Out);
        Assert.Contains("no brain mask", Assert.Single(raw.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["sub-1_ses-a_desc-preproc_T1w.json", "sub-1_ses-a_desc-preproc_T1w.nii.gz", "sub-1_ses-a_desc-preproc_mask.nii.gz"],
            Directory.GetFiles(Out).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_existing_file_is_kept_without_Force_and_replaced_with_it()
    {
        var path = _session.Place("in.nii");
        var target = _session.Place("out.nii", [1, 2, 3]);

        var kept = _session.Run("Import-MriVolume $args[0] | Export-MriVolume $args[1]", path, target);
        Assert.Contains("exists; use -Force", Assert.Single(kept.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(target));

        _session.Run("Import-MriVolume $args[0] | Export-MriVolume $args[1] -Force", path, target).ThrowIfFailed();
        Assert.Equal(352 + 240, new FileInfo(target).Length);
    }

    [Fact]
    public void Two_volumes_never_go_to_one_file()
    {
        var first = _session.Place("a.nii");
        var second = _session.Place("b.nii", TinyNifti.Make(2, 2, 2));
        var target = Path.Combine(_session.Folder, "out.nii");

        var outcome = _session.Run("Import-MriVolume $args[0], $args[1] | Export-MriVolume $args[2] -Force", first, second, target);

        Assert.Contains("another volume", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Equal(60, _session.Run(Voxels, target).ThrowIfFailed().Count);
    }

    [Fact]
    public void WhatIf_writes_nothing()
    {
        var path = _session.Place("in.nii");
        var before = Directory.GetFileSystemEntries(_session.Folder, "*", SearchOption.AllDirectories);

        var output = _session.Run("Import-MriVolume $args[0] | Export-MriVolume \"$($args[1])/\" -Force -PassThru -WhatIf", path, Out).ThrowIfFailed();

        Assert.Empty(output);
        Assert.Equal(before, Directory.GetFileSystemEntries(_session.Folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void An_unreadable_volume_is_one_error_and_the_rest_goes_on()
    {
        var bad = _session.Place("nan.nii", TinyNifti.WithNaN());
        var good = _session.Place("good.nii");
        Directory.CreateDirectory(Out);

        var outcome = _session.Run("Import-MriVolume $args[0], $args[1] | Export-MriVolume $args[2] -PassThru", bad, good, Out);

        Assert.Contains("nan.nii", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Single(outcome.Output);
        Assert.Single(Directory.GetFileSystemEntries(Out));
    }

    [Theory]
    [InlineData("'out.mgz'", "ending in .nii, .nii.gz or .nrrd")]
    [InlineData("'Env:x.nii'", "not in the file system")]
    [InlineData("'nodrive:/x.nii'", "nodrive")]
    [InlineData("{ }", "no path")]
    [InlineData("{ throw 'odd' }", "odd")]
    public void A_path_that_cannot_be_written_is_an_error(string path, string reason)
    {
        var source = _session.Place("in.nii");

        var outcome = _session.Run($"Import-MriVolume $args[0] | Export-MriVolume {path}", source);

        Assert.Null(outcome.Failure);
        Assert.Contains(reason, Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_volume_never_takes_its_own_path_for_the_target()
    {
        // Volumes have a property Path; were it bound, -Force would write over the scans themselves.
        var parameter = _session.Run("(Get-Command Export-MriVolume).Parameters['Path']").ThrowIfFailed().Single();

        Assert.All(
            ((ParameterMetadata)parameter.BaseObject).ParameterSets.Values,
            set => Assert.False(set.ValueFromPipelineByPropertyName || set.ValueFromPipeline));
    }
}
