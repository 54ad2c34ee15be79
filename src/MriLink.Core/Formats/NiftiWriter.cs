using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Formats;

/// <summary>Writes volumes as NIfTI.</summary>
/// <remarks>
/// The same volume gives the same bytes: no time, no name, nothing about the person. Both sform and qform hold the geometry, the
/// qform only where the axes are at right angles.
/// </remarks>
public static class NiftiWriter
{
    // Voxels converted, compressed and written at once.
    private const int ChunkVoxels = 1 << 16;

    // Columns this far from right angles (cosine) still count as a rotation: 0.003 mm over a head of 256 mm.
    private const double OrthogonalTolerance = 1e-5;

    // NIfTI-1 keeps dimensions as 16-bit integers.
    private const int MaxDimension1 = short.MaxValue;

    // nifti1.h: NIFTI_XFORM_ALIGNED_ANAT. Coordinates of some anatomical space; which one is not known here.
    private const short FormCode = 2;

    // nifti1.h: NIFTI_UNITS_MM.
    private const byte Millimetres = 2;

    /// <summary>Whether a name ends in .nii or .nii.gz, the names that can be written.</summary>
    public static bool CanWrite(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".nii", StringComparison.OrdinalIgnoreCase) || IsGzip(path);
    }

    /// <summary>
    /// Writes a volume to a file: NIfTI-1, or NIfTI-2 when a side is longer than 32 767 voxels; gzipped when the name ends in .gz.
    /// The file appears, or replaces the old one, only once it is complete.
    /// </summary>
    /// <param name="path">Where to; ends in .nii or .nii.gz, and its folder exists.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="dataType">How voxels are stored. Integers are scaled when needed; zero stays exactly zero.</param>
    /// <param name="overwrite">Whether an existing file is replaced.</param>
    /// <param name="cancellationToken">Obeyed within some milliseconds; nothing is left behind.</param>
    /// <exception cref="MriFileException">The volume has voxels that <paramref name="dataType"/> cannot hold.</exception>
    /// <exception cref="IOException">The file exists and may not be replaced, or cannot be written.</exception>
    public static void Write(string path, Volume volume, VolumeDataType dataType = VolumeDataType.Float32, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (!CanWrite(path))
        {
            throw new ArgumentException($"'{path}' does not end in .nii or .nii.gz.", nameof(path));
        }

        var full = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(full)!, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            using (Stream content = IsGzip(path) ? new GZipStream(file, CompressionLevel.Fastest) : file)
            {
                WriteContent(content, volume, dataType, path, cancellationToken);
            }

            File.Move(temporary, full, overwrite);
        }
        finally
        {
            // Gone already when all went well; then this does nothing.
            File.Delete(temporary);
        }
    }

    private static bool IsGzip(string path) => path.EndsWith(".nii.gz", StringComparison.OrdinalIgnoreCase);

    private static void WriteContent(Stream content, Volume volume, VolumeDataType dataType, string path, CancellationToken cancellationToken)
    {
        var (slope, intercept) = Scaling(volume.Voxels, dataType, path);
        content.Write(BuildHeader(volume.Geometry, dataType, slope, intercept));
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkVoxels * sizeof(float));
        try
        {
            for (var first = 0; first < volume.Voxels.Length; first += ChunkVoxels)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var voxels = volume.Voxels.AsSpan(first, Math.Min(ChunkVoxels, volume.Voxels.Length - first));
                content.Write(buffer.AsSpan(0, Encode(voxels, buffer, dataType, slope, intercept)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int Encode(ReadOnlySpan<float> voxels, Span<byte> buffer, VolumeDataType dataType, float slope, float intercept)
    {
        switch (dataType)
        {
            case VolumeDataType.UInt8:
                for (var i = 0; i < voxels.Length; i++)
                {
                    buffer[i] = (byte)Code(voxels[i], byte.MinValue, byte.MaxValue);
                }

                return voxels.Length;
            case VolumeDataType.Int16:
                for (var i = 0; i < voxels.Length; i++)
                {
                    BinaryPrimitives.WriteInt16LittleEndian(buffer[(2 * i)..], (short)Code(voxels[i], short.MinValue, short.MaxValue));
                }

                return 2 * voxels.Length;
            default:
                if (BitConverter.IsLittleEndian)
                {
                    MemoryMarshal.AsBytes(voxels).CopyTo(buffer);
                }
                else
                {
                    BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<float, int>(voxels), MemoryMarshal.Cast<byte, int>(buffer)[..voxels.Length]);
                }

                return 4 * voxels.Length;
        }

        double Code(float voxel, double lowest, double highest) => Math.Clamp(Math.Round(((double)voxel - intercept) / slope), lowest, highest);
    }

    // The straight line from stored to true value. A slope of eight significant bits times an integer of sixteen is exact as float,
    // so the intercept can be a whole number of steps and zero, the background, is stored exactly.
    private static (float Slope, float Intercept) Scaling(ReadOnlySpan<float> voxels, VolumeDataType dataType, string path)
    {
        if (dataType is VolumeDataType.Float32)
        {
            return (1, 0);
        }

        var (lowest, highest) = dataType is VolumeDataType.UInt8 ? (byte.MinValue, byte.MaxValue) : ((int)short.MinValue, (int)short.MaxValue);
        var (min, max, integers) = (double.PositiveInfinity, double.NegativeInfinity, true);
        foreach (var voxel in voxels)
        {
            if (!float.IsFinite(voxel))
            {
                throw new MriFileException(path, $"cannot hold the volume as {dataType}: it has voxels that are not finite numbers.");
            }

            min = Math.Min(min, voxel);
            max = Math.Max(max, voxel);
            integers &= voxel == MathF.Round(voxel);
        }

        if (integers && min >= lowest && max <= highest)
        {
            return (1, 0);
        }

        if (min == max)
        {
            return (1, (float)min);
        }

        // One code fewer than there are: a whole number of steps below the minimum may cost one.
        var slope = RoundUpToEightBits((max - min) / (highest - lowest - 1));
        return ((float)slope, (float)((Math.Floor(min / slope) - lowest) * slope));
    }

    private static double RoundUpToEightBits(double value)
    {
        var unit = Math.ScaleB(1, Math.ILogB(value) - 7);
        return Math.Ceiling(value / unit) * unit;
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
            field.Int32(0, NiftiHeader.Length1).Int16(70, code).Int16(72, bits).Singles(76, pixdim).Singles(108, bytes.Length).Singles(112, slope, intercept)
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
