using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>The bytes of a DICOM file by their place; of a deflated one those after decompression, which are read forwards only.</summary>
internal sealed class DicomBytes : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly DeflateStream? _inflated;
    private readonly string _path;
    private long _at;

    private DicomBytes(SafeFileHandle handle, string path, long length, DeflateStream? inflated)
    {
        _handle = handle;
        _path = path;
        Length = length;
        _inflated = inflated;
    }

    /// <summary>How many bytes there are; of deflated ones, the most that there can be.</summary>
    public long Length { get; }

    public static DicomBytes Plain(SafeFileHandle handle, FileStamp stamp) => new(handle, stamp.Path, stamp.Length, null);

    /// <param name="handle">The file; not closed.</param>
    /// <param name="stamp">The file.</param>
    /// <param name="start">Where the deflated bytes begin, which run to the end of the file. Their places are counted from there.</param>
    public static DicomBytes Deflated(SafeFileHandle handle, FileStamp stamp, long start) =>
        new(handle, stamp.Path, (stamp.Length - start) * RawVoxels.MostPerDeflatedByte,
            new(new HandleStream(handle, start), CompressionMode.Decompress));

    /// <summary>Reads some bytes; none at the end.</summary>
    /// <exception cref="MriFileException">The file cannot be read or decompressed.</exception>
    public int Read(Span<byte> buffer, long position)
    {
        try
        {
            if (_inflated is null)
            {
                return RandomAccess.Read(_handle, buffer, position);
            }

            while (_at < position)
            {
                var skipped = _inflated.Read(buffer[..(int)Math.Min(buffer.Length, position - _at)]);
                if (skipped == 0)
                {
                    return 0;
                }

                _at += skipped;
            }

            var read = _inflated.Read(buffer);
            _at += read;
            return read;
        }
        catch (InvalidDataException exception)
        {
            throw new MriFileException(_path, "is damaged: its deflated data cannot be decompressed.", exception);
        }
        catch (IOException exception) when (exception is not MriFileException)
        {
            throw new MriFileException(_path, $"cannot be read: {exception.Message}", exception);
        }
    }

    public void Dispose() => _inflated?.Dispose();
}
