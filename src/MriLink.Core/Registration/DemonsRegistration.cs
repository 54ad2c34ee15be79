using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Deforms one image smoothly towards another on the same grid: demons with symmetric forces
/// (Thirion 1998, MedIA 2:243; Vercauteren et al. 2009, NeuroImage 45:S61), each step and the whole field smoothed.
/// </summary>
public static class DemonsRegistration
{
    /// <summary>Finds u such that moving(x + u(x)) looks like fixed(x).</summary>
    /// <param name="fixedImage">The image that stays; its axes run along the world's.</param>
    /// <param name="moving">The image that is deformed, on the same grid and of like intensities.</param>
    /// <param name="region">Where forces act.</param>
    /// <param name="iterations">Steps to take.</param>
    /// <param name="start">Where to start from, on any grid; no displacement when null.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static DisplacementField Register(
        Volume fixedImage, Volume moving, bool[] region, int iterations, DisplacementField? start, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(fixedImage);
        ArgumentNullException.ThrowIfNull(moving);
        ArgumentNullException.ThrowIfNull(region);

        // In voxels: the step is smoothed a little (fluid), the sum of steps more (elastic); found good for brains' outlines.
        const float stepSigma = 1.0f;
        const float fieldSigma = 1.0f;
        const float longestStep = 0.5f;
        var size = fixedImage.Size;
        var spacing = fixedImage.Geometry.Spacing;
        var count = fixedImage.Voxels.Length;
        var field = start is null ? [new float[count], new float[count], new float[count]] : Upsample(start, fixedImage.Geometry, work);
        float[][] step = [new float[count], new float[count], new float[count]];
        float[][] smooth = [new float[count], new float[count], new float[count]];
        float[] units = [(float)spacing.X, (float)spacing.Y, (float)spacing.Z];
        var plane = size.X * size.Y;
        var warped = new float[count];
        var sampler = new TrilinearSampler(moving);
        var looked = WithNeighbours(region, size);
        var scale = 1 / (longestStep * longestStep * 4);
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            work.ForBlocks(size.Z, z =>
            {
                for (var y = 0; y < size.Y; y++)
                {
                    for (var x = 0; x < size.X; x++)
                    {
                        var i = size.IndexOf(x, y, z);
                        if (looked[i])
                        {
                            warped[i] = sampler.Sample(
                                x + (field[0][i] / units[0]), y + (field[1][i] / units[1]), z + (field[2][i] / units[2]), 0);
                        }
                    }
                }
            });
            work.ForBlocks(size.Z, z => Forces(fixedImage.Voxels, warped, region, size, z, step, scale));
            GaussianFilter.Smooth(step, smooth, size, (stepSigma, stepSigma, stepSigma), work);
            work.ForBlocks(3 * size.Z, block =>
            {
                var (axis, z) = Math.DivRem(block, size.Z);
                GaussianFilter.AddScaled(field[axis].AsSpan(z * plane, plane), smooth[axis].AsSpan(z * plane, plane), units[axis]);
            });
            GaussianFilter.Smooth(field, smooth, size, (fieldSigma, fieldSigma, fieldSigma), work);
            (field, smooth) = (smooth, field);
        }

        return new(fixedImage.Geometry, field[0], field[1], field[2]);
    }

    private static void Forces(float[] target, float[] warped, bool[] region, GridSize size, int z, float[][] step, float scale)
    {
        var (dy, dz) = (size.X, size.X * size.Y);
        foreach (var along in step)
        {
            along.AsSpan(z * dz, dz).Clear();
        }

        if (z == 0 || z == size.Z - 1)
        {
            return;
        }

        for (var y = 1; y < size.Y - 1; y++)
        {
            for (var x = 1; x < size.X - 1; x++)
            {
                var i = size.IndexOf(x, y, z);
                if (!region[i])
                {
                    continue;
                }

                var difference = target[i] - warped[i];
                var gx = (target[i + 1] - target[i - 1] + warped[i + 1] - warped[i - 1]) / 4;
                var gy = (target[i + dy] - target[i - dy] + warped[i + dy] - warped[i - dy]) / 4;
                var gz = (target[i + dz] - target[i - dz] + warped[i + dz] - warped[i - dz]) / 4;
                var square = (gx * gx) + (gy * gy) + (gz * gz);
                var denominator = square + (difference * difference * scale);
                if (denominator < 1e-9f)
                {
                    continue;
                }

                var factor = difference / denominator;
                step[0][i] = factor * gx;
                step[1][i] = factor * gy;
                step[2][i] = factor * gz;
            }
        }
    }

    // The voxels that forces in a region look at: its own inside the grid, and the next along each axis.
    private static bool[] WithNeighbours(bool[] region, GridSize size)
    {
        var (dy, dz) = (size.X, size.X * size.Y);
        var looked = new bool[region.Length];
        for (var z = 1; z < size.Z - 1; z++)
        {
            for (var y = 1; y < size.Y - 1; y++)
            {
                for (var x = 1; x < size.X - 1; x++)
                {
                    var i = size.IndexOf(x, y, z);
                    if (region[i])
                    {
                        looked[i] = looked[i - 1] = looked[i + 1] = looked[i - dy] = looked[i + dy] = looked[i - dz] = looked[i + dz] = true;
                    }
                }
            }
        }

        return looked;
    }

    private static float[][] Upsample(DisplacementField start, VolumeGeometry grid, WorkOptions work)
    {
        var map = start.Geometry.WorldToVoxel * grid.VoxelToWorld;
        var (x, y, z) = start.Samplers();
        TrilinearSampler[] samplers = [x, y, z];
        var size = grid.Size;
        var last = start.Geometry.Size;
        float[][] field = [new float[size.Count], new float[size.Count], new float[size.Count]];
        work.ForBlocks(size.Z, k =>
        {
            for (var j = 0; j < size.Y; j++)
            {
                for (var i = 0; i < size.X; i++)
                {
                    var p = map.Apply(new(i, j, k));
                    for (var axis = 0; axis < 3; axis++)
                    {
                        field[axis][size.IndexOf(i, j, k)] = samplers[axis].Sample(
                            (float)Math.Clamp(p.X, 0, last.X - 1), (float)Math.Clamp(p.Y, 0, last.Y - 1), (float)Math.Clamp(p.Z, 0, last.Z - 1), 0);
                    }
                }
            }
        });
        return field;
    }
}
