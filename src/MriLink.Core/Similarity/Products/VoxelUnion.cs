namespace MriLink.Core.Similarity.Products;

/// <summary>
/// The voxels that a gallery's volumes can share with any other, cut into blocks: first those in at least half of its masks, then the
/// others, both in grid order.
/// </summary>
internal sealed class VoxelUnion
{
    /// <summary>
    /// Voxels per block. A panel of a block takes 64 KB: one of them and several others it is multiplied with fit a second-level cache
    /// of 1 MB, and the results in double precision, touched once per block, cost a few per cent.
    /// </summary>
    public const int BlockLength = 1024;

    private readonly int[] _starts;
    private readonly int[] _lengths;
    private readonly int[] _positions;
    private readonly int[] _unusual;
    private readonly int[] _firstVoxels;

    private VoxelUnion(bool isOneMask, int count, int usualBlocks, List<Segment> segments, int[] unusual, List<int> firstVoxels)
    {
        IsOneMask = isOneMask;
        Count = count;
        UsualBlockCount = usualBlocks;
        BlockCount = usualBlocks + Math.Max(0, firstVoxels.Count - 1);
        _unusual = unusual;
        _firstVoxels = [.. firstVoxels];
        _starts = [.. segments.Select(s => s.Start)];
        _lengths = [.. segments.Select(s => s.Length)];
        _positions = [.. segments.Select(s => s.Position)];
    }

    /// <summary>Whether all volumes have one and the same mask, which then is the union.</summary>
    public bool IsOneMask { get; }

    /// <summary>How many voxels there are.</summary>
    public int Count { get; }

    /// <summary>How many blocks there are.</summary>
    public int BlockCount { get; }

    /// <summary>So many blocks at the beginning hold the voxels of at least half of the gallery's masks, the others the rest.</summary>
    public int UsualBlockCount { get; }

    /// <summary>How many of the voxels are usual ones: all where there is one mask.</summary>
    private int UsualCount { get; init; }

    /// <summary>The voxels in any mask of <paramref name="gallery"/>: no pair shares another one.</summary>
    /// <remarks>Blocks follow from the gallery alone, and with them the rounding of a score: it is the same whichever probes come together.</remarks>
    /// <param name="gallery">Volumes on one grid.</param>
    /// <param name="probes">Those they are compared with; only whether their masks are the gallery's matters.</param>
    public static VoxelUnion Of(IReadOnlyList<PreparedVolume> gallery, IReadOnlyList<PreparedVolume> probes)
    {
        var mask = gallery[0].Mask;
        return gallery.All(v => v.Mask.Equals(mask)) && (ReferenceEquals(gallery, probes) || probes.All(v => v.Mask.Equals(mask)))
            ? new(isOneMask: true, mask.Count, Blocks(mask.Count), [], [], []) { UsualCount = mask.Count }
            : OfMasks(gallery);
    }

    /// <summary>The voxels in any mask of <paramref name="gallery"/>, for probes that may have other masks.</summary>
    public static VoxelUnion OfMasks(IReadOnlyList<PreparedVolume> gallery)
    {
        var popularity = Popularity(gallery);
        var segments = new List<Segment>();
        var unusual = new int[gallery[0].Mask.Size.Count];
        var firstVoxels = new List<int>();
        int usualCount = 0, unusualCount = 0;
        for (var i = 0; i < unusual.Length; i++)
        {
            if (2 * popularity[i] >= gallery.Count)
            {
                if (i == 0 || 2 * popularity[i - 1] < gallery.Count)
                {
                    segments.Add(new(i, 0, usualCount));
                }

                segments[^1] = segments[^1] with { Length = segments[^1].Length + 1 };
                usualCount++;
            }
            else if (popularity[i] > 0)
            {
                if (unusualCount % BlockLength == 0)
                {
                    firstVoxels.Add(i);
                }

                unusual[i] = ++unusualCount;
            }
        }

        firstVoxels.Add(unusual.Length);
        return new(isOneMask: false, usualCount + unusualCount, Blocks(usualCount), segments, unusual, firstVoxels) { UsualCount = usualCount };
    }

    /// <summary>Voxels in a block: <see cref="BlockLength"/>, or fewer in the last one of either kind.</summary>
    public int Length(int block) => block < UsualBlockCount
        ? Math.Min(BlockLength, UsualCount - (block * BlockLength))
        : Math.Min(BlockLength, Count - UsualCount - ((block - UsualBlockCount) * BlockLength));

    /// <summary>A volume's standardised values at the voxels of a usual block: zero outside its mask.</summary>
    /// <param name="block">The block.</param>
    /// <param name="mask">The volume's mask.</param>
    /// <param name="source">One value per voxel of the mask.</param>
    /// <param name="map">How values are standardised.</param>
    /// <param name="run">The run of the mask to begin with; moved on for the next block.</param>
    /// <param name="row">The values.</param>
    /// <param name="members">1 for each voxel that lies in the mask, otherwise 0.</param>
    public void Expand(int block, MaskRuns mask, ReadOnlySpan<float> source, Standardization map, ref int run, Span<float> row, Span<byte> members)
    {
        row.Clear();
        members.Clear();
        var first = block * BlockLength;
        var end = first + row.Length;
        var starts = mask.Starts;
        var offsets = mask.Offsets;
        for (var segment = SegmentAt(first); segment < _starts.Length && _positions[segment] < end; segment++)
        {
            // The part of the segment in this block, as grid indices.
            var toPosition = _positions[segment] - _starts[segment];
            var from = Math.Max(_starts[segment], first - toPosition);
            var to = Math.Min(_starts[segment] + _lengths[segment], end - toPosition);
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
                members.Slice(at, high - low).Fill(1);
            }
        }
    }

    /// <summary>Those voxels of a block of unusual ones that a volume's mask has, and their standardised values.</summary>
    /// <param name="block">The block.</param>
    /// <param name="mask">The volume's mask.</param>
    /// <param name="source">One value per voxel of the mask.</param>
    /// <param name="map">How values are standardised.</param>
    /// <param name="run">The run of the mask to begin with; moved on for the next block.</param>
    /// <param name="voxels">The voxels within the block, ascending.</param>
    /// <param name="values">Their values.</param>
    /// <returns>How many there are.</returns>
    public int Unusual(int block, MaskRuns mask, ReadOnlySpan<float> source, Standardization map, ref int run, Span<ushort> voxels,
        Span<float> values)
    {
        var index = block - UsualBlockCount;
        int from = _firstVoxels[index], to = _firstVoxels[index + 1];
        var firstPosition = 1 + (index * BlockLength);
        var starts = mask.Starts;
        var offsets = mask.Offsets;
        if (index == 0)
        {
            // The unusual blocks begin at the grid's beginning again.
            run = 0;
        }

        while (run < starts.Length && starts[run] + offsets[run + 1] - offsets[run] <= from)
        {
            run++;
        }

        var count = 0;
        for (var r = run; r < starts.Length && starts[r] < to; r++)
        {
            var low = Math.Max(starts[r], from);
            var high = Math.Min(starts[r] + offsets[r + 1] - offsets[r], to);
            var positions = _unusual.AsSpan(low, high - low);
            for (var i = positions.IndexOfAnyExcept(0); i >= 0 && i < positions.Length;)
            {
                for (; i < positions.Length && positions[i] > 0; i++)
                {
                    voxels[count] = (ushort)(positions[i] - firstPosition);
                    values[count++] = (source[offsets[r] + low - starts[r] + i] - map.Shift) * map.Factor;
                }

                var next = positions[i..].IndexOfAnyExcept(0);
                i = next < 0 ? next : i + next;
            }
        }

        return count;
    }

    private static int Blocks(int voxels) => (voxels + BlockLength - 1) / BlockLength;

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

    // The last segment that begins at or before a position.
    private int SegmentAt(int position)
    {
        var found = Array.BinarySearch(_positions, 0, _starts.Length, position);
        return found >= 0 ? found : ~found - 1;
    }

    // Voxels that follow each other in the grid: grid index of the first, how many, and the first one's position in the blocks.
    private readonly record struct Segment(int Start, int Length, int Position);
}
