using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>
/// A mask as runs of voxels along x. The voxels it contains, in grid order, index every per-voxel vector of a volume:
/// memory and work then scale with the brain, not with the grid, and two masks are intersected run by run.
/// </summary>
internal sealed class MaskRuns : IEquatable<MaskRuns>
{
    private readonly ConcurrentDictionary<WindowKernel, Lazy<float[]>> _inverseWeights = new();
    private readonly ConcurrentDictionary<int, Lazy<WindowLayout>> _layouts = new();
    private readonly ConcurrentDictionary<(float X, float Y, float Z), Lazy<float[]>> _gaussianWeights = new();

    // Masks that were asked about last, a few of them: volumes of one mask come one after the other, those of their own have nothing to find.
    private static readonly WeakReference<MaskRuns>?[] Recent = new WeakReference<MaskRuns>?[64];
    private readonly Buffers _buffers;
    private readonly int[] _starts;
    private readonly int[] _offsets;
    private readonly int _hash;

    /// <summary>Takes <paramref name="runs"/> runs; the arrays may be longer (pooled) and are not copied.</summary>
    /// <param name="size">The grid.</param>
    /// <param name="starts">Grid index of the first voxel of each run; ascending, no run leaves its row.</param>
    /// <param name="offsets">How many voxels lie in the runs before; one entry more than there are runs.</param>
    /// <param name="runs">How many runs there are.</param>
    /// <param name="buffers">Where memory for what is derived from the mask comes from.</param>
    public MaskRuns(GridSize size, int[] starts, int[] offsets, int runs, Buffers buffers)
    {
        _buffers = buffers;
        Size = size;
        _starts = starts;
        _offsets = offsets;
        RunCount = runs;
        Count = offsets[runs];
        Box = BoundingBox.Around(this);
        var hash = default(HashCode);
        hash.Add(size);
        hash.AddBytes(MemoryMarshal.AsBytes(Starts));
        hash.AddBytes(MemoryMarshal.AsBytes(Offsets));
        _hash = hash.ToHashCode();
    }

    /// <summary>The grid.</summary>
    public GridSize Size { get; }

    /// <summary>How many runs there are.</summary>
    public int RunCount { get; }

    /// <summary>How many voxels the mask contains.</summary>
    public int Count { get; }

    /// <summary>The smallest box that holds the mask.</summary>
    public BoundingBox Box { get; }

    /// <summary>Whether several volumes, or several numbers of one, have this mask, so that what is derived from it alone is worth keeping.</summary>
    public bool IsShared { get; set; }

    /// <summary>Grid index of the first voxel of each run.</summary>
    public ReadOnlySpan<int> Starts => _starts.AsSpan(0, RunCount);

    /// <summary>Voxels before each run, and after the last one all of them.</summary>
    public ReadOnlySpan<int> Offsets => _offsets.AsSpan(0, RunCount + 1);

    /// <summary>The runs of the voxels for which <paramref name="isInside"/> holds.</summary>
    public static MaskRuns Create(GridSize size, Func<int, bool> isInside, Buffers buffers)
    {
        var starts = new List<int>();
        var offsets = new List<int> { 0 };
        var count = 0;
        var rows = size.Y * size.Z;
        for (var row = 0; row < rows; row++)
        {
            var first = row * size.X;
            var end = first + size.X;
            for (var i = first; i < end; i++)
            {
                if (!isInside(i))
                {
                    continue;
                }

                var start = i;
                while (i < end && isInside(i))
                {
                    i++;
                }

                count += i - start;
                starts.Add(start);
                offsets.Add(count);
            }
        }

        return new(size, [.. starts], [.. offsets], starts.Count, buffers);
    }

    /// <summary>How many voxels lie in another mask of the same grid too.</summary>
    public int SharedWith(MaskRuns other)
    {
        var shared = 0;
        for (var runs = new SharedRuns(this, other); runs.MoveNext();)
        {
            shared += runs.To - runs.From;
        }

        return shared;
    }

    /// <summary>One over the part of the window's weight that lies on the mask, per voxel; kept. The array may be longer.</summary>
    public float[] InverseWeights(WindowKernel kernel) => _inverseWeights.GetOrAdd(kernel, k => new(() =>
    {
        var weights = _buffers.Floats(Count);
        WindowFilter.InverseWeights(this, k, weights);
        return weights;
    })).Value;

    /// <summary>Gaussian windows' weights on the mask, per voxel; computed for the first that asks, and kept.</summary>
    /// <param name="widths">The windows' standard deviations in voxels.</param>
    /// <param name="compute">Computes them.</param>
    public float[] GaussianWeights((float X, float Y, float Z) widths, Func<float[]> compute) =>
        _gaussianWeights.GetOrAdd(widths, (_, make) => new(make), compute).Value;

    /// <summary>The same mask as the one object that volumes share, if one was asked about that is still in use.</summary>
    public MaskRuns Shared()
    {
        ref var place = ref Recent[(uint)_hash % (uint)Recent.Length];
        if (Volatile.Read(ref place) is { } found && found.TryGetTarget(out var mask) && mask.Equals(this))
        {
            mask.IsShared = true;
            return mask;
        }

        Volatile.Write(ref place, new(this));
        return this;
    }

    /// <summary>Where the voxels lie in the planes that windows of a radius are slid over; kept.</summary>
    public WindowLayout Layout(int radius) => _layouts.GetOrAdd(radius, r => new(() => new(this, r, _buffers))).Value;

    /// <summary>
    /// The parts of the mask's vectors whose voxels keep at least <paramref name="margin"/> voxels' distance from every face of the
    /// grid; neighbouring parts are joined, so a mask away from the faces is one part.
    /// </summary>
    public IReadOnlyList<Range> Interior(int margin)
    {
        if (Box.X0 >= margin && Box.Y0 >= margin && Box.Z0 >= margin
            && Box.X1 <= Size.X - margin && Box.Y1 <= Size.Y - margin && Box.Z1 <= Size.Z - margin)
        {
            return [0..Count];
        }

        var parts = new List<Range>();
        for (var run = 0; run < RunCount; run++)
        {
            var (x, y, z) = Locate(_starts[run]);
            if (y < margin || y >= Size.Y - margin || z < margin || z >= Size.Z - margin)
            {
                continue;
            }

            var length = _offsets[run + 1] - _offsets[run];
            var from = _offsets[run] + Math.Max(0, margin - x);
            var to = _offsets[run] + Math.Min(length, Size.X - margin - x);
            if (from >= to)
            {
                continue;
            }

            if (parts.Count > 0 && parts[^1].End.Value == from)
            {
                parts[^1] = parts[^1].Start.Value..to;
            }
            else
            {
                parts.Add(from..to);
            }
        }

        return parts;
    }

    /// <summary>One value per voxel of the mask as a grid, 0 elsewhere.</summary>
    public float[] Spread(ReadOnlySpan<float> values)
    {
        var grid = new float[Size.Count];
        for (var run = 0; run < RunCount; run++)
        {
            values[_offsets[run].._offsets[run + 1]].CopyTo(grid.AsSpan(_starts[run]));
        }

        return grid;
    }

    /// <summary>The grid position of a grid index.</summary>
    public (int X, int Y, int Z) Locate(int index)
    {
        var row = index / Size.X;
        return (index - (row * Size.X), row % Size.Y, row / Size.Y);
    }

    /// <inheritdoc/>
    public bool Equals(MaskRuns? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && Size == other.Size
            && Starts.SequenceEqual(other.Starts) && Offsets.SequenceEqual(other.Offsets));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MaskRuns);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>A box of voxels; the upper bounds do not belong to it.</summary>
    internal readonly record struct BoundingBox(int X0, int Y0, int Z0, int X1, int Y1, int Z1)
    {
        /// <summary>The smallest box around <paramref name="mask"/>; empty for an empty mask.</summary>
        public static BoundingBox Around(MaskRuns mask)
        {
            if (mask.RunCount == 0)
            {
                return default;
            }

            int x0 = int.MaxValue, y0 = int.MaxValue, z0 = int.MaxValue, x1 = 0, y1 = 0, z1 = 0;
            for (var run = 0; run < mask.RunCount; run++)
            {
                var (x, y, z) = mask.Locate(mask._starts[run]);
                x0 = Math.Min(x0, x);
                x1 = Math.Max(x1, x + mask._offsets[run + 1] - mask._offsets[run]);
                y0 = Math.Min(y0, y);
                y1 = Math.Max(y1, y + 1);
                z0 = Math.Min(z0, z);
                z1 = Math.Max(z1, z + 1);
            }

            return new(x0, y0, z0, x1, y1, z1);
        }
    }
}
