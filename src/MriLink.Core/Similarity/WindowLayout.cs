namespace MriLink.Core.Similarity;

/// <summary>
/// Where the voxels of a mask lie in the planes that <see cref="WindowFilter"/> works on: the mask's box with a rim of zeros as wide
/// as the window. Along x one rim serves both neighbours: what runs off a row's end lands in the zeros before the next one.
/// </summary>
internal sealed class WindowLayout
{
    private readonly MaskRuns _mask;
    private readonly int[] _at;
    private readonly int[] _firstRuns;

    /// <summary>Lays a mask out for windows of a radius.</summary>
    public WindowLayout(MaskRuns mask, int radius, Buffers buffers)
    {
        _mask = mask;
        var box = mask.Box;
        Stride = box.X1 - box.X0 + radius;
        Rows = box.Y1 - box.Y0;
        Planes = box.Z1 - box.Z0;
        PlaneLength = Stride * (Rows + radius);
        Slack = (radius * Stride) + radius;
        _at = buffers.Ints(mask.RunCount);
        _firstRuns = buffers.Ints(Planes + 1);
        var plane = -1;
        for (var run = 0; run < mask.RunCount; run++)
        {
            var (x, y, z) = mask.Locate(mask.Starts[run]);
            _at[run] = ((y - box.Y0) * Stride) + (x - box.X0);
            while (plane < z - box.Z0)
            {
                _firstRuns[++plane] = run;
            }
        }

        while (plane < Planes)
        {
            _firstRuns[++plane] = mask.RunCount;
        }
    }

    /// <summary>From one row to the next.</summary>
    public int Stride { get; }

    /// <summary>Rows of the box.</summary>
    public int Rows { get; }

    /// <summary>Planes of the box.</summary>
    public int Planes { get; }

    /// <summary>Values of a plane with its rims.</summary>
    public int PlaneLength { get; }

    /// <summary>How far before and beyond a plane the window may reach in y and x.</summary>
    public int Slack { get; }

    /// <summary>The voxels of a plane among those of the mask.</summary>
    public (int First, int Count) Voxels(int plane)
    {
        var first = _mask.Offsets[_firstRuns[plane]];
        return (first, _mask.Offsets[_firstRuns[plane + 1]] - first);
    }

    /// <summary>Puts the values of a plane's voxels where they lie; all else is zero.</summary>
    public void Spread(int plane, ReadOnlySpan<float> values, Span<float> target)
    {
        target[..PlaneLength].Clear();
        var offsets = _mask.Offsets;
        var first = offsets[_firstRuns[plane]];
        for (var run = _firstRuns[plane]; run < _firstRuns[plane + 1]; run++)
        {
            values[(offsets[run] - first)..(offsets[run + 1] - first)].CopyTo(target[_at[run]..]);
        }
    }

    /// <summary>Takes the values of a plane's voxels from where they lie.</summary>
    public void Collect(int plane, ReadOnlySpan<float> source, Span<float> values)
    {
        var offsets = _mask.Offsets;
        var first = offsets[_firstRuns[plane]];
        for (var run = _firstRuns[plane]; run < _firstRuns[plane + 1]; run++)
        {
            var length = offsets[run + 1] - offsets[run];
            source.Slice(_at[run], length).CopyTo(values[(offsets[run] - first)..]);
        }
    }
}
