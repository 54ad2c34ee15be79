using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MriLink.Core.Volumes;

/// <summary>SHA-256 of what a volume, a mask or files hold, as text: how content is recognised whatever it is called.</summary>
/// <remarks>
/// Hashes name what was hashed: <c>sha256:</c> is of the bytes of a file as any tool computes it (of several files one after the
/// other), <c>sha256-voxels:</c> of size, voxel-to-world matrix (12 doubles) and voxels (32-bit floats, or bytes for a mask), all
/// little-endian.
/// </remarks>
public static class ContentHash
{
    private const int ChunkLength = 1 << 16;

    /// <summary>The hash of the bytes of <paramref name="streams"/>, one after the other; each is disposed.</summary>
    /// <param name="streams">The files, opened when their turn comes.</param>
    /// <param name="cancellationToken">Looked at every 64 KB.</param>
    public static string OfBytes(IEnumerable<Stream> streams, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(streams);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            foreach (var stream in streams)
            {
                using (stream)
                {
                    int read;
                    while ((read = stream.Read(buffer)) > 0)
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        hash.AppendData(buffer.AsSpan(0, read));
                    }
                }
            }

            return "sha256:" + Hex(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The hash of a volume's geometry and voxels.</summary>
    public static string Of(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        using var hash = Begin(volume.Geometry);
        if (BitConverter.IsLittleEndian)
        {
            hash.AppendData(MemoryMarshal.AsBytes<float>(volume.Voxels));
        }
        else
        {
            Span<byte> bytes = stackalloc byte[sizeof(float)];
            foreach (var voxel in volume.Voxels)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes, voxel);
                hash.AppendData(bytes);
            }
        }

        return "sha256-voxels:" + Hex(hash);
    }

    /// <summary>The hash of a mask's geometry and voxels.</summary>
    public static string Of(Mask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        using var hash = Begin(mask.Geometry);
        hash.AppendData(MemoryMarshal.AsBytes<bool>(mask.Voxels));
        return "sha256-voxels:" + Hex(hash);
    }

    private static IncrementalHash Begin(VolumeGeometry geometry)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        int[] sizes = [geometry.Size.X, geometry.Size.Y, geometry.Size.Z];
        foreach (var size in sizes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, size);
            hash.AppendData(bytes[..sizeof(int)]);
        }

        foreach (var value in geometry.VoxelToWorld.ToRows())
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
            hash.AppendData(bytes);
        }

        return hash;
    }

    private static string Hex(IncrementalHash hash) => Convert.ToHexString(hash.GetHashAndReset()).ToLowerInvariant();
}
