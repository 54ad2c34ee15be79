using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// Brings a scan's intensities to where nothing is 0 and tissue lies above it, whatever was added to them or they were multiplied by: Hounsfield
/// offsets, z-scores, ±0.5 of MP2RAGE, a background of any value. All that follows may then rely on it.
/// </summary>
internal static class IntensityOrigin
{
    // What most voxels of the grid's outer faces hold stands for nothing when this share of all voxels holds exactly that.
    private const double LeastBackground = 0.05;

    // Order statistics of so many voxels do as well as those of all.
    private const int Sampled = 50_000;

    // The darkest tissue: air with its noise where there is air, cerebrospinal fluid in a stripped brain.
    private const double Darkest = 0.01;
    private const double Brightest = 0.9;

    // Where nothing says what is dark (a background that is set amid the tissue's values), the darkest tissue is taken to have this share of the
    // brightest's intensity: between air, which has none, and cerebrospinal fluid, which has a quarter.
    private const float DarkestOfBrightest = 0.11f;

    // One value below all others by more than this share of their range, in more than this share of the voxels, is a hole that someone filled.
    private const double HoleGap = 0.15;
    private const double HoleShare = 0.002;

    // Factors change nothing but where floats run out of digits. The largest intensity is brought to this when it lies far from usual ones.
    private const float Usual = 1000;
    private const float LeastUsual = 1e-2f;
    private const float MostUsual = 1e6f;

    /// <summary>The scan so that nothing is 0; itself when that is so already.</summary>
    /// <param name="scan">The scan.</param>
    /// <param name="owned">Whether its voxels may be changed in place; otherwise they are copied when they have to change.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static Volume Standardize(Volume scan, bool owned, WorkOptions work)
    {
        var sample = Sample(scan.Voxels);
        Array.Sort(sample);
        var background = StrippedInput.Background(scan);
        var share = sample.AsSpan().Count(background) / (double)sample.Length;
        var tissue = share >= LeastBackground ? Array.FindAll(sample, v => v != background) : sample;
        var hole = HoleIn(tissue) is { } value && value != background ? value : float.NaN;
        tissue = float.IsNaN(hole) ? tissue : Array.FindAll(tissue, v => v != hole);
        if (tissue.Length == 0)
        {
            return scan;
        }

        var (dark, bright) = (Percentiles.At(tissue, Darkest), Percentiles.At(tissue, Brightest));
        var nothing = share >= LeastBackground ? background : float.NaN;
        var zero = float.IsNaN(nothing) ? dark
            : nothing <= dark ? nothing
            : dark - ((bright - dark) * (DarkestOfBrightest / (1 - DarkestOfBrightest)));
        var most = tissue[^1] - zero;
        var scale = most is > LeastUsual and < MostUsual ? 1 : Usual / most;
        return zero == 0 && scale == 1 && float.IsNaN(hole) ? scan : Moved(scan, owned, zero, scale, nothing, hole, work);
    }

    private static Volume Moved(Volume scan, bool owned, float zero, float scale, float nothing, float hole, WorkOptions work)
    {
        var from = scan.Voxels;
        var to = owned ? from : new float[from.Length];
        work.ForRanges(from.Length, (first, last) =>
        {
            if (float.IsNaN(nothing) && float.IsNaN(hole))
            {
                Moved(from.AsSpan(first, last - first), to.AsSpan(first, last - first), zero, scale);
                return;
            }

            for (var i = first; i < last; i++)
            {
                var value = from[i];
                to[i] = value == nothing || value == hole ? 0 : (value - zero) * scale;
            }
        });
        return owned ? scan : new(scan.Geometry, to);
    }

    // Many at a time, where no value stands for nothing.
    private static void Moved(ReadOnlySpan<float> from, Span<float> to, float zero, float scale)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(from);
        var results = MemoryMarshal.Cast<float, Vector<float>>(to);
        for (var i = 0; i < vectors.Length; i++)
        {
            results[i] = (vectors[i] - new Vector<float>(zero)) * scale;
        }

        for (var i = vectors.Length * Vector<float>.Count; i < from.Length; i++)
        {
            to[i] = (from[i] - zero) * scale;
        }
    }

    private static float[] Sample(float[] voxels)
    {
        // An odd step does not keep falling on the same columns of grids of even size.
        var step = Math.Max(1, voxels.Length / Sampled) | 1;
        var sample = new float[(voxels.Length + step - 1) / step];
        for (var i = 0; i < sample.Length; i++)
        {
            sample[i] = voxels[i * step];
        }

        return sample;
    }

    private static float? HoleIn(float[] sorted)
    {
        if (sorted.Length == 0)
        {
            return null;
        }

        var lowest = sorted[0];
        var count = sorted.AsSpan().LastIndexOf(lowest) + 1;
        return count < sorted.Length && count > HoleShare * sorted.Length
            && sorted[count] - lowest > HoleGap * (Percentiles.At(sorted, 0.98) - sorted[count]) ? lowest : null;
    }
}
