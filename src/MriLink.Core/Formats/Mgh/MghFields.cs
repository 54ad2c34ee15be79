namespace MriLink.Core.Formats.Mgh;

/// <summary>All fields of an MGH header, and what follows the voxels: scan parameters and tags.</summary>
internal static class MghFields
{
    // Tags beyond this many bytes after the voxels are not looked at.
    private const int MaxTagsLength = 1 << 20;

    /// <summary>The header's fields, in whose order the words of FreeSurfer's mghformat page stand.</summary>
    public static HeaderLayout Header { get; } = new("""
        version i 0 1, width i 4 1, height i 8 1, depth i 12 1, nframes i 16 1, type i 20 1, dof i 24 1, goodRASFlag h 28 1, spacing f 30 3
        x_ras f 42 3, y_ras f 54 3, z_ras f 66 3, c_ras f 78 3
        """);

    private static readonly HeaderLayout Footer = new("tr f 0 1, flip_angle f 4 1, te f 8 1, ti f 12 1, fov f 16 1");

    private const int FooterLength = 20;

    /// <summary>The fields of the header.</summary>
    public static List<HeaderField> ReadHeader(VolumeFile file) => Header.Read(file.Start, bigEndian: true);

    /// <summary>
    /// The fields after the voxels. FreeSurfer keeps command lines there, with paths and names of users, so the text in them counts.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="end">The first byte after the voxels, after decompression.</param>
    public static List<HeaderField> ReadFooter(VolumeFile file, long end)
    {
        var bytes = file.ReadAt(end, FooterLength + MaxTagsLength);
        if (bytes.Length < FooterLength)
        {
            return [];
        }

        var fields = Footer.Read(bytes, bigEndian: true);
        if (bytes.Length > FooterLength)
        {
            fields.Add(new("tags", PrintableText.In(bytes.AsSpan(FooterLength)), mayIdentify: true));
        }

        return fields;
    }
}
