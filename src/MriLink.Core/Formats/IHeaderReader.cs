using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Reads the volumes among many files, each once, however many files it is made of.</summary>
public interface IHeaderReader
{
    /// <summary>Reads the header of the volume that a file is, or is part of.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="cancellationToken">Obeyed between files.</param>
    /// <returns>The header, or null when the file is part of a volume that was read or refused before.</returns>
    /// <exception cref="MriFileException">The file is missing, damaged, or no volume.</exception>
    VolumeHeader? Read(string path, CancellationToken cancellationToken = default);
}
