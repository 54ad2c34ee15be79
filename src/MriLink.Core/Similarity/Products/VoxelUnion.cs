namespace MriLink.Core.Similarity.Products;

/// <summary>
/// The voxels that a gallery's volumes can share with any other, in grid order and cut into blocks, and which of them lie in most of
/// its masks.
/// </summary>
internal sealed class VoxelUnion
{
    /// <summary>
    /// Voxels per block. A panel of a block takes 64 KB: one of them and several others it is multiplied with fit a second-level cache
    /// of 1 MB, and the results in double precision, touched once per block, cost a few per cent.
    /// </summary>
    public const int BlockLength = 1024;

    private const int WordBits = 64;
    private readonly int[] _starts;
    private readonly int[] _offsets;
    private readonly ulong[] _usual;

    private VoxelUnion(bool isOneMask, int[] starts, int[] offsets, ulong[] usual)
    {
        IsOneMask = isOneMask;
        _starts = starts;
        _offsets = offsets;
        _usual = usual;
    }

    /// <summary>Whether all volumes have one and the same mask, which then is the union.</summary>
    public bool IsOneMask { get; }

    /// <summary>How many voxels there are.</summary>
    public int Count => _offsets[^1];

    /// <summary>How many blocks there are.</summary>
    public int BlockCount => (Count + BlockLength - 1) / BlockLength;

    /// <summary>64-bit words that hold a block's bits.</summary>
    public static int BlockWords => BlockLength / WordBits;

    /// <summary>The voxels in any mask of <paramref name="gallery"/>: no pair shares another one.</summary>
    /// <remarks>Blocks follow from the gallery alone, and with them the rounding of a score: it is the same whichever probes come together.</remarks>
    /// <param name="gallery">Volumes on one grid.</param>
    /// <param name="probes">Those they are compared with; only whether their masks are the gallery's matters.</param>
    public static VoxelUnion Of(IReadOnlyList<PreparedVolume> gallery, IReadOnlyList<PreparedVolume> probes)
    {
        var mask = gallery[0].Mask;
        if (gallery.All(v => v.Mask.Equals(mask)) && (ReferenceEquals(gallery, probes) || probes.All(v => v.Mask.Equals(mask))))
        {
            return new(isOneMask: true, [], [0, mask.Count], []);
        }

        var popularity = Popularity(gallery);
        var starts = new List<int>();
        var offsets = new List<int> { 0 };
        var usual = new List<ulong>();
        var count = 0;
        var length = (int)mask.Size.Count;
        for (var i = 0; i < length; i++)
        {
            if (popularity[i] == 0)
            {
                continue;
            }

            starts.Add(i);
            for (; i < length && popularity[i] != 0; i++, count++)
            {
                if (count % WordBits == 0)
                {
                    usual.Add(0);
                }

                if (2 * popularity[i] >= gallery.Count)
                {
                    usual[^1] |= 1UL << (count % WordBits);
                }
            }

            offsets.Add(count);
        }

        return new(isOneMask: false, [.. starts], [.. offsets], [.. usual]);
    }

    /// <summary>Voxels in a block: <see cref="BlockLength"/>, or fewer in the last one.</summary>
    public int Length(int block) => Math.Min(BlockLength, Count - (block * BlockLength));

    /// <summary>For each voxel of a block, whether it lies in at least half of the gallery's masks; bits beyond the last voxel are 0.</summary>
    public ReadOnlySpan<ulong> Usual(int block)
    {
        var first = block * BlockWords;
        return _usual.AsSpan(first, Math.Min(BlockWords, _usual.Length - first));
    }

    /// <summary>A volume's standardised values at the voxels of a block: zero outside its mask.</summary>
    /// <param name="block">The block.</param>
    /// <param name="mask">The volume's mask.</param>
    /// <param name="source">One value per voxel of the mask.</param>
    /// <param name="map">How values are standardised.</param>
    /// <param name="run">The run of the mask to begin with, at or before the block's first voxel; moved on for the next block.</param>
    /// <param name="row">The values.</param>
    /// <param name="members">Which of the voxels lie in the mask.</param>
    public void Expand(int block, MaskRuns mask, ReadOnlySpan<float> source, Standardization map, ref int run, Span<float> row, Span<ulong> members)
    {
        row.Clear();
        members.Clear();
        var first = block * BlockLength;
        var end = first + Length(block);
        var starts = mask.Starts;
        var offsets = mask.Offsets;
        for (var segment = SegmentAt(first); segment < _starts.Length && _offsets[segment] < end; segment++)
        {
            // The part of the segment in this block, as grid indices.
            var toPosition = _offsets[segment] - _starts[segment];
            var from = Math.Max(_starts[segment], first - toPosition);
            var to = Math.Min(_starts[segment] + _offsets[segment + 1] - _offsets[segment], end - toPosition);
            while (run < starts.Length && starts[run] + offsets[run + 1] - offsets[run] <= from)
            {
                run++;
            }

            for (var r = run; r < starts.Length && starts[r] < to; r++)
            {
                var low = Math.Max(starts[r], from);
                var high = Math.Min(starts[r] + offsets[r + 1] - offsets[r], to);
                var at = low + toPosition - first;
                map.Apply(source.Slice(offsets[r] + low - starts[r], high - low), row[at..]);
                Set(members, at, high - low);
            }
        }
    }

    private static int[] Popularity(IReadOnlyList<PreparedVolume> volumes)
    {
        var changes = new int[volumes[0].Mask.Size.Count + 1];
        foreach (var mask in volumes.Select(v => v.Mask))
        {
            var starts = mask.Starts;
            var offsets = mask.Offsets;
            for (var run = 0; run < starts.Length; run++)
            {
                changes[starts[run]]++;
                changes[starts[run] + offsets[run + 1] - offsets[run]]--;
            }
        }

        var sum = 0;
        foreach (ref var change in changes.AsSpan())
        {
            sum += change;
            change = sum;
        }

        return changes;
    }

    private static void Set(Span<ulong> bits, int first, int count)
    {
        while (count > 0)
        {
            var bit = first % WordBits;
            var here = Math.Min(count, WordBits - bit);
            bits[first / WordBits] |= (ulong.MaxValue >> (WordBits - here)) << bit;
            first += here;
            count -= here;
        }
    }

    private int SegmentAt(int position)
    {
        var found = Array.BinarySearch(_offsets, position);
        return found >= 0 ? found : ~found - 1;
    }
}
