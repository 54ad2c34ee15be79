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
/// <param name="Keys">Numbers that tell volumes at the same place apart: time, echo, acquisition, kind. NaN where the file does not say.</param>
/// <param name="Instance">The SOP instance UID and frame: the same for copies of one slice.</param>
internal sealed record DicomFrame(
    RawVoxels Voxels,
    int Columns,
    int Rows,
    Point3 Position,
    Point3 AlongRow,
    Point3 AlongColumn,
    double ColumnSpacing,
    double RowSpacing,
    IReadOnlyList<double> Keys,
    string Instance)
{
    /// <summary>What each of <see cref="Keys"/> is.</summary>
    public static readonly IReadOnlyList<string> KeyNames = ["time", "echo time", "acquisition", "kind of image", "stack"];

    public string Path => Voxels.File.Path;

    /// <summary>The direction in which slices are counted: rows × columns.</summary>
    public Point3 Normal => new(
        (AlongRow.Y * AlongColumn.Z) - (AlongRow.Z * AlongColumn.Y),
        (AlongRow.Z * AlongColumn.X) - (AlongRow.X * AlongColumn.Z),
        (AlongRow.X * AlongColumn.Y) - (AlongRow.Y * AlongColumn.X));
}
