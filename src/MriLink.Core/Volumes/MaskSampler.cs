using System.Runtime.CompilerServices;

namespace MriLink.Core.Volumes;

/// <summary>Reads a mask between its voxels by trilinear interpolation: 1 inside, 0 outside, in between near the border.</summary>
internal readonly struct MaskSampler
{
    private readonly bool[] _voxels;
    private readonly int _sizeX;
    private readonly int _sizeY;
    private readonly int _sizeZ;

    /// <summary>Makes a sampler of <paramref name="mask"/>.</summary>
    public MaskSampler(Mask mask)
    {
        _voxels = mask.Voxels;
        (_sizeX, _sizeY, _sizeZ) = (mask.Size.X, mask.Size.Y, mask.Size.Z);
    }

    /// <summary>The value at a position in voxel indices, or <paramref name="outside"/> beyond the box of the outermost voxel centres.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Sample(float x, float y, float z, float outside)
    {
        // Written so that NaN counts as outside.
        if (!(x >= 0 && y >= 0 && z >= 0 && x <= _sizeX - 1 && y <= _sizeY - 1 && z <= _sizeZ - 1))
        {
            return outside;
        }

        var (x0, y0, z0) = ((int)x, (int)y, (int)z);
        var (fx, fy, fz) = (x - x0, y - y0, z - z0);

        // On the far face the neighbour would lie outside; its weight is 0, so the voxel itself stands in.
        var dx = x0 < _sizeX - 1 ? 1 : 0;
        var dy = y0 < _sizeY - 1 ? _sizeX : 0;
        var dz = z0 < _sizeZ - 1 ? _sizeX * _sizeY : 0;
        var i = x0 + (_sizeX * (y0 + (_sizeY * z0)));
        var near = Between(Along(i, dx, fx), Along(i + dy, dx, fx), fy);
        return Between(near, Between(Along(i + dz, dx, fx), Along(i + dy + dz, dx, fx), fy), fz);
    }

    private float Along(int i, int step, float fraction) => (_voxels[i] ? 1 - fraction : 0) + (_voxels[i + step] ? fraction : 0);

    private static float Between(float a, float b, float fraction) => a + (fraction * (b - a));
}
