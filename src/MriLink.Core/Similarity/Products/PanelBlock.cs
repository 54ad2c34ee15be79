using System.Buffers;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MriLink.Core.Similarity.Products;

/// <summary>
/// One block of voxels of some volumes, packed into panels for <see cref="PanelKernel"/>, and what their masks have of their own there.
/// </summary>
/// <remarks>
/// Where masks differ, sums over a pair's joint mask are wanted. The masks of brains on one template hardly differ, so a mask is kept as
/// its exceptions from the usual one: Σx over both masks is Σx over the usual mask (a number per volume), less x at the usual voxels that
/// the other mask lacks, plus x at the unusual ones that it has. That is exact, and a small part of the work of one more product.
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
    private readonly int[] _exceptionCounts;
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
        _exceptionCounts = new int[slots];
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

    /// <summary>The block's voxels, ascending, that a volume's mask lacks if they are usual ones, and those that it has if they are not.</summary>
    public ReadOnlySpan<ushort> Exceptions(int slot) => _exceptions.AsSpan(slot * Depth, _exceptionCounts[slot]);

    /// <summary>Packs a panel. Blocks come in ascending order; different panels may be packed at once.</summary>
    public void Pack(int panel, int block)
    {
        var length = _union.Length(block);
        if (block >= _union.UsualBlockCount)
        {
            PackUnusual(panel, block, length);
            return;
        }

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
                    continue;
                }

                if (_union.IsOneMask)
                {
                    var volume = _volumes[_first + slot];
                    _source.Standardization(volume).Apply(_source.Values(volume).Slice(block * Depth, length), values);
                    Voxels[slot] += length;
                }
                else
                {
                    Expand(slot, block, values);
                }

                var (sum, squares) = BlockSums.SumAndSquares(values);
                Sums[slot] += sum;
                Squares[slot] += squares;
            }

            Transpose(rows, _values.AsSpan(panel * PanelKernel.Width * Depth), length);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rows);
        }

        if (!_union.IsOneMask)
        {
            PackMembers(panel, length);
        }
    }

    // Blocks of 16 by 16 values, so that the lines written to stay in the first-level cache.
    private static void Transpose(float[] rows, Span<float> panel, int length)
    {
        const int width = PanelKernel.Width;
        const int half = width / 2;
        var start = 0;
        if (Avx.IsSupported)
        {
            for (; start <= length - half; start += half)
            {
                var to = panel.Slice(start * width, half * width);
                Transpose8(rows.AsSpan(start), to);
                Transpose8(rows.AsSpan((half * Depth) + start), to[half..]);
            }
        }

        for (; start < length; start += width)
        {
            var count = Math.Min(width, length - start);
            var to = panel.Slice(start * width, count * width);
            for (var row = 0; row < width; row++)
            {
                var at = row;
                foreach (var value in rows.AsSpan((row * Depth) + start, count))
                {
                    to[at] = value;
                    at += width;
                }
            }
        }
    }

    // Eight values of eight rows, by three rounds of pairwise exchange.
    private static void Transpose8(ReadOnlySpan<float> rows, Span<float> to)
    {
        Vector256<float> r0 = Row(rows, 0), r1 = Row(rows, 1), r2 = Row(rows, 2), r3 = Row(rows, 3);
        Vector256<float> r4 = Row(rows, 4), r5 = Row(rows, 5), r6 = Row(rows, 6), r7 = Row(rows, 7);
        Vector256<float> a0 = Avx.UnpackLow(r0, r1), a1 = Avx.UnpackHigh(r0, r1), a2 = Avx.UnpackLow(r2, r3), a3 = Avx.UnpackHigh(r2, r3);
        Vector256<float> a4 = Avx.UnpackLow(r4, r5), a5 = Avx.UnpackHigh(r4, r5), a6 = Avx.UnpackLow(r6, r7), a7 = Avx.UnpackHigh(r6, r7);
        const byte lowHalves = 0x44;
        const byte highHalves = 0xEE;
        r0 = Avx.Shuffle(a0, a2, lowHalves);
        r1 = Avx.Shuffle(a0, a2, highHalves);
        r2 = Avx.Shuffle(a1, a3, lowHalves);
        r3 = Avx.Shuffle(a1, a3, highHalves);
        r4 = Avx.Shuffle(a4, a6, lowHalves);
        r5 = Avx.Shuffle(a4, a6, highHalves);
        r6 = Avx.Shuffle(a5, a7, lowHalves);
        r7 = Avx.Shuffle(a5, a7, highHalves);
        const byte firstLanes = 0x20;
        const byte secondLanes = 0x31;
        Put(Avx.Permute2x128(r0, r4, firstLanes), to, 0);
        Put(Avx.Permute2x128(r1, r5, firstLanes), to, 1);
        Put(Avx.Permute2x128(r2, r6, firstLanes), to, 2);
        Put(Avx.Permute2x128(r3, r7, firstLanes), to, 3);
        Put(Avx.Permute2x128(r0, r4, secondLanes), to, 4);
        Put(Avx.Permute2x128(r1, r5, secondLanes), to, 5);
        Put(Avx.Permute2x128(r2, r6, secondLanes), to, 6);
        Put(Avx.Permute2x128(r3, r7, secondLanes), to, 7);
    }

    private static Vector256<float> Row(ReadOnlySpan<float> rows, int row) => Vector256.Create(rows[(row * Depth)..]);

    private static void Put(Vector256<float> values, Span<float> to, int voxel) => values.CopyTo(to[(voxel * PanelKernel.Width)..]);

    private void Expand(int slot, int block, Span<float> values)
    {
        var volume = _volumes[_first + slot];
        Span<byte> members = stackalloc byte[Depth];
        members = members[..values.Length];
        _union.Expand(block, volume.Mask, _source.Values(volume), _source.Standardization(volume), ref _runs[slot], values, members);
        var exceptions = _exceptions.AsSpan(slot * Depth, Depth);
        var count = 0;
        for (var voxel = members.IndexOf((byte)0); voxel >= 0;)
        {
            exceptions[count++] = (ushort)voxel;
            var next = members[(voxel + 1)..].IndexOf((byte)0);
            voxel = next < 0 ? next : voxel + 1 + next;
        }

        _exceptionCounts[slot] = count;
        Voxels[slot] += values.Length - count;
    }

    private void PackMembers(int panel, int length)
    {
        const int width = PanelKernel.Width;
        var members = _members.AsSpan(panel * width * Depth, length * width);
        members.Fill(1);
        for (var row = 0; row < width; row++)
        {
            foreach (var voxel in Exceptions((panel * width) + row))
            {
                members[(voxel * width) + row] = 0;
            }
        }
    }

    // Few volumes have any of these voxels: the panel is zero but for them.
    private void PackUnusual(int panel, int block, int length)
    {
        const int width = PanelKernel.Width;
        var panelValues = _values.AsSpan(panel * width * Depth, length * width);
        var members = _members.AsSpan(panel * width * Depth, length * width);
        panelValues.Clear();
        members.Clear();
        Span<float> values = stackalloc float[Depth];
        for (var row = 0; row < width && (panel * width) + row < Count; row++)
        {
            var slot = (panel * width) + row;
            var volume = _volumes[_first + slot];
            var exceptions = _exceptions.AsSpan(slot * Depth, Depth);
            var count = _union.Unusual(
                block, volume.Mask, _source.Values(volume), _source.Standardization(volume), ref _runs[slot], exceptions, values);
            _exceptionCounts[slot] = count;
            for (var i = 0; i < count; i++)
            {
                var at = (exceptions[i] * width) + row;
                panelValues[at] = values[i];
                members[at] = 1;
            }
        }
    }
}
