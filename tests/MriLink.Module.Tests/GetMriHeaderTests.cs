using System.IO.Compression;

namespace MriLink.Module.Tests;

public sealed class GetMriHeaderTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_header_is_an_object_with_what_it_says()
    {
        var path = _session.Place("a.nii.gz");

        var header = _session.Run("Get-MriHeader $args[0]", path).ThrowIfFailed().Single();

        Assert.Contains("MriLink.Core.Formats.MriHeader", header.TypeNames);
        Assert.Equal((path, "NIfTI-1", "3x4x5", "UInt8", "LAS"), (Get(header, "Path"), Get(header, "Format"), Get(header, "Size")!.ToString(), Get(header, "DataType"), Get(header, "Orientation")));
        Assert.Null(Get(header, "Problem"));
        Assert.Equal("8", _session.Run("(Get-MriHeader $args[0])['bitpix']", path).ThrowIfFailed().Single().ToString());
    }

    [Fact]
    public void Identifying_fields_come_one_by_one_and_are_ready_for_a_table()
    {
        _session.Place("sub-1/a.nii", TinyNifti.Make(b => "Jane\u001b[2J"u8.CopyTo(b.AsSpan(148))));
        _session.Place("sub-2/b.nii");
        _session.Place("sub-3/c.nii", TinyNifti.Make(b => "=cmd()"u8.CopyTo(b.AsSpan(148))));

        var fields = _session.Run("Get-MriHeader $args[0] -Recurse -Identifying", _session.Folder).ThrowIfFailed();

        Assert.Equal(2, fields.Count);
        var field = fields[0];
        Assert.Equal(("descrip", "Jane\uFFFD[2J"), (Get(field, "Field"), Get(field, "Value")));
        Assert.EndsWith("a.nii", (string)Get(field, "Path")!, StringComparison.Ordinal);
        Assert.Equal("'=cmd()", Get(fields[1], "Value"));
    }

    [Fact]
    public void A_bad_file_is_one_error_and_the_rest_goes_on()
    {
        var bad = _session.Place("bad.nii", "hello"u8.ToArray());
        var good = _session.Place("good.nii");
        var colour = _session.Place("colour.nii", TinyNifti.Make(b => b[70] = 128));

        var outcome = _session.Run("Get-MriHeader $args", bad, good, colour);

        Assert.Equal([good, colour], outcome.Output.Select(header => Get(header, "Path")));
        Assert.Contains("RGB", (string)Get(outcome.Output[1], "Problem")!, StringComparison.Ordinal);
        Assert.Equal("HeaderUnreadable", Assert.Single(outcome.Errors).FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(bad, outcome.Errors[0].Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_two_files_of_a_pair_have_one_header()
    {
        _session.Place("x.hdr", TinyNifti.Make(b => (b[345], b[108], b[109], b[110], b[111]) = ((byte)'i', 0, 0, 0, 0)));
        _session.Place("x.img", new byte[60]);

        Assert.Single(_session.Run("Get-MriHeader \"$($args[0])/*\"", _session.Folder).ThrowIfFailed());
    }

    [Fact]
    public void A_folder_of_slices_is_one_volume_and_has_one_header_and_each_slice_that_is_named_its_own()
    {
        ZipFile.ExtractToDirectory(Path.Combine(ModuleSession.RepositoryRoot, "tests/MriLink.Core.Tests/Fixtures/formats/dicom.zip"), _session.Folder);
        var folder = Path.Combine(_session.Folder, "types/explicit-i2");

        var volume = _session.Run("Import-MriVolume $args[0]", folder).ThrowIfFailed().Single();
        var headers = _session.Run("Get-MriHeader $args[0]", folder).ThrowIfFailed();
        var slices = _session.Run("Get-MriHeader \"$($args[0])/*\"", folder).ThrowIfFailed();
        var all = _session.Run("Import-MriVolume $args[0] -Recurse", Path.Combine(_session.Folder, "orientations")).ThrowIfFailed();

        Assert.Equal(("explicit-i2", "3x4x5"), (Get(volume, "Participant"), Get(volume, "Size")!.ToString()));
        Assert.Equal(("explicit-i2", "3x4x5"), (Get(Assert.Single(headers), "Participant"), Get(headers[0], "Size")!.ToString()));
        Assert.Equal(5, slices.Count);
        Assert.Equal(28, all.Count);
        Assert.Equal(28, all.Select(v => Get(v, "Participant")).Distinct().Count());
    }

    [Fact]
    public void Each_bad_series_is_one_error()
    {
        ZipFile.ExtractToDirectory(Path.Combine(ModuleSession.RepositoryRoot, "tests/MriLink.Core.Tests/Fixtures/formats/dicom.zip"), _session.Folder);

        var outcome = _session.Run("Import-MriVolume $args", Path.Combine(_session.Folder, "bad/gap"), Path.Combine(_session.Folder, "bad/mixed"), Path.Combine(_session.Folder, "times"));

        Assert.Equal(2, outcome.Errors.Count);
        Assert.Equal("times", Get(Assert.Single(outcome.Output), "Participant"));
        Assert.Contains("the first is taken", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Volume_chooses_among_several_without_a_warning()
    {
        var voxels = new byte[352 + 120];
        TinyNifti.Make(b => (b[40], b[48]) = (4, 2)).CopyTo(voxels, 0);
        voxels.AsSpan(412).Fill(7);
        var path = _session.Place("four.nii", voxels);

        var first = _session.Run("(Import-MriVolume $args[0]).ReadVoxels().Voxels[1]", path);
        var second = _session.Run("(Import-MriVolume $args[0] -Volume 1).ReadVoxels().Voxels[1]", path);
        var third = _session.Run("Import-MriVolume $args[0] -Volume 2", path);

        Assert.Equal((1f, 7f), ((float)first.Output[0].BaseObject, (float)second.Output[0].BaseObject));
        Assert.Contains("holds 2", Assert.Single(first.Warnings), StringComparison.Ordinal);
        Assert.Empty(second.Warnings);
        Assert.Contains("no volume 2", Assert.Single(third.Errors).Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_that_lead_in_a_circle_end_and_broken_ones_are_told()
    {
        var good = _session.Place("sub-1/a.nii");
        Directory.CreateSymbolicLink(Path.Combine(_session.Folder, "sub-1/again"), _session.Folder);
        File.CreateSymbolicLink(Path.Combine(_session.Folder, "sub-1/gone.nii"), Path.Combine(_session.Folder, "nowhere"));

        foreach (var cmdlet in new[] { "Import-MriVolume", "Get-MriHeader" })
        {
            var outcome = _session.Run($"{cmdlet} $args[0] -Recurse", _session.Folder);

            Assert.Equal(good, Get(Assert.Single(outcome.Output), "Path"));
            Assert.Contains("nowhere', which does not exist", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        }
    }

    private static object? Get(System.Management.Automation.PSObject item, string property) => item.Properties[property].Value;
}
