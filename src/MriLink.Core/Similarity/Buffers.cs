using System.Buffers;

namespace MriLink.Core.Similarity;

/// <summary>Memory for per-voxel vectors: allocated for what belongs to a volume and is kept, pooled for what lives as long as a pair.</summary>
/// <remarks>A pooled instance belongs to one thread. Arrays may be longer than asked for.</remarks>
internal sealed class Buffers : IDisposable
{
    private readonly List<float[]>? _floats;
    private readonly List<int[]>? _ints;
    private readonly List<byte[]>? _bytes;

    private Buffers(bool pooled)
    {
        if (pooled)
        {
            _floats = [];
            _ints = [];
            _bytes = [];
        }
    }

    /// <summary>Allocates; nothing is taken back.</summary>
    public static Buffers Permanent { get; } = new(pooled: false);

    /// <summary>Borrows from the shared pool until disposed.</summary>
    public static Buffers Pooled() => new(pooled: true);

    /// <summary>At least <paramref name="count"/> floats of any content.</summary>
    public float[] Floats(int count) => Take(_floats, count);

    /// <summary>At least <paramref name="count"/> integers of any content.</summary>
    public int[] Ints(int count) => Take(_ints, count);

    /// <summary>At least <paramref name="count"/> bytes of any content.</summary>
    public byte[] Bytes(int count) => Take(_bytes, count);

    /// <inheritdoc/>
    public void Dispose()
    {
        Return(_floats);
        Return(_ints);
        Return(_bytes);
    }

    private static T[] Take<T>(List<T[]>? borrowed, int count)
    {
        if (borrowed is null)
        {
            return new T[count];
        }

        var array = ArrayPool<T>.Shared.Rent(count);
        borrowed.Add(array);
        return array;
    }

    private static void Return<T>(List<T[]>? borrowed)
    {
        foreach (var array in borrowed ?? [])
        {
            ArrayPool<T>.Shared.Return(array);
        }

        borrowed?.Clear();
    }
}
