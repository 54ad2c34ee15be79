using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Registration;

/// <summary>The template's own head in poses that are known.</summary>
internal static class PosedHead
{
    // Of the template to a scan of itself, at 2 mm: benchmarks/ finds a median of 0.1 mm and 0.3 mm at most over 100 poses with
    // field and noise. A shift by half a voxel of the scan (1 mm) or of the template (0.5 mm) is beyond it.
    public const double Accuracy = 0.4;

    private static readonly Lazy<PreparedTemplate> Prepared =
        new(() => PreparedTemplate.Create(Templates.Template.Colin27, WorkOptions.AllProcessors));
    private static readonly Lazy<Volume> Coarse = new(() => BoxPyramid.Reduce(Templates.Template.Colin27.Head, 2, WorkOptions.AllProcessors));

    /// <summary>Degrees, mm, and scales: from what scanners give to what may go wrong.</summary>
    public static TheoryData<double[], double[], double[]> Poses => new()
    {
        { [2, -3, 1], [1, 2, 3], [0.98, 0.97, 0.96] },
        { [30, 0, 0], [50, 0, 0], [0.85, 0.85, 0.85] },
        { [0, -30, 0], [0, -50, 0], [1.15, 1.15, 1.15] },
        { [0, 0, 30], [0, 0, 50], [0.85, 1, 1.15] },
        { [-30, 25, -28], [-50, 45, -48], [0.9, 1.1, 0.95] },
    };

    public static PreparedTemplate Template => Prepared.Value;

    /// <summary>The map of one of <see cref="Poses"/>.</summary>
    public static Affine Pose(double[] degrees, double[] shift, double[] scale)
    {
        const double degree = Math.PI / 180;
        return Affine.FromTranslation(shift[0], shift[1], shift[2])
            * Affine.FromRotation(degrees[0] * degree, degrees[1] * degree, degrees[2] * degree)
            * Affine.FromScale(scale[0], scale[1], scale[2]);
    }

    // The template's head as it looks in a scanner where template positions p lie at truth(p), with a receive field and noise.
    public static Volume Scan(Affine truth, VolumeGeometry? grid = null, Volume? source = null)
    {
        grid ??= new(new(128, 140, 124), Affine.FromTranslation(-127, -157, -120) * Affine.FromScale(2, 2, 2));
        var scan = Resampler.Resample(source ?? Coarse.Value, truth.Inverse(), grid, null, WorkOptions.AllProcessors);
        var random = new RandomStream(3);
        for (var i = 0; i < scan.Voxels.Length; i++)
        {
            var p = grid.PlaceOf(i);
            var field = 1 + (0.0015 * p.X) - (0.001 * p.Y) + (0.001 * p.Z);
            scan.Voxels[i] *= (float)field;
            if (source is null)
            {
                scan.Voxels[i] += (float)(2 * Math.Abs(random.NextNormalPair().First));
            }
        }

        return scan;
    }

    // The mean distance over the brain, in mm.
    public static double Error(Affine found, Affine truth)
    {
        var (mask, sum, count) = (Template.BrainMask, 0.0, 0);
        for (var i = 0; i < mask.Voxels.Length; i += 61)
        {
            if (mask.Voxels[i])
            {
                var p = mask.Geometry.PlaceOf(i);
                sum += (found.Apply(p) - truth.Apply(p)).Length;
                count++;
            }
        }

        return sum / count;
    }
}
