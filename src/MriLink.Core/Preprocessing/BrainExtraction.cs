using MriLink.Core.Basics;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// Finds the brain in an affinely aligned head by deforming the template's head to it and carrying the template's brain
/// surface along; where the surface then lies is settled by what the head shows there (<see cref="SurfaceRefinement"/>).
/// </summary>
/// <remarks>
/// The surface follows the anatomy around it, not one intensity threshold, so eyes, dura and neck stay out as they are out
/// in the template, and two scans of one person get nearly the same brain.
/// </remarks>
internal static class BrainExtraction
{
    // A surface is not carried farther than this; beyond, the template's own distances say enough.
    private const float FarthestCarried = 24;

    // Anatomy more than this far outside the template's brain does not move its surface.
    private const double Reach = 8;

    // Steps at 8 and at 4 mm; finer levels move the surface by less than a voxel of the result. With twice as many the surface follows the
    // cortex into the space that an old brain leaves under its skull, and masks of such heads lose 0.005 of their overlap with labels.
    private static readonly (double Spacing, int Iterations)[] Levels = [(8, 10), (4, 10)];

    /// <summary>Extracts the brain.</summary>
    /// <param name="head">The scan on the template's working grid, bias corrected.</param>
    /// <param name="template">The template.</param>
    /// <param name="contrast">What is bright in the scan.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <returns>Signed distance in mm to the brain's surface, negative inside, on the same grid.</returns>
    public static Volume SurfaceDistance(Volume head, PreparedTemplate template, MriContrast contrast, WorkOptions work)
    {
        var region = template.Within(Reach).ToVolume();
        var like = MatchIntensities(head, template, work);
        DisplacementField? field = null;
        foreach (var (spacing, iterations) in Levels)
        {
            var inside = Array.ConvertAll(BoxPyramid.Reduce(region, spacing, work).Voxels, v => v >= 0.5f);
            field = DemonsRegistration.Register(
                BoxPyramid.Reduce(like, spacing, work), BoxPyramid.Reduce(template.Head, spacing, work), inside, iterations, field, work);
        }

        var distance = Carry(template.MaskDistance, field!, work);
        SurfaceRefinement.Apply(distance, head, contrast, work);
        return distance;
    }

    // Gives the scan the template's intensities: each scan intensity becomes the mean of what the template shows there.
    private static Volume MatchIntensities(Volume head, PreparedTemplate template, WorkOptions work)
    {
        const int bins = 24;
        var region = template.Within(2).Voxels;
        var (low, high) = Percentiles.Of(head.Voxels, region, 0.02, 0.98);
        var scale = (bins - 1) / Math.Max(high - low, float.Epsilon);
        var mean = MeanByBin.Of(
            bins, value => (int)MathF.Round(Math.Clamp((value - low) * scale, 0, bins - 1)), head.Voxels, template.Head.Voxels, region);
        for (var bin = 0; bin < bins; bin++)
        {
            // An intensity that the region does not have is taken for the next darker one.
            mean[bin] = !float.IsNaN(mean[bin]) ? mean[bin] : bin > 0 ? mean[bin - 1] : 0;
        }

        var voxels = head.Voxels;
        var like = new float[voxels.Length];
        work.ForRanges(like.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var position = Math.Clamp((voxels[i] - low) * scale, 0, bins - 1);
                var bin = Math.Min((int)position, bins - 2);
                like[i] = mean[bin] + ((mean[bin + 1] - mean[bin]) * (position - bin));
            }
        });
        return new(head.Geometry, like);
    }

    private static Volume Carry(Volume distance, DisplacementField field, WorkOptions work)
    {
        const float farOutside = 50;
        var grid = distance.Geometry;
        var size = grid.Size;
        var toField = field.Geometry.WorldToVoxel * grid.VoxelToWorld;
        var (fx, fy, fz) = field.Samplers();
        var sampler = new TrilinearSampler(distance);
        var spacing = grid.Spacing;
        var last = field.Geometry.Size;
        var result = new float[size.Count];
        work.ForBlocks(size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var i = size.IndexOf(x, y, z);
                    result[i] = distance.Voxels[i];
                    if (Math.Abs(result[i]) > FarthestCarried)
                    {
                        continue;
                    }

                    var p = toField.Apply(new(x, y, z));
                    var (px, py, pz) = ((float)Math.Clamp(p.X, 0, last.X - 1), (float)Math.Clamp(p.Y, 0, last.Y - 1),
                        (float)Math.Clamp(p.Z, 0, last.Z - 1));
                    result[i] = sampler.Sample(
                        x + (fx.Sample(px, py, pz, 0) / (float)spacing.X),
                        y + (fy.Sample(px, py, pz, 0) / (float)spacing.Y),
                        z + (fz.Sample(px, py, pz, 0) / (float)spacing.Z),
                        farOutside);
                }
            }
        });
        return new(grid, result);
    }
}
