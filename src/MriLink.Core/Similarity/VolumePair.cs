namespace MriLink.Core.Similarity;

/// <summary>
/// Two volumes on the voxels that lie in both masks. With equal masks everything is a view of the volumes' own vectors; otherwise the
/// joint vectors are gathered run by run into pooled memory. Belongs to one thread.
/// </summary>
internal sealed class VolumePair : IDisposable
{
    private readonly Buffers _buffers = Buffers.Pooled();
    private readonly Lazy<MaskedImage> _x;
    private readonly Lazy<MaskedImage> _y;
    private readonly int[]? _firstOffsets;
    private readonly int[]? _secondOffsets;

    /// <summary>Joins two volumes that lie on one grid.</summary>
    public VolumePair(PreparedVolume first, PreparedVolume second)
    {
        First = first;
        Second = second;
        if (first.Mask.Equals(second.Mask))
        {
            Joint = first.Mask;
        }
        else
        {
            (Joint, _firstOffsets, _secondOffsets) = Intersect(first.Mask, second.Mask);
        }

        _x = new(() => OnJointMask(First, _firstOffsets), LazyThreadSafetyMode.None);
        _y = new(() => OnJointMask(Second, _secondOffsets), LazyThreadSafetyMode.None);
    }

    /// <summary>The first volume: x, the reference or probe.</summary>
    public PreparedVolume First { get; }

    /// <summary>The second volume: y.</summary>
    public PreparedVolume Second { get; }

    /// <summary>x on the joint mask.</summary>
    public MaskedImage X => _x.Value;

    /// <summary>y on the joint mask.</summary>
    public MaskedImage Y => _y.Value;

    /// <summary>The joint mask.</summary>
    public MaskRuns Joint { get; }

    /// <summary>Voxels in both masks.</summary>
    public int Count => Joint.Count;

    /// <summary>The bins of x and of y.</summary>
    public (byte[] X, byte[] Y) Bins(int bins)
    {
        var x = _buffers.Bytes(Count);
        var y = _buffers.Bytes(Count);
        Gather(First.BinIndices(bins), _firstOffsets, x);
        Gather(Second.BinIndices(bins), _secondOffsets, y);
        return (x, y);
    }

    /// <summary>Gradient magnitudes of x and y; NaN where the neighbourhood leaves that volume's mask.</summary>
    public (float[] X, float[] Y) Gradients()
    {
        var x = _buffers.Floats(Count);
        var y = _buffers.Floats(Count);
        Gather(First.GradientMagnitude, _firstOffsets, x);
        Gather(Second.GradientMagnitude, _secondOffsets, y);
        return (x, y);
    }

    /// <summary>x and y after local contrast normalisation, each over its own mask.</summary>
    public void WithContrast(LocalContrast contrast, out ReadOnlySpan<float> x, out ReadOnlySpan<float> y)
    {
        x = First.Contrast(contrast);
        y = Second.Contrast(contrast);
        if (_firstOffsets is not null && _secondOffsets is not null)
        {
            x = Gather(x, _firstOffsets, Joint).AsSpan(0, Count);
            y = Gather(y, _secondOffsets, Joint).AsSpan(0, Count);
        }
    }

    /// <summary>Ranks of x and y among the joint mask's voxels, ties averaged, about zero.</summary>
    public void WithRanks(out ReadOnlySpan<float> x, out ReadOnlySpan<float> y)
    {
        if (_firstOffsets is null || _secondOffsets is null)
        {
            x = First.OwnRanks;
            y = Second.OwnRanks;
            return;
        }

        x = JointRanks(First, _firstOffsets);
        y = JointRanks(Second, _secondOffsets);
    }

    /// <summary>The data range L: the option's, or the pair's (see <see cref="SimilarityOptions.DataRange"/>).</summary>
    public double DataRange(SimilarityOptions options) => options.DataRangeOf(First, Second);

    /// <inheritdoc/>
    public void Dispose() => _buffers.Dispose();

    private ReadOnlySpan<float> JointRanks(PreparedVolume volume, int[] offsets)
    {
        var own = volume.VoxelCount;
        var target = _buffers.Ints(own);
        target.AsSpan(0, own).Fill(-1);
        for (var run = 0; run < Joint.RunCount; run++)
        {
            var to = Joint.Offsets[run];
            var length = Joint.Offsets[run + 1] - to;
            for (var i = 0; i < length; i++)
            {
                target[offsets[run] + i] = to + i;
            }
        }

        var ranks = _buffers.Floats(Count);
        Ranks.CenteredAmong(volume.Order, volume.Image.Values, target.AsSpan(0, own), _buffers.Ints(own), ranks);
        return ranks.AsSpan(0, Count);
    }

    private MaskedImage OnJointMask(PreparedVolume volume, int[]? offsets) =>
        offsets is null ? volume.Image : new(Joint, Gather(volume.Image.Values, offsets, Joint), volume.Image.Standardization, _buffers);

    private float[] Gather(ReadOnlySpan<float> source, int[] offsets, MaskRuns joint)
    {
        var target = _buffers.Floats(joint.Count);
        for (var run = 0; run < joint.RunCount; run++)
        {
            source.Slice(offsets[run], joint.Offsets[run + 1] - joint.Offsets[run]).CopyTo(target.AsSpan(joint.Offsets[run]));
        }

        return target;
    }

    private void Gather<T>(ReadOnlySpan<T> source, int[]? offsets, Span<T> target)
    {
        if (offsets is null)
        {
            source.CopyTo(target);
            return;
        }

        for (var run = 0; run < Joint.RunCount; run++)
        {
            source.Slice(offsets[run], Joint.Offsets[run + 1] - Joint.Offsets[run]).CopyTo(target[Joint.Offsets[run]..]);
        }
    }

    private (MaskRuns Joint, int[] First, int[] Second) Intersect(MaskRuns a, MaskRuns b)
    {
        // Each run of the result starts where a run of a or of b starts.
        var most = a.RunCount + b.RunCount;
        var starts = _buffers.Ints(most);
        var offsets = _buffers.Ints(most + 1);
        var inFirst = _buffers.Ints(most);
        var inSecond = _buffers.Ints(most);
        var count = 0;
        offsets[0] = 0;
        for (var runs = new SharedRuns(a, b); runs.MoveNext(); count++)
        {
            starts[count] = runs.From;
            inFirst[count] = runs.InFirst;
            inSecond[count] = runs.InSecond;
            offsets[count + 1] = offsets[count] + runs.To - runs.From;
        }

        return (new(a.Size, starts, offsets, count, _buffers), inFirst, inSecond);
    }
}
