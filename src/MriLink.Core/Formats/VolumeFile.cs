using System.IO.Compression;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>A file looked at to find out what it is: its stamp and its first bytes, after decompression.</summary>
internal sealed class VolumeFile
{
    // Room for the fixed headers of the usual formats.
    private const int StartLength = 1024;

    private VolumeFile(FileStamp stamp, bool isGzip, byte[] start)
    {
        Stamp = stamp;
        IsGzip = isGzip;
        Start = start;
    }

    public string Path => Stamp.Path;

    public FileStamp Stamp { get; }

    /// <summary>Whether the content is gzip, whatever the name says.</summary>
    public bool IsGzip { get; }

    /// <summary>Up to 1024 bytes.</summary>
    public byte[] Start { get; }

    /// <exception cref="MriFileException">The file cannot be opened, or its compressed data are damaged from the start.</exception>
    public static VolumeFile Probe(string path)
    {
        var (handle, stamp) = FileStamp.Open(path);
        using (handle)
        {
            try
            {
                Span<byte> magic = stackalloc byte[2];
                var isGzip = RandomAccess.Read(handle, magic, 0) == 2 && magic is [0x1f, 0x8b];
                using var file = new FileStream(handle, FileAccess.Read, bufferSize: 1);
                using Stream content = isGzip ? new GZipStream(file, CompressionMode.Decompress) : file;
                var start = new byte[StartLength];
                var length = content.ReadAtLeast(start, StartLength, throwOnEndOfStream: false);
                return new(stamp, isGzip, start[..length]);
            }
            catch (InvalidDataException exception)
            {
                throw new MriFileException(path, "is damaged: its gzip data cannot be decompressed.", exception);
            }
            catch (IOException exception) when (exception is not MriFileException)
            {
                throw new MriFileException(path, $"cannot be read: {exception.Message}", exception);
            }
        }
    }
}
