using System.Buffers.Binary;
using System.Text;

namespace MriLink.Core.Formats;

/// <summary>Reads numbers and texts at fixed places of a binary header, in one byte order. Places beyond the end read as zeros.</summary>
internal readonly ref struct FieldReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly bool _bigEndian;

    public FieldReader(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        _bytes = bytes;
        _bigEndian = bigEndian;
    }

    public short Int16(int at) =>
        _bigEndian ? BinaryPrimitives.ReadInt16BigEndian(Slice(at, 2)) : BinaryPrimitives.ReadInt16LittleEndian(Slice(at, 2));

    public int Int32(int at) => _bigEndian ? BinaryPrimitives.ReadInt32BigEndian(Slice(at, 4)) : BinaryPrimitives.ReadInt32LittleEndian(Slice(at, 4));

    public long Int64(int at) =>
        _bigEndian ? BinaryPrimitives.ReadInt64BigEndian(Slice(at, 8)) : BinaryPrimitives.ReadInt64LittleEndian(Slice(at, 8));

    public double Double(int at) => BitConverter.Int64BitsToDouble(Int64(at));

    public float Single(int at) => BitConverter.Int32BitsToSingle(Int32(at));

    /// <summary>Text up to the first zero byte, at most <paramref name="length"/> bytes, without blanks around it.</summary>
    public string Text(int at, int length)
    {
        var bytes = Slice(at, length);
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Trim();
    }

    public byte Byte(int at) => Slice(at, 1)[0];

    private ReadOnlySpan<byte> Slice(int at, int length) =>
        at + length <= _bytes.Length ? _bytes.Slice(at, length) : new byte[length];
}
