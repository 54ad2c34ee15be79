using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Core.Basics;

namespace MriLink.Core.Volumes;

/// <summary>Makes coarser copies of a volume by averaging blocks of voxels, so that sampling them does not alias.</summary>
public static class BoxPyramid
{
    /// <summary>
    /// Averages blocks so that each axis comes as near to <paramref name="spacing"/> as whole blocks allow without passing it
    /// by more than a quarter. Axes that are coarse already stay as they are.
    /// </summary>
    /// <param name="volume">Any volume; returned itself when nothing is to be averaged.</param>
    /// <param name="spacing">Wanted spacing in mm.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static Volume Reduce(Volume volume, double spacing, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var current = volume.Geometry.Spacing;
        return Average(volume, Factor(current.X, spacing, volume.Size.X), Factor(current.Y, spacing, volume.Size.Y),
            Factor(current.Z, spacing, volume.Size.Z), work);
    }

    /// <summary>Averages blocks of the given size; voxels that fill no whole block at the far end are left out.</summary>
    /// <returns>A volume whose voxel centres lie at the centres of the blocks.</returns>
    public static Volume Average(Volume volume, int factorX, int factorY, int factorZ, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        if (factorX == 1 && factorY == 1 && factorZ == 1)
        {
            return volume;
        }

        var from = volume.Size;
        var to = new GridSize(from.X / factorX, from.Y / factorY, from.Z / factorZ);
        var voxelToWorld = volume.Geometry.VoxelToWorld
            * Affine.FromTranslation((factorX - 1) / 2.0, (factorY - 1) / 2.0, (factorZ - 1) / 2.0)
            * Affine.FromScale(factorX, factorY, factorZ);
        var result = new float[to.Count];
        var source = volume.Voxels;
        var scale = 1f / (factorX * factorY * factorZ);
        work.ForBlocks(to.Z, z =>
        {
            var sums = new float[to.X * factorX];
            for (var y = 0; y < to.Y; y++)
            {
                Array.Clear(sums);
                for (var dz = 0; dz < factorZ; dz++)
                {
                    for (var dy = 0; dy < factorY; dy++)
                    {
                        var row = source.AsSpan(from.IndexOf(0, (y * factorY) + dy, (z * factorZ) + dz), sums.Length);
                        AddTo(sums, row);
                    }
                }

                var target = result.AsSpan(to.IndexOf(0, y, z), to.X);
                for (var x = 0; x < target.Length; x++)
                {
                    var sum = 0f;
                    for (var dx = 0; dx < factorX; dx++)
                    {
                        sum += sums[(x * factorX) + dx];
                    }

                    target[x] = sum * scale;
                }
            }
        });
        return new(new(to, voxelToWorld), result);
    }

    // 1.25: blocks of 2 at 1.2 mm (2.4 mm) still count as "2 mm".
    private static int Factor(double current, double wanted, int size) =>
        Math.Clamp((int)Math.Floor(wanted * 1.25 / current), 1, Math.Max(1, size / 4));

    private static void AddTo(Span<float> sums, ReadOnlySpan<float> row)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(row.Length, sums.Length, nameof(row));
        ref var to = ref MemoryMarshal.GetReference(sums);
        ref var from = ref MemoryMarshal.GetReference(row);
        var i = 0;
        var width = Vector<float>.Count;
        for (; i <= sums.Length - width; i += width)
        {
            (Vector.LoadUnsafe(ref to, (nuint)i) + Vector.LoadUnsafe(ref from, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        }

        for (; i < sums.Length; i++)
        {
            sums[i] += row[i];
        }
    }
}
