using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>Tells whether a scan has been skull-stripped already.</summary>
internal static class StrippedInput
{
    // A head without its skull holds 0.8 to 2 litres; with it, 3 to 6. The bounds leave room for infants and loose masks.
    private const double LeastMillilitres = 400;
    private const double MostMillilitres = 2500;

    // Around a stripped brain there is much of nothing.
    private const double LeastBackground = 0.2;

    // Of the shell 6 to 14 mm outside the template's brain, where skull and scalp would be, so much may hold something:
    // neighbours of a brain larger than the template, leftovers of a loose mask. A raw head fills most of it.
    private const double MostRim = 0.3;

    // What differs from the background by less than this share of the whole range is background: resampling after stripping
    // leaves faint ripples.
    private const float Ripple = 0.002f;

    /// <summary>
    /// The voxels that hold tissue, when the amounts of background and foreground are those of a stripped brain; null when they
    /// are not. Cheap; to be confirmed by <see cref="HasNoRim"/>.
    /// </summary>
    /// <param name="volume">The scan.</param>
    /// <param name="range">From its lowest to its highest intensity.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="background">What stands for nothing.</param>
    public static Mask? FindTissue(Volume volume, float range, WorkOptions work, out float background)
    {
        background = Background(volume);
        var tolerance = Ripple * range;
        var (least, most) = (background - tolerance, background + tolerance);
        var length = volume.Voxels.Length;
        var plane = volume.Size.X * volume.Size.Y;

        // Counted first: a raw head, which most scans are, needs no mask.
        var count = 0;
        work.ForBlocks(volume.Size.Z, z => Interlocked.Add(ref count, CountBeyond(volume.Voxels.AsSpan(z * plane, plane), least, most)));
        var millilitres = count * volume.Geometry.VoxelVolume / 1000;
        if (length - count <= LeastBackground * length || millilitres is not (> LeastMillilitres and < MostMillilitres))
        {
            return null;
        }

        var tissue = new bool[length];
        work.ForBlocks(volume.Size.Z, z =>
        {
            var voxels = volume.Voxels.AsSpan(z * plane, plane);
            var found = tissue.AsSpan(z * plane, plane);
            for (var i = 0; i < voxels.Length; i++)
            {
                found[i] = voxels[i] < least | voxels[i] > most;
            }
        });
        return new(volume.Geometry, tissue);
    }

    // How many values lie below the one bound or above the other.
    private static int CountBeyond(ReadOnlySpan<float> values, float least, float most)
    {
        var (low, high) = (new Vector<float>(least), new Vector<float>(most));
        var counts = Vector<int>.Zero;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        foreach (var vector in vectors)
        {
            // True is -1 in each lane.
            counts -= Vector.LessThan(vector, low) | Vector.GreaterThan(vector, high);
        }

        var count = Vector.Sum(counts);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            count += value < least || value > most ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether an aligned brain has nothing around it where a skull and a scalp would be.</summary>
    /// <param name="aligned">1 where the scan holds tissue, on the template's working grid.</param>
    /// <param name="maskDistance">Signed distance to the template's brain on the same grid.</param>
    public static bool HasNoRim(Volume aligned, Volume maskDistance)
    {
        long rim = 0, filled = 0;
        for (var i = 0; i < aligned.Voxels.Length; i++)
        {
            if (maskDistance.Voxels[i] is > 6 and < 14)
            {
                rim++;
                filled += aligned.Voxels[i] > 0.5f ? 1 : 0;
            }
        }

        return filled < MostRim * rim;
    }

    /// <summary>The value of the emptiest place there is: what most voxels of the grid's outer faces hold.</summary>
    public static float Background(Volume volume)
    {
        var size = volume.Size;
        var counts = new Dictionary<float, int>();
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var rim = z == 0 || y == 0 || z == size.Z - 1 || y == size.Y - 1;
                for (var x = 0; x < size.X; x += rim || size.X == 1 ? 1 : size.X - 1)
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, volume[x, y, z], out _)++;
                }
            }
        }

        return counts.MaxBy(pair => pair.Value).Key;
    }
}
