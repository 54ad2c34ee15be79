using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>The files that make one volume, or that were to make one and cannot: <see cref="Problem"/> then says why.</summary>
public sealed class VolumeGroup
{
    private readonly Func<int?, VolumeHeader>? _read;

    internal VolumeGroup(IReadOnlyList<string> files, Func<int?, VolumeHeader> read)
    {
        Files = files;
        NamePath = files[0];
        _read = read;
    }

    internal VolumeGroup(IReadOnlyList<string> files, MriFileException problem)
    {
        Files = files;
        NamePath = files[0];
        Problem = problem;
    }

    /// <summary>
    /// Full paths of every file that is part of it, the one with the header first; of a series its slices in the natural order of their names.
    /// </summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>
    /// The path whose name says whose scan this is: that of the file; of a DICOM series its folder's with ".dcm" after it, or, where a folder
    /// holds several, a name within the folder made of the folder's and the series' number. No two groups have the same.
    /// </summary>
    public string NamePath { get; internal init; }

    /// <summary>Whose it is and which series, by its first DICOM file; null for every other format.</summary>
    public DicomIdentity? Dicom { get; internal init; }

    /// <summary>
    /// Why the files make no volume, as far as that is known without reading more than was read to group them; or null. Its message names the file to
    /// look at.
    /// </summary>
    public MriFileException? Problem { get; internal init; }

    /// <summary>Reads the header, which for DICOM opens no file again, and checks that all voxels are there.</summary>
    /// <param name="volume">Which of several volumes, from 0 on; null for the first, with a warning if there are others.</param>
    /// <param name="cancellationToken">Obeyed between files.</param>
    /// <exception cref="MriFileException">The files make no volume: <see cref="Problem"/>, or what is found now.</exception>
    public VolumeHeader ReadHeader(int? volume = null, CancellationToken cancellationToken = default)
    {
        if (Problem is not null)
        {
            throw Problem;
        }

        var header = _read!(volume);
        header.Voxels.CheckComplete(cancellationToken);
        return header;
    }

    /// <inheritdoc/>
    public override string ToString() => Problem?.Message ?? $"{NamePath} ({Files.Count})";
}
