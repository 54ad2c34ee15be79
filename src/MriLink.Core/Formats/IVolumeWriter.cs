using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Writes one file format. A new one is a class of this kind and a line in <see cref="VolumeWriter"/>.</summary>
internal interface IVolumeWriter
{
    /// <summary>The endings of its file names in lower case, the longest first.</summary>
    IReadOnlyList<string> Extensions { get; }

    /// <summary>Whether a file of this name is gzipped as a whole; whoever calls <see cref="Write"/> does that.</summary>
    bool IsGzip(string path);

    /// <summary>Writes header and voxels; nothing that identifies anybody, and the same bytes for the same volume.</summary>
    /// <param name="content">Where to.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="dataType">How voxels are stored.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="cancellationToken">Looked at once per chunk.</param>
    /// <exception cref="MriFileException">The volume has voxels that <paramref name="dataType"/> cannot hold.</exception>
    void Write(Stream content, Volume volume, VolumeDataType dataType, string path, CancellationToken cancellationToken);
}
