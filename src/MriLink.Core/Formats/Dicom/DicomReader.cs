using System.Buffers;
using System.Buffers.Binary;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Reads the elements of a DICOM file one after the other, up to its pixels; long values are skipped, never read.</summary>
/// <remarks>
/// Encodings: DICOM PS3.5, section 7 (data sets) and annex A (transfer syntaxes). Where files break the rules, what pydicom and GDCM make of
/// them is made of them here: elements without a type among those with one, types that nobody knows, items that end with their sequence.
/// </remarks>
internal sealed class DicomReader : IDisposable
{
    /// <summary>The length that says: up to a delimiter.</summary>
    public const uint Undefined = uint.MaxValue;

    // Values longer than this are not kept. Nothing that says where voxels lie comes near.
    private const int LongestValue = 4096;

    // Sequences in sequences; real files stay below 8.
    private const int DeepestNesting = 16;

    // Fragments of compressed pixels that are looked for: more than any file has frames.
    private const int MostFragments = 1 << 20;

    private const int BufferLength = 1 << 14;

    private readonly DicomBytes _bytes;
    private readonly string _path;
    private readonly long _end;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
    private long _bufferStart;
    private int _bufferLength;

    /// <param name="bytes">The file.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="start">Where the first element is.</param>
    public DicomReader(DicomBytes bytes, string path, long start)
    {
        _bytes = bytes;
        _path = path;
        _end = bytes.Length;
        Position = start;
    }

    public long Position { get; private set; }

    /// <summary>Whether numbers have their highest byte first.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>Where the pieces of compressed pixels are, the table of frames first; empty unless the pixels had no length.</summary>
    public IReadOnlyList<(long Offset, uint Length)> Fragments { get; private set; } = [];

    /// <summary>
    /// How the next elements are written, by the first of them: whether with types, and in which byte order. <paramref name="otherwise"/> when it
    /// does not show.
    /// </summary>
    public (bool IsExplicit, bool IsBigEndian) Guess((bool IsExplicit, bool IsBigEndian) otherwise)
    {
        Span<byte> bytes = stackalloc byte[6];
        if (_end - Position < bytes.Length || !TryPeek(bytes))
        {
            return otherwise;
        }

        // Groups below 0x0100 come first: their other byte is zero.
        var bigEndian = (bytes[0], bytes[1]) switch
        {
            (0, > 0) => true,
            ( > 0, 0) => false,
            _ => otherwise.IsBigEndian,
        };
        return (DicomTags.IsType(bytes[4], bytes[5]), bigEndian);
    }

    /// <summary>
    /// Reads elements into <paramref name="set"/> up to the end of the file, or to the pixels, or to the first tag of another group when one group
    /// alone is wanted.
    /// </summary>
    /// <param name="set">Gets the elements; those before the damage when there is some.</param>
    /// <param name="isExplicit">Whether each element says its type.</param>
    /// <param name="onlyGroup">Stops before the first element of a later group; null to go on.</param>
    /// <exception cref="MriFileException">The elements make no sense or break off.</exception>
    public void Read(DicomDataSet set, bool isExplicit, ushort? onlyGroup = null)
    {
        while (Position < _end && HasMore())
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
        // A delimiter that closes nothing, and zeros that fill up a file.
        if (tag >> 16 == 0xFFFE || (tag == 0 && IsPaddingNext()))
        {
            ReadUInt32(end);
            return false;
        }

        var (type, length) = isExplicit ? ReadTypeAndLength(tag, end) : (DicomTags.TypeOf(tag), ReadUInt32(end));
        if (DicomTags.IsPixels(tag))
        {
            set.Add(new(tag, type, Position, length, [], []));
            if (length != Undefined && depth == 0)
            {
                return true;
            }

            if (length == Undefined)
            {
                var fragments = SkipFragments(end);
                Fragments = depth == 0 ? fragments : Fragments;
                return depth == 0;
            }

            if (length > end - Position)
            {
                throw CutOff(tag, length);
            }

            Position += length;
            return false;
        }

        if (length == Undefined || type is "SQ" || (type is "UN" && DicomTags.TypeOf(tag) is "SQ"))
        {
            // A value of unknown type and undefined length is a sequence with implicit types (PS3.5, 6.2.2).
            var itemsExplicit = isExplicit && type is not "UN";
            set.Add(new(tag, "SQ", Position, length, [], ReadItems(itemsExplicit, length, end, depth + 1)));
            return false;
        }

        if (length > end - Position)
        {
            throw CutOff(tag, length);
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

        // What a converter did not know it has left as it was: implicit, which is little-endian. Here the element may be known.
        var isUnknown = type is "UN";
        type = isUnknown ? DicomTags.TypeOf(tag) : type;
        if (IsBigEndian && !isUnknown)
        {
            Swap(value, type);
        }

        set.Add(new(tag, type, at, length, value, []));
        return false;
    }

    private static void Swap(byte[] value, string type)
    {
        var size = type switch
        {
            "US" or "SS" or "AT" => 2,
            "UL" or "SL" or "FL" => 4,
            "FD" or "SV" or "UV" => 8,
            _ => 1,
        };
        for (var at = 0; size > 1 && at + size <= value.Length; at += size)
        {
            value.AsSpan(at, size).Reverse();
        }
    }

    // Items of compressed pixels, up to the delimiter. Where they break off is for whoever wants the pixels to tell.
    private List<(long Offset, uint Length)> SkipFragments(long end)
    {
        var fragments = new List<(long Offset, uint Length)>();
        while (end - Position >= 8 && HasMore() && fragments.Count < MostFragments)
        {
            var tag = ReadTag(end);
            var length = ReadUInt32(end);
            if (tag != DicomTags.Item)
            {
                break;
            }

            fragments.Add((Position, length));
            Position += Math.Min(length, end - Position);
        }

        return fragments;
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
            var start = Position;
            var tag = ReadTag(last);
            if (tag == DicomTags.ItemEnd)
            {
                ReadUInt32(last);
                return item;
            }

            if (tag == DicomTags.SequenceEnd && length == Undefined)
            {
                // The item was not closed before its sequence was.
                Position = start;
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
        if (bytes is [(byte)'?', (byte)'?', ..] or [(byte)' ', (byte)' ', ..] or [(byte)'-', (byte)'-', ..])
        {
            // What GDCM and others write for a type that they do not know.
            return (DicomTags.TypeOf(tag), UInt16(bytes[2..]));
        }

        if (!char.IsAsciiLetterUpper((char)bytes[0]) || !char.IsAsciiLetterUpper((char)bytes[1]))
        {
            // An element without a type, as some programs mix them in; if it is one, its length fits.
            var length = UInt32(bytes);
            return length == Undefined || length <= end - Position ? (DicomTags.TypeOf(tag), length)
                : throw Damaged($"its element {DicomTags.Write(tag)} has no type");
        }

        var type = DicomTags.Type((char)bytes[0], (char)bytes[1]);
        var isKnown = type is not "UN" || bytes[..2].SequenceEqual("UN"u8);
        if (!isKnown)
        {
            // A type that is none: of two bytes of length, as pydicom takes it, unless these are zero and no element follows.
            var small = UInt16(bytes[2..]);
            return (DicomTags.TypeOf(tag), small > 0 || IsElementNext(tag, end) ? small : ReadUInt32(end));
        }

        return type is "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV"
            ? (type, ReadUInt32(end))
            : (type, UInt16(bytes[2..]));
    }

    private bool IsPaddingNext()
    {
        Span<byte> bytes = stackalloc byte[4];
        return TryPeek(bytes) && bytes is [0, 0, 0, 0];
    }

    // Whether what comes next is a later element of the same group or of one of the next: elements are in order.
    private bool IsElementNext(uint tag, long end)
    {
        Span<byte> bytes = stackalloc byte[4];
        return end - Position >= bytes.Length && TryPeek(bytes) && Tag(bytes) is var next && next > tag && next >> 16 <= DicomTags.Pixels >> 16
            && (next >> 16) - (tag >> 16) < 0x1000;
    }

    private uint ReadTag(long end)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes, end);
        return Tag(bytes);
    }

    private uint Tag(ReadOnlySpan<byte> bytes) => ((uint)UInt16(bytes) << 16) | UInt16(bytes[2..]);

    private ushort UInt16(ReadOnlySpan<byte> bytes) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint UInt32(ReadOnlySpan<byte> bytes) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private uint ReadUInt32(long end)
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes, end);
        return UInt32(bytes);
    }

    // The next bytes without going on; they are in the buffer then.
    private bool TryPeek(Span<byte> bytes)
    {
        var start = Position;
        if (start < _bufferStart || start + bytes.Length > _bufferStart + _bufferLength)
        {
            // What is left of the buffer moves to its front: deflated bytes do not come again.
            var kept = start >= _bufferStart && start < _bufferStart + _bufferLength ? (int)(_bufferStart + _bufferLength - start) : 0;
            _buffer.AsSpan((int)(start - _bufferStart) * Math.Sign(kept), kept).CopyTo(_buffer);
            (_bufferStart, _bufferLength) = (start, kept);
            while (_bufferLength < bytes.Length)
            {
                var read = _bytes.Read(_buffer.AsSpan(_bufferLength, BufferLength - _bufferLength), _bufferStart + _bufferLength);
                if (read == 0)
                {
                    return false;
                }

                _bufferLength += read;
            }
        }

        _buffer.AsSpan((int)(start - _bufferStart), bytes.Length).CopyTo(bytes);
        return true;
    }

    private bool HasMore()
    {
        Span<byte> one = stackalloc byte[1];
        return TryPeek(one);
    }

    private void Fill(Span<byte> bytes, long end)
    {
        if (bytes.Length > end - Position)
        {
            throw Damaged("an element is cut off");
        }

        while (!bytes.IsEmpty)
        {
            if (!HasMore())
            {
                throw Damaged("it ends within an element");
            }

            var from = (int)(Position - _bufferStart);
            var count = Math.Min(bytes.Length, _bufferLength - from);
            _buffer.AsSpan(from, count).CopyTo(bytes);
            bytes = bytes[count..];
            Position += count;
        }
    }

    private MriFileException CutOff(uint tag, uint length) => Damaged($"its element {DicomTags.Write(tag)} claims {length:N0} bytes and is cut off");

    private MriFileException Damaged(string how) => new(_path, $"is damaged or truncated near byte {Position:N0}: {how}.");
}
