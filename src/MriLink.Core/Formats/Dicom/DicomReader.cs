using System.Buffers;
using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Reads the elements of a DICOM file one after the other, up to its pixels; long values are skipped, never read.</summary>
/// <remarks>Encodings: DICOM PS3.5, section 7 (data sets) and annex A (transfer syntaxes); only little-endian ones.</remarks>
internal sealed class DicomReader : IDisposable
{
    /// <summary>The length that says: up to a delimiter.</summary>
    public const uint Undefined = uint.MaxValue;

    // Values longer than this are not kept. Nothing that says where voxels lie comes near.
    private const int LongestValue = 4096;

    // Sequences in sequences; real files stay below 8.
    private const int DeepestNesting = 16;

    private const int BufferLength = 1 << 14;

    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly long _end;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private long _bufferStart;
    private int _bufferLength;

    /// <param name="handle">The file; not closed.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="start">Where the first element is.</param>
    /// <param name="end">The length of the file.</param>
    public DicomReader(SafeFileHandle handle, string path, long start, long end)
    {
        _handle = handle;
        _path = path;
        _end = end;
        Position = start;
    }

    public long Position { get; private set; }

    /// <summary>Reads elements into <paramref name="set"/> up to the end of the file, or to the pixels, or to the first tag of another group when one group alone is wanted.</summary>
    /// <param name="set">Gets the elements.</param>
    /// <param name="isExplicit">Whether each element says its type.</param>
    /// <param name="onlyGroup">Stops before the first element of a later group; null to go on.</param>
    /// <exception cref="MriFileException">The elements make no sense or break off.</exception>
    public void Read(DicomDataSet set, bool isExplicit, ushort? onlyGroup = null)
    {
        while (Position < _end)
        {
            var start = Position;
            var tag = ReadTag(_end);
            if (onlyGroup is { } group && tag >> 16 != group)
            {
                Position = start;
                return;
            }

            if (ReadElement(set, tag, isExplicit, _end, 0))
            {
                return;
            }
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    // True at the pixels: nothing after them is wanted.
    private bool ReadElement(DicomDataSet set, uint tag, bool isExplicit, long end, int depth)
    {
        var (type, length) = isExplicit ? ReadTypeAndLength(tag, end) : (DicomTags.TypeOf(tag), ReadUInt32(end));
        if (depth == 0 && DicomTags.IsPixels(tag))
        {
            set.Add(new(tag, type, Position, length, [], []));
            return true;
        }

        if (length == Undefined || type is "SQ")
        {
            // A value of unknown type and undefined length is a sequence with implicit types (PS3.5, 6.2.2).
            var itemsExplicit = isExplicit && type is not "UN";
            set.Add(new(tag, "SQ", Position, length, [], ReadItems(itemsExplicit, length, end, depth + 1)));
            return false;
        }

        if (length > end - Position)
        {
            throw Damaged($"its element {DicomTags.Write(tag)} claims {length:N0} bytes and is cut off");
        }

        var at = Position;
        byte[] value = [];
        if (length <= LongestValue)
        {
            value = new byte[length];
            Fill(value, end);
        }
        else
        {
            Position += length;
        }

        set.Add(new(tag, type, at, length, value, []));
        return false;
    }

    private List<DicomDataSet> ReadItems(bool isExplicit, uint length, long end, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw Damaged("its sequences are nested too deeply");
        }

        var last = EndOf(length, end);
        var items = new List<DicomDataSet>();
        while (Position < last)
        {
            var tag = ReadTag(last);
            var itemLength = ReadUInt32(last);
            if (tag == DicomTags.SequenceEnd)
            {
                return items;
            }

            if (tag != DicomTags.Item)
            {
                throw Damaged($"{DicomTags.Write(tag)} stands where an item of a sequence should");
            }

            items.Add(ReadItem(isExplicit, itemLength, last, depth));
        }

        return length != Undefined ? items : throw Damaged("a sequence has no end");
    }

    private DicomDataSet ReadItem(bool isExplicit, uint length, long end, int depth)
    {
        var item = new DicomDataSet();
        var last = EndOf(length, end);
        while (Position < last)
        {
            var tag = ReadTag(last);
            if (tag == DicomTags.ItemEnd)
            {
                ReadUInt32(last);
                return item;
            }

            ReadElement(item, tag, isExplicit, last, depth);
        }

        return length != Undefined ? item : throw Damaged("an item of a sequence has no end");
    }

    private long EndOf(uint length, long end)
    {
        if (length != Undefined && length > end - Position)
        {
            throw Damaged($"a sequence claims {length:N0} bytes and is cut off");
        }

        return length == Undefined ? end : Position + length;
    }

    private (string Type, uint Length) ReadTypeAndLength(uint tag, long end)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes, end);
        if (!char.IsAsciiLetterUpper((char)bytes[0]) || !char.IsAsciiLetterUpper((char)bytes[1]))
        {
            throw Damaged($"its element {DicomTags.Write(tag)} has no type");
        }

        var type = DicomTags.Type((char)bytes[0], (char)bytes[1]);
        return type is "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV"
            ? (type, ReadUInt32(end))
            : (type, BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]));
    }

    private uint ReadTag(long end)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes, end);
        return ((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
    }

    private uint ReadUInt32(long end)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes, end);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private void Fill(Span<byte> bytes, long end)
    {
        if (bytes.Length > end - Position)
        {
            throw Damaged("an element is cut off");
        }

        while (!bytes.IsEmpty)
        {
            if (Position < _bufferStart || Position >= _bufferStart + _bufferLength)
            {
                _bufferStart = Position;
                _bufferLength = RandomAccess.Read(_handle, _buffer.AsSpan(0, BufferLength), Position);
                if (_bufferLength == 0)
                {
                    throw Damaged("it ends within an element");
                }
            }

            var from = (int)(Position - _bufferStart);
            var count = Math.Min(bytes.Length, _bufferLength - from);
            _buffer.AsSpan(from, count).CopyTo(bytes);
            bytes = bytes[count..];
            Position += count;
        }
    }

    private MriFileException Damaged(string how) => new(_path, $"is damaged or truncated near byte {Position:N0}: {how}.");
}
