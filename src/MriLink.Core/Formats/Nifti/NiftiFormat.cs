using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nifti;

/// <summary>NIfTI-1 and NIfTI-2, in one file or as a .hdr/.img pair, plain or gzipped, in either byte order.</summary>
internal sealed class NiftiFormat : IVolumeFormat
{
    public string Name => "NIfTI";

    public IReadOnlyList<string> Extensions { get; } = [".nii.gz", ".hdr.gz", ".img.gz", ".nii", ".hdr", ".img"];

    /// <summary>Reads a whole volume from a stream that starts with its header.</summary>
    /// <param name="content">Decompressed bytes of a single-file volume; disposed.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="cancellationToken">Looked at once per chunk.</param>
    /// <exception cref="MriFileException">The content is no volume or is damaged.</exception>
    public static Volume Read(Stream content, string name, CancellationToken cancellationToken = default)
    {
        var header = ReadHeader(content, name, out var length);
        if (header.IsPair || header.VoxelOffset < length)
        {
            throw new MriFileException(name, "does not hold its voxels after its header.");
        }

        using var reader = new RawVoxelReader(content, name, header.VoxelOffset - length, header.Encoding);
        return FileVoxelSource.Read(reader, header.Geometry, name, new(), null, cancellationToken);
    }

    /// <summary>Reads where the voxels lie, from a stream that starts with a header.</summary>
    /// <exception cref="MriFileException">The content does not start with a header.</exception>
    public static VolumeGeometry ReadGeometry(Stream content, string name) => ReadHeader(content, name, out _).Geometry;

    private static NiftiHeader ReadHeader(Stream content, string name, out int length)
    {
        var (shorter, longer) = (NiftiLayout.Version1.Length, NiftiLayout.Version2.Length);
        var bytes = new byte[longer];
        length = content.ReadAtLeast(bytes.AsSpan(0, shorter), shorter, throwOnEndOfStream: false);
        if (NiftiHeader.Mismatch(bytes.AsSpan(0, length)) is not null)
        {
            // NIfTI-2 shows its magic only with its whole length there.
            length += content.ReadAtLeast(bytes.AsSpan(length), bytes.Length - length, throwOnEndOfStream: false);
        }

        return new(bytes.AsSpan(0, length), name);
    }

    public string HeaderPath(string path) => FilePair.Companion(path, ".img", ".hdr") ?? path;

    public string? Mismatch(VolumeFile file) =>
        FilePair.StemOf(file.Path, ".img") is not null ? "has no .hdr file beside it" : NiftiHeader.Mismatch(file.Start);

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        var header = new NiftiHeader(file.Start, file.Path);
        var warnings = header.Warnings.ToList();
        var image = file;
        FileStamp[] files = [file.Stamp];
        if (header.IsPair)
        {
            image = VolumeFile.Probe(FilePair.Companion(file.Path, ".hdr", ".img")
                ?? throw new MriFileException(file.Path, "is the header of a pair, but there is no .img file beside it."));
            files = [file.Stamp, image.Stamp];
        }

        var chosen = header.Shape.Choose(volume, warnings);
        var voxels = RawVoxels.InWholeFile(image, header.VoxelOffset, header.Shape, chosen, header.Encoding);
        return new($"NIfTI-{header.Version}", header.Geometry, files, warnings, voxels, header.Encoding.Type.ToString(), header.Shape.Volumes,
            chosen);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file) => NiftiFields.Read(file);
}
