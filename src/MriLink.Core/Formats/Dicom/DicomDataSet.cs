using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MriLink.Core.Formats.Dicom;

/// <summary>Elements of a DICOM file, or of an item of a sequence, in their order.</summary>
internal sealed class DicomDataSet
{
    // Most sets are items of a handful of elements; a file may have thousands, and frames look into it again and again.
    private const int FewElements = 16;

    private readonly List<DicomElement> _elements = [];
    private Dictionary<uint, DicomElement>? _index;

    public IReadOnlyList<DicomElement> Elements => _elements;

    /// <summary>An element, or null; of several with one tag the first.</summary>
    public DicomElement? this[uint tag]
    {
        get
        {
            if (_elements.Count <= FewElements)
            {
                return _elements.Find(element => element.Tag == tag);
            }

            _index ??= Index();
            return _index.GetValueOrDefault(tag);
        }
    }

    public void Add(DicomElement element)
    {
        _elements.Add(element);
        _index = null;
    }

    /// <summary>A text without its padding, or null when it is absent or empty.</summary>
    public string? Text(uint tag) =>
        this[tag] is { } element && Encoding.Latin1.GetString(element.Value).Trim(' ', '\0') is { Length: > 0 } text ? text : null;

    /// <summary>Decimal numbers, or null when they are absent or make no sense.</summary>
    public double[]? Decimals(uint tag) => this[tag]?.Decimals();

    /// <summary>A decimal number, or null.</summary>
    public double? Decimal(uint tag) => Decimals(tag) is [var number, ..] ? number : null;

    /// <summary>An unsigned number of 16 bits, or null.</summary>
    public int? UInt16(uint tag) => this[tag]?.Value is { Length: >= 2 } value ? BinaryPrimitives.ReadUInt16LittleEndian(value) : null;

    /// <summary>A whole number written as text, or null.</summary>
    public long? Integer(uint tag) => long.TryParse(Text(tag), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The items of a sequence; none when it is absent.</summary>
    public IReadOnlyList<DicomDataSet> Items(uint tag) => this[tag]?.Items ?? [];

    private Dictionary<uint, DicomElement> Index()
    {
        var index = new Dictionary<uint, DicomElement>(_elements.Count);
        foreach (var element in _elements)
        {
            index.TryAdd(element.Tag, element);
        }

        return index;
    }
}
