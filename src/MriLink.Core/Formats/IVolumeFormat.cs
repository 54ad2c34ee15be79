using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>One file format. A new one is a class of this kind and a line in <see cref="VolumeFormats"/>.</summary>
internal interface IVolumeFormat
{
    /// <summary>What people call the format.</summary>
    string Name { get; }

    /// <summary>The endings of its file names in lower case, the longest first: ".nii.gz", ".nii".</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>The file that holds the header when <paramref name="path"/> is the other part of a pair; otherwise the same path.</summary>
    string HeaderPath(string path) => path;

    /// <summary>Null when the content is of this format, otherwise why it is not: "starts with …".</summary>
    string? Mismatch(VolumeFile file);

    /// <summary>Reads the header of a file that <see cref="Mismatch"/> has accepted, checking all it says; no voxels.</summary>
    /// <param name="file">The file that holds the header.</param>
    /// <param name="volume">Which of several volumes, from 0 on; null for the first, with a warning if there are others.</param>
    /// <exception cref="MriFileException">The header makes no sense, or describes something that is not a scalar volume.</exception>
    VolumeHeader ReadHeader(VolumeFile file, int? volume);

    /// <summary>The same for this file alone, where <see cref="ReadHeader"/> looks at others beside it: one slice of a series.</summary>
    /// <exception cref="MriFileException">As with <see cref="ReadHeader"/>.</exception>
    VolumeHeader ReadOwnHeader(VolumeFile file) => ReadHeader(file, volume: 0);

    /// <summary>All that the header says, field by field; no voxels.</summary>
    /// <exception cref="MriFileException">The header is damaged.</exception>
    IEnumerable<HeaderField> ReadFields(VolumeFile file);

    /// <summary>Fields that come after the voxels. Of a compressed file these have to be decompressed to get there.</summary>
    /// <exception cref="MriFileException">The header is damaged.</exception>
    IEnumerable<HeaderField> ReadTrailingFields(VolumeFile file) => [];
}
