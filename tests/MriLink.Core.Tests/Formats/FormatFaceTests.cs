using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>Headers as programs in the field write them: unusual and right, or like a volume and none.</summary>
public sealed class FormatFaceTests : IDisposable
{
    // Where qform and sform are both good, and say the same; its qform is at 252 and on, its sform at 254 and from 280 on.
    private const string BothForms = "forms/both.nii";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Bad => new()
    {
        { "an sform of NaN and no qform", "cannot be inverted" },
        { "an sform of parallel axes and no qform", "cannot be inverted" },
        { "a third size of zero", "has no voxels" },
        { "a negative size beyond the third", "has no voxels" },
        { "CIFTI-2 by its intent alone", "is CIFTI-2" },
        { "a surface overlay in NIfTI", "surface overlays" },
        { "a surface overlay of more points than NIfTI counts", "163,842 values" },
        { "a surface overlay as FreeSurfer folds it", "163,842 values" },
        { "a surface overlay in MGH", "surface overlays" },
        { "a map of displacements in MGH", "map of displacements" },
        { "an unknown version of MGH", "is named like a MGH file but is none" },
        { "more lines to skip than there are", "lines that are to be skipped" },
        { "fewer bytes inflated than voxels take", "is truncated" },
        { "units that nobody knows", "units that are not understood" },
    };

    public static TheoryData<string> UnusableSforms => ["zeros", "NaN", "infinite", "two axes alike", "three axes in a plane"];

    [Theory]
    [MemberData(nameof(UnusableSforms))]
    public void A_qform_is_used_where_the_sform_makes_no_sense(string kind)
    {
        var path = _folder.Changed(BothForms, bytes =>
        {
            for (var i = 0; i < 12; i++)
            {
                Single(bytes, 280 + (4 * i), kind switch
                {
                    "zeros" => 0,
                    "NaN" => i == 5 ? float.NaN : i + 1,
                    "infinite" => i == 3 ? float.PositiveInfinity : i % 5 == 0 ? 1 : 0,
                    "two axes alike" => i % 4 < 2 ? 1 : 2,
                    _ => i,
                });
            }
        });

        var header = VolumeFormats.ReadHeader(path);

        Assert.Contains("its qform is used", Assert.Single(header.Warnings), StringComparison.Ordinal);
        var right = VolumeFormats.ReadHeader(NiftiFixtures.PathOf(BothForms));
        Assert.Empty(right.Warnings);
        var qform = VolumeFormats.ReadHeader(_folder.Changed(BothForms, bytes => bytes[254] = 0));
        Assert.Equal(qform.Geometry, header.Geometry);
    }

    [Theory]
    [InlineData("orientations/00.nii", 48)]
    [InlineData("orientations/00.nii", 50)]
    [InlineData("containers/two.nii", 48)]
    public void Sizes_of_zero_beyond_the_third_count_as_one(string name, int at)
    {
        var isTwo = name.Contains("two", StringComparison.Ordinal);
        var path = _folder.Changed(name, bytes =>
        {
            // Seven dimensions, of which those after the third are zero.
            var first = isTwo ? 16 : 40;
            var size = isTwo ? 8 : 2;
            bytes[first] = (byte)(at == 48 ? 4 : 7);
            bytes.AsSpan(first + (4 * size), 4 * size).Clear();
        });

        Assert.Equal(new GridSize(3, 4, 5), VolumeFormats.ReadHeader(path).Geometry.Size);
        Assert.Equal(1, VolumeFormats.ReadHeader(path).Volumes);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 2)]
    [InlineData(29, 2)]
    [InlineData(28, 1)]
    public void The_intent_and_any_positive_flag_of_MGH_change_nothing(int at, byte value)
    {
        var right = FormatFixtures.Read(FormatFixtures.PathOf("mgh/types/i2.mgh"));
        var bytes = File.ReadAllBytes(FormatFixtures.PathOf("mgh/types/i2.mgh"));
        bytes[at] = value;

        var volume = FormatFixtures.Read(_folder.Write("x.mgh", bytes));

        Assert.Equal(right.Geometry, volume.Geometry);
        Assert.Equal(right.Voxels.ToArray(), volume.Voxels.ToArray());
    }

    [Theory]
    [InlineData("byte skip: -1", "raw", "junk and more junk")]
    [InlineData("byte skip: -1", "gzip", "")]
    [InlineData("byte skip: 3", "raw", "abc")]
    [InlineData("line skip: 2", "raw", "one line\nand another\n")]
    [InlineData("line skip: 1", "gzip", "a line before what is packed\n")]
    [InlineData("line skip: 1\nbyte skip: -1", "raw", "one line\nand something")]
    public void What_is_skipped_before_the_voxels_of_an_NRRD_file_is_skipped(string fields, string encoding, string before)
    {
        // The bytes to skip of a packed file are packed with the voxels.
        byte[] voxels = [.. Enumerable.Range(1, 60).Select(i => (byte)i)];
        byte[] data = encoding is "gzip" ? Gzip(fields.Contains("-1", StringComparison.Ordinal) ? [9, 9, 9, .. voxels] : voxels) : voxels;
        _folder.Write("x.raw", [.. Encoding.ASCII.GetBytes(before), .. data]);

        var detached = FormatFixtures.Read(
            Text("x.nhdr", $"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 3 4 5\nencoding: {encoding}\nspacings: 1 1 1\n{fields}\ndata "
                + $"file: x.raw\n\n"));
        var attached = FormatFixtures.Read(
            _folder.Write("x.nrrd",
            [.. Encoding.ASCII.GetBytes(
            $"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 3 4 5\nencoding: {encoding}\nspacings: 1 1 1\n{fields}\n\n{before}"), .. data]));

        Assert.Equal(voxels.Select(v => (float)v), detached.Voxels);
        Assert.Equal(voxels.Select(v => (float)v), attached.Voxels);
    }

    // Borders of cells and their centres, or samples themselves, by the definition of NRRD; LPS to RAS+ turns the first two.
    [Theory]
    [InlineData("axis mins: 0 0 0\naxis maxs: 6 8 10\ncenters: cell cell cell", 2, -1)]
    [InlineData("axis mins: 0 0 0\naxis maxs: 4 6 8\ncenterings: node node node", 2, 0)]
    [InlineData("axis mins: 0 0 0\naxis maxs: 6 8 10", 2, -1)]
    [InlineData("spacings: 2 2 2\naxis mins: 0 0 0\ncenters: cell cell cell", 2, -1)]
    [InlineData("spacings: 2 2 2\naxis mins: 0 0 0\ncenters: node node node", 2, 0)]
    [InlineData("spacings: 2 2 2", 2, 0)]
    public void Axis_mins_and_maxs_are_borders_of_cells_or_samples(string fields, double spacing, double origin)
    {
        var header = VolumeFormats.ReadHeader(
            _folder.Write("x.nrrd",
            [.. Encoding.ASCII.GetBytes($"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 3 4 5\nencoding: raw\n{fields}\n\n"), .. new byte[60]]));

        Assert.Equal(new Point3(spacing, spacing, spacing), header.Geometry.Spacing);
        Assert.Equal(new Point3(origin, origin, -origin), header.Geometry.VoxelToWorld.Translation);
    }

    [Theory]
    [InlineData("(nan,nan,nan)")]
    [InlineData("none")]
    [InlineData("(NaN, NaN, NaN)")]
    public void An_axis_of_an_NRRD_file_that_lies_nowhere_counts_volumes(string nowhere)
    {
        var header = VolumeFormats.ReadHeader(
            _folder.Write("x.nrrd",
            [.. Encoding.ASCII.GetBytes(
            $"NRRD0004\ntype: uint8\ndimension: 4\nsizes: 3 4 5 2\nencoding: raw\nspace: RAS\nspace directions: (1,0,0) (0,1,0) (0,0,1) "
                + $"{nowhere}\nspace origin: (0,0,0)\n\n"), .. new byte[120]]), volume: 1);

        Assert.Equal((new GridSize(3, 4, 5), 2L), (header.Geometry.Size, header.Volumes));
    }

    [Theory]
    [InlineData("MET_LONG", "i4.mha", "MET_INT")]
    [InlineData("MET_ULONG", "u4.mha", "MET_UINT")]
    public void Long_numbers_of_MetaImage_are_of_four_bytes(string name, string fixture, string shorter)
    {
        var right = FormatFixtures.Read(FormatFixtures.PathOf($"metaimage/types/{fixture}"));
        var bytes = Encoding.Latin1.GetString(File.ReadAllBytes(FormatFixtures.PathOf($"metaimage/types/{fixture}")));

        var volume = FormatFixtures.Read(_folder.Write("x.mha", Encoding.Latin1.GetBytes(bytes.Replace(shorter, name, StringComparison.Ordinal))));

        Assert.Equal(right.Voxels.ToArray(), volume.Voxels.ToArray());
    }

    [Fact]
    public void Fields_of_MetaImage_may_come_in_any_order()
    {
        byte[] voxels = [.. Enumerable.Range(1, 60).Select(i => (byte)i)];
        string[] fields = ["ElementSpacing = 1 2 3", "DimSize = 3 4 5", "ElementType = MET_UCHAR", "BinaryData = True", "Offset = 0 0 0",
            "TransformMatrix = 1 0 0 0 1 0 0 0 1", "NDims = 3", "ObjectType = Image"];
        for (var turn = 0; turn < fields.Length; turn++)
        {
            var text = string.Join('\n', fields[turn..].Concat(fields[..turn])) + "\nElementDataFile = LOCAL\n";

            var volume = FormatFixtures.Read(_folder.Write("x.mha", [.. Encoding.ASCII.GetBytes(text), .. voxels]));

            Assert.Equal(new Point3(1, 2, 3), volume.Geometry.Spacing);
            Assert.Equal(voxels.Select(v => (float)v), volume.Voxels);
        }
    }

    [Fact]
    public void Fields_of_MetaImage_after_the_name_of_the_data_count_with_a_warning()
    {
        _folder.Write("x.raw", new byte[60]);

        var header = VolumeFormats.ReadHeader(
            Text("x.mhd", "ObjectType = Image\nNDims = 3\nDimSize = 3 4 5\nElementType = MET_UCHAR\nTransformMatrix = 1 0 0 0 1 0 0 0 "
                + "1\nElementDataFile = x.raw\nElementSpacing = 1 2 3\n"));

        Assert.Equal(new Point3(1, 2, 3), header.Geometry.Spacing);
        Assert.Contains("after ElementDataFile", Assert.Single(header.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mm", 1)]
    [InlineData("?", 1)]
    [InlineData("cm", 10)]
    [InlineData("um", 0.001)]
    public void Distances_of_MetaImage_are_in_its_units(string units, double factor)
    {
        var header = VolumeFormats.ReadHeader(
            _folder.Write("x.mha",
            [.. Encoding.ASCII.GetBytes(
            $"ObjectType = Image\nNDims = 3\nDistanceUnits = {units}\nDimSize = 3 4 5\nElementType = MET_UCHAR\nTransformMatrix = 1 0 0 0 1 0 0 0 "
                + $"1\nOffset = 1 1 1\nElementSpacing = 2 2 2\nElementDataFile = LOCAL\n"), .. new byte[60]]));

        Assert.Equal(2 * factor, header.Geometry.Spacing.X, 1e-12);
        Assert.Equal(-factor, header.Geometry.VoxelToWorld.M14, 1e-12);
        Assert.Equal(factor == 1 ? 0 : 1, header.Warnings.Count);
    }

    [Fact]
    public void Compressed_voxels_of_MetaImage_may_be_gzip()
    {
        byte[] voxels = [.. Enumerable.Range(1, 60).Select(i => (byte)i)];
        const string Fields = "ObjectType = Image\nNDims = 3\nCompressedData = True\nDimSize = 3 4 5\nElementType = MET_UCHAR\nTransformMatrix = 1 0 "
            + "0 0 1 0 0 0 1\nElementSpacing = 1 1 1\n";
        _folder.Write("x.zraw", Gzip(voxels));

        Assert.Equal(voxels.Select(v => (float)v), FormatFixtures.Read(Text("x.mhd", Fields + "ElementDataFile = x.zraw\n")).Voxels);
        Assert.Equal(voxels.Select(v => (float)v),
            FormatFixtures.Read(_folder.Write("x.mha", [.. Encoding.ASCII.GetBytes(Fields + "ElementDataFile = LOCAL\n"), .. Gzip(voxels)])).Voxels);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void What_is_no_volume_is_refused_as_what_it_is(string name, string says)
    {
        const string Plain = "orientations/00.nii";
        var path = name switch
        {
            "an sform of NaN and no qform" => _folder.Changed(BothForms, bytes => (bytes[252], bytes[282], bytes[283]) = (0, 0xc0, 0x7f)),
            "an sform of parallel axes and no qform" => _folder.Changed(BothForms, bytes =>
            {
                bytes[252] = 0;
                bytes.AsSpan(280, 48).Clear();
                Single(bytes, 280, 1);
            }),
            "a third size of zero" => _folder.Changed(Plain, bytes => bytes[46] = 0),
            "a negative size beyond the third" => _folder.Changed(Plain, bytes => (bytes[40], bytes[48], bytes[49]) = (4, 0xff, 0xff)),
            "CIFTI-2 by its intent alone" =>
                _folder.Changed("containers/two.nii", bytes => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(504), 3006)),
            "a surface overlay in NIfTI" => _folder.Changed(Plain, bytes => Shorts(bytes, 42, 60, 1, 1)),
            "a surface overlay of more points than NIfTI counts" => _folder.Changed(Plain, bytes =>
            {
                Shorts(bytes, 42, -1, 1, 1);
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(144), 163842);
            }),
            "a surface overlay as FreeSurfer folds it" => _folder.Changed(Plain, bytes => Shorts(bytes, 42, 27307, 1, 6)),
            "a surface overlay in MGH" => Mgh(bytes => (bytes[7], bytes[11], bytes[15]) = (60, 1, 1)),
            "a map of displacements in MGH" => Mgh(bytes => bytes[2] = 3),
            "an unknown version of MGH" => Mgh(bytes => bytes[3] = 2),
            "more lines to skip than there are" =>
                Text("x.nrrd", "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 1 1 1\nencoding: raw\nline skip: 9\n\n1"),
            "fewer bytes inflated than voxels take" =>
                _folder.Write("x.nrrd",
                [.. "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 3 4 5\nencoding: gzip\nbyte skip: -1\n\n"u8, .. Gzip(new byte[59])]),
            _ => Text("x.mha", "ObjectType = Image\nNDims = 3\nDistanceUnits = ell\nDimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile "
                + "= LOCAL\n1"),
        };

        var error = Assert.Throws<MriFileException>(() => FormatFixtures.Read(path));

        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{path}'", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Mgh(Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(FormatFixtures.PathOf("mgh/types/u1.mgh"));
        change(bytes);
        return _folder.Write("x.mgh", bytes);
    }

    private string Text(string name, string text) => _folder.Write(name, Encoding.ASCII.GetBytes(text));

    private static void Single(byte[] bytes, int at, float value) => BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at), value);

    private static void Shorts(byte[] bytes, int at, params short[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at + (2 * i)), values[i]);
        }
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
}
