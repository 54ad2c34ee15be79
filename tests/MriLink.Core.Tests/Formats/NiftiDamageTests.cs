using System.Buffers.Binary;
using System.IO.Compression;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class NiftiDamageTests
{
    private const string Labels = "orientations/00.nii";
    private const string Zipped = "containers/one.nii.gz";

    [Fact]
    public void A_file_cut_anywhere_is_refused_at_its_header()
    {
        using var folder = new TemporaryFolder();
        foreach (var fixture in new[] { Labels, Zipped, "containers/two.nii", "containers/two-qform.nii.gz" })
        {
            var whole = File.ReadAllBytes(NiftiFixtures.PathOf(fixture));
            for (var length = 0; length < whole.Length; length++)
            {
                var path = folder.Write(Path.GetFileName(fixture), whole[..length]);
                var error = Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path));
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_large_gzip_file_cut_near_its_end_is_refused_at_its_header()
    {
        // Voxels that do not compress, so that the end of the file holds stored data, then of a kind that compresses well.
        using var folder = new TemporaryFolder();
        foreach (var noise in new[] { 255, 1 })
        {
            var random = new Random(3);
            var voxels = Enumerable.Range(0, 60 * 50 * 40).Select(_ => (float)random.Next(noise + 1)).ToArray();
            var path = folder.File("noise.nii.gz");
            VolumeWriter.Write(path, new(new(new(60, 50, 40), Affine.Identity), voxels), VolumeDataType.UInt8, overwrite: true);
            var whole = File.ReadAllBytes(path);
            for (var cut = 1; cut < 200; cut++)
            {
                File.WriteAllBytes(path, whole[..^cut]);
                Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path));
            }

            File.WriteAllBytes(path, whole);
            Assert.Equal(voxels, NiftiFixtures.Read(path).Voxels);
        }
    }

    [Fact]
    public void No_changed_byte_of_a_gzip_file_changes_a_volume_unnoticed()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(NiftiFixtures.PathOf(Zipped));
        var volume = NiftiFixtures.Read(NiftiFixtures.PathOf(Zipped));
        var noticed = 0;
        for (var at = 2; at < whole.Length; at++)
        {
            var path = folder.Changed(Zipped, bytes => bytes[at] ^= 0x10);
            try
            {
                var read = NiftiFixtures.Read(path);
                Assert.Equal(volume.Geometry, read.Geometry);
                Assert.Equal(volume.Voxels, read.Voxels);
            }
            catch (MriFileException)
            {
                noticed++;
            }
        }

        // Ten bytes of gzip header may be anything (time, system); every other byte matters.
        Assert.InRange(noticed, whole.Length - 10, whole.Length);
    }

    [Fact]
    public void Gzip_of_several_members_and_bytes_after_the_end_are_accepted()
    {
        using var folder = new TemporaryFolder();
        var plain = File.ReadAllBytes(NiftiFixtures.PathOf(Labels));
        var expected = NiftiFixtures.Of(Labels).Voxels.Select(v => (float)v);
        byte[][] variants =
        [
            [.. Gzip(plain[..360]), .. Gzip(plain[360..])],
            [.. Gzip(plain), .. new byte[512]],
            Gzip([.. plain, .. new byte[100]]),
        ];

        foreach (var variant in variants)
        {
            Assert.Equal(expected, NiftiFixtures.Read(folder.Write("odd.nii.gz", variant)).Voxels);
        }
    }

    [Fact]
    public void Content_decides_and_not_the_name()
    {
        using var folder = new TemporaryFolder();
        var expected = NiftiFixtures.Of(Labels).Voxels.Select(v => (float)v);
        var plain = File.ReadAllBytes(NiftiFixtures.PathOf(Labels));

        Assert.Equal(expected, NiftiFixtures.Read(folder.Write("plain.nii.gz", plain)).Voxels);
        Assert.Equal(expected, NiftiFixtures.Read(folder.Write("zipped.nii", Gzip(plain))).Voxels);
        Assert.Equal(expected, NiftiFixtures.Read(folder.Write("nameless", plain)).Voxels);
    }

    [Theory]
    [InlineData(40, 2, "2D")]
    [InlineData(40, 0, "0 dimensions")]
    [InlineData(40, 9, "9 dimensions")]
    [InlineData(44, 0, "3x0x5")]
    [InlineData(44, -4, "3x-4x5")]
    [InlineData(70, 32, "complex")]
    [InlineData(70, 128, "RGB")]
    [InlineData(70, 1536, "128-bit")]
    [InlineData(70, 77, "type 77")]
    [InlineData(344, 0, "NIfTI header")]
    [InlineData(0, 77, "header size")]
    public void A_header_that_makes_no_sense_is_refused_with_a_reason(int at, short value, string reason)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed(Labels, bytes => BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), value));

        var error = Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(108, float.NaN, "start at byte")]
    [InlineData(108, 100f, "start at byte")]
    [InlineData(108, 1e30f, "start at byte")]
    [InlineData(108, 1e9f, "truncated")]
    [InlineData(116, float.NaN, "shifted")]
    [InlineData(280, float.NaN, "cannot be inverted")]
    [InlineData(292, float.PositiveInfinity, "cannot be inverted")]
    public void Numbers_that_make_no_sense_are_refused_with_a_reason(int at, float value, string reason)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed(Labels, bytes =>
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(112), 1);
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);
        });

        Assert.Contains(reason, Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quaternion_that_is_no_rotation_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed("forms/qform-small+.nii", bytes => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(256), 1.5f));

        Assert.Contains("quaternion", Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_series_of_volumes_must_be_there_as_a_whole()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed(Labels, bytes =>
        {
            bytes[40] = 4;
            bytes[48] = 20;
        });

        var error = Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path));

        // 352 bytes of header and 20 volumes of 60.
        Assert.Contains("1,552 bytes, but there are 412", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10_000, "too large")]
    [InlineData(3_000_000_000, "too large")]
    [InlineData(1_000, "truncated")]
    public void A_header_that_claims_too_much_costs_no_memory(long side, string reason)
    {
        using var folder = new TemporaryFolder();
        var content = File.ReadAllBytes(NiftiFixtures.PathOf("containers/two.nii"));
        for (var i = 1; i <= 3; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(16 + (8 * i)), side);
        }

        foreach (var path in new[] { folder.Write("huge.nii", content), folder.Write("huge.nii.gz", Gzip(content)) })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var error = Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(path));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.Contains(reason, error.Message, StringComparison.Ordinal);

            // The claimed volumes are 4 GB and more; probing, buffers and the exception stay far below a megabyte.
            Assert.InRange(allocated, 0, 1_000_000);
        }
    }

    [Theory]
    [InlineData(VoxelReads.Whole)]
    [InlineData(VoxelReads.Verify)]
    [InlineData(VoxelReads.Turned)]
    public void Voxels_that_are_no_numbers_are_counted(VoxelReads way)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed("types/f4-little.nii", SpoilThree);
        var source = new FileVoxelSource(VolumeFormats.ReadHeader(path), new(Reorient: way is VoxelReads.Turned));

        var error = Assert.Throws<MriFileException>(() =>
        {
            if (way is VoxelReads.Verify)
            {
                source.Verify(CancellationToken.None);
            }
            else
            {
                source.Read(CancellationToken.None);
            }
        });

        Assert.Contains("3 of 60 voxels", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Voxels_that_are_no_numbers_become_zero_on_request()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed("types/f4-little.nii", SpoilThree);
        var expected = NiftiFixtures.Of("types/f4-little.nii").Voxels.Select(v => (float)v).ToArray();
        (expected[0], expected[20], expected[59]) = (0, 0, 0);

        Assert.Equal(expected, NiftiFixtures.Read(path, new(NonFiniteVoxels.Zero)).Voxels);
    }

    [Fact]
    public void A_double_beyond_the_range_of_a_float_is_no_number()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed("types/f8-big.nii", bytes => BinaryPrimitives.WriteDoubleBigEndian(bytes.AsSpan(352), 1e300));

        Assert.Contains("1 of 60", Assert.Throws<MriFileException>(() => NiftiFixtures.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_changed_since_its_header_was_read_is_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed(Labels, _ => { });
        var source = new FileVoxelSource(VolumeFormats.ReadHeader(path), new());
        source.Read(CancellationToken.None);

        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(5));
        Assert.Contains("has changed", Assert.Throws<MriFileException>(() => source.Read(CancellationToken.None)).Message, StringComparison.Ordinal);

        File.Delete(path);
        Assert.Contains("does not exist", Assert.Throws<MriFileException>(() => source.Read(CancellationToken.None)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_pair_is_refused_and_says_what_is_missing()
    {
        using var folder = new TemporaryFolder();
        var header = folder.Changed("containers/pair.hdr", _ => { });
        Assert.Contains(".img", Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(header)).Message, StringComparison.Ordinal);

        File.Delete(header);
        var image = folder.Changed("containers/pair.img", _ => { });
        Assert.Contains(".hdr", Assert.Throws<MriFileException>(() => VolumeFormats.ReadHeader(image)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_stops_when_it_is_cancelled()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        var source = new FileVoxelSource(VolumeFormats.ReadHeader(NiftiFixtures.PathOf(Zipped)), new());

        Assert.Throws<OperationCanceledException>(() => source.Read(stopped.Token));
        Assert.Throws<OperationCanceledException>(() => source.Verify(stopped.Token));
    }

    [Fact]
    public void Reading_takes_one_float_per_voxel_and_little_beside_it()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("zeros.nii.gz");
        VolumeWriter.Write(path, new(new(new(256, 256, 128), Affine.FromScale(-1, 1, 1)), new float[256 * 256 * 128]), VolumeDataType.Int16);
        foreach (var reorient in new[] { false, true })
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var volume = NiftiFixtures.Read(path, new(Reorient: reorient));
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // A second whole copy, even as bytes, would add half as much again.
            Assert.InRange(allocated, 4L * volume.Voxels.Length, (4L * volume.Voxels.Length) + 1_000_000);
        }
    }

    private static void SpoilThree(byte[] bytes)
    {
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(352), float.NaN);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(352 + (4 * 20)), float.PositiveInfinity);
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(352 + (4 * 59)), float.NegativeInfinity);
    }

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal))
        {
            stream.Write(content);
        }

        return packed.ToArray();
    }

    public enum VoxelReads
    {
        Whole,
        Verify,
        Turned,
    }
}
