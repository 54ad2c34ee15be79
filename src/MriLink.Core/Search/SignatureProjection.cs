using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>Projects brains on one grid to a few thousand numbers that keep their correlations (Johnson and Lindenstrauss 1984).</summary>
/// <remarks>
/// A subsampled randomised Hadamard transform (Ailon and Chazelle 2009; Tropp 2011), √(N/d)·S·H·D₂·H·D₁, applied to the brain with zero
/// mean and unit length inside its mask and 0 outside: D₁ and D₂ flip signs, H is the Hadamard transform over N = 2^k voxels, S takes d of
/// the N numbers. Signs and S come from the key (HMAC-SHA-256 in counter mode). Takes two transforms, some 20 ms at 2 mm; memory 8 bytes per
/// voxel while one is made.
/// </remarks>
public sealed class SignatureProjection
{
    /// <summary>The usual length: correlations are then good to 0.015 for strangers and better for rescans.</summary>
    public const int DefaultDimensions = 3072;

    private readonly VolumeGeometry _geometry;
    private readonly byte[] _key;
    private readonly int _size;
    private readonly byte[] _firstSigns;
    private readonly byte[] _secondSigns;
    private readonly int[] _sample;

    /// <summary>Prepares the projection.</summary>
    /// <param name="key">The key; both sides of a comparison need the same.</param>
    /// <param name="geometry">The grid on which all brains lie.</param>
    /// <param name="dimensions">How many numbers a signature has: 1024 to 16384, a multiple of 64.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of dimensions is none that is offered.</exception>
    public SignatureProjection(byte[] key, VolumeGeometry geometry, int dimensions = DefaultDimensions)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(geometry);
        if (dimensions is < 1024 or > 16384 || dimensions % 64 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "A signature has 1024 to 16384 numbers, a multiple of 64.");
        }

        _geometry = geometry;
        _key = (byte[])key.Clone();
        _size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(geometry.Size.Count, dimensions));
        _firstSigns = Stream("signs 1", _size / 8);
        _secondSigns = Stream("signs 2", _size / 8);
        _sample = Sample(dimensions);
        var grid = string.Join(' ', geometry.VoxelToWorld.ToRows().Select(v => Math.Round(v, 6).ToString("R", CultureInfo.InvariantCulture)));
        Space = Convert.ToHexString(Stream($"space {geometry.Size} {grid} {dimensions}", 16)).ToLowerInvariant();
    }

    /// <summary>What signatures must share to be compared; does not give the key away.</summary>
    public string Space { get; }

    /// <summary>The signature of a brain.</summary>
    /// <exception cref="ArgumentException">The brain lies on another grid, or is constant.</exception>
    public MriSignature Project(PreprocessedVolume volume, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var (voxels, mask) = volume.ReadBrain(cancellationToken);
        if (voxels.Size != _geometry.Size)
        {
            throw new ArgumentException($"'{volume.Path ?? volume.Name}' has {voxels.Size} voxels and the signatures are made of {_geometry.Size}.", nameof(volume));
        }

        var x = new float[_size];
        if (!Standardize(voxels.Voxels, mask.Voxels, x))
        {
            throw new ArgumentException($"'{volume.Path ?? volume.Name}' has the same intensity everywhere.", nameof(volume));
        }

        Flip(x, _firstSigns);
        Hadamard(x);
        cancellationToken.ThrowIfCancellationRequested();
        Flip(x, _secondSigns);
        Hadamard(x);

        // Each transform makes vectors √N times longer, and d of N numbers hold d/N of the length squared.
        var scale = (float)(Math.Sqrt((double)_size / _sample.Length) / _size);
        return new(volume.Identity, Array.ConvertAll(_sample, i => x[i] * scale), Space);
    }

    // The Walsh-Hadamard transform in natural order, not scaled.
    internal static void Hadamard(float[] x)
    {
        for (var half = 1; half < x.Length; half *= 2)
        {
            for (var start = 0; start < x.Length; start += 2 * half)
            {
                var a = x.AsSpan(start, half);
                var b = x.AsSpan(start + half, half);
                var i = 0;
                if (half >= Vector<float>.Count)
                {
                    var va = MemoryMarshal.Cast<float, Vector<float>>(a);
                    var vb = MemoryMarshal.Cast<float, Vector<float>>(b);
                    for (var v = 0; v < va.Length; v++)
                    {
                        (va[v], vb[v]) = (va[v] + vb[v], va[v] - vb[v]);
                    }

                    i = half;
                }

                for (; i < half; i++)
                {
                    (a[i], b[i]) = (a[i] + b[i], a[i] - b[i]);
                }
            }
        }
    }

    private static bool Standardize(float[] voxels, bool[] mask, float[] into)
    {
        double sum = 0, squares = 0;
        long count = 0;
        for (var i = 0; i < voxels.Length; i++)
        {
            if (mask[i])
            {
                count++;
                sum += voxels[i];
            }
        }

        var mean = sum / count;
        for (var i = 0; i < voxels.Length; i++)
        {
            squares += mask[i] ? (voxels[i] - mean) * (voxels[i] - mean) : 0;
        }

        if (!(squares > 0) || !double.IsFinite(squares))
        {
            return false;
        }

        var scale = 1 / Math.Sqrt(squares);
        for (var i = 0; i < voxels.Length; i++)
        {
            into[i] = mask[i] ? (float)((voxels[i] - mean) * scale) : 0;
        }

        return true;
    }

    private static void Flip(float[] x, byte[] signs)
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = (signs[i >> 3] >> (i & 7) & 1) == 0 ? x[i] : -x[i];
        }
    }

    // Some of 0 … N−1, each as likely, none twice: the first steps of a Fisher-Yates shuffle.
    private int[] Sample(int count)
    {
        var numbers = MemoryMarshal.Cast<byte, ulong>(Stream("sample", count * sizeof(ulong)));
        var moved = new Dictionary<int, int>();
        var sample = new int[count];
        for (var i = 0; i < count; i++)
        {
            // N is a power of two, N − i is not: of 2^64 numbers the surplus is one in 10^12.
            var number = BitConverter.IsLittleEndian ? numbers[i] : BinaryPrimitives.ReverseEndianness(numbers[i]);
            var other = i + (int)(number % (ulong)(_size - i));
            sample[i] = moved.GetValueOrDefault(other, other);
            moved[other] = moved.GetValueOrDefault(i, i);
        }

        return sample;
    }

    private byte[] Stream(string purpose, int length)
    {
        using var hmac = new HMACSHA256(_key);
        var text = Encoding.UTF8.GetBytes($"MriLink signature 1 {purpose}\0");
        var block = new byte[text.Length + sizeof(int)];
        text.CopyTo(block, 0);
        var stream = new byte[(length + HMACSHA256.HashSizeInBytes - 1) / HMACSHA256.HashSizeInBytes * HMACSHA256.HashSizeInBytes];
        for (var i = 0; i < stream.Length; i += HMACSHA256.HashSizeInBytes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(text.Length), i / HMACSHA256.HashSizeInBytes);
            hmac.TryComputeHash(block, stream.AsSpan(i), out _);
        }

        return stream[..length];
    }
}
