using System.IO.Compression;
using ICSharpCode.SharpZipLib.BZip2;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>Voxels stored one after the other in a file, plain or compressed.</summary>
/// <param name="File">The file as it was when the header was read.</param>
/// <param name="Packing">How it is compressed.</param>
/// <param name="Start">Bytes of the file before the compressed data; the data then end with the file or after them nothing matters.</param>
/// <param name="Offset">Bytes before the first voxel, after decompression.</param>
/// <param name="Count">Number of voxels.</param>
/// <param name="Encoding">How each voxel is stored.</param>
internal sealed record RawVoxels(FileStamp File, Packing Packing, long Start, long Offset, long Count, VoxelEncoding Encoding) : IVoxelData
{
    /// <summary>Deflate cannot pack more than 1032 bytes into one (RFC 1951: 258 bytes per two bits).</summary>
    public const long MostPerDeflatedByte = 1032;

    // bzip2 packs a block of 900 000 bytes, each five of which may stand for 259, into no less than 32.
    private const long MostPerBzip2Byte = 900_000L * 259 / 5 / 32;

    /// <summary>Bytes that the decompressed data have at least; those after the voxels belong to other volumes of the file.</summary>
    public long Length { get; init; } = Offset + (Count * Encoding.Size);

    /// <summary>Voxels that are stored interleaved: this many values for each, of which one is read.</summary>
    public int Lanes { get; init; } = 1;

    /// <summary>Which of the interleaved values is read, from 0 on.</summary>
    public int Lane { get; init; }

    /// <summary>Where the bytes of a frame are that is compressed by itself.</summary>
    public IReadOnlyList<(long Offset, uint Length)> Pieces { get; init; } = [];

    /// <summary>The most bytes that one compressed byte of such a frame may stand for.</summary>
    public int MostPerByte { get; init; }

    /// <summary>Takes the bytes of such a frame apart to those of the voxels.</summary>
    public Func<byte[], byte[]>? Unpack { get; init; }

    /// <summary>One of the volumes that follow one another in a file which is plain or gzipped as a whole.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Bytes before the first volume, after decompression.</param>
    /// <param name="shape">The size of the volumes, and how many there are.</param>
    /// <param name="volume">Which of them, from 0 on.</param>
    /// <param name="encoding">How each voxel is stored.</param>
    public static RawVoxels InWholeFile(VolumeFile file, long offset, VolumeShape shape, long volume, VoxelEncoding encoding)
    {
        var bytes = shape.Size.Count * encoding.Size;
        return new(file.Stamp, file.IsGzip ? Packing.Gzip : Packing.None, 0, offset + (volume * bytes), shape.Size.Count, encoding)
        {
            Length = offset + (shape.Volumes * bytes),
        };
    }

    public void CheckComplete(CancellationToken cancellationToken)
    {
        var stored = Math.Max(File.Length - Start, 0);
        switch (Packing)
        {
            case Packing.Gzip:
                RequirePackable(stored, MostPerDeflatedByte, "gzip");
                GzipCheck.RequireLength(File, Start, Length, cancellationToken);
                break;
            case Packing.Zlib:
                RequirePackable(stored, MostPerDeflatedByte, "zlib");
                break;
            case Packing.Frame:
                if (Pieces.Any(piece => piece.Length > File.Length - piece.Offset))
                {
                    throw new MriFileException(
                        File.Path, $"is truncated: its compressed pixels take more than the {File.Length:N0} bytes that there are.");
                }

                RequirePackable(Pieces.Sum(piece => (long)piece.Length), MostPerByte, "compressed pixels");
                break;
            case Packing.Deflate:
                RequirePackable(stored, MostPerDeflatedByte, "deflated data");
                break;
            case Packing.Bzip2:
                RequirePackable(stored, MostPerBzip2Byte, "bzip2");
                break;
            default:
                if (stored < Length)
                {
                    throw new MriFileException(
                        File.Path, $"is truncated: by its header it has {Start + Length:N0} bytes, but there are {File.Length:N0}.");
                }

                break;
        }
    }

    public VoxelReader Open()
    {
        // A large buffer, because the decompressors themselves ask for no more than 8 KB at a time.
        var file = new FileStream(File.Reopen(), FileAccess.Read, bufferSize: 1 << 16);
        try
        {
            if (Packing is Packing.Frame)
            {
                using (file)
                {
                    return new RawVoxelReader(new MemoryStream(Unpack!(ReadPieces(file))), File.Path, this);
                }
            }

            file.Seek(Packing is Packing.None ? Start + Offset : Start, SeekOrigin.Begin);
            Stream content = Packing switch
            {
                Packing.Gzip => new GZipStream(file, CompressionMode.Decompress),
                Packing.Deflate => new DeflateStream(file, CompressionMode.Decompress),
                Packing.Zlib => new ZLibStream(file, CompressionMode.Decompress),
                Packing.Bzip2 => new BZip2InputStream(file),
                _ => file,
            };
            return new RawVoxelReader(content, File.Path, this);
        }
        catch (Exception exception)
        {
            file.Dispose();
            if (RawVoxelReader.IsDamage(exception))
            {
                throw new MriFileException(File.Path, "is damaged: its compressed data cannot be decompressed.", exception);
            }

            throw;
        }
    }

    private byte[] ReadPieces(FileStream file)
    {
        CheckComplete(CancellationToken.None);
        var bytes = new byte[Pieces.Sum(piece => (long)piece.Length)];
        var at = 0;
        foreach (var (offset, length) in Pieces)
        {
            file.Seek(offset, SeekOrigin.Begin);
            file.ReadExactly(bytes.AsSpan(at, (int)length));
            at += (int)length;
        }

        return bytes;
    }

    private void RequirePackable(long stored, long mostPerByte, string name)
    {
        if (Length / mostPerByte > stored)
        {
            throw new MriFileException(
                File.Path, $"is truncated: by its header it has {Length:N0} bytes, more than {stored:N0} bytes of {name} can hold.");
        }
    }
}
