using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>Voxels in several pieces, which follow one another: slices in files of their own, for example.</summary>
/// <param name="Parts">The pieces in their order.</param>
internal sealed record JoinedVoxels(IReadOnlyList<RawVoxels> Parts) : IVoxelData
{
    /// <summary>
    /// One of several volumes whose voxels are spread over files of equal size.
    /// </summary>
    /// <param name="header">The file that names the others, for messages.</param>
    /// <param name="files">Each holds the same number of voxels; where it is plain or packed, and where its data begin, is said by <paramref
    /// name="place"/>.</param>
    /// <param name="shape">The size of the volumes, and how many there are.</param>
    /// <param name="volume">Which of them, from 0 on.</param>
    /// <param name="place">Makes the part of a file: its stamp, the first voxel of the file that is wanted, the number of voxels wanted and that of
    /// all in the file.</param>
    /// <exception cref="MriFileException">The voxels cannot be spread evenly.</exception>
    public static JoinedVoxels Of(
        string header, IReadOnlyList<FileStamp> files, VolumeShape shape, long volume, Func<FileStamp, long, long, long, RawVoxels> place)
    {
        var count = shape.Size.Count;
        var all = count * shape.Volumes;
        if (files.Count == 0 || all % files.Count != 0)
        {
            throw new MriFileException(header, $"spreads its {shape.Text} voxels over {files.Count:N0} files, which does not come out even.");
        }

        var perFile = all / files.Count;
        var (first, end) = (volume * count, (volume + 1) * count);
        var parts = new List<RawVoxels>();
        for (var i = first / perFile; i * perFile < end; i++)
        {
            var from = Math.Max(first - (i * perFile), 0);
            var to = Math.Min(end - (i * perFile), perFile);
            parts.Add(place(files[(int)i], from, to - from, perFile));
        }

        return new(parts);
    }

    public void CheckComplete(CancellationToken cancellationToken)
    {
        foreach (var part in Parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            part.CheckComplete(cancellationToken);
        }
    }

    public VoxelReader Open() => new JoinedVoxelReader(Parts);
}
