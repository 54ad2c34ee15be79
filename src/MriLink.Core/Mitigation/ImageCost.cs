using MriLink.Core.Basics;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>
/// What a mitigation does to the image: PSNR and SSIM within the brain, on the scan's own grid, against the scan as it was. The data range
/// is that of the scan as it was, from its 1st to its 99th percentile, so that noise does not widen it.
/// </summary>
internal sealed class ImageCost
{
    private static readonly IReadOnlyList<SimilarityMeasure> Measures = SimilarityMeasures.Resolve(["PSNR", "SSIM"]);

    private readonly MitigationTarget _scan;
    private readonly PreparedVolume _reference;
    private readonly SimilarityOptions? _options;

    /// <summary>Makes ready to judge releases of a scan.</summary>
    public ImageCost(MitigationTarget scan)
    {
        _scan = scan;
        _reference = PreparedVolume.Prepare(scan.Identity, scan.Volume, scan.Brain);
        var (low, high) = _reference.Range;
        _options = high > low ? new() { DataRange = high - low } : null;
    }

    /// <summary>PSNR in dB (144.5 where nothing changed) and mean SSIM of a release; NaN where they are not defined.</summary>
    /// <param name="released">The scan as released. On another grid it is laid back on the scan's; what it does not hold counts as 0.</param>
    /// <param name="work">Threads and cancellation.</param>
    public (double Psnr, double Ssim) Of(Volume released, WorkOptions work)
    {
        if (_options is null)
        {
            return (double.NaN, double.NaN);
        }

        var native = _scan.Volume.Geometry;
        var back = released.Geometry == native ? released : Placed(released, native)
            ?? Resampler.Resample(released, Affine.Identity, native, _scan.Brain, work);
        var scores = PairwiseScorer.Score(
            _reference, PreparedVolume.Prepare(_scan.Identity, back, _scan.Brain), Measures, _options, work.CancellationToken);
        return (scores[0].Score, scores[1].Score);
    }

    // A part of the scan, its voxels put where they were without any interpolation; null for another grid.
    private static Volume? Placed(Volume part, VolumeGeometry grid)
    {
        // Rounding of offsets and directions leaves far less than a thousandth of a voxel.
        const double tolerance = 1e-3;
        var start = grid.WorldToVoxel.Apply(part.Geometry.VoxelToWorld.Apply(new(0, 0, 0)));
        var last = new Point3(part.Size.X - 1, part.Size.Y - 1, part.Size.Z - 1);
        var end = grid.WorldToVoxel.Apply(part.Geometry.VoxelToWorld.Apply(last));
        var whole = new Point3(Math.Round(start.X), Math.Round(start.Y), Math.Round(start.Z));
        var (x, y, z) = ((int)whole.X, (int)whole.Y, (int)whole.Z);
        if ((start - whole).Length > tolerance || (end - start - last).Length > tolerance || x < 0 || y < 0 || z < 0
            || x + part.Size.X > grid.Size.X || y + part.Size.Y > grid.Size.Y || z + part.Size.Z > grid.Size.Z)
        {
            return null;
        }

        var voxels = new float[grid.Size.Count];
        for (var k = 0; k < part.Size.Z; k++)
        {
            for (var j = 0; j < part.Size.Y; j++)
            {
                part.Voxels.AsSpan(part.Size.IndexOf(0, j, k), part.Size.X).CopyTo(voxels.AsSpan(grid.Size.IndexOf(x, y + j, z + k)));
            }
        }

        return new(grid, voxels);
    }
}
