using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace MriLink.Core.Tests.Formats;

/// <summary>A DICOM file of an invented slice, written element by element, so that any of them can be wrong; or an item of a sequence.</summary>
internal sealed class TinyDicom
{
    public const string ExplicitLittle = "1.2.840.10008.1.2.1";
    public const string ImplicitLittle = "1.2.840.10008.1.2";
    public const string ExplicitBig = "1.2.840.10008.1.2.2";
    public const string Deflated = "1.2.840.10008.1.2.1.99";

    private const uint Pixels = 0x7FE00010;

    private readonly SortedDictionary<uint, (string Type, object Value)> _elements = [];

    /// <summary>The transfer syntax that the file claims; null for none.</summary>
    public string? Syntax { get; set; } = ExplicitLittle;

    /// <summary>How it is written, where that is not what it claims.</summary>
    public string? Really { get; set; }

    /// <summary>Bytes before the elements: a preamble with its letters unless it is changed.</summary>
    public byte[] Preamble { get; set; } = [.. new byte[128], .. "DICM"u8];

    /// <summary>Whether group 2 is written.</summary>
    public bool HasMeta { get; set; } = true;

    /// <summary>Written in the place of group 2; null for a right one.</summary>
    public byte[]? Meta { get; set; }

    /// <summary>Written after everything else.</summary>
    public byte[] Tail { get; set; } = [];

    /// <summary>Slice <paramref name="k"/> of 6, of 8 columns and 7 rows of 16 bits; its voxels are 1000 + 100 k and on.</summary>
    public static TinyDicom Slice(int k, string person = "X", int series = 3, string uid = "1.2.3") => new TinyDicom()
        .Set(0x00080008, "CS", "ORIGINAL\\PRIMARY\\M\\ND")
        .Set(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4")
        .Set(0x00080018, "UI", $"{uid}.{series}.{k + 1}")
        .Set(0x00080060, "CS", "MR")
        .Set(0x00100010, "PN", person)
        .Set(0x00100020, "LO", person)
        .Set(0x00180050, "DS", "3")
        .Set(0x00180081, "DS", "3.2")
        .Set(0x0020000D, "UI", $"{uid}.1000")
        .Set(0x0020000E, "UI", $"{uid}.{2000 + series}")
        .Set(0x00200011, "IS", series.ToString(CultureInfo.InvariantCulture))
        .Set(0x00200012, "IS", "1")
        .Set(0x00200013, "IS", (k + 1).ToString(CultureInfo.InvariantCulture))
        .Set(0x00200032, "DS", $"-10\\-20\\{30 + (3 * k)}")
        .Set(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
        .Set(0x00200052, "UI", $"{uid}.3000")
        .Set(0x00280002, "US", (ushort)1)
        .Set(0x00280004, "CS", "MONOCHROME2")
        .Set(0x00280010, "US", (ushort)7)
        .Set(0x00280011, "US", (ushort)8)
        .Set(0x00280030, "DS", "1.5\\2")
        .Set(0x00280100, "US", (ushort)16)
        .Set(0x00280101, "US", (ushort)16)
        .Set(0x00280102, "US", (ushort)15)
        .Set(0x00280103, "US", (ushort)0)
        .Set(Pixels, "OW", Enumerable.Range(0, 56).Select(i => (ushort)(1000 + (100 * k) + i)).ToArray());

    /// <summary>Writes six slices as IM0 to IM5 into a folder, each changed in some way; gives the path of the first.</summary>
    public static string WriteSeries(string folder, Func<TinyDicom, TinyDicom>? change = null, string prefix = "IM") =>
        WriteSeries(folder, (slice, _) => change?.Invoke(slice) ?? slice, prefix);

    /// <summary>The same; each slice is changed by its number.</summary>
    public static string WriteSeries(string folder, Func<TinyDicom, int, TinyDicom> change, string prefix = "IM")
    {
        Directory.CreateDirectory(folder);
        for (var k = 0; k < 6; k++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{prefix}{k}"), change(Slice(k), k).ToBytes());
        }

        return Path.Combine(folder, $"{prefix}0");
    }

    /// <summary>Sets an element: its value is text, numbers of two bytes, bytes, or items.</summary>
    public TinyDicom Set(uint tag, string type, object value)
    {
        _elements[tag] = (type, value);
        return this;
    }

    /// <summary>Writes bytes in the place of an element, as they are: its number and length are among them.</summary>
    public TinyDicom Raw(uint tag, params byte[] bytes) => Set(tag, string.Empty, bytes);

    public TinyDicom Without(params uint[] tags)
    {
        Array.ForEach(tags, tag => _elements.Remove(tag));
        return this;
    }

    /// <summary>Claims a transfer syntax, and writes in it if it can be written here.</summary>
    public TinyDicom In(string? syntax, string? really = null)
    {
        Syntax = syntax;
        Really = really;
        return this;
    }

    public TinyDicom After(byte[] preamble, bool hasMeta = true)
    {
        Preamble = preamble;
        HasMeta = hasMeta;
        return this;
    }

    public byte[] ToBytes()
    {
        var how = Really ?? Syntax ?? ExplicitLittle;
        var body = Body(isExplicit: how is not ImplicitLittle, bigEndian: how is ExplicitBig);
        if (how is Deflated)
        {
            var packed = new MemoryStream();
            using (var deflate = new DeflateStream(packed, CompressionLevel.Optimal))
            {
                deflate.Write(body);
            }

            body = packed.ToArray();
        }

        byte[] meta = [];
        if (HasMeta)
        {
            var group = new TinyDicom().Set(0x00020002, "UI", "1.2.840.10008.5.1.4.1.1.4");
            meta = Meta ?? (Syntax is null ? group : group.Set(0x00020010, "UI", Syntax)).Body(isExplicit: true, bigEndian: false);
        }

        return [.. Preamble, .. meta, .. body, .. Tail];
    }

    /// <summary>The elements alone.</summary>
    public byte[] Body(bool isExplicit, bool bigEndian)
    {
        var bytes = new List<byte>();
        foreach (var (tag, (type, value)) in _elements)
        {
            var content = Content(type, value, isExplicit, bigEndian);
            if (type.Length == 0)
            {
                bytes.AddRange(content);
                continue;
            }

            bytes.AddRange(Number((ushort)(tag >> 16), bigEndian));
            bytes.AddRange(Number((ushort)tag, bigEndian));
            if (!isExplicit)
            {
                bytes.AddRange(Number((uint)content.Length, bigEndian));
            }
            else if (type is "OB" or "OD" or "OF" or "OW" or "SQ" or "UN" or "UT")
            {
                bytes.AddRange(Encoding.ASCII.GetBytes(type));
                bytes.AddRange([0, 0, .. Number((uint)content.Length, bigEndian)]);
            }
            else
            {
                bytes.AddRange(Encoding.Latin1.GetBytes(type));
                bytes.AddRange(Number((ushort)content.Length, bigEndian));
            }

            bytes.AddRange(content);
        }

        return [.. bytes];
    }

    private static byte[] Content(string type, object value, bool isExplicit, bool bigEndian)
    {
        switch (value)
        {
            case byte[] bytes:
                return bytes;
            case ushort number:
                return Number(number, bigEndian);
            case uint number:
                return Number(number, bigEndian);
            case ushort[] numbers:
                return [.. numbers.SelectMany(number => Number(number, bigEndian))];
            case TinyDicom[] items:
                return [.. items.Select(item => item.Body(isExplicit, bigEndian)).SelectMany(body =>
                    (byte[])[.. Number((ushort)0xFFFE, bigEndian), .. Number((ushort)0xE000, bigEndian), .. Number((uint)body.Length, bigEndian),
                        .. body])];
            default:
                var text = (string)value;
                return Encoding.Latin1.GetBytes(text.Length % 2 == 0 ? text : text + (type is "UI" ? '\0' : ' '));
        }
    }

    private static byte[] Number(ushort value, bool bigEndian)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        return bytes;
    }

    private static byte[] Number(uint value, bool bigEndian)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        return bytes;
    }
}
