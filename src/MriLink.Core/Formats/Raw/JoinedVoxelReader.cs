namespace MriLink.Core.Formats.Raw;

/// <summary>Reads voxels that are in several pieces; one piece is open at a time.</summary>
/// <param name="parts">The pieces in their order.</param>
internal sealed class JoinedVoxelReader(IReadOnlyList<RawVoxels> parts) : VoxelReader
{
    private int _next;
    private long _left;
    private VoxelReader? _current;

    public override bool IsAlwaysFinite { get; } = parts.All(part => part.Encoding.IsAlwaysFinite);

    public override void Read(Span<float> voxels)
    {
        while (!voxels.IsEmpty)
        {
            if (_left == 0)
            {
                Close(CancellationToken.None);
                _current = parts[_next].Open();
                _left = parts[_next].Count;
                _next++;
            }

            var count = (int)Math.Min(_left, voxels.Length);
            _current!.Read(voxels[..count]);
            _left -= count;
            voxels = voxels[count..];
        }
    }

    public override void Finish(CancellationToken cancellationToken) => Close(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _current?.Dispose();
        }
    }

    private void Close(CancellationToken cancellationToken)
    {
        _current?.Finish(cancellationToken);
        _current?.Dispose();
        _current = null;
    }
}
