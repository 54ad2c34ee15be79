namespace MriLink.Core.Similarity;

/// <summary>Walks along two masks of one grid, from run to run of the voxels that lie in both.</summary>
internal ref struct SharedRuns
{
    private readonly ReadOnlySpan<int> _firstStarts;
    private readonly ReadOnlySpan<int> _firstOffsets;
    private readonly ReadOnlySpan<int> _secondStarts;
    private readonly ReadOnlySpan<int> _secondOffsets;
    private int _first;
    private int _second;

    /// <summary>Begins before the first run.</summary>
    public SharedRuns(MaskRuns first, MaskRuns second)
    {
        _firstStarts = first.Starts;
        _firstOffsets = first.Offsets;
        _secondStarts = second.Starts;
        _secondOffsets = second.Offsets;
    }

    /// <summary>Grid index of the run's first voxel.</summary>
    public int From { get; private set; }

    /// <summary>Grid index of the voxel after its last.</summary>
    public int To { get; private set; }

    /// <summary>The run's first voxel among those of the first mask.</summary>
    public int InFirst { get; private set; }

    /// <summary>The run's first voxel among those of the second mask.</summary>
    public int InSecond { get; private set; }

    /// <summary>Goes to the next run; gives whether there is one.</summary>
    public bool MoveNext()
    {
        while (_first < _firstStarts.Length && _second < _secondStarts.Length)
        {
            var (i, j) = (_first, _second);
            var endOfFirst = _firstStarts[i] + _firstOffsets[i + 1] - _firstOffsets[i];
            var endOfSecond = _secondStarts[j] + _secondOffsets[j + 1] - _secondOffsets[j];
            From = Math.Max(_firstStarts[i], _secondStarts[j]);
            To = Math.Min(endOfFirst, endOfSecond);
            if (endOfFirst <= endOfSecond)
            {
                _first++;
            }
            else
            {
                _second++;
            }

            if (From < To)
            {
                InFirst = _firstOffsets[i] + From - _firstStarts[i];
                InSecond = _secondOffsets[j] + From - _secondStarts[j];
                return true;
            }
        }

        return false;
    }
}
