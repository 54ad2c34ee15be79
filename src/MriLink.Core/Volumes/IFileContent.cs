namespace MriLink.Core.Volumes;

/// <summary>A source of voxels whose content can be told from others without decoding it: files.</summary>
public interface IFileContent : IVoxelSource
{
    /// <summary>What decides, beside the content, which voxels come out; a record of plain values.</summary>
    object ReadOptions { get; }

    /// <summary>The hash of the files' bytes as <see cref="ContentHash"/> writes it.</summary>
    /// <exception cref="MriFileException">A file is gone, has changed or cannot be read.</exception>
    string HashContent(CancellationToken cancellationToken);
}
