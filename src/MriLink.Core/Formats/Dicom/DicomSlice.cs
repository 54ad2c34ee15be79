using MriLink.Core.Formats.Raw;

namespace MriLink.Core.Formats.Dicom;

/// <summary>One slice on its own, as far as its file alone describes it.</summary>
internal static class DicomSlice
{
    /// <summary>A volume of one slice.</summary>
    /// <param name="frame">The slice.</param>
    /// <param name="thickness">Its thickness in mm, or null where the file does not say.</param>
    public static VolumeHeader ToHeader(DicomFrame frame, double? thickness)
    {
        var (x, y) = (frame.AlongRow * frame.ColumnSpacing, frame.AlongColumn * frame.RowSpacing);
        var z = frame.Normal * (thickness is > 0 ? thickness.Value : 1);
        var o = frame.Position;
        var shape = VolumeShape.Of(frame.Path, [frame.Columns, frame.Rows, 1]);
        var geometry = shape.Place(new(-x.X, -y.X, -z.X, -o.X, -x.Y, -y.Y, -z.Y, -o.Y, x.Z, y.Z, z.Z, o.Z), "slice position");
        return new("DICOM", geometry, [frame.Voxels.File], [], new JoinedVoxels([frame.Voxels]), frame.Voxels.Encoding.Type.ToString());
    }
}
