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

    /// <summary>Reads the header of the volume that an inventory has found.</summary>
    /// <param name="group">Its files.</param>
    /// <param name="cancellationToken">Obeyed between files.</param>
    /// <returns>The header, or null when the files are part of a volume that was read or refused before.</returns>
    /// <exception cref="MriFileException">They make no volume.</exception>
    VolumeHeader? Read(VolumeGroup group, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(group);
        return Read(group.Files[0], cancellationToken);
    }
}
