using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>How alike an aligned brain and the template's are.</summary>
internal static class TemplateLikeness
{
    // Folds of different people do not match, and finer blocks would compare little else.
    private const double BlockSpacing = 6;

    // Vessels, fat at a mask's border and dark holes are few and far out; clipped, they cannot decide.
    private const double Clipped = 0.02;

    /// <summary>
    /// Pearson's correlation of two images within a region, after clipping the outermost 2 % of either and averaging over
    /// blocks of about 6 mm; 0 when one of them is flat there.
    /// </summary>
    /// <param name="brain">The aligned brain.</param>
    /// <param name="reference">The template on the same grid.</param>
    /// <param name="region">The voxels that count; the others are not looked at.</param>
    public static double Correlation(Volume brain, Volume reference, bool[] region)
    {
        if (!region.AsSpan().Contains(true))
        {
            return 0;
        }

        var (low, high) = Percentiles.Of(brain.Voxels, region, Clipped, 1 - Clipped);
        var (referenceLow, referenceHigh) = Percentiles.Of(reference.Voxels, region, Clipped, 1 - Clipped);
        var size = brain.Size;
        var spacing = brain.Geometry.Spacing;
        int Block(double step) => Math.Max(1, (int)Math.Round(BlockSpacing / step));
        var (bx, by, bz) = (Block(spacing.X), Block(spacing.Y), Block(spacing.Z));
        var (nx, ny) = ((size.X + bx - 1) / bx, (size.Y + by - 1) / by);
        var blocks = new (int Count, double Brain, double Reference)[nx * ny * ((size.Z + bz - 1) / bz)];
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var row = size.IndexOf(0, y, z);
                var blockRow = nx * ((y / by) + (ny * (z / bz)));
                for (var x = 0; x < size.X; x++)
                {
                    if (region[row + x])
                    {
                        ref var block = ref blocks[blockRow + (x / bx)];
                        block.Count++;
                        block.Brain += Math.Clamp(brain.Voxels[row + x], low, high);
                        block.Reference += Math.Clamp(reference.Voxels[row + x], referenceLow, referenceHigh);
                    }
                }
            }
        }

        // Blocks weigh what they hold, so that those cut by the border count for their part.
        double n = 0, x1 = 0, y1 = 0, xx = 0, yy = 0, xy = 0;
        foreach (var (count, sum, referenceSum) in blocks)
        {
            if (count > 0)
            {
                var (a, b) = (sum / count, referenceSum / count);
                (n, x1, y1) = (n + count, x1 + sum, y1 + referenceSum);
                (xx, yy, xy) = (xx + (sum * a), yy + (referenceSum * b), xy + (sum * b));
            }
        }

        var variance = ((n * xx) - (x1 * x1)) * ((n * yy) - (y1 * y1));
        return variance > 0 ? ((n * xy) - (x1 * y1)) / Math.Sqrt(variance) : 0;
    }

    /// <summary>
    /// <see cref="Correlation"/> of a brain whose intensities were given the template's, each the mean of what the template shows where the brain
    /// has it: how well the one explains the other, whichever tissues are bright. Never far below 0.
    /// </summary>
    /// <inheritdoc cref="Correlation"/>
    public static double MappedCorrelation(Volume brain, Volume reference, bool[] region)
    {
        const int bins = 24;
        if (!region.AsSpan().Contains(true))
        {
            return 0;
        }

        var (low, high) = Percentiles.Of(brain.Voxels, region, Clipped, 1 - Clipped);
        var scale = bins / Math.Max(high - low, float.Epsilon);
        int Bin(float value) => Math.Clamp((int)((value - low) * scale), 0, bins - 1);
        var means = MeanByBin.Of(bins, Bin, brain.Voxels, reference.Voxels, region);
        var mapped = new float[region.Length];
        for (var i = 0; i < region.Length; i++)
        {
            if (region[i])
            {
                mapped[i] = means[Bin(brain.Voxels[i])];
            }
        }

        return Correlation(new(brain.Geometry, mapped), reference, region);
    }

    /// <summary>
    /// How much brighter white matter is than grey, and grey matter than fluid, where the template shows them: differences of medians, in
    /// standard deviations of the brain. Null when too little of one is in the region.
    /// </summary>
    /// <remarks>
    /// Alignment lays one person's grey matter over another's white here and there, which makes differences smaller but does not turn them
    /// over: 21 real T1-weighted heads give 0.31 to 0.74 and 1.1 to 1.7; FLAIR -0.11 to -0.15 and 0.6 to 1.2; T2-weighted scans -0.6 and -0.5.
    /// </remarks>
    /// <param name="brain">The aligned brain.</param>
    /// <param name="reference">The template on the same grid, T1-weighted.</param>
    /// <param name="sorted">Its intensities within its brain, ascending: they tell its tissues.</param>
    /// <param name="region">The voxels that count.</param>
    public static (double? WhiteOverGrey, double? GreyOverFluid) Contrasts(Volume brain, Volume reference, float[] sorted, bool[] region)
    {
        const int fewest = 200;
        if (!region.AsSpan().Contains(true))
        {
            return (null, null);
        }

        var template = Percentiles.Selected(reference.Voxels, region);
        var scan = Percentiles.Selected(brain.Voxels, region);
        double sum = 0, square = 0;
        foreach (var value in scan)
        {
            (sum, square) = (sum + value, square + ((double)value * value));
        }

        var deviation = Math.Sqrt(Math.Max(0, (square / scan.Length) - (sum / scan.Length * (sum / scan.Length))));
        var (fluid, grey, white) = (Median(0, 0.06), Median(0.25, 0.50), Median(0.75, 1));
        return ((white - grey) / deviation, (grey - fluid) / deviation);

        double? Median(double from, double to)
        {
            var (low, high) = (Percentiles.At(sorted, from), Percentiles.At(sorted, to));
            var values = new List<float>();
            for (var i = 0; i < template.Length; i++)
            {
                if (template[i] >= low && template[i] <= high)
                {
                    values.Add(scan[i]);
                }
            }

            return values.Count < fewest || deviation <= 0 ? null : Percentiles.Of(CollectionsMarshal.AsSpan(values), 0.5);
        }
    }
}
