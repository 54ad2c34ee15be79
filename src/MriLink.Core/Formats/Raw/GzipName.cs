using System.Buffers.Binary;
using System.Text;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Raw;

/// <summary>What the header of gzip itself says (RFC 1952): the name of the file that was packed, a comment, a time.</summary>
internal static class GzipName
{
    private const int MaxLength = 4096;

    /// <summary>The fields of a file that is gzip.</summary>
    /// <exception cref="MriFileException">The file is gone, has changed or cannot be read.</exception>
    public static IEnumerable<HeaderField> Read(FileStamp stamp)
    {
        var bytes = new byte[MaxLength];
        int length;
        using (var handle = stamp.Reopen())
        {
            try
            {
                length = RandomAccess.Read(handle, bytes, 0);
            }
            catch (IOException exception)
            {
                throw new MriFileException(stamp.Path, $"cannot be read: {exception.Message}", exception);
            }
        }

        return length < 10 ? [] : Fields(bytes.AsSpan(0, length));
    }

    private static List<HeaderField> Fields(ReadOnlySpan<byte> bytes)
    {
        var fields = new List<HeaderField>();
        var flags = bytes[3];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) is > 0 and var seconds)
        {
            fields.Add(new("gzip time", $"{DateTimeOffset.FromUnixTimeSeconds(seconds):yyyy-MM-dd HH:mm:ss} UTC", mayIdentify: true));
        }

        var rest = bytes[10..];
        if ((flags & 4) != 0 && rest.Length >= 2)
        {
            rest = rest[Math.Min(rest.Length, 2 + BinaryPrimitives.ReadUInt16LittleEndian(rest))..];
        }

        foreach (var (flag, name) in new[] { (8, "gzip file name"), (16, "gzip comment") })
        {
            if ((flags & flag) != 0 && rest.IndexOf((byte)0) is >= 0 and var end)
            {
                fields.Add(new(name, Encoding.Latin1.GetString(rest[..end]), mayIdentify: true));
                rest = rest[(end + 1)..];
            }
        }

        return fields;
    }
}
