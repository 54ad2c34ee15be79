using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Dicom;

/// <summary>One slice: a file of one frame, or a frame of a file of many.</summary>
/// <param name="Voxels">Where its pixels are.</param>
/// <param name="Columns">Pixels along a row.</param>
/// <param name="Rows">Pixels along a column.</param>
/// <param name="Position">The centre of the first pixel, LPS mm.</param>
/// <param name="AlongRow">The direction in which a row runs, a unit vector, LPS.</param>
/// <param name="AlongColumn">The direction in which a column runs, a unit vector, LPS.</param>
/// <param name="ColumnSpacing">mm between neighbours along a row.</param>
/// <param name="RowSpacing">mm between neighbours along a column.</param>
/// <param name="IsRescaled">Whether the file says that stored numbers are not the true ones; null where it says nothing of it.</param>
/// <param name="Contrast">What tells volumes apart that are not repetitions of each other.</param>
/// <param name="Keys">Numbers that tell volumes at the same place apart: time, acquisition, stack, then those of the frame's dimensions. NaN where
/// the file does not say.</param>
/// <param name="Instance">The SOP instance UID and frame: the same for copies of one slice.</param>
/// <param name="Number">The instance number as it is written, or null.</param>
internal sealed record DicomFrame(
    RawVoxels Voxels,
    int Columns,
    int Rows,
    Point3 Position,
    Point3 AlongRow,
    Point3 AlongColumn,
    double ColumnSpacing,
    double RowSpacing,
    bool? IsRescaled,
    DicomContrast Contrast,
    double[] Keys,
    string Instance,
    string? Number)
{
    /// <summary>Which of <see cref="Keys"/> is the acquisition.</summary>
    public const int AcquisitionKey = 1;

    /// <summary>What the first of <see cref="Keys"/> are.</summary>
    public static readonly IReadOnlyList<string> KeyNames = ["time", "acquisition", "stack"];

    // Cosines this far apart are one direction: a slip of 0.03 mm over 256 mm. Scanners write six digits.
    private const double SameDirection = 1e-4;

    public string Path => Voxels.File.Path;

    /// <summary>The direction in which slices are counted: rows × columns.</summary>
    public Point3 Normal => new(
        (AlongRow.Y * AlongColumn.Z) - (AlongRow.Z * AlongColumn.Y),
        (AlongRow.Z * AlongColumn.X) - (AlongRow.X * AlongColumn.Z),
        (AlongRow.X * AlongColumn.Y) - (AlongRow.Y * AlongColumn.X));

    /// <summary>Whether both lie in the same direction.</summary>
    public bool IsParallelTo(DicomFrame other) =>
        (AlongRow - other.AlongRow).Length < SameDirection && (AlongColumn - other.AlongColumn).Length < SameDirection;

    /// <summary>Whether pixels of both are of one size.</summary>
    public bool HasSpacingOf(DicomFrame other) =>
        Math.Abs(RowSpacing - other.RowSpacing) <= SameDirection * other.RowSpacing
            && Math.Abs(ColumnSpacing - other.ColumnSpacing) <= SameDirection * other.ColumnSpacing;

    /// <summary>Where it lies along a direction, mm.</summary>
    public double Along(Point3 normal) => (Position.X * normal.X) + (Position.Y * normal.Y) + (Position.Z * normal.Z);
}
