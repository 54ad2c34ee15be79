using System.Runtime.CompilerServices;

namespace MriLink.Core.Volumes;

/// <summary>
/// Turns a grid to the closest canonical orientation, RAS+, by permuting and flipping axes only: no voxel value changes
/// and every voxel keeps its place in the world.
/// </summary>
public sealed class Reorientation
{
    private readonly VolumeGeometry _source;
    private readonly int[] _strides = new int[3];
    private readonly int _origin;

    /// <summary>Works out how <paramref name="source"/> is to be turned.</summary>
    public Reorientation(VolumeGeometry source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
        var (worldAxis, positive) = AxisOrientation.Of(source.VoxelToWorld);
        int[] sourceSize = [source.Size.X, source.Size.Y, source.Size.Z];
        var size = new int[3];
        for (var axis = 0; axis < 3; axis++)
        {
            size[worldAxis[axis]] = sourceSize[axis];
        }

        // Columns of the map from new to old indices: old[axis] = ±new[worldAxis[axis]] (+ last index when flipped).
        Span<int> stride = [1, size[0], size[0] * size[1]];
        var newToOld = new double[12];
        for (var axis = 0; axis < 3; axis++)
        {
            var last = sourceSize[axis] - 1;
            var target = worldAxis[axis];
            newToOld[(axis * 4) + target] = positive[axis] ? 1 : -1;
            newToOld[(axis * 4) + 3] = positive[axis] ? 0 : last;
            _strides[axis] = positive[axis] ? stride[target] : -stride[target];
            _origin += positive[axis] ? 0 : last * stride[target];
        }

        IsIdentity = worldAxis is [0, 1, 2] && positive is [true, true, true];
        Geometry = IsIdentity ? source : new(new(size[0], size[1], size[2]), source.VoxelToWorld * Affine.FromRows(newToOld));
    }

    /// <summary>The turned grid.</summary>
    public VolumeGeometry Geometry { get; }

    /// <summary>Whether the grid is canonical already.</summary>
    public bool IsIdentity { get; }

    /// <summary>Turns a volume to RAS+; gives the same volume back when it is there already.</summary>
    public static Volume ToCanonical(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var reorientation = new Reorientation(volume.Geometry);
        if (reorientation.IsIdentity)
        {
            return volume;
        }

        var voxels = GC.AllocateUninitializedArray<float>(volume.Voxels.Length);
        reorientation.Place(volume.Voxels, 0, voxels);
        return new(reorientation.Geometry, voxels);
    }

    /// <summary>Puts consecutive voxels of the old grid, starting at index <paramref name="first"/>, where they belong in the new one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Place(ReadOnlySpan<float> voxels, long first, Span<float> target)
    {
        var size = _source.Size;
        var x = (int)(first % size.X);
        var row = (int)(first / size.X);
        while (!voxels.IsEmpty)
        {
            var length = Math.Min(size.X - x, voxels.Length);
            var at = _origin + (x * _strides[0]) + (row % size.Y * _strides[1]) + (row / size.Y * _strides[2]);
            if (_strides[0] == 1)
            {
                voxels[..length].CopyTo(target[at..]);
            }
            else
            {
                for (var i = 0; i < length; i++, at += _strides[0])
                {
                    target[at] = voxels[i];
                }
            }

            voxels = voxels[length..];
            x = 0;
            row++;
        }
    }
}
