using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Formats.Dicom;
using MriLink.Core.Formats.Raw;
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
            return Probe(handle, stamp);
        }
    }

    /// <summary>Looks at a file that is open.</summary>
    /// <exception cref="MriFileException">The file cannot be read, or its compressed data are damaged from the start.</exception>
    public static VolumeFile Probe(SafeFileHandle handle, FileStamp stamp)
    {
        var (isGzip, start) = ReadStart(handle, stamp.Path, StartLength);
        return new(stamp, isGzip, start);
    }

    /// <summary>Whether a file starts as DICOM does.</summary>
    /// <exception cref="MriFileException">The file is gone, has changed or cannot be read.</exception>
    public static bool IsDicom(FileStamp stamp)
    {
        using var handle = stamp.Reopen();
        Span<byte> start = stackalloc byte[StartLength];
        try
        {
            return DicomFile.Mismatch(start[..ReadAll(handle, start)]) is null;
        }
        catch (IOException exception)
        {
            throw new MriFileException(stamp.Path, $"cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The first bytes of the file, after decompression: <paramref name="length"/> of them or, when the file is shorter, all.</summary>
    /// <exception cref="MriFileException">The file is gone or has changed, or its compressed data are damaged.</exception>
    public byte[] ReadStart(int length)
    {
        if (length <= Start.Length || Start.Length < StartLength)
        {
            return Start[..Math.Min(length, Start.Length)];
        }

        using var handle = Stamp.Reopen();
        return ReadStart(handle, Path, length).Start;
    }

    /// <summary>Bytes at a place of the file, after decompression; fewer, or none, when the file ends before.</summary>
    /// <exception cref="MriFileException">The file is gone or has changed, or its compressed data are damaged.</exception>
    public byte[] ReadAt(long offset, int length)
    {
        using var handle = Stamp.Reopen();
        try
        {
            using Stream content = IsGzip ? new GZipStream(new HandleStream(handle), CompressionMode.Decompress) : new HandleStream(handle, offset);
            var bytes = new byte[length];
            for (var skip = IsGzip ? offset : 0; skip > 0;)
            {
                var read = content.Read(bytes.AsSpan(0, (int)Math.Min(skip, length)));
                if (read == 0)
                {
                    return [];
                }

                skip -= read;
            }

            return bytes[..content.ReadAtLeast(bytes, length, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException exception)
        {
            throw new MriFileException(Path, "is damaged: its gzip data cannot be decompressed.", exception);
        }
        catch (IOException exception) when (exception is not MriFileException)
        {
            throw new MriFileException(Path, $"cannot be read: {exception.Message}", exception);
        }
    }

    private static (bool IsGzip, byte[] Start) ReadStart(SafeFileHandle handle, string path, int length)
    {
        try
        {
            Span<byte> magic = stackalloc byte[2];
            var isGzip = RandomAccess.Read(handle, magic, 0) == 2 && magic is [0x1f, 0x8b];
            var start = new byte[length];
            int read;
            if (isGzip)
            {
                using var content = new GZipStream(new HandleStream(handle), CompressionMode.Decompress);
                read = content.ReadAtLeast(start, length, throwOnEndOfStream: false);
            }
            else
            {
                read = ReadAll(handle, start);
            }

            return (isGzip, read == length ? start : start[..read]);
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

    private static int ReadAll(SafeFileHandle handle, Span<byte> buffer)
    {
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(handle, buffer[read..], read) is > 0 and var more)
        {
            read += more;
        }

        return read;
    }
}
