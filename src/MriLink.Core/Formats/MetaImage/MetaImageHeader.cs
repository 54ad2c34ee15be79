using MriLink.Core.Basics;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.MetaImage;

/// <summary>The header of a MetaImage file: what its fields say about where the voxels are and what they mean.</summary>
/// <remarks>The fields are those of MetaIO (docs.itk.org, "MetaIO Documentation"); where it leaves room, ITK's reading is followed.</remarks>
internal sealed class MetaImageHeader
{
    private const int MaxDimensions = 10;

    private readonly string _path;
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _warnings = [];

    /// <summary>Takes the header apart and checks it.</summary>
    /// <exception cref="MriFileException">The header makes no sense or describes no scalar 3D volume.</exception>
    public MetaImageHeader(VolumeFile file)
    {
        _path = file.Path;
        var text = ReadText(file);
        Length = text.Length;
        ListedFiles = ReadFields(text);
        RequireBinaryScalar();
        Shape = ReadShape();
        Geometry = Shape.Place(ReadAffine(), "TransformMatrix and ElementSpacing");
        Encoding = ReadEncoding();
        IsCompressed = Flag("CompressedData");
        CompressedLength = this["CompressedDataSize"] is { } size ? TextHeader.Integer(_path, "CompressedDataSize", size) : null;
        HeaderSize = this["HeaderSize"] is { } skip ? TextHeader.Integer(_path, "HeaderSize", skip) : 0;
    }

    public VolumeShape Shape { get; }

    public VolumeGeometry Geometry { get; }

    public VoxelEncoding Encoding { get; }

    public bool IsCompressed { get; }

    /// <summary>Bytes of the compressed voxels, where the header says.</summary>
    public long? CompressedLength { get; }

    /// <summary>Bytes before the voxels in a data file; -1 when they are its last bytes.</summary>
    public long HeaderSize { get; }

    /// <summary>Bytes of the header in its file.</summary>
    public int Length { get; }

    /// <summary>The value of ElementDataFile.</summary>
    public string DataFile => this["ElementDataFile"]!;

    /// <summary>Lines that follow "ElementDataFile = LIST", or none.</summary>
    public IReadOnlyList<string> ListedFiles { get; }

    /// <summary>What had to be assumed, each as the end of a sentence.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The value of a field, or null.</summary>
    public string? this[string field] => _fields.GetValueOrDefault(field);

    /// <summary>Null when the bytes start like MetaImage; otherwise what they do instead.</summary>
    public static string? Mismatch(ReadOnlySpan<byte> bytes)
    {
        var start = System.Text.Encoding.ASCII.GetString(bytes[..Math.Min(bytes.Length, 1024)]);

        // In any order, but fields from the first line on, and one that every header has among the first.
        var keys = start.Split('\n').Where(line => line.Trim().Length > 0).Select(line => Split(line)?.Key.ToUpperInvariant())
            .TakeWhile(key => key is not null && key.All(char.IsAsciiLetterOrDigit));
        return keys.Any(key => key is "OBJECTTYPE" or "NDIMS") ? null : "does not start with fields such as 'ObjectType = Image' or 'NDims = 3'";
    }

    /// <summary>The lines of the header.</summary>
    public static TextHeader ReadText(VolumeFile file)
    {
        return TextHeader.Read(file, line =>
        {
            // After it the voxels follow; or names, or fields in the wrong place, up to the end of the file.
            return Split(line) is ("ElementDataFile", var value) && value.Equals("LOCAL", StringComparison.OrdinalIgnoreCase);
        });
    }

    /// <summary>"Key = Value" in two, or null.</summary>
    public static (string Key, string Value)? Split(string line)
    {
        var at = line.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
        {
            at = line.IndexOf(':', StringComparison.Ordinal);
        }

        return at > 0 ? (line[..at].Trim(), line[(at + 1)..].Trim()) : null;
    }

    public static bool IsList(string dataFile) =>
        dataFile.Equals("LIST", StringComparison.Ordinal) || dataFile.StartsWith("LIST ", StringComparison.Ordinal);

    // Gives back the names that follow "ElementDataFile = LIST".
    private List<string> ReadFields(TextHeader text)
    {
        var late = 0;
        for (var i = 0; i < text.Lines.Count; i++)
        {
            // After the last field of a header whose voxels are elsewhere anything may come.
            var hasEnded = _fields.ContainsKey("ElementDataFile");
            if (text.Lines[i].Trim().Length == 0 || (hasEnded && Split(text.Lines[i]) is null))
            {
                continue;
            }

            late += hasEnded ? 1 : 0;
            var (key, value) = Split(text.Lines[i])
                ?? throw new MriFileException(
                    _path, $"has a damaged header: its line {i + 1}, '{SafeText.ForTerminal(text.Lines[i], 40)}', is no field.");

            // As in MetaIO, the last of several counts; what matters is said once by every program.
            _fields[key] = value;
            if (key.Equals("ElementDataFile", StringComparison.Ordinal) && IsList(value))
            {
                return [.. text.Lines.Skip(i + 1).Select(name => name.Trim()).Where(name => name.Length > 0).Take(DataFileName.MaxFiles)];
            }
        }

        if (late > 0)
        {
            _warnings.Add("has fields after ElementDataFile, where ITK reads none; they count.");
        }

        return _fields.ContainsKey("ElementDataFile") ? []
            : throw new MriFileException(_path, "has a damaged header: it lacks the field 'ElementDataFile'.");
    }

    private void RequireBinaryScalar()
    {
        if (this["ObjectType"] is { } type && !type.Equals("Image", StringComparison.OrdinalIgnoreCase))
        {
            throw new MriFileException(_path, $"is no image but a MetaIO object of type '{SafeText.ForTerminal(type, 40)}'.");
        }

        if (this["BinaryData"] is not null && !Flag("BinaryData"))
        {
            throw new MriFileException(_path, "holds its voxels as text, which cannot be read.");
        }

        if (this["ElementNumberOfChannels"] is { } channels && TextHeader.Integer(_path, "ElementNumberOfChannels", channels) != 1)
        {
            throw new MriFileException(
                _path, $"does not hold one number per voxel but {TextHeader.Integer(_path, "ElementNumberOfChannels", channels)}.");
        }

        if (Numbers("ElementToIntensityFunctionSlope", [1])[0] != 1 || Numbers("ElementToIntensityFunctionOffset", [0])[0] != 0)
        {
            _warnings.Add("names a function from stored to true intensities, which is not applied; nor does ITK.");
        }
    }

    private VolumeShape ReadShape()
    {
        var dimensions = TextHeader.Integer(_path, "NDims", Require("NDims"));
        if (dimensions is < 1 or > MaxDimensions)
        {
            throw new MriFileException(_path, $"has a damaged header: it claims {dimensions} dimensions.");
        }

        var sizes = TextHeader.Integers(_path, "DimSize", Require("DimSize"));
        return sizes.Length == dimensions ? VolumeShape.Of(_path, sizes) : throw Uneven("DimSize", sizes.Length, dimensions);
    }

    // The directions of the axes follow one another in TransformMatrix. World coordinates are LPS.
    private Affine ReadAffine()
    {
        var n = (int)TextHeader.Integer(_path, "NDims", Require("NDims"));
        var identity = Enumerable.Range(0, n * n).Select(i => i % (n + 1) == 0 ? 1.0 : 0).ToArray();
        if (First("TransformMatrix", "Rotation", "Orientation") is null)
        {
            _warnings.Add("does not say how its axes lie in the body: left, posterior, superior is assumed, as ITK does, and "
                + VolumeHeader.SidesUnsure);
        }

        var m = Numbers(First("TransformMatrix", "Rotation", "Orientation") ?? "TransformMatrix", identity);
        var origin = Numbers(First("Offset", "Position", "Origin") ?? "Offset", new double[n]);
        var spacing = Numbers(First("ElementSpacing", "ElementSize") ?? "ElementSpacing", [.. Enumerable.Repeat(1.0, n)]);
        if (First("ElementSpacing", "ElementSize") is null)
        {
            _warnings.Add("gives no voxel size: 1 mm is assumed.");
        }

        var unit = ReadUnit();
        return Affine.FromScale(-unit, -unit, unit)
            * new Affine(m[0], m[n], m[2 * n], origin[0], m[1], m[n + 1], m[(2 * n) + 1], origin[1], m[2], m[n + 2], m[(2 * n) + 2], origin[2])
            * Affine.FromScale(spacing[0], spacing[1], spacing[2]);
    }

    // The length of the unit in mm.
    private double ReadUnit()
    {
        var text = this["DistanceUnits"] ?? string.Empty;
        var unit = text.ToUpperInvariant() switch
        {
            "" or "?" or "MM" => 1.0,
            "UM" => 0.001,
            "CM" => 10,
            "M" => 1000,
            _ => throw new MriFileException(_path, $"gives its geometry in units that are not understood: {SafeText.ForTerminal(text, 40)}."),
        };
        if (unit is not 1)
        {
            _warnings.Add($"gives its geometry in {SafeText.ForTerminal(text, 40)}; it is converted to millimetres.");
        }

        return unit;
    }

    private VoxelEncoding ReadEncoding()
    {
        var name = Require("ElementType").ToUpperInvariant();
        var type = name switch
        {
            "MET_UCHAR" => VoxelType.UInt8,
            "MET_CHAR" => VoxelType.Int8,
            "MET_USHORT" => VoxelType.UInt16,
            "MET_SHORT" => VoxelType.Int16,

            // Long ones are of four bytes everywhere, by MetaIO's table of types.
            "MET_UINT" or "MET_ULONG" => VoxelType.UInt32,
            "MET_INT" or "MET_LONG" => VoxelType.Int32,
            "MET_ULONG_LONG" => VoxelType.UInt64,
            "MET_LONG_LONG" => VoxelType.Int64,
            "MET_FLOAT" => VoxelType.Float32,
            "MET_DOUBLE" => VoxelType.Float64,

            _ => throw new MriFileException(
                _path, $"holds voxels of type '{SafeText.ForTerminal(name, 40)}'; only integers of 8 to 64 bits and floats of 32 and 64 bits can "
                    + $"be read."),
        };
        return new(type, Flag("BinaryDataByteOrderMSB") || Flag("ElementByteOrderMSB"));
    }

    private string? First(params string[] fields) => Array.Find(fields, field => this[field] is not null);

    private double[] Numbers(string field, double[] otherwise)
    {
        if (this[field] is not { } text)
        {
            return otherwise;
        }

        var numbers = TextHeader.Numbers(_path, field, text);
        return numbers.Length == otherwise.Length ? numbers : throw Uneven(field, numbers.Length, otherwise.Length);
    }

    private bool Flag(string field) => this[field] is { Length: > 0 } text && (text[0] is 't' or 'T' or '1' or 'y' or 'Y');

    private string Require(string field) => this[field] ?? throw new MriFileException(_path, $"has a damaged header: it lacks the field '{field}'.");

    private MriFileException Uneven(string field, long count, long expected) =>
        new(_path, $"has a damaged header: its field '{field}' has {count} entries, not {expected}.");
}
