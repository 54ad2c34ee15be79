using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nifti;

/// <summary>ANALYZE 7.5 of Mayo Clinic and its variants from SPM99 and SPM2: a .hdr/.img pair, each part plain or gzipped.</summary>
/// <remarks>
/// Layout: dbh.h of the Mayo Clinic. The format does not say how axes lie; as nibabel's Spm2AnalyzeImage does, the first
/// axis is taken to run left, and SPM's origin and scale factor are obeyed.
/// </remarks>
internal sealed class AnalyzeFormat : IVolumeFormat
{
    // sizeof_hdr of dbh.h.
    private const int Length = 348;

    private static readonly HeaderLayout Layout = new("""
        sizeof_hdr i 0 1, data_type t 4 10, db_name t 14 18, extents i 32 1, session_error h 36 1, regular c 38 1, hkey_un0 c 39 1, dim h 40 8
        vox_units c 56 4, cal_units c 60 8, datatype h 70 1, bitpix h 72 1, pixdim f 76 8, vox_offset f 108 1, scl_slope f 112 1, scl_inter f 116 1
        cal_max f 124 1, cal_min f 128 1, glmax i 140 1, glmin i 144 1, descrip t 148 80, aux_file t 228 24, orient b 252 1, origin h 253 5
        generated t 263 10, scannum t 273 10, patient_id t 283 10, exp_date t 293 10, exp_time t 303 10
        """);

    public string Name => "ANALYZE";

    public IReadOnlyList<string> Extensions { get; } = [".hdr.gz", ".img.gz", ".hdr", ".img"];

    public string HeaderPath(string path) => FilePair.Companion(path, ".img", ".hdr") ?? path;

    public string? Mismatch(VolumeFile file)
    {
        if (FilePair.StemOf(file.Path, ".hdr") is null)
        {
            return "has no name that ends in .hdr";
        }

        if (file.Start.Length < Length)
        {
            return $"ends after {file.Start.Length} bytes, before the header does";
        }

        if (Order(file.Start) is not { } bigEndian)
        {
            return $"does not start with the header size, {Length}";
        }

        return Layout.Integer(file.Start, bigEndian, "dim") is < 1 or > 7 ? "claims an impossible number of dimensions" : null;
    }

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        var fields = new Header(file.Start, Order(file.Start)!.Value);
        var warnings = new List<string>();
        var shape = ReadShape(fields, file.Path);
        var encoding = ReadEncoding(fields, file);
        var geometry = shape.Place(ReadAffine(fields, file.Path, shape.Size, warnings), "pixdim");
        var image = VolumeFile.Probe(FilePair.Companion(file.Path, ".hdr", ".img")
            ?? throw new MriFileException(file.Path, "is the header of a pair, but there is no .img file beside it."));
        var offset = fields.Number("vox_offset");
        if (!(offset >= 0 && offset <= long.MaxValue / 4 && double.IsInteger(offset)))
        {
            throw new MriFileException(file.Path, $"has a damaged header: it claims that its voxels start at byte {(float)offset}.");
        }

        var chosen = shape.Choose(volume, warnings);
        var voxels = RawVoxels.InWholeFile(image, (long)offset, shape, chosen, encoding);
        return new("ANALYZE", geometry, [file.Stamp, image.Stamp], warnings, voxels, encoding.Type.ToString(), shape.Volumes, chosen);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file) => Layout.Read(file.Start, Order(file.Start)!.Value);

    // Whether the header is big-endian; null when it is none.
    private static bool? Order(ReadOnlySpan<byte> bytes) =>
        Layout.Integer(bytes, bigEndian: false, "sizeof_hdr") == Length ? false
        : Layout.Integer(bytes, bigEndian: true, "sizeof_hdr") == Length ? true
        : null;

    private static VolumeShape ReadShape(Header fields, string path)
    {
        var sizes = new List<long>();
        for (var i = 1; i <= fields.Number("dim"); i++)
        {
            sizes.Add((long)fields.Number("dim", i));
        }

        // Headers of four dimensions often leave those beyond the third at zero.
        while (sizes.Count > 3 && sizes[^1] == 0)
        {
            sizes.RemoveAt(sizes.Count - 1);
        }

        return VolumeShape.Of(path, sizes);
    }

    private static VoxelEncoding ReadEncoding(Header fields, VolumeFile file)
    {
        var code = (int)fields.Number("datatype");
        var type = code switch
        {
            2 => VoxelType.UInt8,
            4 => VoxelType.Int16,
            8 => VoxelType.Int32,
            16 => VoxelType.Float32,
            64 => VoxelType.Float64,
            130 => VoxelType.Int8,
            132 => VoxelType.UInt16,
            136 => VoxelType.UInt32,
            _ => throw new MriFileException(
                file.Path, $"holds voxels of type {code} ({NameOfUnsupported(code)}); only integers of 8 to 32 bits and floats of 32 and 64 bits "
                    + $"can be read."),
        };

        // funused1 and funused2: SPM's scale factor and intercept; 0 elsewhere.
        var (slope, intercept) = (fields.Number("scl_slope"), fields.Number("scl_inter"));
        var isScaled = slope != 0 && double.IsFinite(slope);
        return new(type, fields.BigEndian, isScaled ? slope : 1, isScaled && double.IsFinite(intercept) ? intercept : 0);
    }

    private static string NameOfUnsupported(int code) => code switch
    {
        1 => "binary",
        32 => "complex numbers",
        128 => "RGB colour",
        _ => "unknown",
    };

    private static Affine ReadAffine(Header fields, string path, GridSize size, List<string> warnings)
    {
        warnings.Add($"is ANALYZE, which does not say how axes lie: they are taken as left, anterior, superior, and {VolumeHeader.SidesUnsure}");
        var mat = FilePair.StemOf(path, ".hdr") + ".mat";
        if (File.Exists(mat))
        {
            warnings.Add($"has an SPM matrix beside it ('{Path.GetFileName(mat)}'), which is not read.");
        }

        Span<double> spacing = stackalloc double[3];
        for (var i = 0; i < 3; i++)
        {
            spacing[i] = Math.Abs(fields.Number("pixdim", i + 1));
            if (spacing[i] == 0)
            {
                warnings.Add($"gives no voxel size along axis {i + 1}: 1 is assumed.");
                spacing[i] = 1;
            }
        }

        // SPM's origin: the voxel at 0, 0, 0, counted from 1; five 16-bit integers in the field "originator". Other programs
        // write text there, so it counts only if it lies about the grid, by nibabel's rule.
        Span<double> origin = stackalloc double[3];
        var (any, near) = (false, true);
        int[] sizes = [size.X, size.Y, size.Z];
        for (var i = 0; i < 3; i++)
        {
            origin[i] = fields.Number("origin", i);
            any |= origin[i] != 0;
            near &= origin[i] > -sizes[i] && origin[i] < 2 * sizes[i];
        }

        for (var i = 0; i < 3; i++)
        {
            origin[i] = any && near ? origin[i] - 1 : (sizes[i] - 1) / 2.0;
        }

        return Affine.FromScale(-spacing[0], spacing[1], spacing[2]) * Affine.FromTranslation(-origin[0], -origin[1], -origin[2]);
    }

    private readonly ref struct Header(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        private readonly ReadOnlySpan<byte> _bytes = bytes;

        public bool BigEndian { get; } = bigEndian;

        public double Number(string name, int index = 0) => Layout.Number(_bytes, BigEndian, name, index);
    }
}
