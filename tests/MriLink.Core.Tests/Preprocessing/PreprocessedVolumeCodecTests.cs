using System.Security.Cryptography;
using System.Text;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Preprocessing;

public sealed class PreprocessedVolumeCodecTests
{
    private static readonly ScanIdentity Someone = new("someone");

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    public void What_is_packed_comes_back_bit_for_bit(int side)
    {
        var volume = SampleBrain.Make(side, side);

        var back = PreprocessedVolumeCodec.Decode(PreprocessedVolumeCodec.Encode(volume), "x", Someone, []);

        SampleBrain.AssertSame(volume, back);
        Assert.Same(Someone, back.Identity);
    }

    [Fact]
    public void Odd_floats_and_masks_of_all_and_nothing_come_back()
    {
        float[] odd = [-0f, float.Epsilon, float.MaxValue, float.NaN, float.NegativeInfinity, 1, 0, -3.5f];
        var geometry = new VolumeGeometry(new(2, 2, 2), Affine.Identity);
        foreach (var all in (bool[])[true, false])
        {
            var volume = SampleBrain.Make(new(geometry, all ? odd : new float[8]), new(geometry, [.. Enumerable.Repeat(all, 8)]), "p", null, 0.1);
            SampleBrain.AssertSame(volume, PreprocessedVolumeCodec.Decode(PreprocessedVolumeCodec.Encode(volume), "x", Someone, []));
        }
    }

    [Fact]
    public void Nobody_is_named()
    {
        var text = Encoding.Latin1.GetString(PreprocessedVolumeCodec.Encode(SampleBrain.Make()));

        Assert.DoesNotContain("Ada", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.Contains("Harmonization", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_voxel_outside_the_mask_is_refused_rather_than_lost()
    {
        var geometry = new VolumeGeometry(new(2, 1, 1), Affine.Identity);
        var volume = SampleBrain.Make(new(geometry, [1, 2]), new(geometry, [true, false]), "p", null, 0.1);

        Assert.Contains("not 0 outside", Assert.Throws<ArgumentException>(() => PreprocessedVolumeCodec.Encode(volume)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_change_of_any_byte_is_found()
    {
        var bytes = PreprocessedVolumeCodec.Encode(SampleBrain.Make(side: 3));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 0x10;
            var error = Assert.Throws<MriFileException>(() => PreprocessedVolumeCodec.Decode(bytes, "entry", Someone, []));
            Assert.StartsWith("'entry' ", error.Message, StringComparison.Ordinal);
            bytes[i] ^= 0x10;
        }
    }

    [Fact]
    public void Every_shorter_file_is_refused()
    {
        var bytes = PreprocessedVolumeCodec.Encode(SampleBrain.Make(side: 3));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<MriFileException>(() => PreprocessedVolumeCodec.Decode(bytes.AsSpan(0, length), "entry", Someone, []));
        }
    }

    // Whoever makes such a file on purpose gives it a good checksum: what it says inside is then checked part by part.
    [Fact]
    public void A_hostile_file_with_a_good_checksum_gives_a_clear_error_or_a_volume()
    {
        var good = PreprocessedVolumeCodec.Encode(SampleBrain.Make(side: 4));
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 4000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                bytes[random.Next(12, bytes.Length - 32)] = (byte)random.Next(256);
            }

            SHA256.HashData(bytes.AsSpan(0, bytes.Length - 32), bytes.AsSpan(bytes.Length - 32));
            try
            {
                PreprocessedVolumeCodec.Decode(bytes, "entry", Someone, []);
            }
            catch (MriFileException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 4000);
    }

    [Theory]
    [InlineData("\"Size\":[4,5,6]", "\"Size\":[600,600,600]", "does not fill its grid")]
    [InlineData("\"Size\":[4,5,6]", "\"Size\":[60000,60000,60000]", "describe no grid")]
    [InlineData("\"Size\":[4,5,6]", "\"Size\":[-4,-5,6]", "describe no grid")]
    [InlineData("\"VoxelToWorld\":[2,", "\"VoxelToWorld\":[0,", "describe no grid")]
    [InlineData("\"VoxelToWorld\":[2,0,", "\"VoxelToWorld\":[2,", "describe no grid")]
    [InlineData("\"Size\":", "\"Size\":[[[[[[[[[[[[[[[[[[[[", "cannot be read")]
    public void A_header_that_lies_is_refused(string from, string to, string problem)
    {
        var good = PreprocessedVolumeCodec.Encode(SampleBrain.Make(side: 4));
        var length = BitConverter.ToInt32(good, 12);
        var json = Encoding.UTF8.GetString(good, 16, length);
        Assert.Contains(from, json, StringComparison.Ordinal);
        var lying = Encoding.UTF8.GetBytes(json.Replace(from, to, StringComparison.Ordinal));
        byte[] content = [.. good[..12], .. BitConverter.GetBytes(lying.Length), .. lying, .. good[(16 + length)..^32]];

        var error = Assert.Throws<MriFileException>(
            () => PreprocessedVolumeCodec.Decode([.. content, .. SHA256.HashData(content)], "entry", Someone, []));

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_layout_is_refused_by_its_number()
    {
        var bytes = PreprocessedVolumeCodec.Encode(SampleBrain.Make(side: 3));
        bytes[8] = 9;

        Assert.Contains("layout 9", Assert.Throws<MriFileException>(() => PreprocessedVolumeCodec.Decode(bytes, "entry", Someone, [])).Message,
            StringComparison.Ordinal);
    }
}
