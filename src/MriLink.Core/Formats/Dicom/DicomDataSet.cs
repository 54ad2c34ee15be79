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

    /// <summary>Whether its texts are UTF-8; otherwise they count as Latin-1.</summary>
    public bool IsUtf8 => Text(DicomTags.CharacterSet)?.Contains("ISO_IR 192", StringComparison.Ordinal) == true;

    /// <summary>A text without its padding, or null when it is absent or empty.</summary>
    public string? Text(uint tag, bool isUtf8 = false) => this[tag]?.Text(isUtf8) is { Length: > 0 } text ? text : null;

    /// <summary>Numbers, or null when they are absent or make no sense.</summary>
    public double[]? Decimals(uint tag) => this[tag]?.Decimals();

    /// <summary>A number, or null.</summary>
    public double? Decimal(uint tag) => Decimals(tag) is [var number, ..] ? number : null;

    /// <summary>A whole number, as text or binary of any type, or null.</summary>
    public long? Integer(uint tag) => Decimal(tag) is { } number && double.IsInteger(number) && Math.Abs(number) < 1L << 53 ? (long)number : null;

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
