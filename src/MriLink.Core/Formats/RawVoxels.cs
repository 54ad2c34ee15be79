using System.IO.Compression;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Voxels stored one after the other in a file that is plain or gzipped as a whole.</summary>
/// <param name="File">The file as it was when the header was read.</param>
/// <param name="IsGzip">Whether it is gzipped.</param>
/// <param name="Offset">Bytes before the first voxel, after decompression.</param>
/// <param name="Count">Number of voxels.</param>
/// <param name="Encoding">How each voxel is stored.</param>
internal sealed record RawVoxels(FileStamp File, bool IsGzip, long Offset, long Count, VoxelEncoding Encoding) : IVoxelData
{
    private long End => Offset + (Count * Encoding.Size);

    public void CheckComplete(CancellationToken cancellationToken)
    {
        if (IsGzip)
        {
            GzipCheck.RequireLength(File, End, cancellationToken);
        }
        else if (File.Length < End)
        {
            throw new MriFileException(File.Path, $"is truncated: by its header it has {End:N0} bytes, but there are {File.Length:N0}.");
        }
    }

    public VoxelReader Open()
    {
        // A large buffer, because GZipStream itself asks for no more than 8 KB at a time.
        var file = new FileStream(File.Reopen(), FileAccess.Read, bufferSize: 1 << 16);
        Stream content = IsGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
        return new RawVoxelReader(content, File.Path, Offset, Encoding);
    }
}
