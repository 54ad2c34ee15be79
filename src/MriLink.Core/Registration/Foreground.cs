using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>What of a coarse volume is head (or stripped brain) and not air: places from which to guess where the brain lies.</summary>
internal sealed class Foreground
{
    // From the top of the head down to below the brain of most: the rest is neck and shoulders, of which any amount may be in view.
    private const double SlabDepth = 150;

    // The top is where this share of the foreground lies higher: an artefact's few voxels do not count.
    private const double TopShare = 0.01;
    private const double BinWidth = 4;

    private readonly Point3[] _places;

    private Foreground(Point3[] places) => _places = places;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _places.Length == 0;

    /// <summary>Collects the voxels above a threshold.</summary>
    public static Foreground Of(Volume volume, float threshold)
    {
        var size = volume.Size;
        var places = new List<Point3>();
        for (var k = 0; k < size.Z; k++)
        {
            for (var j = 0; j < size.Y; j++)
            {
                for (var i = 0; i < size.X; i++)
                {
                    if (volume[i, j, k] > threshold)
                    {
                        places.Add(volume.Geometry.VoxelToWorld.Apply(new(i, j, k)));
                    }
                }
            }
        }

        return new([.. places]);
    }

    /// <summary>
    /// A point that moves with the head: the mean of what lies within <see cref="SlabDepth"/> of its top, brought to the height of the top.
    /// </summary>
    /// <param name="up">The direction from neck to vertex, of unit length.</param>
    /// <param name="scale">The head's size relative to the template's.</param>
    public Point3 Crown(Point3 up, double scale)
    {
        var (lowest, highest) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var place in _places)
        {
            var height = Dot(place, up);
            (lowest, highest) = (Math.Min(lowest, height), Math.Max(highest, height));
        }

        var bins = new int[(int)((highest - lowest) / BinWidth) + 1];
        foreach (var place in _places)
        {
            bins[(int)((Dot(place, up) - lowest) / BinWidth)]++;
        }

        var (above, bin) = (0, bins.Length);
        while (above <= TopShare * _places.Length)
        {
            above += bins[--bin];
        }

        var top = lowest + ((bin + 0.5) * BinWidth);
        var (sum, count) = (default(Point3), 0);
        foreach (var place in _places)
        {
            if (Dot(place, up) > top - (SlabDepth * scale))
            {
                sum += place;
                count++;
            }
        }

        var mean = sum * (1.0 / count);
        return mean + (up * (top - Dot(mean, up)));
    }

    private static double Dot(Point3 a, Point3 b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);
}
