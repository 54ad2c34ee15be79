using System.Runtime.InteropServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>Estimates how strong the noise of a scan is against its signal, from the scan's own voxels.</summary>
internal static class NoiseEstimate
{
    // More voxels than this do not make the median any surer.
    private const int MostVoxels = 100_000;

    // What is said of a scan without any noise, a phantom of numbers say.
    private const double Highest = 1000;

    // Of the typical residual; what is less hardly differs from its neighbours.
    private const float Flat = 0.05f;

    // Differences between slices this much thicker than the finest axis are anatomy rather than noise.
    private const double MostAnisotropy = 1.5;

    /// <summary>
    /// The brain's median intensity over the standard deviation of the noise: the pseudo-residual of each voxel against the
    /// mean of its neighbours (Gasser et al. 1986, Biometrika 73:625; Coupé et al. 2010, MedIA 14:483), by its median so that
    /// edges count little. Interpolation in the scanner and anatomy finer than two voxels change it either way; it tells scans of
    /// one kind apart, not scanners.
    /// </summary>
    /// <param name="scan">The scan as read.</param>
    /// <param name="brain">The brain on a grid of any kind.</param>
    /// <param name="brainToScan">World mm of the brain's grid to world mm of the scan.</param>
    /// <returns>
    /// The ratio, 1000 at most, 0 when there is no signal; and the share of the brain where the residual is below a twentieth of its median, as
    /// 2.7 % of normal noise is.
    /// </returns>
    public static (double SignalToNoise, double FlatShare) Of(Volume scan, Mask brain, Affine brainToScan)
    {
        ArgumentNullException.ThrowIfNull(scan);
        ArgumentNullException.ThrowIfNull(brain);
        var size = scan.Size;
        var neighbours = Neighbours(scan);
        if (neighbours.Length == 0)
        {
            return (0, 0);
        }

        var toScan = scan.Geometry.WorldToVoxel * brainToScan * brain.Geometry.VoxelToWorld;
        var every = Math.Max(1, brain.Count / MostVoxels);
        var signal = new List<float>();
        var residuals = new List<float>();
        var seen = 0;
        for (var z = 0; z < brain.Size.Z; z++)
        {
            for (var y = 0; y < brain.Size.Y; y++)
            {
                for (var x = 0; x < brain.Size.X; x++)
                {
                    if (!brain.Voxels[brain.Size.IndexOf(x, y, z)] || seen++ % every != 0)
                    {
                        continue;
                    }

                    var p = toScan.Apply(new(x, y, z));
                    var (i, j, k) = ((int)Math.Round(p.X), (int)Math.Round(p.Y), (int)Math.Round(p.Z));
                    if (i < 1 || j < 1 || k < 1 || i >= size.X - 1 || j >= size.Y - 1 || k >= size.Z - 1)
                    {
                        continue;
                    }

                    var at = size.IndexOf(i, j, k);
                    var sum = 0f;
                    foreach (var step in neighbours)
                    {
                        sum += scan.Voxels[at + step] + scan.Voxels[at - step];
                    }

                    signal.Add(scan.Voxels[at]);
                    residuals.Add(Math.Abs(scan.Voxels[at] - (sum / (2 * neighbours.Length))));
                }
            }
        }

        if (signal.Count == 0)
        {
            return (0, 0);
        }

        // The residual of white noise has variance σ²(1 + 1/n) for n neighbours; a normal variable's median deviation is 0.6745 σ.
        var scale = 0.6745 * Math.Sqrt(1 + (1.0 / (2 * neighbours.Length)));
        var typical = Percentiles.Of(CollectionsMarshal.AsSpan(residuals), 0.5);
        var flat = residuals.Count(r => r <= typical * Flat) / (double)residuals.Count;
        var median = (double)Percentiles.Of(CollectionsMarshal.AsSpan(signal), 0.5);
        return (median <= 0 ? 0 : Math.Min(Highest, median / Math.Max(typical / scale, double.Epsilon)), flat);
    }

    // Steps to the next voxel along the fine axes that have neighbours on both sides.
    private static int[] Neighbours(Volume scan)
    {
        var (size, spacing) = (scan.Size, scan.Geometry.Spacing);
        var finest = Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z));
        (int Count, double Spacing, int Stride)[] axes = [(size.X, spacing.X, 1), (size.Y, spacing.Y, size.X), (size.Z, spacing.Z, size.X * size.Y)];
        return [.. axes.Where(a => a.Count > 2 && a.Spacing <= MostAnisotropy * finest).Select(a => a.Stride)];
    }
}
