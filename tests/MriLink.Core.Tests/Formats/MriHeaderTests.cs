using System.IO.Compression;
using System.Text;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Formats;

public sealed class MriHeaderTests(DicomFixtures dicom) : IClassFixture<DicomFixtures>
{
    [Fact]
    public void A_header_says_what_nibabel_says()
    {
        var header = VolumeFormats.Describe(NiftiFixtures.PathOf("containers/one.nii.gz"));

        Assert.Equal(("NIfTI-1", "UInt8", 1L), (header.Format, header.DataType, header.Volumes!.Value));
        Assert.Equal(new GridSize(3, 4, 5), header.Size);
        Assert.Equal("3 3 4 5 1 1 1 1", header["dim"]);
        Assert.Equal("2", header["datatype"]);
        Assert.Equal("2", header["sform_code"]);
        Assert.Null(header.Problem);
        Assert.Equal(43, header.Fields.Count);
    }

    [Theory]
    [InlineData("nifti/containers/two.nii", "NIfTI-2", "dim", "3 3 4 5 1 1 1 1")]
    [InlineData("formats/mgh/types/f4.mgh", "MGH", "width", "3")]
    [InlineData("formats/nrrd/types/i2.nrrd", "NRRD", "space", "left-posterior-superior")]
    [InlineData("formats/metaimage/types/i2.mha", "MetaImage", "DimSize", "3 4 5")]
    [InlineData("formats/analyze/types/i2-big.hdr", "ANALYZE", "bitpix", "16")]
    public void Every_format_lists_its_fields(string name, string format, string field, string value)
    {
        var header = VolumeFormats.Describe(Path.Combine(AppContext.BaseDirectory, "Fixtures", name));

        Assert.Equal(format, header.Format);
        Assert.Equal(value, header[field]);
        Assert.Equal(new GridSize(3, 4, 5), header.Size);
    }

    [Fact]
    public void A_dicom_slice_lists_its_elements_and_those_of_its_sequences()
    {
        var header = VolumeFormats.Describe(dicom.First("types/implicit-i2"));

        Assert.Equal("Invented^Person", header["PatientName"]);
        Assert.Equal("16", header["BitsAllocated"]);
        Assert.Contains(header.Fields, field => field.Name is "ReferencedImageSequence[0].ReferencedSOPInstanceUID");
        Assert.Equal(new GridSize(3, 4, 1), header.Size);
        Assert.Equal(1.5, header.Spacing!.Value.X, 1e-9);
    }

    [Fact]
    public void Every_element_of_a_slice_that_names_a_person_a_place_or_a_time_is_identifying()
    {
        var fields = VolumeFormats.Describe(dicom.First("types/explicit-i2")).IdentifyingFields.Select(field => field.Name).ToArray();

        string[] expected =
        [
            "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "InstitutionName",
            "StudyInstanceUID",
            "SeriesInstanceUID", "SOPInstanceUID", "SeriesDescription", "ProtocolName", "(0029,0010)", "(0029,1010)",
            "ReferencedImageSequence[0].ReferencedSOPInstanceUID",
        ];
        Assert.Empty(expected.Except(fields, StringComparer.Ordinal));
        Assert.Empty(fields.Intersect(["Rows", "SOPClassUID", "Manufacturer", "EchoTime", "TransferSyntaxUID"], StringComparer.Ordinal));
    }

    [Fact]
    public void Text_of_every_format_that_may_identify_is_listed()
    {
        using var folder = new TemporaryFolder();
        var nifti = folder.Changed("containers/extension.nii", bytes =>
        {
            "Jane Doe"u8.CopyTo(bytes.AsSpan(148));
            "jane.nii"u8.CopyTo(bytes.AsSpan(228));
            "visit 2"u8.CopyTo(bytes.AsSpan(328));
        });
        Assert.Equal(["descrip=Jane Doe", "aux_file=jane.nii", "intent_name=visit 2"], Identifying(nifti).Take(3));
        Assert.StartsWith("extension (comment)=voxels start later than usual", Identifying(nifti)[3], StringComparison.Ordinal);

        var nrrd = folder.Write("x.nrrd",
            [.. "NRRD0004\n# scanned by Dr. Who\ncontent: Jane\nPatient:=Doe\ntype: uint8\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n\n"u8, 1]);
        Assert.Equal(["comment=scanned by Dr. Who", "content=Jane", "Patient=Doe"], Identifying(nrrd));

        var meta = folder.Write("x.mha",
            [
                .. "ObjectType = Image\nNDims = 3\nComment = Jane\nPatientName = Doe\n"u8,
                .. "DimSize = 1 1 1\nElementType = MET_UCHAR\nElementDataFile = LOCAL\n"u8, 1,
            ]);
        Assert.Equal(["Comment=Jane", "PatientName=Doe"], Identifying(meta));

        var content = File.ReadAllBytes(FormatFixtures.PathOf("mgh/types/u1.mgh"));
        byte[] tagged = [.. content[..344], .. new byte[20], 0, 0, 0, 3, .. "\0\0\0\0\0\0\0\u0018recon-all -s jane /home/x"u8];
        Assert.Equal(["tags=recon-all -s jane /home/x"], Identifying(folder.Write("x.mgh", tagged)));
        Assert.Equal(["tags=recon-all -s jane /home/x"], Identifying(folder.Write("x.mgz", Gzip(tagged))));

        var analyze = File.ReadAllBytes(FormatFixtures.PathOf("analyze/types/u1-big.hdr"));
        "P-0815"u8.CopyTo(analyze.AsSpan(283));
        folder.Write("x.img", new byte[60]);
        Assert.Contains("patient_id=P-0815", Identifying(folder.Write("x.hdr", analyze)));
    }

    [Fact]
    public void The_name_and_time_that_gzip_keeps_are_identifying()
    {
        using var folder = new TemporaryFolder();
        var packed = Gzip(File.ReadAllBytes(NiftiFixtures.PathOf("orientations/00.nii")));
        byte[] named = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0x5e, 0, 3, .. "jane-doe.nii\0"u8, .. packed[10..]];

        Assert.Equal(["gzip time=2019-12-22 23:45:04 UTC", "gzip file name=jane-doe.nii"], Identifying(folder.Write("x.nii.gz", named)));
    }

    [Fact]
    public void Nothing_that_is_exported_identifies()
    {
        using var folder = new TemporaryFolder();
        var nifti = folder.Changed("containers/extension.nii", bytes => "Jane Doe"u8.CopyTo(bytes.AsSpan(148)));
        var volumes = new[] { nifti, dicom.First("types/explicit-i2") }.Select(path => FormatFixtures.Read(path)).ToArray();
        foreach (var (volume, i) in volumes.Select((volume, i) => (volume, i)))
        {
            foreach (var extension in VolumeWriter.Extensions)
            {
                var path = folder.File($"out{i}{extension}");
                VolumeWriter.Write(path, volume);

                // NIfTI's aux. text says which program wrote it.
                Assert.Empty(Identifying(path).Except(["descrip=MriLink"], StringComparer.Ordinal));
                Assert.DoesNotContain("Jane", Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_header_that_cannot_be_imported_is_described_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Changed("orientations/00.nii", bytes => bytes[70] = 128);

        var header = VolumeFormats.Describe(path);

        Assert.Contains("RGB", header.Problem, StringComparison.Ordinal);
        Assert.Null(header.Size);
        Assert.Equal("128", header["datatype"]);
    }

    [Fact]
    public void File_borne_text_is_bounded_and_does_nothing_on_a_terminal()
    {
        using var folder = new TemporaryFolder();
        var text = "NRRD0004\ncontent: \u001b[2J" + new string('x', 100_000) + "\ntype: uint8\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n\n1";

        var field = VolumeFormats.Describe(folder.Write("x.nrrd", Encoding.UTF8.GetBytes(text))).IdentifyingFields.Single();

        Assert.StartsWith("\uFFFD[2Jxxx", field.Value, StringComparison.Ordinal);
        Assert.InRange(field.Value.Length, 1000, 1100);
    }

    private static string[] Identifying(string path) =>
        [.. VolumeFormats.Describe(path, withTrailing: true).IdentifyingFields.Select(field => $"{field.Name}={field.Value}")];

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
