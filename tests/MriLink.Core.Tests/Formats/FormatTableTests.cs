using System.IO.Compression;
using System.Runtime.CompilerServices;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

/// <summary>The table "What is read" of docs/formats.md: each thing that it says is shown by a file, and it says nothing else.</summary>
public sealed class FormatTableTests
{
    private static readonly string[] Integers = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"];
    private static readonly string[] Floats = ["f4", "f8"];

    // Row and phrase, and files that show it.
    private static readonly Dictionary<(string Row, string Phrase), Func<TemporaryFolder, IEnumerable<string>>> Claims = new()
    {
        [("NIfTI-1 and NIfTI-2", "`.nii`")] = _ => [Nifti("containers/two.nii"), Nifti("orientations/00.nii")],
        [("NIfTI-1 and NIfTI-2", "`.nii.gz`")] = _ => [Nifti("containers/one.nii.gz"), Nifti("containers/two-qform.nii.gz")],
        [("NIfTI-1 and NIfTI-2", "`.hdr` with `.img`")] = _ => [Nifti("containers/pair.hdr"), Nifti("containers/pair.img")],
        [("NIfTI-1 and NIfTI-2", "each plain or gzipped")] = _ => [Nifti("containers/zipped.hdr.gz")],
        [("NIfTI-1 and NIfTI-2", "integers of 8 to 64 bits")] = _ => Integers.Select(type => Nifti($"types/{type}-little.nii")),
        [("NIfTI-1 and NIfTI-2", "floats of 32 and 64 bits")] = _ => Floats.Select(type => Nifti($"types/{type}-little.nii")),
        [("NIfTI-1 and NIfTI-2", "either byte order")] = _ => [Nifti("types/i2-big.nii"), Nifti("containers/two-big.nii")],
        [("NIfTI-1 and NIfTI-2", "scaled")] = _ => Directory.GetFiles(Nifti("scaling")),
        [("NIfTI-1 and NIfTI-2", "sform")] = _ => [Nifti("forms/sform-only.nii"), Nifti("forms/both.nii")],
        [("NIfTI-1 and NIfTI-2", "else qform")] = _ => [Nifti("forms/qform-small+.nii")],
        [("NIfTI-1 and NIfTI-2", "else voxel sizes with a warning")] = _ => [Nifti("forms/neither.nii")],

        [("ANALYZE 7.5", "`.hdr` with `.img`")] = _ => [Format("analyze/scaled.hdr"), Format("analyze/scaled.img")],
        [("ANALYZE 7.5", "each plain or gzipped")] = folder => [Zipped(folder, Format("analyze/scaled.hdr"), Format("analyze/scaled.img"))],
        [("ANALYZE 7.5", "integers of 8 to 32 bits")] = _ =>
            ((string[])["u1", "i2", "i4"]).Select(type => Format($"analyze/types/{type}-little.hdr")),
        [("ANALYZE 7.5", "floats of 32 and 64 bits")] = _ => Floats.Select(type => Format($"analyze/types/{type}-little.hdr")),
        [("ANALYZE 7.5", "either byte order")] = _ => [Format("analyze/types/i2-big.hdr")],
        [("ANALYZE 7.5", "scaled by SPM")] = _ => [Format("analyze/scaled.hdr")],
        [("ANALYZE 7.5", "voxel sizes")] = _ => [Format("analyze/types/u1-little.hdr")],
        [("ANALYZE 7.5", "SPM's origin")] = _ => Directory.GetFiles(Format("analyze/origins"), "*.hdr"),
        [("ANALYZE 7.5", "with a warning")] = _ => [Format("analyze/scaled.hdr")],

        [("MGH", "`.mgh`")] = _ => [Format("mgh/types/u1.mgh")],
        [("MGH", "`.mgz`")] = _ => [Format("mgh/four.mgz")],
        [("MGH", "UCHAR")] = _ => [Format("mgh/types/u1.mgh")],
        [("MGH", "SHORT")] = _ => [Format("mgh/types/i2.mgh")],
        [("MGH", "USHRT")] = folder => [Changed(folder, "x.mgh", Format("mgh/types/i2.mgh"), bytes => bytes[23] = 10)],
        [("MGH", "INT")] = _ => [Format("mgh/types/i4.mgh")],
        [("MGH", "FLOAT")] = _ => [Format("mgh/types/f4.mgh")],
        [("MGH", "direction cosines and c_ras")] = _ => Directory.GetFiles(Format("mgh/orientations")),
        [("MGH", "else FreeSurfer's default with a warning")] = _ => [Format("mgh/nowhere.mgh")],

        [("NRRD", "`.nrrd`")] = _ => [Format("nrrd/types/i2.nrrd")],
        [("NRRD", "`.nhdr` with one data file")] = _ => [Format("nrrd/detached.nhdr")],
        [("NRRD", "a list")] = _ => [Format("nrrd/list.nhdr")],
        [("NRRD", "a pattern")] = _ => [Format("nrrd/pattern.nhdr")],
        [("NRRD", "integers of 8 to 64 bits")] = _ => Integers.Select(type => Format($"nrrd/types/{type}.nrrd")),
        [("NRRD", "floats of 32 and 64 bits")] = _ => Floats.Select(type => Format($"nrrd/types/{type}.nrrd")),
        [("NRRD", "either byte order")] = _ => Directory.GetFiles(Format("nrrd/big")),
        [("NRRD", "raw")] = _ => [Format("nrrd/types/i2.nrrd")],
        [("NRRD", "gzip")] = _ => [Format("nrrd/types/i2-packed.nrrd"), Format("nrrd/detached-packed.nhdr")],
        [("NRRD", "bzip2")] = _ => [Format("nrrd/bzip2.nrrd")],
        [("NRRD", "space directions and space origin")] = _ => Directory.GetFiles(Format("nrrd/orientations")),
        [("NRRD", "spacings")] = folder => [Text(folder, "x.nrrd", Nrrd("spacings: 2 2 2"))],
        [("NRRD", "axis mins and maxs")] = folder => [Text(folder, "x.nrrd", Nrrd("axis mins: 0 0 0\naxis maxs: 2 2 2"))],
        [("NRRD", "units")] = folder => [Text(folder, "x.nrrd", Nrrd("spacings: 0.2 0.2 0.2\nunits: \"cm\" \"cm\" \"cm\""))],

        [("MetaImage", "`.mha`")] = _ => [Format("metaimage/types/i2.mha")],
        [("MetaImage", "`.mhd` with one data file")] = _ => [Format("metaimage/detached.mhd")],
        [("MetaImage", "a list")] = _ => [Format("metaimage/list.mhd")],
        [("MetaImage", "a pattern")] = _ => [Format("metaimage/pattern.mhd")],
        [("MetaImage", "integers of 8 to 64 bits")] = _ => Integers.Select(type => Format($"metaimage/types/{type}.mha")),
        [("MetaImage", "floats of 32 and 64 bits")] = _ => Floats.Select(type => Format($"metaimage/types/{type}.mha")),
        [("MetaImage", "either byte order")] = _ => Directory.GetFiles(Format("metaimage/big")),
        [("MetaImage", "raw")] = _ => [Format("metaimage/detached.mhd")],
        [("MetaImage", "zlib")] = _ => [Format("metaimage/types/i2-packed.mha"), Format("metaimage/detached-packed.mhd")],
        [("MetaImage", "gzip")] = folder => [ZippedMeta(folder)],
        [("MetaImage", "TransformMatrix")] = _ => Directory.GetFiles(Format("metaimage/orientations")),
        [("MetaImage", "Offset and ElementSpacing")] = _ => [Format("metaimage/types/i2.mha")],
        [("MetaImage", "DistanceUnits")] = folder => [Text(folder, "x.mha", Meta("ElementSpacing = 0.2 0.2 0.2\nDistanceUnits = cm"))],

        [("DICOM", "a folder of slices")] = folder => [TinyDicom.WriteSeries(folder.Path)],
        [("DICOM", "a series over several folders")] = SeveralFolders,
        [("DICOM", "one file of many frames")] = folder => [Encoded(folder, "rle-gdcm", "enhanced")],
        [("DICOM", "with or without a preamble")] = folder => [TinyDicom.WriteSeries(folder.Path, slice => slice.After([]))],
        [("DICOM", "MONOCHROME of 8 and 16 bits")] = folder =>
            [Encoded(folder, "no-preamble", "types/explicit-u1"), Encoded(folder, "no-preamble", "types/explicit-u2")],
        [("DICOM", "float and double")] = folder =>
        [
            TinyDicom.WriteSeries(folder.File("f"), slice =>
                slice.Without(0x7FE00010).Set(0x00280100, "US", (ushort)32).Set(0x7FE00008, "OF", new byte[224])),
            TinyDicom.WriteSeries(folder.File("d"), slice =>
                slice.Without(0x7FE00010).Set(0x00280100, "US", (ushort)64).Set(0x7FE00009, "OD", new byte[448])),
        ],
        [("DICOM", "explicit and implicit")] = folder => [TinyDicom.WriteSeries(folder.Path, slice => slice.In(TinyDicom.ImplicitLittle))],
        [("DICOM", "little- and big-endian")] = folder => [Encoded(folder, "big-endian", "types/explicit-i2")],
        [("DICOM", "deflated")] = folder => [Encoded(folder, "deflated", "types/explicit-i2")],
        [("DICOM", "RLE")] = folder => [Encoded(folder, "rle-dcmtk", "types/explicit-i2")],
        [("DICOM", "lossless JPEG")] = folder => [Encoded(folder, "jpeg-dcmtk", "types/explicit-i2")],
        [("DICOM", "rescaled slice by slice")] = folder =>
            [TinyDicom.WriteSeries(folder.Path, (slice, k) => slice.Set(0x00281053, "DS", $"{k + 2}"))],
        [("DICOM", "ImagePositionPatient")] = folder => [TinyDicom.WriteSeries(folder.Path)],
        [("DICOM", "ImageOrientationPatient and PixelSpacing")] = folder => [TinyDicom.WriteSeries(folder.Path)],
        [("DICOM", "functional groups")] = folder => [Encoded(folder, "no-preamble", "enhanced")],
    };

    public static TheoryData<string, string> Phrases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (row, phrase) in Claims.Keys)
            {
                data.Add(row, phrase);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Phrases))]
    public void What_the_table_says_is_read(string row, string phrase)
    {
        using var folder = new TemporaryFolder();
        var names = row is "NIfTI-1 and NIfTI-2" ? ["NIfTI-1", "NIfTI-2"] : row is "MGH" ? ["MGH", "MGZ"] : new[] { row.Split(' ')[0] };
        var shown = Claims[(row, phrase)](folder).ToArray();

        Assert.NotEmpty(shown);
        foreach (var path in shown)
        {
            var header = VolumeFormats.ReadHeader(path, volume: 0);
            Assert.Contains(header.Format, names);
            Assert.Equal(header.Geometry.Size.Count, FormatFixtures.Read(path, 0).Voxels.Length);
            if (phrase.EndsWith("warning", StringComparison.Ordinal))
            {
                Assert.NotEmpty(header.Warnings);
            }

            if (phrase is "spacings" or "axis mins and maxs" or "units" or "DistanceUnits")
            {
                Assert.Equal(new Point3(2, 2, 2), header.Geometry.Spacing);
            }
        }
    }

    [Fact]
    public void The_table_says_nothing_that_no_file_shows()
    {
        var said = Table().SelectMany(cells => cells.Skip(1).SelectMany(cell => cell.Split(", ")).Select(phrase => (cells[0], phrase)));

        Assert.Equal(Claims.Keys, said);
    }

    private static List<string[]> Table([CallerFilePath] string thisFile = "")
    {
        var docs = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../docs/formats.md"));
        return [.. File.ReadAllLines(docs)
            .SkipWhile(line => line != "## What is read").SkipWhile(line => !line.StartsWith("| ---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())];
    }

    private static string Nifti(string name) => NiftiFixtures.PathOf(name);

    private static string Format(string name) => FormatFixtures.PathOf(name);

    private static string Changed(TemporaryFolder folder, string name, string from, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(from);
        change(bytes);
        return folder.Write(name, bytes);
    }

    private static string Zipped(TemporaryFolder folder, string header, string image)
    {
        folder.Write("x.img.gz", Gzip(File.ReadAllBytes(image)));
        return folder.Write("x.hdr.gz", Gzip(File.ReadAllBytes(header)));
    }

    private static string ZippedMeta(TemporaryFolder folder)
    {
        folder.Write("x.zraw", Gzip([1]));
        return Text(folder, "x.mhd", Meta("CompressedData = True").Replace("LOCAL\n1", "x.zraw\n", StringComparison.Ordinal));
    }

    private static string Encoded(TemporaryFolder folder, string encoding, string series)
    {
        if (!Directory.Exists(folder.File(encoding)))
        {
            ZipFile.ExtractToDirectory(Format("dicom-encodings.zip"), folder.Path);
        }

        return Directory.GetFiles(folder.File($"{encoding}/{series}")).Order(StringComparer.Ordinal).First();
    }

    private static string[] SeveralFolders(TemporaryFolder folder)
    {
        TinyDicom.WriteSeries(folder.File("1"));
        Directory.CreateDirectory(folder.File("2"));
        for (var k = 3; k < 6; k++)
        {
            File.Move(folder.File($"1/IM{k}"), folder.File($"2/IM{k}"));
        }

        Assert.Equal(6, VolumeFormats.ReadHeader(folder.File("1/IM0")).Geometry.Size.Z);
        return [folder.File("1/IM0"), folder.File("2/IM3")];
    }

    private static string Text(TemporaryFolder folder, string name, string text) => folder.Write(name, System.Text.Encoding.ASCII.GetBytes(text));

    private static string Nrrd(string fields) => $"NRRD0004\ntype: uint8\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n{fields}\n\n1";

    private static string Meta(string fields) =>
        $"ObjectType = Image\nNDims = 3\n{fields}\nDimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n1";

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
