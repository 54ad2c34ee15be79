using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>Brings a volume onto another grid through a map of space, interpolating once.</summary>
public static class Resampler
{
    // More than this many samples along an axis of an output voxel would not show.
    private const int MostSamples = 4;

    /// <summary>
    /// Samples <paramref name="source"/> trilinearly at each voxel of <paramref name="target"/>; where output voxels are larger
    /// than input voxels, several samples are averaged over the output voxel, so that detail is blurred and not aliased.
    /// </summary>
    /// <param name="source">What to sample.</param>
    /// <param name="targetToSource">World mm of the target to world mm of the source.</param>
    /// <param name="target">The grid to fill.</param>
    /// <param name="region">Which voxels to fill; the others stay 0. All when null.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <returns>The resampled volume; 0 where the source does not reach.</returns>
    public static Volume Resample(Volume source, Affine targetToSource, VolumeGeometry target, Mask? region, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (region is not null && region.Size != target.Size)
        {
            throw new ArgumentException($"The region has {region.Size} voxels, the target {target.Size}.", nameof(region));
        }

        var map = source.Geometry.WorldToVoxel * targetToSource * target.VoxelToWorld;
        var offsets = Offsets(map);
        var sampler = new TrilinearSampler(source);
        var size = target.Size;
        var result = new float[size.Count];
        var step = map.ApplyDirection(new(1, 0, 0));
        work.ForBlocks(size.Z, z =>
        {
            var block = new TrilinearBlock(source, offsets);
            for (var y = 0; y < size.Y; y++)
            {
                var start = map.Apply(new(0, y, z));
                var row = size.IndexOf(0, y, z);
                for (var x = 0; x < size.X; x += TrilinearBlock.Points)
                {
                    var voxels = result.AsSpan(row + x, Math.Min(TrilinearBlock.Points, size.X - x));
                    var wanted = region is null ? [] : region.Voxels.AsSpan(row + x, voxels.Length);
                    if (region is not null && !wanted.Contains(true))
                    {
                        continue;
                    }

                    var point = start + (step * x);
                    var inside = block.MoveTo(point, step, voxels.Length);
                    for (var i = 0; i < voxels.Length; i++)
                    {
                        if (region is null || wanted[i])
                        {
                            voxels[i] = inside ? block.Mean(i) : AtBorder(sampler, point + (step * i), offsets);
                        }
                    }
                }
            }
        });
        return new(target, result);
    }

    /// <summary>
    /// The share of each voxel of <paramref name="target"/> that lies in a mask, 0 to 1, sampled as volumes are; without a copy of the mask as
    /// floats.
    /// </summary>
    /// <param name="source">What to sample.</param>
    /// <param name="targetToSource">World mm of the target to world mm of the source.</param>
    /// <param name="target">The grid to fill.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static Volume Resample(Mask source, Affine targetToSource, VolumeGeometry target, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        var map = source.Geometry.WorldToVoxel * targetToSource * target.VoxelToWorld;
        var offsets = Offsets(map);
        var sampler = new MaskSampler(source);
        var size = target.Size;
        var result = new float[size.Count];
        var scale = 1f / offsets.Length;
        work.ForBlocks(size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var point = map.Apply(new(x, y, z));
                    var (px, py, pz) = ((float)point.X, (float)point.Y, (float)point.Z);
                    var sum = 0f;
                    foreach (var (ox, oy, oz) in offsets)
                    {
                        sum += sampler.Sample(px + ox, py + oy, pz + oz, 0);
                    }

                    result[size.IndexOf(x, y, z)] = sum * scale;
                }
            }
        });
        return new(target, result);
    }

    // Samples beyond the grid count as 0.
    private static float AtBorder(TrilinearSampler sampler, Point3 point, (float X, float Y, float Z)[] offsets)
    {
        var (x, y, z) = ((float)point.X, (float)point.Y, (float)point.Z);
        var sum = 0f;
        foreach (var (ox, oy, oz) in offsets)
        {
            sum += sampler.Sample(x + ox, y + oy, z + oz, 0);
        }

        return sum / offsets.Length;
    }

    /// <summary>How many samples are averaged along each axis of an output voxel.</summary>
    /// <param name="map">Output voxel indices to input voxel indices.</param>
    internal static (int X, int Y, int Z) SamplesPerVoxel(Affine map)
    {
        // An output axis is split by the number of input voxels that it crosses along the input axis it follows best.
        int Count(Point3 step) =>
            Math.Clamp((int)Math.Round(Math.Max(Math.Abs(step.X), Math.Max(Math.Abs(step.Y), Math.Abs(step.Z)))), 1, MostSamples);
        return (Count(map.ApplyDirection(new(1, 0, 0))), Count(map.ApplyDirection(new(0, 1, 0))), Count(map.ApplyDirection(new(0, 0, 1))));
    }

    // Where within an output voxel to sample, as offsets in input voxels.
    private static (float X, float Y, float Z)[] Offsets(Affine map)
    {
        Point3[] axes = [map.ApplyDirection(new(1, 0, 0)), map.ApplyDirection(new(0, 1, 0)), map.ApplyDirection(new(0, 0, 1))];
        var (countX, countY, countZ) = SamplesPerVoxel(map);
        int[] counts = [countX, countY, countZ];
        var offsets = new List<(float, float, float)>();
        for (var k = 0; k < counts[2]; k++)
        {
            for (var j = 0; j < counts[1]; j++)
            {
                for (var i = 0; i < counts[0]; i++)
                {
                    var offset = (axes[0] * (((i + 0.5) / counts[0]) - 0.5)) + (axes[1] * (((j + 0.5) / counts[1]) - 0.5))
                        + (axes[2] * (((k + 0.5) / counts[2]) - 0.5));
                    offsets.Add(((float)offset.X, (float)offset.Y, (float)offset.Z));
                }
            }
        }

        return [.. offsets];
    }
}
