using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

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
        var bytes = new byte[NiftiHeader.Length2];
        var length = content.ReadAtLeast(bytes.AsSpan(0, NiftiHeader.Length1), NiftiHeader.Length1, throwOnEndOfStream: false);
        if (NiftiHeader.Mismatch(bytes.AsSpan(0, length)) is not null)
        {
            // NIfTI-2 shows its magic only with its whole length there.
            length += content.ReadAtLeast(bytes.AsSpan(length), bytes.Length - length, throwOnEndOfStream: false);
        }

        var header = new NiftiHeader(bytes.AsSpan(0, length), name);
        if (header.IsPair || header.VoxelOffset < length)
        {
            throw new MriFileException(name, "does not hold its voxels after its header.");
        }

        using var reader = new RawVoxelReader(content, name, header.VoxelOffset - length, header.Encoding);
        return FileVoxelSource.Read(reader, header.Geometry, name, new(), null, cancellationToken);
    }

    public string HeaderPath(string path) => Companion(path, ".img", ".hdr") ?? path;

    public string? Mismatch(VolumeFile file) =>
        PartOf(file.Path, ".img") is not null ? "has no .hdr file beside it" : NiftiHeader.Mismatch(file.Start);

    public VolumeHeader ReadHeader(VolumeFile file)
    {
        var header = new NiftiHeader(file.Start, file.Path);
        var count = header.Geometry.Size.Count;
        var voxels = new RawVoxels(file.Stamp, file.IsGzip, header.VoxelOffset, count, header.Encoding);
        FileStamp[] files = [file.Stamp];
        if (header.IsPair)
        {
            var image = Companion(file.Path, ".hdr", ".img") ?? throw new MriFileException(file.Path, "is the header of a pair, but there is no .img file beside it.");
            var other = VolumeFile.Probe(image);
            voxels = voxels with { File = other.Stamp, IsGzip = other.IsGzip };
            files = [file.Stamp, other.Stamp];
        }

        return new($"NIfTI-{header.Version}", header.Geometry, files, header.Warnings, voxels);
    }

    // "x.img.gz" -> "x.hdr.gz" or "x.hdr", whichever is there; null when path does not end in `from` or there is no such file.
    private static string? Companion(string path, string from, string to)
    {
        if (PartOf(path, from) is not { } stem)
        {
            return null;
        }

        var ending = path[stem.Length..];
        if (ending.Contains(from.ToUpperInvariant(), StringComparison.Ordinal))
        {
            to = to.ToUpperInvariant();
        }

        var zipped = ending.EndsWith("gz", StringComparison.OrdinalIgnoreCase);
        string[] candidates = zipped ? [stem + to + ending[from.Length..], stem + to] : [stem + to, stem + to + ".gz"];
        return Array.Find(candidates, File.Exists);
    }

    // The path without `ending` or `ending`.gz; null when it has neither.
    private static string? PartOf(string path, string ending) =>
        path.EndsWith(ending, StringComparison.OrdinalIgnoreCase) ? path[..^ending.Length]
        : path.EndsWith(ending + ".gz", StringComparison.OrdinalIgnoreCase) ? path[..^(ending.Length + 3)]
        : null;
}
