namespace MriLink.Core.Formats.Nifti;

/// <summary>All fields of NIfTI headers (<see cref="NiftiLayout"/>) and their extensions, for people to read.</summary>
internal static class NiftiFields
{
    // Extensions beyond this many bytes of a file are not looked at.
    private const int MaxExtensionsLength = 1 << 20;

    /// <summary>The fields of a file that starts like NIfTI.</summary>
    public static List<HeaderField> Read(VolumeFile file)
    {
        var (layout, bigEndian) = NiftiHeader.LayoutOf(file.Start);
        var fields = layout.Fields.Read(file.Start, bigEndian);
        var length = layout.Length;
        var offset = layout.Fields.Number(file.Start, bigEndian, "vox_offset");

        // In a pair the extensions run to the end of the header's file; elsewhere to the first voxel.
        var isPair = fields.Exists(field => field.Name is "magic" && field.Value.StartsWith("ni", StringComparison.Ordinal));
        var end = isPair || !(offset < MaxExtensionsLength) ? MaxExtensionsLength : (int)Math.Max(offset, 0);
        if (end > length + 4)
        {
            AddExtensions(fields, file.ReadStart(end), length, bigEndian);
        }

        return fields;
    }

    // Four bytes, of which the first says whether there are any; then each with its length, a multiple of 16, and its code.
    private static void AddExtensions(List<HeaderField> fields, byte[] bytes, int headerLength, bool bigEndian)
    {
        if (bytes.Length <= headerLength || bytes[headerLength] == 0)
        {
            return;
        }

        var reader = new FieldReader(bytes, bigEndian);
        for (var at = headerLength + 4; at + 8 <= bytes.Length;)
        {
            var (length, code) = (reader.Int32(at), reader.Int32(at + 4));
            if (length < 8 || length > bytes.Length - at)
            {
                fields.Add(new("extension", $"damaged: claims {length} bytes", mayIdentify: true));
                return;
            }

            var text = PrintableText.In(bytes.AsSpan(at + 8, length - 8));
            fields.Add(new($"extension ({NameOf(code)})", text.Length > 0 ? text : $"{length - 8} bytes", mayIdentify: true));
            at += length;
        }
    }

    private static string NameOf(int code) => code switch
    {
        2 => "DICOM",
        4 => "AFNI",
        6 => "comment",
        8 => "XCEDE",
        12 => "workflow",
        14 => "FreeSurfer",
        32 => "CIFTI",
        40 => "MATLAB",
        _ => $"code {code}",
    };
}
