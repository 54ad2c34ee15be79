using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Reporting;

/// <summary>Pictures of two linked brains on one grid, and of where they differ.</summary>
/// <param name="Probe">The brain looked for.</param>
/// <param name="Gallery">The brain found.</param>
/// <param name="Checkerboard">Squares of both in turn.</param>
/// <param name="Difference">Black where both are alike, white where intensities are two deviations apart or more.</param>
public sealed record LinkPictures(RgbImage Probe, RgbImage Gallery, RgbImage Checkerboard, RgbImage Difference)
{
    // Millimetres: some eight squares across a brain.
    private const double SquareSize = 20;

    /// <summary>Draws two brains.</summary>
    /// <exception cref="ArgumentException">They lie on different grids.</exception>
    public static LinkPictures Draw(Volume probe, Volume gallery, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(gallery);
        if (probe.Size != gallery.Size)
        {
            throw new ArgumentException($"A brain of {probe.Size} voxels cannot be laid over one of {gallery.Size}.", nameof(gallery));
        }

        var options = new SliceOptions { PixelSize = 2 };
        var (a, b) = (Deviation(probe.Voxels), Deviation(gallery.Voxels));
        var difference = new float[probe.Voxels.Length];
        for (var i = 0; i < difference.Length; i++)
        {
            difference[i] = probe.Voxels[i] != 0 && gallery.Voxels[i] != 0 ? MathF.Abs((probe.Voxels[i] * a) - (gallery.Voxels[i] * b)) : 0;
        }

        return new(
            SliceView.Draw(probe, options, work),
            SliceView.Draw(gallery, options, work),
            SliceView.DrawCheckerboard(probe, gallery, SquareSize, options, work),
            SliceView.Draw(new(probe.Geometry, difference), options with { Window = 2, Level = 1 }, work));
    }

    // One over the deviation of what is not 0.
    private static float Deviation(float[] voxels)
    {
        double count = 0, sum = 0, squares = 0;
        foreach (var v in voxels)
        {
            if (v != 0)
            {
                (count, sum, squares) = (count + 1, sum + v, squares + ((double)v * v));
            }
        }

        var variance = count > 0 ? (squares - (sum * sum / count)) / count : 0;
        return variance > 0 ? (float)(1 / Math.Sqrt(variance)) : 1;
    }
}
