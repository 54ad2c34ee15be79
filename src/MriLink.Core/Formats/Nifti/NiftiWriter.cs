using System.Buffers.Binary;
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
        var qformCode = quaternion is null ? 0 : FormCode;
        var spacing = geometry.Spacing;
        long[] dim = [3, size.X, size.Y, size.Z, 1, 1, 1, 1];
        double[] pixdim = [qfac, spacing.X, spacing.Y, spacing.Z, 1, 1, 1, 1];
        var translation = geometry.VoxelToWorld.Translation;
        double[] offsets = [translation.X, translation.Y, translation.Z];

        // The header and the four bytes that say that no extension follows.
        var bytes = new byte[(version2 ? NiftiHeader.Length2 : NiftiHeader.Length1) + 4];
        var field = new FieldWriter(bytes);
        if (version2)
        {
            field.Int32(0, NiftiHeader.Length2).Text(4, "n+2\0\r\n\u001a\n").Int16(12, code).Int16(14, bits).Int64s(16, dim).Doubles(104, pixdim)
                .Int64s(168, bytes.Length).Doubles(176, slope, intercept).Text(240, "MriLink").Int32(344, qformCode).Int32(348, FormCode)
                .Doubles(352, quaternion ?? []).Doubles(376, offsets).Doubles(400, geometry.VoxelToWorld.ToRows()).Int32(500, Millimetres);
        }
        else
        {
            field.Int32(0, NiftiHeader.Length1).Int16(70, code).Int16(72, bits).Singles(76, pixdim).Singles(108, bytes.Length)
                .Singles(112, slope, intercept)
                .Text(148, "MriLink").Int16(252, qformCode).Int16(254, FormCode).Singles(256, quaternion ?? []).Singles(268, offsets)
                .Singles(280, geometry.VoxelToWorld.ToRows()).Text(344, "n+1\0");
            bytes[38] = (byte)'r';
            bytes[123] = Millimetres;
            for (var i = 0; i < dim.Length; i++)
            {
                field.Int16(40 + (2 * i), (int)dim[i]);
            }
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

    private sealed class FieldWriter(byte[] bytes)
    {
        public FieldWriter Int16(int at, int value)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), (short)value);
            return this;
        }

        public FieldWriter Int32(int at, int value)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
            return this;
        }

        public FieldWriter Int64s(int at, params long[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + (8 * i)), values[i]);
            }

            return this;
        }

        public FieldWriter Singles(int at, params double[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(at + (4 * i)), (float)values[i]);
            }

            return this;
        }

        public FieldWriter Doubles(int at, params double[] values)
        {
            for (var i = 0; i < values.Length; i++)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at + (8 * i)), values[i]);
            }

            return this;
        }

        public FieldWriter Text(int at, string ascii)
        {
            System.Text.Encoding.ASCII.GetBytes(ascii, bytes.AsSpan(at));
            return this;
        }
    }
}
