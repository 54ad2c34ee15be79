using MriLink.Core.Basics;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nrrd;

/// <summary>The header of an NRRD file: what its fields say about where the voxels are and what they mean.</summary>
/// <remarks>
/// The fields are those of the NRRD definition (teem.sourceforge.net/nrrd/format.html); where it leaves room, ITK's reading is followed.
/// </remarks>
internal sealed class NrrdHeader
{
    private const int MaxDimension = 16;

    private readonly string _path;
    private readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _warnings = [];

    /// <summary>Takes the header apart and checks it.</summary>
    /// <exception cref="MriFileException">The header makes no sense or describes no scalar 3D volume.</exception>
    public NrrdHeader(VolumeFile file)
    {
        _path = file.Path;
        var text = ReadText(file);
        Length = text.Length;
        ListedFiles = ReadFields(text);
        Packing = ReadPacking();
        var sizes = ReadSizes();
        RequireScalar(sizes);
        var space = ReadSpaceAxes(sizes.Length);
        (Shape, Lanes) = ReadShape(sizes, space);
        Geometry = Shape.Place(ReadAffine(space), "space directions");
        Encoding = ReadEncoding();
    }

    public VolumeShape Shape { get; }

    /// <summary>Values that are stored together for each voxel; these, too, count as volumes.</summary>
    public int Lanes { get; }

    public VolumeGeometry Geometry { get; }

    public VoxelEncoding Encoding { get; }

    public Packing Packing { get; }

    /// <summary>Bytes of the header in its file.</summary>
    public int Length { get; }

    /// <summary>Lines that follow "data file: LIST", or none.</summary>
    public IReadOnlyList<string> ListedFiles { get; }

    /// <summary>What had to be assumed, each as the end of a sentence.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The value of a field, or null. Fields with two spellings are found by the one with a blank.</summary>
    public string? this[string field] =>
        _fields.GetValueOrDefault(field) ?? _fields.GetValueOrDefault(field.Replace(" ", string.Empty, StringComparison.Ordinal));

    /// <summary>Null when the bytes start like NRRD; otherwise what they do instead.</summary>
    public static string? Mismatch(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 9 && bytes.StartsWith("NRRD000"u8) && bytes[7] is >= (byte)'1' and <= (byte)'9' && bytes[8] is (byte)'\n' or (byte)'\r'
            ? null
            : "does not start with the letters 'NRRD000' and a version";

    /// <summary>The lines of the header.</summary>
    public static TextHeader ReadText(VolumeFile file)
    {
        var isList = false;
        return TextHeader.Read(file, line =>
        {
            // A list of files runs to the end of the file.
            isList |= IsList(line);
            return line.Length == 0 && !isList;
        });
    }

    /// <summary>Whether a line says that the names of data files follow.</summary>
    public static bool IsList(string line) =>
        (line.StartsWith("data file:", StringComparison.OrdinalIgnoreCase) || line.StartsWith("datafile:", StringComparison.OrdinalIgnoreCase))
        && line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() is var value
        && (value.Equals("LIST", StringComparison.Ordinal) || value.StartsWith("LIST ", StringComparison.Ordinal));

    // Gives back the names that follow "data file: LIST".
    private List<string> ReadFields(TextHeader text)
    {
        for (var i = 1; i < text.Lines.Count; i++)
        {
            var line = text.Lines[i];
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            if (colon <= 0)
            {
                throw new MriFileException(
                    _path, $"has a damaged header: its line {i + 1}, '{SafeText.ForTerminal(line, 40)}', is neither a field nor a comment.");
            }

            // "key:=value" is free text.
            if (colon + 1 < line.Length && line[colon + 1] == '=')
            {
                continue;
            }

            if (!_fields.TryAdd(line[..colon].Trim(), line[(colon + 1)..].Trim()))
            {
                throw new MriFileException(_path, $"has a damaged header: its field '{SafeText.ForTerminal(line[..colon], 40)}' is there twice.");
            }

            if (IsList(line))
            {
                return [.. text.Lines.Skip(i + 1).Select(name => name.Trim()).Where(name => name.Length > 0).Take(DataFileName.MaxFiles)];
            }
        }

        return [];
    }

    private string Require(string field) => this[field] ?? throw new MriFileException(_path, $"has a damaged header: it lacks the field '{field}'.");

    private long[] ReadSizes()
    {
        var dimension = TextHeader.Integer(_path, "dimension", Require("dimension"));
        if (dimension is < 1 or > MaxDimension)
        {
            throw new MriFileException(_path, $"has a damaged header: it claims {dimension} dimensions.");
        }

        var sizes = TextHeader.Integers(_path, "sizes", Require("sizes"));
        return sizes.Length == dimension ? sizes : throw Uneven("sizes", sizes.Length, dimension);
    }

    private MriFileException Uneven(string field, long count, long expected) =>
        new(_path, $"has a damaged header: its field '{field}' has {count} entries, not {expected}.");

    // Which axes lie in space, by their space directions, their kinds, or else their order.
    private int[] ReadSpaceAxes(int dimension)
    {
        int[] axes;
        if (this["space directions"] is { } directions)
        {
            var vectors = ReadDirections(directions);
            if (vectors.Count != dimension)
            {
                throw Uneven("space directions", vectors.Count, dimension);
            }

            axes = [.. Enumerable.Range(0, dimension).Where(axis => vectors[axis] is not null)];
        }
        else if (this["kinds"] is { } kinds)
        {
            var words = Words(kinds);
            if (words.Length != dimension)
            {
                throw Uneven("kinds", words.Length, dimension);
            }

            axes = [.. Enumerable.Range(0, dimension).Where(axis => words[axis].ToUpperInvariant() is "DOMAIN" or "SPACE" or "???" or "NONE")];
        }
        else
        {
            axes = [.. Enumerable.Range(0, Math.Min(dimension, 3))];
        }

        return axes.Length == 3
            ? axes
            : throw new MriFileException(
                _path, $"is not a 3D volume but {axes.Length}D: of its axes of size {Require("sizes")}, {axes.Length} lie in space.");
    }

    // Axes that do not lie in space count volumes: after the others whole ones, before them interleaved ones.
    private (VolumeShape Shape, int Lanes) ReadShape(long[] sizes, int[] space)
    {
        if (space[2] - space[0] != 2)
        {
            throw new MriFileException(
                _path, $"stores its axes ({Require("sizes")}) in an order that is not understood: the three in space do not follow one another.");
        }

        var lanes = sizes[..space[0]].Aggregate(1.0, (product, size) => product * size);
        var shape = VolumeShape.Of(_path, [.. sizes[space[0]..], .. sizes[..space[0]]]);
        if (lanes > 1 && lanes < shape.Volumes)
        {
            throw new MriFileException(
                _path, $"holds {shape.Volumes:N0} volumes ({Require("sizes")}), some interleaved and some not, which is not understood.");
        }

        return (shape, (int)Math.Min(lanes, int.MaxValue));
    }

    private void RequireScalar(long[] sizes)
    {
        var kinds = this["kinds"] is { } text ? Words(text) : [];
        for (var axis = 0; axis < Math.Min(kinds.Length, sizes.Length); axis++)
        {
            var kind = kinds[axis].ToUpperInvariant();
            if (sizes[axis] > 1 && (kind.Contains("COLOR", StringComparison.Ordinal) || kind.Contains("MATRIX", StringComparison.Ordinal)
                || kind is "COMPLEX" or "QUATERNION"))
            {
                throw new MriFileException(
                    _path, $"does not hold one number per voxel but {sizes[axis]} of kind '{SafeText.ForTerminal(kinds[axis], 40)}'.");
            }
        }
    }

    private Affine ReadAffine(int[] space)
    {
        var toRas = ReadSpace();
        double[][] columns = this["space directions"] is { } directions ? [.. space.Select(axis => ReadDirections(directions)[axis]!)]
            : ReadSpacings(space);
        var origin = this["space origin"] is { } text
            ? SplitVectors("space origin", text) is [{ } vector] ? WithoutTime(vector) : throw Uneven("space origin", 0, 1)
            : this["axis mins"] is not null && this["space directions"] is null ? ReadAxisMins(columns, space) : [0, 0, 0];
        if (this["space directions"] is not null && this["space origin"] is null)
        {
            _warnings.Add("gives no space origin: its first voxel is taken to lie at 0, 0, 0.");
        }

        if (origin.Length != 3)
        {
            throw Uneven("space origin", origin.Length, 3);
        }

        return toRas * new Affine(
            columns[0][0], columns[1][0], columns[2][0], origin[0],
            columns[0][1], columns[1][1], columns[2][1], origin[1],
            columns[0][2], columns[1][2], columns[2][2], origin[2]);
    }

    // The map from the space of the header to RAS+ mm.
    private Affine ReadSpace()
    {
        var space = this["space"]?.ToUpperInvariant();
        var flips = space switch
        {
            "RIGHT-ANTERIOR-SUPERIOR" or "RAS" or "RIGHT-ANTERIOR-SUPERIOR-TIME" or "RAST" => Affine.Identity,
            "LEFT-ANTERIOR-SUPERIOR" or "LAS" or "LEFT-ANTERIOR-SUPERIOR-TIME" or "LAST" => Affine.FromScale(-1, 1, 1),
            "LEFT-POSTERIOR-SUPERIOR" or "LPS" or "LEFT-POSTERIOR-SUPERIOR-TIME" or "LPST" => Affine.FromScale(-1, -1, 1),
            null or "SCANNER-XYZ" or "3D-RIGHT-HANDED" or "3D-LEFT-HANDED" => default(Affine?),
            _ => throw new MriFileException(_path, $"lies in a space that is not understood: '{SafeText.ForTerminal(this["space"], 40)}'."),
        };
        if (flips is null)
        {
            _warnings.Add("does not say how its axes lie in the body: left, posterior, superior is assumed, as ITK does, and "
                + VolumeHeader.SidesUnsure);
            flips = Affine.FromScale(-1, -1, 1);
        }

        var factor = ReadUnits();
        return Affine.FromScale(factor, factor, factor) * flips.Value;
    }

    // The length of the unit in mm.
    private double ReadUnits()
    {
        var text = this["space units"] ?? (this["space directions"] is null ? this["units"] : null);
        var units = (text ?? string.Empty).Split('"', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(unit => unit.Length > 0).Distinct(StringComparer.Ordinal).ToArray();
        var factor = units switch
        {
            [] or ["mm"] or ["millimeter"] or ["millimeters"] => 1.0,
            ["m"] => 1000,
            ["cm"] => 10,
            ["um"] or ["µm"] or ["microns"] => 0.001,
            _ => throw new MriFileException(_path, $"gives its geometry in units that are not understood: {SafeText.ForTerminal(text, 40)}."),
        };
        if (factor is not 1)
        {
            _warnings.Add($"gives its geometry in {SafeText.ForTerminal(units[0], 40)}; it is converted to millimetres.");
        }

        return factor;
    }

    // One vector of three numbers for each axis in space, null for any other.
    private List<double[]?> ReadDirections(string text)
    {
        var vectors = SplitVectors("space directions", text);
        for (var axis = 0; axis < vectors.Count; axis++)
        {
            // An axis of time alone, in a space of four dimensions; or one that lies nowhere, written as a vector.
            if (vectors[axis] is [0, 0, 0, _] || (vectors[axis] is { Length: > 0 } nowhere && Array.TrueForAll(nowhere, double.IsNaN)))
            {
                vectors[axis] = null;
            }
            else if (vectors[axis] is { } vector)
            {
                vectors[axis] = WithoutTime(vector);
            }
        }

        return vectors.TrueForAll(vector => vector is null or { Length: 3 })
            ? vectors
            : throw new MriFileException(_path, "has a damaged header: its space directions are not of three numbers each.");
    }

    private static double[] WithoutTime(double[] vector) => vector is [_, _, _, 0] ? vector[..3] : vector;

    private double[][] ReadSpacings(int[] space)
    {
        var columns = new double[3][];
        var (mins, maxs) = (Numbers("axis mins"), Numbers("axis maxs"));
        var sizes = ReadSizes();
        var spacings = this["spacings"] is { } text ? TextHeader.Numbers(_path, "spacings", text) : [];
        for (var i = 0; i < 3; i++)
        {
            columns[i] = new double[3];
            if (space[i] < spacings.Length && double.IsFinite(spacings[space[i]]) && spacings[space[i]] != 0)
            {
                columns[i][i] = spacings[space[i]];
            }
            else if (At(mins, space[i]) is { } min && At(maxs, space[i]) is { } max && min != max && (IsCell(space[i]) || sizes[space[i]] > 1))
            {
                // From border to border of the cells, or from the first sample to the last.
                columns[i][i] = (max - min) / (IsCell(space[i]) ? sizes[space[i]] : sizes[space[i]] - 1);
            }
            else
            {
                _warnings.Add($"gives no voxel size along axis {space[i] + 1}: 1 is assumed.");
                columns[i][i] = 1;
            }
        }

        return columns;
    }

    // A minimum is the border of the first cell or its centre.
    private double[] ReadAxisMins(double[][] columns, int[] space)
    {
        var mins = Numbers("axis mins");
        return [.. space.Select((axis, i) => At(mins, axis) is { } min ? min + (IsCell(axis) ? columns[i][i] / 2 : 0) : 0)];
    }

    private static double? At(double[] numbers, int axis) => axis < numbers.Length && double.IsFinite(numbers[axis]) ? numbers[axis] : null;

    // Where nothing is said, samples are those of cells, as teem and ITK take them.
    private bool IsCell(int axis) =>
        (this["centers"] ?? this["centerings"]) is not { } text || Words(text) is not { } words || axis >= words.Length
        || !words[axis].Equals("node", StringComparison.OrdinalIgnoreCase);

    private double[] Numbers(string field) => this[field] is { } text ? TextHeader.Numbers(_path, field, text) : [];

    // "(1,0,0) none (0,1,0)"; null stands for none.
    private List<double[]?> SplitVectors(string field, string text)
    {
        var vectors = new List<double[]?>();
        var rest = text.AsSpan().Trim();
        while (!rest.IsEmpty && vectors.Count <= MaxDimension)
        {
            if (rest.StartsWith("none", StringComparison.OrdinalIgnoreCase))
            {
                vectors.Add(null);
                rest = rest[4..].TrimStart();
                continue;
            }

            var end = rest.IndexOf(')');
            if (rest[0] != '(' || end < 0)
            {
                throw new MriFileException(_path, $"has a damaged header: its field '{field}' is no list of vectors.");
            }

            vectors.Add([.. rest[1..end].ToString().Split(',').Take(MaxDimension).Select(number => TextHeader.Number(_path, field, number))]);
            rest = rest[(end + 1)..].TrimStart();
        }

        return vectors;
    }

    private static string[] Words(string text) => text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private Packing ReadPacking()
    {
        var encoding = Require("encoding");
        return encoding.ToUpperInvariant() switch
        {
            "RAW" => Packing.None,
            "GZIP" or "GZ" => Packing.Gzip,
            "BZIP2" or "BZ2" => Packing.Bzip2,
            _ => throw new MriFileException(_path, $"is encoded as '{SafeText.ForTerminal(encoding, 40)}'; only raw, gzip and bzip2 can be read."),
        };
    }

    private VoxelEncoding ReadEncoding()
    {
        var type = Require("type").ToUpperInvariant() switch
        {
            "UCHAR" or "UNSIGNED CHAR" or "UINT8" or "UINT8_T" => VoxelType.UInt8,
            "SIGNED CHAR" or "INT8" or "INT8_T" => VoxelType.Int8,
            "SHORT" or "SHORT INT" or "SIGNED SHORT" or "SIGNED SHORT INT" or "INT16" or "INT16_T" => VoxelType.Int16,
            "USHORT" or "UNSIGNED SHORT" or "UNSIGNED SHORT INT" or "UINT16" or "UINT16_T" => VoxelType.UInt16,
            "INT" or "SIGNED INT" or "INT32" or "INT32_T" => VoxelType.Int32,
            "UINT" or "UNSIGNED INT" or "UINT32" or "UINT32_T" => VoxelType.UInt32,
            "LONGLONG" or "LONG LONG" or "LONG LONG INT" or "SIGNED LONG LONG" or "SIGNED LONG LONG INT" or "INT64" or "INT64_T" => VoxelType.Int64,
            "ULONGLONG" or "UNSIGNED LONG LONG" or "UNSIGNED LONG LONG INT" or "UINT64" or "UINT64_T" => VoxelType.UInt64,
            "FLOAT" => VoxelType.Float32,
            "DOUBLE" => VoxelType.Float64,
            _ => throw new MriFileException(
                _path, $"holds voxels of type '{SafeText.ForTerminal(this["type"], 40)}'; only integers of 8 to 64 bits and floats of 32 and 64 bits "
                    + $"can be read."),
        };
        var encoding = new VoxelEncoding(type, BigEndian: false);
        return this["endian"]?.ToUpperInvariant() switch
        {
            "LITTLE" => encoding,
            "BIG" => encoding with { BigEndian = true },
            null when encoding.Size == 1 => encoding,
            _ => throw new MriFileException(_path, "has a damaged header: it does not say whether its voxels are little or big endian."),
        };
    }
}
