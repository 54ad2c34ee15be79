namespace MriLink.Module.Tests;

/// <summary>Show-MriVolume and Export-MriImage.</summary>
public sealed class PictureTests : IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose() => _session.Dispose();

    [Fact]
    public void A_volume_is_shown_in_half_blocks_no_wider_than_asked_for()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());

        var lines = _session.Run("Import-MriVolume $args[0] | Show-MriVolume -Width 90 -Format HalfBlock", path).ThrowIfFailed().Select(l => l.ToString()).ToArray();

        Assert.InRange(lines.Length, 10, 45);
        Assert.All(lines, line => Assert.InRange(line.Count(c => c == '\u2580'), 40, 90));

        // Air at the corner is black.
        Assert.StartsWith("\u001b[38;2;0;0;0;48;2;0;0;0m\u2580", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => Enumerable.Range(128, 128).Any(grey => line.Contains($"38;2;{grey};", StringComparison.Ordinal)));
    }

    [Fact]
    public void Sixel_is_one_sequence_with_the_picture_size()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());

        var text = _session.Run("Import-MriVolume $args[0] | Show-MriVolume -Width 40 -Format Sixel", path).ThrowIfFailed().Single().ToString()!;

        Assert.Matches("^\u001bP0;1q\"1;1;[0-9]+;[0-9]+#0;2;0;0;0", text);
        Assert.EndsWith("\u001b\\", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_is_a_png_of_the_three_slices()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());
        var target = Path.Combine(_session.Folder, "out.png");

        _session.Run("Import-MriVolume $args[0] | Export-MriImage $args[1] -PixelSize 4", path, target).ThrowIfFailed();

        var bytes = File.ReadAllBytes(target);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);

        // 46 x 55 x 46 voxels of 4 mm: 55 + 46 + 46 pixels and two gaps of 2 across, 55 down.
        Assert.Equal((151, 55), (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20))));
    }

    [Fact]
    public void An_existing_picture_is_kept_WhatIf_writes_nothing_and_a_raw_scan_has_no_mask()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());
        var there = _session.Place("there.png", [1, 2, 3]);

        Assert.Contains("-Force", _session.Run("Import-MriVolume $args[0] | Export-MriImage $args[1]", path, there).Problem!.Message, StringComparison.Ordinal);
        _session.Run("Import-MriVolume $args[0] | Export-MriImage $args[1] -WhatIf", path, Path.Combine(_session.Folder, "new.png")).ThrowIfFailed();
        Assert.Contains("no brain mask", _session.Run("Import-MriVolume $args[0] | Show-MriVolume -MaskOutline", path).Problem!.Message, StringComparison.Ordinal);
        Assert.Contains(".png", _session.Run("Import-MriVolume $args[0] | Export-MriImage out.jpg", path).Problem!.Message, StringComparison.Ordinal);

        Assert.Equal([1, 2, 3], File.ReadAllBytes(there));
        Assert.False(File.Exists(Path.Combine(_session.Folder, "new.png")));
    }

    [Fact]
    public void A_damaged_volume_is_one_error_and_the_next_is_shown()
    {
        var outcome = _session.Run("Import-MriVolume $args | Show-MriVolume -Width 40", _session.Place("nan.nii", TinyNifti.WithNaN()), _session.Place("head.nii", SmallVolumes.Head()));

        Assert.Contains("nan.nii", Assert.Single(outcome.Errors).Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(outcome.Output);
    }

    [Fact]
    public void A_checkerboard_of_a_volume_with_itself_is_the_volume()
    {
        var path = _session.Place("head.nii", SmallVolumes.Head());

        var output = _session.Run(
            "$v = Import-MriVolume $args[0]; ($v | Show-MriVolume -Width 60) -join ''; ($v | Show-MriVolume -Width 60 -Reference $v -Comparison Checkerboard) -join ''; ($v | Show-MriVolume -Width 60 -Reference $v).Count -gt 1.9 * ($v | Show-MriVolume -Width 60).Count",
            path).ThrowIfFailed();

        Assert.Equal(output[0].ToString(), output[1].ToString());
        Assert.Equal(true, output[2].BaseObject);
    }
}
