using System.IO.Compression;
using MriLink.Core.Basics;
using MriLink.Core.Formats.Nifti;
using MriLink.Core.Formats.Nrrd;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Writes volumes to files, in the format that the name asks for.</summary>
/// <remarks>The same volume gives the same bytes: no time, no name, nothing about the person.</remarks>
public static class VolumeWriter
{
    private static readonly IVolumeWriter[] Writers = [new NiftiWriter(), new NrrdWriter()];

    /// <summary>The endings of names that can be written: ".nii.gz", ".nii", ".nrrd".</summary>
    public static IReadOnlyList<string> Extensions { get; } = [.. Writers.SelectMany(writer => writer.Extensions)];

    /// <summary>Whether a name has an ending that can be written.</summary>
    public static bool CanWrite(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Find(path) is not null;
    }

    /// <summary>
    /// Writes a volume to a file. The file appears, or replaces the old one, only once it is complete.
    /// </summary>
    /// <param name="path">Where to; has one of <see cref="Extensions"/>, and its folder exists.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="dataType">How voxels are stored. Integers are scaled when needed and the format can say so; zero stays exactly zero.</param>
    /// <param name="overwrite">Whether an existing file is replaced.</param>
    /// <param name="cancellationToken">Obeyed within some milliseconds; nothing is left behind.</param>
    /// <exception cref="MriFileException">The volume has voxels that <paramref name="dataType"/> cannot hold.</exception>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Write(
        string path, Volume volume, VolumeDataType dataType = VolumeDataType.Float32, bool overwrite = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(volume);
        var writer = Find(path) ?? throw new ArgumentException($"'{path}' does not end in {string.Join(", ", Extensions)}.", nameof(path));
        WholeFile.Write(
            path,
            file =>
            {
                if (writer.IsGzip(path))
                {
                    using var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
                    writer.Write(packed, volume, dataType, path, cancellationToken);
                }
                else
                {
                    writer.Write(file, volume, dataType, path, cancellationToken);
                }
            },
            overwrite);
    }

    private static IVolumeWriter? Find(string path) =>
        Array.Find(Writers, writer => writer.Extensions.Any(extension => path.EndsWith(extension, StringComparison.OrdinalIgnoreCase)));
}
