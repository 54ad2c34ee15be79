using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nifti;

/// <summary>The fields of a NIfTI-1 or NIfTI-2 header that say where the voxels are and what they mean.</summary>
/// <remarks>Where they lie <see cref="NiftiLayout"/> says. Where the standard leaves room, nibabel's reading is followed.</remarks>
internal sealed class NiftiHeader
{
    // A quaternion stored as three floats can exceed length 1 by rounding; more than this is not a rotation.
    private const double QuaternionSlack = 1e-4;

    // The volume that three axes of length 1 span: 1 when they are at right angles, 0 when they lie in a plane.
    private const double ParallelAxes = 1e-3;

    private readonly string _path;
    private readonly List<string> _warnings = [];

    /// <summary>Takes the header apart and checks it.</summary>
    /// <param name="bytes">At least the header's length, beginning with sizeof_hdr.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="MriFileException">The header makes no sense or describes no scalar 3D volume.</exception>
    public NiftiHeader(ReadOnlySpan<byte> bytes, string path)
    {
        _path = path;
        var fields = Fields.Of(bytes) ?? throw new MriFileException(path, $"is no NIfTI file: it {Mismatch(bytes)}.");
        Version = fields.Layout.Version;
        IsPair = bytes[fields.Layout.Fields.At("magic") + 1] == (byte)'i';
        RequireVolume(fields, bytes);
        Shape = ReadShape(fields, bytes);
        Geometry = ReadGeometry(fields, bytes);
        Encoding = ReadEncoding(fields, bytes);
        VoxelOffset = ReadOffset(fields, bytes);
    }

    /// <summary>1 or 2.</summary>
    public int Version { get; }

    /// <summary>Whether the voxels are in an .img file beside the header.</summary>
    public bool IsPair { get; }

    /// <summary>Sizes of the volume, and how many volumes there are.</summary>
    public VolumeShape Shape { get; }

    public VolumeGeometry Geometry { get; }

    public VoxelEncoding Encoding { get; }

    /// <summary>Bytes before the first voxel, from the start of the file that holds the voxels.</summary>
    public long VoxelOffset { get; }

    /// <summary>What had to be assumed, each as the end of a sentence.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Null when the bytes start like NIfTI; otherwise what they do instead.</summary>
    public static string? Mismatch(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < NiftiLayout.Version1.Length)
        {
            return $"ends after {bytes.Length} bytes, before the header does";
        }

        if (Fields.StartOf(bytes) is null)
        {
            return $"does not start with the header size, {NiftiLayout.Version1.Length} or {NiftiLayout.Version2.Length}";
        }

        return Fields.Of(bytes) is null ? "lacks the letters 'n+1', 'ni1', 'n+2' or 'ni2' that mark a NIfTI header" : null;
    }

    /// <summary>Layout and byte order of bytes that <see cref="Mismatch"/> accepts.</summary>
    public static (NiftiLayout Layout, bool BigEndian) LayoutOf(ReadOnlySpan<byte> bytes)
    {
        var fields = Fields.Of(bytes)!;
        return (fields.Layout, fields.BigEndian);
    }

    private VolumeShape ReadShape(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var dimensions = fields.Dimension(bytes, 0);
        if (dimensions is < 1 or > 7)
        {
            throw new MriFileException(_path, $"has a damaged header: it claims {dimensions} dimensions.");
        }

        var sizes = new long[dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            sizes[i] = fields.Dimension(bytes, i + 1);
        }

        // Programs that count four dimensions or more often leave those without an extent at zero.
        for (var i = 3; i < dimensions; i++)
        {
            sizes[i] = sizes[i] == 0 ? 1 : sizes[i];
        }

        var shape = VolumeShape.Of(_path, sizes);
        return shape.IsLine ? throw new MriFileException(_path, VolumeShape.Overlay(shape.Size.X)) : shape;
    }

    // What is in a NIfTI file and is no volume.
    private void RequireVolume(Fields fields, ReadOnlySpan<byte> bytes)
    {
        // Codes of the CIFTI-2 specification, and its dimensions: the fifth and sixth hold matrices.
        if (fields.Intent(bytes) is >= 3000 and < 3100)
        {
            throw new MriFileException(
                _path, "is CIFTI-2, which holds values of grayordinates (points of surfaces and single voxels) and no volume.");
        }

        // FreeSurfer's ways to write a surface with more points than a dimension of NIfTI-1 can count.
        var (x, y, z) = (fields.Dimension(bytes, 1), fields.Dimension(bytes, 2), fields.Dimension(bytes, 3));
        if (Version == 1 && ((x == -1 && y == 1 && z == 1) || (x == 27307 && y == 1 && z == 6)))
        {
            throw new MriFileException(_path, VolumeShape.Overlay(x == -1 ? fields.Glmin(bytes) : x * z));
        }
    }

    private VolumeGeometry ReadGeometry(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var hasQform = fields.QformCode(bytes) > 0;
        var useSform = fields.SformCode(bytes) > 0;
        if (useSform && hasQform && !IsUsable(fields.Sform(bytes)))
        {
            _warnings.Add($"has an sform that makes no sense ({fields.Sform(bytes)}): its qform is used.");
            useSform = false;
        }

        // A quaternion only turns; pixdim[0] says whether the third axis is mirrored.
        if (useSform && hasQform && fields.Sform(bytes).Determinant < 0 != fields.Pixdim(bytes, 0) < 0)
        {
            _warnings.Add($"has an sform and a qform of which one is mirrored: the sform is used, and {VolumeHeader.SidesUnsure}");
        }

        var (affine, source) = useSform ? (fields.Sform(bytes), "sform")
            : hasQform ? (ReadQform(fields, bytes), "qform")
            : (ReadFallback(fields, bytes), "pixdim");
        return Shape.Place(ToMillimetres(affine, fields.Units(bytes)), source);
    }

    // Axes that are as good as parallel span no volume, however long they are; real sforms are far from it.
    private static bool IsUsable(Affine sform) => sform.IsInvertible
        && sform.ColumnLengths is var lengths && Math.Abs(sform.Determinant) > ParallelAxes * lengths.X * lengths.Y * lengths.Z;

    private Affine ReadQform(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var (b, c, d) = fields.Quaternion(bytes);
        var rest = 1 - ((b * b) + (c * c) + (d * d));
        if (!(rest > -QuaternionSlack))
        {
            throw new MriFileException(
                _path, $"does not say where its voxels lie: the quaternion of its qform ({b:0.####}, {c:0.####}, {d:0.####}) is no rotation.");
        }

        if (rest < 0)
        {
            var length = Math.Sqrt(1 - rest);
            (b, c, d, rest) = (b / length, c / length, d / length, 0);
        }

        var a = Math.Sqrt(rest);
        var spacing = ReadSpacing(fields, bytes);
        var z = fields.Pixdim(bytes, 0) < 0 ? -spacing.Z : spacing.Z;
        var rotation = new Affine(
            (a * a) + (b * b) - (c * c) - (d * d), 2 * ((b * c) - (a * d)), 2 * ((b * d) + (a * c)), 0,
            2 * ((b * c) + (a * d)), (a * a) + (c * c) - (b * b) - (d * d), 2 * ((c * d) - (a * b)), 0,
            2 * ((b * d) - (a * c)), 2 * ((c * d) + (a * b)), (a * a) + (d * d) - (b * b) - (c * c), 0);
        return fields.QuaternionOffset(bytes) * rotation * Affine.FromScale(spacing.X, spacing.Y, z);
    }

    // Neither form: nibabel's convention, taken over from ANALYZE. The first axis runs to the left, the origin is the grid's centre.
    private Affine ReadFallback(Fields fields, ReadOnlySpan<byte> bytes)
    {
        _warnings.Add("does not say how it lies in space (neither sform nor qform): axes are taken as left, anterior, superior about its centre, and "
            + VolumeHeader.SidesUnsure);
        var spacing = ReadSpacing(fields, bytes);
        return Affine.FromScale(-spacing.X, spacing.Y, spacing.Z)
            * Affine.FromTranslation(-(Shape.Size.X - 1) / 2.0, -(Shape.Size.Y - 1) / 2.0, -(Shape.Size.Z - 1) / 2.0);
    }

    private Point3 ReadSpacing(Fields fields, ReadOnlySpan<byte> bytes)
    {
        Span<double> spacing = stackalloc double[3];
        for (var i = 0; i < 3; i++)
        {
            spacing[i] = Math.Abs(fields.Pixdim(bytes, i + 1));
            if (spacing[i] == 0)
            {
                _warnings.Add($"gives no voxel size along axis {i + 1}: 1 is assumed.");
                spacing[i] = 1;
            }
        }

        return new(spacing[0], spacing[1], spacing[2]);
    }

    // nibabel leaves metres and micrometres as they are; here the world is millimetres, as everything after relies on it.
    private Affine ToMillimetres(Affine affine, int units)
    {
        var (factor, name) = (units & 7) switch
        {
            1 => (1000.0, "metres"),
            3 => (0.001, "micrometres"),
            _ => (1.0, string.Empty),
        };
        if (factor is not 1)
        {
            _warnings.Add($"gives its geometry in {name}; it is converted to millimetres.");
        }

        return Affine.FromScale(factor, factor, factor) * affine;
    }

    private VoxelEncoding ReadEncoding(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var code = fields.DataType(bytes);
        var type = code switch
        {
            2 => VoxelType.UInt8,
            4 => VoxelType.Int16,
            8 => VoxelType.Int32,
            16 => VoxelType.Float32,
            64 => VoxelType.Float64,
            256 => VoxelType.Int8,
            512 => VoxelType.UInt16,
            768 => VoxelType.UInt32,
            1024 => VoxelType.Int64,
            1280 => VoxelType.UInt64,
            _ => throw new MriFileException(
                _path, $"holds voxels of type {code} ({NameOfUnsupported(code)}); only integers of 8 to 64 bits and floats of 32 and 64 bits can "
                    + $"be read."),
        };
        var (slope, intercept) = (fields.Slope(bytes), fields.Intercept(bytes));
        if (slope == 0 || !double.IsFinite(slope))
        {
            (slope, intercept) = (1, 0);
        }

        return double.IsFinite(intercept)
            ? new(type, fields.BigEndian, slope, intercept)
            : throw new MriFileException(_path, $"has a damaged header: its voxels are scaled by {slope:G6} and shifted by {intercept}.");
    }

    private static string NameOfUnsupported(int code) => code switch
    {
        1 => "binary",
        32 or 1792 or 2048 => "complex numbers",
        128 => "RGB colour",
        1536 => "128-bit float",
        2304 => "RGBA colour",
        _ => "unknown",
    };

    private long ReadOffset(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var offset = fields.VoxelOffset(bytes);
        if (!IsPair && offset == 0)
        {
            return fields.Layout.Length + 4;
        }

        // The upper bound only keeps sums from overflowing; whether the file is that long is checked afterwards.
        return offset >= (IsPair ? 0 : fields.Layout.Length) && offset <= long.MaxValue / 4 && double.IsInteger(offset)
            ? (long)offset
            : throw new MriFileException(_path, $"has a damaged header: it claims that its voxels start at byte {offset}.");
    }

    // The fields that count, of either version.
    private sealed record Fields(NiftiLayout Layout, bool BigEndian)
    {
        public static Fields? Of(ReadOnlySpan<byte> bytes) =>
            StartOf(bytes) is { } fields && bytes.Length >= fields.Layout.Length && fields.HasMagic(bytes) ? fields : null;

        // What the header's size says, with which it starts.
        public static Fields? StartOf(ReadOnlySpan<byte> bytes)
        {
            foreach (var layout in new[] { NiftiLayout.Version1, NiftiLayout.Version2 })
            {
                foreach (var bigEndian in new[] { false, true })
                {
                    var fields = new Fields(layout, bigEndian);
                    if (bytes.Length >= NiftiLayout.Version1.Length && fields.Integer(bytes, "sizeof_hdr") == layout.Length)
                    {
                        return fields;
                    }
                }
            }

            return null;
        }

        public long Dimension(ReadOnlySpan<byte> b, int i) => Layout.Fields.Integer(b, BigEndian, "dim", i);

        public int DataType(ReadOnlySpan<byte> b) => Integer(b, "datatype");

        public int Intent(ReadOnlySpan<byte> b) => Integer(b, "intent_code");

        public int Glmin(ReadOnlySpan<byte> b) => Integer(b, "glmin");

        public double Pixdim(ReadOnlySpan<byte> b, int i) => Real(b, "pixdim", i);

        public double VoxelOffset(ReadOnlySpan<byte> b) => Real(b, "vox_offset");

        public double Slope(ReadOnlySpan<byte> b) => Real(b, "scl_slope");

        public double Intercept(ReadOnlySpan<byte> b) => Real(b, "scl_inter");

        public int Units(ReadOnlySpan<byte> b) => Integer(b, "xyzt_units");

        public int QformCode(ReadOnlySpan<byte> b) => Integer(b, "qform_code");

        public int SformCode(ReadOnlySpan<byte> b) => Integer(b, "sform_code");

        public (double B, double C, double D) Quaternion(ReadOnlySpan<byte> b) => (Real(b, "quatern_b"), Real(b, "quatern_c"), Real(b, "quatern_d"));

        public Affine QuaternionOffset(ReadOnlySpan<byte> b) =>
            Affine.FromTranslation(Real(b, "qoffset_x"), Real(b, "qoffset_y"), Real(b, "qoffset_z"));

        public Affine Sform(ReadOnlySpan<byte> b)
        {
            Span<double> rows = stackalloc double[12];
            for (var i = 0; i < 4; i++)
            {
                (rows[i], rows[4 + i], rows[8 + i]) = (Real(b, "srow_x", i), Real(b, "srow_y", i), Real(b, "srow_z", i));
            }

            return Affine.FromRows(rows);
        }

        private bool HasMagic(ReadOnlySpan<byte> b)
        {
            var magic = b.Slice(Layout.Fields.At("magic"), 4);
            return magic[0] == 'n' && magic[1] is (byte)'+' or (byte)'i' && magic[2] == '0' + Layout.Version && magic[3] == 0;
        }

        private double Real(ReadOnlySpan<byte> b, string name, int i = 0) => Layout.Fields.Number(b, BigEndian, name, i);

        private int Integer(ReadOnlySpan<byte> b, string name) => (int)Layout.Fields.Integer(b, BigEndian, name);
    }
}
