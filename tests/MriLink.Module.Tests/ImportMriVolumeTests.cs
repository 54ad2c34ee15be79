using System.Buffers.Binary;
using System.Management.Automation;

namespace MriLink.Module.Tests;

public sealed class ImportMriVolumeTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_path_gives_a_volume_with_what_the_header_says()
    {
        var path = _session.Place("sub-12_ses-1_run-2_T1w.nii.gz");

        var volume = _session.Run("Import-MriVolume $args[0]", path).ThrowIfFailed().Single();

        Assert.Contains("MriLink.Core.Volumes.MriVolume", volume.TypeNames);
        Assert.Equal(("12", "1", "2"), ((string)Get(volume, "Participant"), (string)Get(volume, "Session"), (string)Get(volume, "Run")));
        Assert.Equal(path, Get(volume, "Path"));
        Assert.Equal("3x4x5", Get(volume, "Size").ToString());
        Assert.Equal("LAS", Get(volume, "Orientation"));
        Assert.Equal("(2, 2, 2)", Get(volume, "Spacing").ToString());
    }

    [Fact]
    public void Strings_file_objects_and_anything_with_a_full_name_come_down_the_pipeline()
    {
        var path = _session.Place("a [1].nii");
        var plain = _session.Place("b.nii");

        Assert.Equal(["b"], Participants("$args[0] | Import-MriVolume", plain));
        Assert.Equal(["a [1]"], Participants("[IO.FileInfo]$args[0] | Import-MriVolume", path));
        Assert.Equal(["a [1]"], Participants("[pscustomobject]@{ FullName = $args[0]; Path = 'elsewhere' } | Import-MriVolume", path));
        Assert.Equal(["a [1]"], Participants("[pscustomobject]@{ PSPath = 'Microsoft.PowerShell.Core\\FileSystem::' + $args[0] } | Import-MriVolume", path));
        Assert.Equal(["a [1]"], Participants("Import-MriVolume -LiteralPath $args[0]", path));
        Assert.Equal(["a [1]", "b"], Participants("Import-MriVolume -LiteralPath $args[0], $args[1]", path, plain));
    }

    [Fact]
    public void Relative_paths_start_at_the_shells_location()
    {
        _session.Place("below/x.nii");
        _session.Run("$ExecutionContext.SessionState.Path.SetLocation($args[0])", _session.Folder).ThrowIfFailed();

        Assert.Equal(["x"], Participants("Import-MriVolume below/x.nii"));
        Assert.Equal(["x"], Participants("Import-MriVolume -LiteralPath below/x.nii"));
    }

    [Fact]
    public void A_wildcard_takes_volumes_in_reading_order_and_passes_over_the_rest()
    {
        foreach (var name in new[] { "sub-10_T1w.nii", "sub-2_T1w.nii.gz", "sub-1_T1w.nii", "folder/deep.nii" })
        {
            _session.Place(name);
        }

        _session.Place("README.md", "About."u8.ToArray());

        Assert.Equal(["1", "2", "10"], Participants("Import-MriVolume \"$($args[0])/*\"", _session.Folder));
        Assert.Empty(Participants("Import-MriVolume \"$($args[0])/nothing*.nii\"", _session.Folder));
    }

    [Fact]
    public void Recurse_takes_every_volume_below_and_a_pair_once()
    {
        foreach (var name in new[] { "sub-2/ses-1/anat/T1.nii", "sub-10/anat/sub-10_T1w.nii.gz", "sub-1/x.nii", "sub-1/._x.nii", ".hidden/y.nii" })
        {
            _session.Place(name);
        }

        _session.Place("pair/sub-3.hdr", TinyNifti.Make(b => (b[345], b[108], b[109], b[110], b[111]) = ((byte)'i', 0, 0, 0, 0)));
        _session.Place("pair/sub-3.img", new byte[60]);
        _session.Place("sub-1/notes.txt", "None."u8.ToArray());

        Assert.Equal(["3", "1", "2", "10"], Participants("Import-MriVolume $args[0] -Recurse", _session.Folder));
    }

    [Fact]
    public void Every_bad_item_is_one_error_that_names_it_and_the_rest_goes_on()
    {
        var good = _session.Place("first.nii");
        var whole = TinyNifti.Make();
        var zipped = TinyNifti.Gzip(whole);
        (string Path, string Reason)[] bad =
        [
            (Path.Combine(_session.Folder, "missing.nii"), "does not exist"),
            (_session.Place("short.nii", whole[..^1]), "truncated"),
            (_session.Place("short.nii.gz", zipped[..^9]), "truncated"),
            (_session.Place("magic.nii", TinyNifti.Make(b => b[345] = (byte)'x')), "lacks the letters"),
            (_session.Place("four.nii", TinyNifti.Make(b => (b[40], b[48]) = (4, 2))), "truncated"),
            (_session.Place("two.nii", TinyNifti.Make(b => b[40] = 2)), "2D"),
            (_session.Place("none.nii", TinyNifti.Make(b => b[44] = 0)), "3x0x5"),
            (_session.Place("huge.nii", TinyNifti.Make(Huge)), "too large"),
            (_session.Place("empty.nii", []), "empty"),
            (_session.Place("text.txt", "hello"u8.ToArray()), "not a volume"),
            (_session.Place("folder/inner.nii")[..^"/inner.nii".Length], "-Recurse"),
        ];
        var last = _session.Place("last.nii");
        object[] paths = [good, .. bad.Select(b => b.Path), last];

        foreach (var script in new[] { "Import-MriVolume $args", "$args | Import-MriVolume", "Import-MriVolume -LiteralPath $args" })
        {
            var outcome = _session.Run(script, paths);

            Assert.Null(outcome.Failure);
            Assert.Equal(["first", "last"], outcome.Output.Select(v => (string)Get(v, "Participant")));
            Assert.Equal(bad.Length, outcome.Errors.Count);
            foreach (var (error, (path, reason)) in outcome.Errors.Zip(bad))
            {
                Assert.Contains(path, error.Exception.Message, StringComparison.Ordinal);
                Assert.Contains(reason, error.Exception.Message, StringComparison.Ordinal);
                Assert.Equal(path, error.TargetObject);
            }
        }

        Assert.NotNull(_session.Run("Import-MriVolume $args -ErrorAction Stop", paths).Failure);
    }

    [Fact]
    public void Damage_inside_a_file_is_found_here_with_Validate_and_later_without()
    {
        // Longer than what is looked at to recognise a file; the checksum is wrong, the length after it right.
        var zipped = TinyNifti.Gzip(TinyNifti.Make(20, 20, 20));
        zipped[^6] ^= 1;
        var damaged = _session.Place("checksum.nii.gz", zipped);
        var nan = _session.Place("nan.nii", TinyNifti.WithNaN());

        Assert.Equal(2, _session.Run("Import-MriVolume $args", damaged, nan).ThrowIfFailed().Count);
        var errors = _session.Run("Import-MriVolume $args -Validate", damaged, nan).Errors;
        Assert.Equal(2, errors.Count);
        Assert.Contains("checksum.nii.gz' is damaged", errors[0].Exception.Message, StringComparison.Ordinal);
        Assert.Contains("nan.nii' has 1 of 60 voxels", errors[1].Exception.Message, StringComparison.Ordinal);
        Assert.Single(_session.Run("Import-MriVolume $args -Validate -NonFinite Zero", nan).ThrowIfFailed());

        var later = _session.Run("(Import-MriVolume $args).ReadVoxels([Threading.CancellationToken]::None)", nan);
        Assert.Contains("1 of 60", Assert.Single(later.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reorient_turns_the_axes_and_leaves_every_voxel_where_it_was()
    {
        var path = _session.Place("left.nii");

        var first = _session.Run("(Import-MriVolume $args).ReadVoxels([Threading.CancellationToken]::None).Voxels[0..2]", path).ThrowIfFailed();
        var volume = _session.Run("Import-MriVolume $args -Reorient", path).ThrowIfFailed().Single();
        var turned = _session.Run("(Import-MriVolume $args -Reorient).ReadVoxels([Threading.CancellationToken]::None).Voxels[0..2]", path).ThrowIfFailed();

        Assert.Equal("RAS", Get(volume, "Orientation"));
        Assert.Equal([0f, 1f, 2f], first.Select(v => (float)v.BaseObject));
        Assert.Equal([2f, 1f, 0f], turned.Select(v => (float)v.BaseObject));
    }

    [Fact]
    public void Participants_come_from_a_script_block_a_pattern_or_are_given()
    {
        var path = _session.Place("siteB/P007_v2_scan.nii");

        Assert.Equal(["P007"], Participants("Import-MriVolume $args[0] -Participant { $_.Name.Substring(0, 4) }", path));
        Assert.Equal(["siteB-P007"], Participants("$site = 'site'; Import-MriVolume $args[0] -Participant { \"$($_.Directory.Name)-$($_.Name.Split('_')[0])\" }", path));
        Assert.Equal(["007"], Participants("Import-MriVolume $args[0] -Participant ([regex]'P(\\d+)')", path));
        Assert.Equal(["B"], Participants("Import-MriVolume $args[0] -Participant ([regex]'site(.)/')", path));

        Assert.Equal(["1"], Participants("Import-MriVolume $args[0] -Participant 1", path));
        Assert.Equal(["A.1"], Participants("Import-MriVolume $args[0] -Participant A.1", path));

        var named = _session.Run("Import-MriVolume $args[0] -Participant ([regex]'(?<Participant>P\\d+)_v(?<Session>\\d)')", path).ThrowIfFailed().Single();
        Assert.Equal(("P007", "2"), ((string)Get(named, "Participant"), (string)Get(named, "Session")));
        var run = _session.Run("Import-MriVolume $args[0] -Participant ([regex]'P\\d+') -Session ([regex]'v(\\d)') -Run 5", path).ThrowIfFailed().Single();
        Assert.Equal(("P007", "2", "5"), ((string)Get(run, "Participant"), (string)Get(run, "Session"), (string)Get(run, "Run")));
    }

    [Fact]
    public void A_list_of_files_binds_by_its_columns()
    {
        var (first, second) = (_session.Place("x/T1 [1].nii"), _session.Place("y/T1.nii"));
        foreach (var column in new[] { "Path", "FullName", "LiteralPath" })
        {
            var volumes = _session.Run(
                $"[pscustomobject]@{{ {column} = $args[0]; Participant = 'A.1'; Session = 'base'; Run = '' }}, [pscustomobject]@{{ {column} = $args[1]; Participant = '2'; Session = ''; Run = '3' }} | Import-MriVolume",
                first,
                second).ThrowIfFailed();

            Assert.Equal(["A.1 ses-base", "2 run-3"], volumes.Select(volume => (string)Get(volume, "Name")));
        }
    }

    [Fact]
    public void Scans_that_share_a_label_for_no_reason_are_warned_about_with_the_remedy()
    {
        foreach (var name in new[] { "siteA/001/T1.nii", "siteB/001/T1.nii" })
        {
            _session.Place(name);
        }

        Assert.Contains("-Participant", Assert.Single(_session.Run("Import-MriVolume $args[0] -Recurse", _session.Folder).Warnings), StringComparison.Ordinal);
        Assert.Contains("'T1'", Assert.Single(_session.Run("Import-MriVolume $args[0] -Recurse -Participant ([regex]'T1')", _session.Folder).Warnings), StringComparison.Ordinal);
        Assert.Empty(_session.Run("Import-MriVolume $args[0] -Recurse -Participant bert", _session.Folder).Warnings);
        Assert.Contains("[regex]", Assert.Single(_session.Run("Import-MriVolume $args[0] -Recurse -Participant '^(T1)'", _session.Folder).Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("([regex]'X(\\d+)')", "does not match")]
    [InlineData("{ }", "0 labels")]
    [InlineData("{ '' }", "empty")]
    [InlineData("{ throw 'odd name' }", "odd name")]
    [InlineData("([regex]'^(([a-z])+.)+[A-Z]([a-z])+$')", "too ambiguous")]
    public void A_file_without_a_label_is_one_error(string rule, string reason)
    {
        var path = _session.Place("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!.nii");

        var outcome = _session.Run($"Import-MriVolume $args[0] -Participant {rule}", path);

        Assert.Null(outcome.Failure);
        Assert.Empty(outcome.Output);
        Assert.Contains(reason, Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.Contains(path, outcome.Errors[0].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_geometry_that_had_to_be_assumed_is_warned_about()
    {
        var path = _session.Place("nowhere.nii", TinyNifti.Make(b => b[254] = 0));

        var outcome = _session.Run("Import-MriVolume $args[0]", path);

        Assert.Single(outcome.Output);
        Assert.All(outcome.Warnings, warning => Assert.Contains(path, warning, StringComparison.Ordinal));
        Assert.Contains(outcome.Warnings, warning => warning.Contains("left and right may be swapped", StringComparison.Ordinal));
    }

    [Fact]
    public void A_path_outside_the_file_system_is_an_error()
    {
        var error = Assert.Single(_session.Run("Import-MriVolume Env:PATH").Errors);

        Assert.Contains("not in the file system", error.Exception.Message, StringComparison.Ordinal);
    }

    private static void Huge(byte[] bytes)
    {
        for (var at = 42; at <= 46; at += 2)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), 10_000);
        }
    }

    private static object Get(PSObject item, string property) => item.Properties[property].Value;

    private string[] Participants(string script, params object[] arguments) =>
        [.. _session.Run(script, arguments).ThrowIfFailed().Select(v => (string)Get(v, "Participant"))];
}
