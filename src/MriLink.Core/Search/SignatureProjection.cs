using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Similarity.Measures;
using MriLink.Core.Similarity.Products;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>Projects brains on one grid to a few thousand numbers that keep their correlations (Johnson and Lindenstrauss 1984).</summary>
/// <remarks>
/// A subsampled randomised Hadamard transform (Ailon and Chazelle 2009; Tropp 2011), √(N/d)·S·H·D₂·H·D₁, applied to what the measure
/// correlates (for LocalNCC the brain after local contrast normalisation) with zero mean and unit length inside the mask and 0 outside: D₁ and D₂
/// flip signs, H is the Hadamard transform over N = 2^k voxels, S takes d of the N numbers. Signs and S come from the key (HMAC-SHA-256 in counter
/// mode). Takes two transforms, some 20 ms at 2 mm; memory 8 bytes per voxel while one is made.
/// </remarks>
public sealed class SignatureProjection
{
    /// <summary>The usual length: correlations are then good to 0.015 for strangers and better for rescans.</summary>
    public const int DefaultDimensions = 3072;

    private readonly VolumeGeometry _geometry;
    private readonly byte[] _key;
    private readonly MomentMeasure _measure;
    private readonly string _purpose;
    private readonly int _size;
    private readonly byte[] _firstSigns;
    private readonly byte[] _secondSigns;
    private readonly int[] _sample;

    /// <summary>Prepares the projection.</summary>
    /// <param name="key">The key; both sides of a comparison need the same.</param>
    /// <param name="geometry">The grid on which all brains lie.</param>
    /// <param name="dimensions">How many numbers a signature has: 1024 to 16384, a multiple of 64.</param>
    /// <param name="metric">The measure whose scores signatures estimate: one of <see cref="Metrics"/>, the default measure if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of dimensions is none that is offered.</exception>
    /// <exception cref="ArgumentException">The measure is none that signatures keep.</exception>
    public SignatureProjection(byte[] key, VolumeGeometry geometry, int dimensions = DefaultDimensions, string? metric = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(geometry);
        if (dimensions is < 1024 or > 16384 || dimensions % 64 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(dimensions), dimensions, "A signature has 1024 to 16384 numbers, a multiple of 64.");
        }

        Metric = metric ?? SimilarityMeasures.Default.Name;
        _measure = Metrics.Contains(Metric, StringComparer.Ordinal)
            ? (MomentMeasure)SimilarityMeasures.Find(Metric)!
            : throw new ArgumentException($"Signatures keep {string.Join(" or ", Metrics)}, not '{metric}'.", nameof(metric));

        // NCC's spaces are those of the first signatures, which knew no other measure; another measure's change with its parameters.
        _purpose = _measure.Vectors == ProductSource.Intensities ? string.Empty : $"{_measure.Vectors} ";
        _geometry = geometry;
        _key = (byte[])key.Clone();
        _size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(geometry.Size.Count, dimensions));
        _firstSigns = Stream("signs 1", _size / 8);
        _secondSigns = Stream("signs 2", _size / 8);
        _sample = Sample(dimensions);
        var grid = string.Join(' ', geometry.VoxelToWorld.ToRows().Select(v => Math.Round(v, 6).ToString("R", CultureInfo.InvariantCulture)));
        Space = Convert.ToHexString(Stream($"space {geometry.Size} {grid} {dimensions}", 16)).ToLowerInvariant();
    }

    /// <summary>The measures that signatures can be made for, the default first.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["LocalNCC", "NCC"];

    /// <summary>What signatures must share to be compared; does not give the key away.</summary>
    public string Space { get; }

    /// <summary>The measure whose scores the correlations of signatures estimate.</summary>
    public string Metric { get; }

    /// <summary>Spacing of the brains' grid in mm.</summary>
    public double Spacing => _geometry.CoarsestSpacing;

    /// <summary>The signature of a brain.</summary>
    /// <exception cref="ArgumentException">The brain lies on another grid, or is constant.</exception>
    public MriSignature Project(PreprocessedVolume volume, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (volume.Size != _geometry.Size)
        {
            throw new ArgumentException(
                $"'{volume.Path ?? volume.Name}' has {volume.Size} voxels and the signatures are made of {_geometry.Size}.", nameof(volume));
        }

        var x = new float[_size];
        if (!Standardize(PreparedVolume.Prepare(volume, [_measure], cancellationToken), x))
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
        return new(volume.Identity, Array.ConvertAll(_sample, i => x[i] * scale), Space, Metric, Spacing);
    }

    /// <summary>
    /// The image that a signature tells of to whoever has the key, as large as the grid: the projection's transpose. For measuring what signatures
    /// reveal.
    /// </summary>
    internal float[] Estimate(float[] signature)
    {
        var x = new float[_size];
        for (var i = 0; i < _sample.Length; i++)
        {
            x[_sample[i]] = signature[i];
        }

        Hadamard(x);
        Flip(x, _secondSigns);
        Hadamard(x);
        Flip(x, _firstSigns);
        return x[..(int)_geometry.Size.Count];
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

    private bool Standardize(PreparedVolume volume, float[] into)
    {
        var values = _measure.Vectors.Values(volume);
        var mean = BlockSums.Sum(values) / values.Length;
        var squares = 0.0;
        foreach (var value in values)
        {
            squares += (value - mean) * (value - mean);
        }

        if (!(squares > 0) || !double.IsFinite(squares))
        {
            return false;
        }

        var map = new Standardization((float)mean, (float)(1 / Math.Sqrt(squares)));
        for (var run = 0; run < volume.Mask.RunCount; run++)
        {
            map.Apply(values[volume.Mask.Offsets[run]..volume.Mask.Offsets[run + 1]], into.AsSpan(volume.Mask.Starts[run]));
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
        var text = Encoding.UTF8.GetBytes($"MriLink signature 1 {_purpose}{purpose}\0");
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
