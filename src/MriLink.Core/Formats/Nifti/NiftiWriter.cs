using MriLink.Core.Formats.Raw;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats.Nifti;

/// <summary>Writes NIfTI-1, or NIfTI-2 when a side is longer than 32 767 voxels; gzipped when the name ends in .gz.</summary>
/// <remarks>Both sform and qform hold the geometry, the qform only where the axes are at right angles.</remarks>
internal sealed class NiftiWriter : IVolumeWriter
{
    // Columns this far from right angles (cosine) still count as a rotation: 0.003 mm over a head of 256 mm.
    private const double OrthogonalTolerance = 1e-5;

    // NIfTI-1 keeps dimensions as 16-bit integers.
    private const int MaxDimension1 = short.MaxValue;

    // nifti1.h: NIFTI_XFORM_ALIGNED_ANAT. Coordinates of some anatomical space; which one is not known here.
    private const short FormCode = 2;

    // nifti1.h: NIFTI_UNITS_MM.
    private const byte Millimetres = 2;

    public IReadOnlyList<string> Extensions { get; } = [".nii.gz", ".nii"];

    public bool IsGzip(string path) => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);

    public void Write(Stream content, Volume volume, VolumeDataType dataType, string path, CancellationToken cancellationToken)
    {
        var (slope, intercept) = StoredVoxels.Scaling(volume.Voxels, dataType, path);
        content.Write(BuildHeader(volume.Geometry, dataType, slope, intercept));
        StoredVoxels.Write(content, volume.Voxels, dataType, slope, intercept, cancellationToken);
    }

    private static byte[] BuildHeader(VolumeGeometry geometry, VolumeDataType dataType, float slope, float intercept)
    {
        var size = geometry.Size;
        var version2 = Math.Max(size.X, Math.Max(size.Y, size.Z)) > MaxDimension1;
        var (code, bits) = dataType switch
        {
            VolumeDataType.UInt8 => (2, 8),
            VolumeDataType.Int16 => (4, 16),
            _ => (16, 32),
        };
        var (quaternion, qfac) = Quaternion(geometry.VoxelToWorld) ?? default;
        var spacing = geometry.Spacing;
        var translation = geometry.VoxelToWorld.Translation;

        // The header and the four bytes that say that no extension follows.
        var layout = version2 ? NiftiLayout.Version2 : NiftiLayout.Version1;
        var fields = layout.Fields;
        var bytes = new byte[layout.Length + 4];
        fields.Write(bytes, "sizeof_hdr", layout.Length);
        fields.Write(bytes, "magic", layout.Magic);
        fields.Write(bytes, "dim", 3, size.X, size.Y, size.Z, 1, 1, 1, 1);
        fields.Write(bytes, "datatype", code);
        fields.Write(bytes, "bitpix", bits);
        fields.Write(bytes, "pixdim", qfac, spacing.X, spacing.Y, spacing.Z, 1, 1, 1, 1);
        fields.Write(bytes, "vox_offset", bytes.Length);
        fields.Write(bytes, "scl_slope", slope);
        fields.Write(bytes, "scl_inter", intercept);
        fields.Write(bytes, "xyzt_units", Millimetres);
        fields.Write(bytes, "descrip", "MriLink");
        fields.Write(bytes, "qform_code", quaternion is null ? 0 : FormCode);
        fields.Write(bytes, "sform_code", FormCode);
        if (quaternion is not null)
        {
            fields.Write(bytes, "quatern_b", quaternion[0]);
            fields.Write(bytes, "quatern_c", quaternion[1]);
            fields.Write(bytes, "quatern_d", quaternion[2]);
        }

        fields.Write(bytes, "qoffset_x", translation.X);
        fields.Write(bytes, "qoffset_y", translation.Y);
        fields.Write(bytes, "qoffset_z", translation.Z);
        ReadOnlySpan<double> rows = geometry.VoxelToWorld.ToRows();
        fields.Write(bytes, "srow_x", rows[..4]);
        fields.Write(bytes, "srow_y", rows[4..8]);
        fields.Write(bytes, "srow_z", rows[8..]);
        if (!version2)
        {
            fields.Write(bytes, "regular", "r");
        }

        return bytes;
    }

    // (b, c, d) of the unit quaternion with a >= 0, and qfac: -1 when the grid is left-handed. Null for sheared grids.
    private static (double[] Quaternion, double Qfac)? Quaternion(Affine affine)
    {
        var spacing = affine.ColumnLengths;
        var qfac = affine.Determinant < 0 ? -1.0 : 1.0;
        var r = affine * Affine.FromScale(1 / spacing.X, 1 / spacing.Y, qfac / spacing.Z);
        var xy = (r.M11 * r.M12) + (r.M21 * r.M22) + (r.M31 * r.M32);
        var xz = (r.M11 * r.M13) + (r.M21 * r.M23) + (r.M31 * r.M33);
        var yz = (r.M12 * r.M13) + (r.M22 * r.M23) + (r.M32 * r.M33);
        if (Math.Max(Math.Abs(xy), Math.Max(Math.Abs(xz), Math.Abs(yz))) > OrthogonalTolerance)
        {
            return null;
        }

        // Each squared component from the diagonal; the largest one gives the others their signs without dividing by a small number.
        double[] squares = [1 + r.M11 + r.M22 + r.M33, 1 + r.M11 - r.M22 - r.M33, 1 - r.M11 + r.M22 - r.M33, 1 - r.M11 - r.M22 + r.M33];
        var largest = Array.IndexOf(squares, squares.Max());
        var s = 2 * Math.Sqrt(squares[largest]);
        double[] q = largest switch
        {
            0 => [s / 4, (r.M32 - r.M23) / s, (r.M13 - r.M31) / s, (r.M21 - r.M12) / s],
            1 => [(r.M32 - r.M23) / s, s / 4, (r.M12 + r.M21) / s, (r.M13 + r.M31) / s],
            2 => [(r.M13 - r.M31) / s, (r.M12 + r.M21) / s, s / 4, (r.M23 + r.M32) / s],
            _ => [(r.M21 - r.M12) / s, (r.M13 + r.M31) / s, (r.M23 + r.M32) / s, s / 4],
        };
        var sign = q[0] < 0 ? -1 : 1;
        return ([sign * q[1], sign * q[2], sign * q[3]], qfac);
    }
}
