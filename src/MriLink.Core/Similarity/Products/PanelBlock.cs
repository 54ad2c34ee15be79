using System.Buffers;
using System.Numerics;

namespace MriLink.Core.Similarity.Products;

/// <summary>
/// One block of voxels of some volumes, packed into panels for <see cref="PanelKernel"/>, and what their masks have of their own there.
/// </summary>
/// <remarks>
/// Where masks differ, sums over a pair's joint mask are wanted. The masks of brains on one template hardly differ, so a volume's mask
/// is kept as its exceptions from the usual one: Σx over both masks is Σx over the usual mask (a number per volume), plus x at the
/// voxels that the other mask has besides, less x at those that it lacks. That is exact, and a few per cent of the work of one more product.
/// </remarks>
internal sealed class PanelBlock
{
    private const int Depth = VoxelUnion.BlockLength;
    private readonly IReadOnlyList<PreparedVolume> _volumes;
    private readonly int _first;
    private readonly VoxelUnion _union;
    private readonly ProductSource _source;
    private readonly float[] _values;
    private readonly ushort[] _members;
    private readonly ushort[] _exceptions;
    private readonly int[] _added;
    private readonly int[] _missing;
    private readonly int[] _runs;

    /// <summary>Makes room for the volumes <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1.</summary>
    public PanelBlock(IReadOnlyList<PreparedVolume> volumes, int first, int count, VoxelUnion union, ProductSource source)
    {
        _volumes = volumes;
        _first = first;
        _union = union;
        _source = source;
        Count = count;
        PanelCount = (count + PanelKernel.Width - 1) / PanelKernel.Width;
        var slots = PanelCount * PanelKernel.Width;
        _values = GC.AllocateUninitializedArray<float>(slots * Depth);
        var exceptions = union.IsOneMask ? 0 : slots;
        _members = new ushort[exceptions * Depth];
        _exceptions = new ushort[exceptions * Depth];
        _added = new int[slots];
        _missing = new int[slots];
        _runs = new int[slots];
        Sums = new double[slots];
        Squares = new double[slots];
        Voxels = new int[slots];
    }

    /// <summary>How many volumes there are.</summary>
    public int Count { get; }

    /// <summary>How many panels they fill; empty places in the last one hold zeros.</summary>
    public int PanelCount { get; }

    /// <summary>Σx over the usual mask in the blocks packed so far, per volume.</summary>
    public double[] Sums { get; }

    /// <summary>Σx² over the usual mask in the blocks packed so far, per volume.</summary>
    public double[] Squares { get; }

    /// <summary>Voxels in the usual mask and the volume's own, in the blocks packed so far, per volume.</summary>
    public int[] Voxels { get; }

    /// <summary>A panel's values: zero outside a volume's mask.</summary>
    public ReadOnlySpan<float> Values(int panel) => _values.AsSpan(panel * PanelKernel.Width * Depth, PanelKernel.Width * Depth);

    /// <summary>A panel's masks, 1 or 0; kept only where masks differ.</summary>
    public ReadOnlySpan<ushort> Members(int panel) => _members.AsSpan(panel * PanelKernel.Width * Depth, PanelKernel.Width * Depth);

    /// <summary>The block's voxels that a volume's mask has besides the usual ones.</summary>
    public ReadOnlySpan<ushort> Added(int slot) => _exceptions.AsSpan(slot * Depth, _added[slot]);

    /// <summary>The block's voxels that a volume's mask lacks of the usual ones.</summary>
    public ReadOnlySpan<ushort> Missing(int slot) => _exceptions.AsSpan(((slot + 1) * Depth) - _missing[slot], _missing[slot]);

    /// <summary>Packs a panel. Blocks come in ascending order; different panels may be packed at once.</summary>
    public void Pack(int panel, int block)
    {
        var length = _union.Length(block);
        var rows = ArrayPool<float>.Shared.Rent(PanelKernel.Width * Depth);
        try
        {
            for (var row = 0; row < PanelKernel.Width; row++)
            {
                var slot = (panel * PanelKernel.Width) + row;
                var values = rows.AsSpan(row * Depth, length);
                if (slot >= Count)
                {
                    values.Clear();
                }
                else if (_union.IsOneMask)
                {
                    var volume = _volumes[_first + slot];
                    _source.Standardization(volume).Apply(_source.Values(volume).Slice(block * Depth, length), values);
                    AddSums(slot, values);
                    Voxels[slot] += length;
                }
                else
                {
                    Expand(slot, block, values);
                }
            }

            if (!_union.IsOneMask)
            {
                PackMembers(panel, block, length);
            }

            Transpose(rows, _values.AsSpan(panel * PanelKernel.Width * Depth), length);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
        }
    }

    // Blocks of 16 by 16 values, so that the lines written to stay in the first-level cache.
    private static void Transpose(float[] rows, Span<float> panel, int length)
    {
        const int width = PanelKernel.Width;
        for (var start = 0; start < length; start += width)
        {
            var count = Math.Min(width, length - start);
            var to = panel.Slice(start * width, count * width);
            for (var row = 0; row < width; row++)
            {
                var from = rows.AsSpan((row * Depth) + start, count);
                var at = row;
                foreach (var value in from)
                {
                    to[at] = value;
                    at += width;
                }
            }
        }
    }

    private void AddSums(int slot, ReadOnlySpan<float> values)
    {
        var (sum, squares) = BlockSums.SumAndSquares(values);
        Sums[slot] += sum;
        Squares[slot] += squares;
    }

    private void Expand(int slot, int block, Span<float> values)
    {
        var volume = _volumes[_first + slot];
        Span<ulong> members = stackalloc ulong[VoxelUnion.BlockWords];
        _union.Expand(block, volume.Mask, _source.Values(volume), _source.Standardization(volume), ref _runs[slot], values, members);
        var usual = _union.Usual(block);
        var exceptions = _exceptions.AsSpan(slot * Depth, Depth);
        int added = 0, missing = 0, common = 0;
        for (var word = 0; word < usual.Length; word++)
        {
            var inside = members[word];
            common += BitOperations.PopCount(inside & usual[word]);
            for (var bits = inside & ~usual[word]; bits != 0; bits &= bits - 1)
            {
                exceptions[added++] = (ushort)((word * 64) + BitOperations.TrailingZeroCount(bits));
            }

            for (var bits = usual[word] & ~inside; bits != 0; bits &= bits - 1)
            {
                exceptions[^++missing] = (ushort)((word * 64) + BitOperations.TrailingZeroCount(bits));
            }
        }

        _added[slot] = added;
        _missing[slot] = missing;
        Voxels[slot] += common;
        AddSums(slot, values);
        foreach (var voxel in exceptions[..added])
        {
            Sums[slot] -= values[voxel];
            Squares[slot] -= (double)values[voxel] * values[voxel];
        }
    }

    // The usual mask for all volumes of the panel, then each one's exceptions.
    private void PackMembers(int panel, int block, int length)
    {
        const int width = PanelKernel.Width;
        var members = _members.AsSpan(panel * width * Depth, length * width);
        var usual = _union.Usual(block);
        for (var voxel = 0; voxel < length; voxel++)
        {
            members.Slice(voxel * width, width).Fill((ushort)((usual[voxel / 64] >> (voxel % 64)) & 1));
        }

        for (var row = 0; row < width; row++)
        {
            var slot = (panel * width) + row;
            foreach (var voxel in Added(slot))
            {
                members[(voxel * width) + row] = 1;
            }

            foreach (var voxel in Missing(slot))
            {
                members[(voxel * width) + row] = 0;
            }
        }
    }
}
