using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Mgh;

/// <summary>FreeSurfer's MGH, and MGZ: the same gzipped. Always big-endian.</summary>
/// <remarks>Layout and conventions are those of FreeSurfer's mghformat page; nibabel's reading is followed.</remarks>
internal sealed class MghFormat : IVolumeFormat
{
    // Bytes before the first voxel.
    private const int HeaderLength = 284;

    // What FreeSurfer writes into the byte before the version for maps of displacements; 0 to 2 are images, labels and shapes.
    private const byte WarpMap = 3;
    private const byte InverseWarpMap = 4;

    // Bytes of the header that are used.
    private const int UsedLength = 90;

    public string Name => "MGH";

    public IReadOnlyList<string> Extensions { get; } = [".mgh.gz", ".mgz", ".mgh"];

    public string? Mismatch(VolumeFile file)
    {
        if (file.Start.Length < UsedLength)
        {
            return $"ends after {file.Start.Length} bytes, before the header does";
        }

        // No magic number: a version of 1, and a known type of voxel must do. The byte before the version says what the voxels are for.
        var fields = new FieldReader(file.Start, bigEndian: true);
        return (fields.Int32(0) & ~0x0f00) != 1 ? "does not start with version 1"
            : fields.Int32(20) is < 0 or > 10 ? $"has no type of voxel that the format knows ({fields.Int32(20)})"
            : null;
    }

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        var fields = new FieldReader(file.Start, bigEndian: true);
        var warnings = new List<string>();
        var shape = VolumeShape.Of(file.Path, [fields.Int32(4), fields.Int32(8), fields.Int32(12), fields.Int32(16)]);
        if (shape.IsLine)
        {
            throw new MriFileException(file.Path, VolumeShape.Overlay(shape.Size.X));
        }

        if (fields.Byte(2) is WarpMap or InverseWarpMap)
        {
            throw new MriFileException(file.Path, "holds a map of displacements, three numbers a voxel, and no volume.");
        }

        var encoding = new VoxelEncoding(ReadType(fields, file.Path), BigEndian: true);
        var geometry = shape.Place(ReadAffine(fields, shape.Size, warnings), "direction cosines");
        var chosen = shape.Choose(volume, warnings);
        var voxels = RawVoxels.InWholeFile(file, HeaderLength, shape, chosen, encoding);
        return new(file.IsGzip ? "MGZ" : "MGH", geometry, [file.Stamp], warnings, voxels, encoding.Type.ToString(), shape.Volumes, chosen);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file) => MghFields.ReadHeader(file);

    public IEnumerable<HeaderField> ReadTrailingFields(VolumeFile file)
    {
        var fields = new FieldReader(file.Start, bigEndian: true);
        var shape = VolumeShape.Of(file.Path, [fields.Int32(4), fields.Int32(8), fields.Int32(12), fields.Int32(16)]);
        var size = new VoxelEncoding(ReadType(fields, file.Path), BigEndian: true).Size;
        return MghFields.ReadFooter(file, HeaderLength + (shape.Size.Count * shape.Volumes * size));
    }

    private static VoxelType ReadType(FieldReader fields, string path) => fields.Int32(20) switch
    {
        0 => VoxelType.UInt8,
        1 => VoxelType.Int32,
        3 => VoxelType.Float32,
        4 => VoxelType.Int16,
        10 => VoxelType.UInt16,
        var code => throw new MriFileException(
            path, $"holds voxels of type {code} ({NameOfUnsupported(code)}); only UCHAR, SHORT, USHRT, INT and FLOAT can be read."),
    };

    private static string NameOfUnsupported(int code) => code switch
    {
        2 => "LONG",
        5 => "BITMAP",
        6 => "TENSOR",
        _ => "unknown",
    };

    // c_ras is the world position of the voxel at size / 2 (not (size - 1) / 2).
    private static Affine ReadAffine(FieldReader fields, GridSize size, List<string> warnings)
    {
        Affine directions;
        Point3 center;
        // As FreeSurfer has it: any number above zero.
        if (fields.Int16(28) > 0)
        {
            Span<double> c = stackalloc double[12];
            for (var i = 0; i < 12; i++)
            {
                c[i] = fields.Single(42 + (4 * i));
            }

            directions = new Affine(c[0], c[3], c[6], 0, c[1], c[4], c[7], 0, c[2], c[5], c[8], 0)
                * Affine.FromScale(fields.Single(30), fields.Single(34), fields.Single(38));
            center = new(c[9], c[10], c[11]);
        }
        else
        {
            warnings.Add("does not say how it lies in space: coronal slices of 1 mm about the origin are assumed, as FreeSurfer does, and left and "
                + "right may be swapped.");
            directions = new(-1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 0);
            center = default;
        }

        var half = directions.ApplyDirection(new(size.X / 2.0, size.Y / 2.0, size.Z / 2.0));
        return directions with { M14 = center.X - half.X, M24 = center.Y - half.Y, M34 = center.Z - half.Z };
    }
}
