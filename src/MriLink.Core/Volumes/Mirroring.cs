namespace MriLink.Core.Volumes;

/// <summary>Exchanges left and right on a grid, about the plane x = 0 of its world: that of a template's middle.</summary>
internal static class Mirroring
{
    // Of an axis' length: what single-precision headers are off by.
    private const double Slack = 1e-4;

    /// <summary>What stands opposite of each voxel, to half a voxel's step; 0 where the grid ends before.</summary>
    /// <exception cref="InvalidOperationException">The grid does not lie along its world's axes.</exception>
    public static Volume Of(Volume volume) => new(volume.Geometry, Of(volume.Voxels, volume.Geometry));

    /// <inheritdoc cref="Of(Volume)"/>
    public static Mask Of(Mask mask) => new(mask.Geometry, Of(mask.Voxels, mask.Geometry));

    private static T[] Of<T>(T[] voxels, VolumeGeometry geometry)
    {
        var (map, size) = (geometry.VoxelToWorld, geometry.Size);
        var slack = Slack * Math.Abs(map.M11);
        if (map.M11 == 0 || Math.Max(Math.Max(Math.Abs(map.M12), Math.Abs(map.M13)), Math.Max(Math.Abs(map.M21), Math.Abs(map.M31))) > slack)
        {
            throw new InvalidOperationException(
                $"A volume is mirrored only where its first axis runs from side to side, and {geometry} does not. Run Invoke-MriPreprocess first.");
        }

        // The place opposite of x is sum - x.
        var sum = (int)Math.Round(-2 * map.M14 / map.M11);
        var mirrored = new T[voxels.Length];
        for (var row = 0; row < voxels.Length; row += size.X)
        {
            for (var x = Math.Max(0, sum - size.X + 1); x < Math.Min(size.X, sum + 1); x++)
            {
                mirrored[row + x] = voxels[row + sum - x];
            }
        }

        return mirrored;
    }
}
