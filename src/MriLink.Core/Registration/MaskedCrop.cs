using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// A masked brain cut out with a margin in which it goes on: so an interpolating spline does not swing at the mask's edge.
/// </summary>
internal static class MaskedCrop
{
    // A cubic spline looks two voxels beyond; one more keeps what the spline's own filter drags in below 2 per cent (0.27³).
    private const int Margin = 3;

    /// <summary>Cuts out.</summary>
    /// <param name="masked">Intensities, NaN outside the mask.</param>
    /// <returns>The filled brain, and the mask as 0 and 1, on one grid that may reach beyond the given one.</returns>
    public static (Volume Filled, Volume Weights) Of(Volume masked)
    {
        var (low, high) = Bounds(masked);
        var from = masked.Size;
        var size = new GridSize(high.X - low.X + 1 + (2 * Margin), high.Y - low.Y + 1 + (2 * Margin), high.Z - low.Z + 1 + (2 * Margin));
        var (dx, dy, dz) = (low.X - Margin, low.Y - Margin, low.Z - Margin);
        var grid = new VolumeGeometry(size, masked.Geometry.VoxelToWorld * Affine.FromTranslation(dx, dy, dz));
        var values = new float[size.Count];
        values.AsSpan().Fill(float.NaN);
        var weights = new float[size.Count];
        for (var z = low.Z; z <= high.Z; z++)
        {
            for (var y = low.Y; y <= high.Y; y++)
            {
                var to = size.IndexOf(Margin, y - dy, z - dz);
                masked.Voxels.AsSpan(from.IndexOf(low.X, y, z), high.X - low.X + 1).CopyTo(values.AsSpan(to));
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            weights[i] = float.IsNaN(values[i]) ? 0 : 1;
        }

        Extend(values, size);
        return (new(grid, values), new(grid, weights));
    }

    // Layer by layer, each outside voxel beside the brain becomes the mean of its known neighbours; the rest becomes 0.
    private static void Extend(float[] values, GridSize size)
    {
        var layer = new List<(int Index, float Value)>();
        for (var z = 1; z < size.Z - 1; z++)
        {
            for (var y = 1; y < size.Y - 1; y++)
            {
                var row = size.IndexOf(0, y, z);
                for (var i = row + 1; i < row + size.X - 1; i++)
                {
                    AddIfBesideBrain(values, size, i, layer);
                }
            }
        }

        for (var n = 1; ; n++)
        {
            foreach (var (index, value) in layer)
            {
                values[index] = value;
            }

            if (n == Margin)
            {
                break;
            }

            // The next layer lies beside this one. A voxel found twice is found with the same value.
            var next = new List<(int Index, float Value)>(2 * layer.Count);
            foreach (var (i, _) in layer)
            {
                var (x, y, z) = (i % size.X, i / size.X % size.Y, i / (size.X * size.Y));
                if (x > 1 && y > 1 && z > 1 && x < size.X - 2 && y < size.Y - 2 && z < size.Z - 2)
                {
                    AddIfBesideBrain(values, size, i - 1, next);
                    AddIfBesideBrain(values, size, i + 1, next);
                    AddIfBesideBrain(values, size, i - size.X, next);
                    AddIfBesideBrain(values, size, i + size.X, next);
                    AddIfBesideBrain(values, size, i - (size.X * size.Y), next);
                    AddIfBesideBrain(values, size, i + (size.X * size.Y), next);
                }
            }

            layer = next;
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] = float.IsNaN(values[i]) ? 0 : values[i];
        }
    }

    private static void AddIfBesideBrain(float[] values, GridSize size, int i, List<(int Index, float Value)> layer)
    {
        if (!float.IsNaN(values[i]))
        {
            return;
        }

        var plane = size.X * size.Y;
        var (sum, count) = (0f, 0);
        Count(values[i - 1], ref sum, ref count);
        Count(values[i + 1], ref sum, ref count);
        Count(values[i - size.X], ref sum, ref count);
        Count(values[i + size.X], ref sum, ref count);
        Count(values[i - plane], ref sum, ref count);
        Count(values[i + plane], ref sum, ref count);
        if (count > 0)
        {
            layer.Add((i, sum / count));
        }

        static void Count(float value, ref float sum, ref int count)
        {
            if (!float.IsNaN(value))
            {
                sum += value;
                count++;
            }
        }
    }

    private static ((int X, int Y, int Z) Low, (int X, int Y, int Z) High) Bounds(Volume masked)
    {
        var size = masked.Size;
        var (lowX, lowY, lowZ, highX, highY, highZ) = (size.X, size.Y, size.Z, -1, -1, -1);
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = masked.Voxels.AsSpan(size.IndexOf(0, y, z), size.X);
                var first = row.IndexOfAnyExcept(float.NaN);
                if (first >= 0)
                {
                    (lowX, highX) = (Math.Min(lowX, first), Math.Max(highX, row.LastIndexOfAnyExcept(float.NaN)));
                    (lowY, highY) = (Math.Min(lowY, y), Math.Max(highY, y));
                    (lowZ, highZ) = (Math.Min(lowZ, z), Math.Max(highZ, z));
                }
            }
        }

        return ((lowX, lowY, lowZ), (highX, highY, highZ));
    }
}
