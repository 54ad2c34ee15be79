using System.Runtime.CompilerServices;

namespace MriLink.Core.Volumes;

/// <summary>Reads a volume between its voxels by trilinear interpolation.</summary>
/// <remarks>Positions are voxel indices. A position is inside when it lies within the box of the outermost voxel centres.</remarks>
public readonly struct TrilinearSampler
{
    private readonly float[] _voxels;
    private readonly int _sizeX;
    private readonly int _sizeY;
    private readonly int _sizeZ;

    /// <summary>Makes a sampler of <paramref name="volume"/>.</summary>
    public TrilinearSampler(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        _voxels = volume.Voxels;
        (_sizeX, _sizeY, _sizeZ) = (volume.Size.X, volume.Size.Y, volume.Size.Z);
    }

    /// <summary>The intensity at (x, y, z), or <paramref name="outside"/> beyond the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sample(float x, float y, float z, float outside) => TrySample(x, y, z, out var value) ? value : outside;

    /// <summary>Reads the intensity at (x, y, z); false beyond the grid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TrySample(float x, float y, float z, out float value)
    {
        // Written so that NaN counts as outside.
        if (!(x >= 0 && y >= 0 && z >= 0 && x <= _sizeX - 1 && y <= _sizeY - 1 && z <= _sizeZ - 1))
        {
            value = 0;
            return false;
        }

        var x0 = Truncate.ToInt(x);
        var y0 = Truncate.ToInt(y);
        var z0 = Truncate.ToInt(z);
        var fx = x - x0;
        var fy = y - y0;
        var fz = z - z0;

        // On the far face the neighbour would lie outside; its weight is 0, so the voxel itself stands in.
        var dx = x0 < _sizeX - 1 ? 1 : 0;
        var dy = y0 < _sizeY - 1 ? _sizeX : 0;
        var dz = z0 < _sizeZ - 1 ? _sizeX * _sizeY : 0;
        var i = x0 + (_sizeX * (y0 + (_sizeY * z0)));
        var v = _voxels;
        var c00 = v[i] + (fx * (v[i + dx] - v[i]));
        var c10 = v[i + dy] + (fx * (v[i + dy + dx] - v[i + dy]));
        var c01 = v[i + dz] + (fx * (v[i + dz + dx] - v[i + dz]));
        var c11 = v[i + dy + dz] + (fx * (v[i + dy + dz + dx] - v[i + dy + dz]));
        var c0 = c00 + (fy * (c10 - c00));
        var c1 = c01 + (fy * (c11 - c01));
        value = c0 + (fz * (c1 - c0));
        return true;
    }
}
