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

    // Where that byte is: the version is its word's last two.
    private const int UseAt = 2;

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
        var type = Integer(file, "type");
        return (Integer(file, "version") & ~0x0f00) != 1 ? "does not start with version 1"
            : type is < 0 or > 10 ? $"has no type of voxel that the format knows ({type})"
            : null;
    }

    public VolumeHeader ReadHeader(VolumeFile file, int? volume)
    {
        var warnings = new List<string>();
        var shape = ReadShape(file);
        if (shape.IsLine)
        {
            throw new MriFileException(file.Path, VolumeShape.Overlay(shape.Size.X));
        }

        if (file.Start[UseAt] is WarpMap or InverseWarpMap)
        {
            throw new MriFileException(file.Path, "holds a map of displacements, three numbers a voxel, and no volume.");
        }

        var encoding = new VoxelEncoding(ReadType(file), BigEndian: true);
        var geometry = shape.Place(ReadAffine(file, shape.Size, warnings), "direction cosines");
        var chosen = shape.Choose(volume, warnings);
        var voxels = RawVoxels.InWholeFile(file, HeaderLength, shape, chosen, encoding);
        return new(file.IsGzip ? "MGZ" : "MGH", geometry, [file.Stamp], warnings, voxels, encoding.Type.ToString(), shape.Volumes, chosen);
    }

    public IEnumerable<HeaderField> ReadFields(VolumeFile file) => MghFields.ReadHeader(file);

    public IEnumerable<HeaderField> ReadTrailingFields(VolumeFile file)
    {
        var shape = ReadShape(file);
        var size = new VoxelEncoding(ReadType(file), BigEndian: true).Size;
        return MghFields.ReadFooter(file, HeaderLength + (shape.Size.Count * shape.Volumes * size));
    }

    private static VolumeShape ReadShape(VolumeFile file) =>
        VolumeShape.Of(file.Path, [Integer(file, "width"), Integer(file, "height"), Integer(file, "depth"), Integer(file, "nframes")]);

    private static VoxelType ReadType(VolumeFile file) => Integer(file, "type") switch
    {
        0 => VoxelType.UInt8,
        1 => VoxelType.Int32,
        3 => VoxelType.Float32,
        4 => VoxelType.Int16,
        10 => VoxelType.UInt16,
        var code => throw new MriFileException(
            file.Path, $"holds voxels of type {code} ({NameOfUnsupported(code)}); only UCHAR, SHORT, USHRT, INT and FLOAT can be read."),
    };

    private static string NameOfUnsupported(long code) => code switch
    {
        2 => "LONG",
        5 => "BITMAP",
        6 => "TENSOR",
        _ => "unknown",
    };

    // c_ras is the world position of the voxel at size / 2 (not (size - 1) / 2).
    private static Affine ReadAffine(VolumeFile file, GridSize size, List<string> warnings)
    {
        Affine directions;
        Point3 center;

        // As FreeSurfer has it: any number above zero.
        if (Integer(file, "goodRASFlag") > 0)
        {
            var (x, y, z) = (Point(file, "x_ras"), Point(file, "y_ras"), Point(file, "z_ras"));
            var spacing = Point(file, "spacing");
            directions = new Affine(x.X, y.X, z.X, 0, x.Y, y.Y, z.Y, 0, x.Z, y.Z, z.Z, 0) * Affine.FromScale(spacing.X, spacing.Y, spacing.Z);
            center = Point(file, "c_ras");
        }
        else
        {
            warnings.Add("does not say how it lies in space: coronal slices of 1 mm about the origin are assumed, as FreeSurfer does, and "
                + VolumeHeader.SidesUnsure);
            directions = new(-1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 0);
            center = default;
        }

        var half = directions.ApplyDirection(new(size.X / 2.0, size.Y / 2.0, size.Z / 2.0));
        return directions with { M14 = center.X - half.X, M24 = center.Y - half.Y, M34 = center.Z - half.Z };
    }

    private static long Integer(VolumeFile file, string field) => MghFields.Header.Integer(file.Start, bigEndian: true, field);

    private static Point3 Point(VolumeFile file, string field)
    {
        return new(Coordinate(0), Coordinate(1), Coordinate(2));

        double Coordinate(int axis) => MghFields.Header.Number(file.Start, bigEndian: true, field, axis);
    }
}
