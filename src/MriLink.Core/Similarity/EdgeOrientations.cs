using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>
/// A brain as the directions of its edges, five numbers a voxel: what scans of different contrast have in common (see
/// <see cref="OrientationField"/>). What is the same in all directions is taken out of n·nᵀ, and each number is normalised by its surroundings
/// (<see cref="LocalContrast"/>): all brains have the same large edges, and folds tell them apart.
/// </summary>
/// <param name="Smoothing">Standard deviation in mm of the Gaussian by which intensities are smoothed first.</param>
/// <param name="Noise">ε² over the median of |∇v|².</param>
/// <param name="Sigma">Standard deviation in mm of the Gaussian that is each number's surroundings.</param>
internal sealed record EdgeOrientations(double Smoothing, double Noise, double Sigma)
{
    /// <summary>How many numbers a voxel has.</summary>
    public const int Channels = 5;

    // As LocalNCC's.
    private const double Floor = 0.2;

    /// <summary>
    /// What the measure uses: of smoothing by 1, 1.4 and 1.8 mm, surroundings of 2.4 and 3 mm and ε² of 0.3 and 1, those by which the worst real pair
    /// of each two contrasts stands out well; they differ little.
    /// </summary>
    public static EdgeOrientations Default { get; } = new(1.4, 1, 2.4);

    /// <summary>The brain as a volume of five grids one behind the other.</summary>
    /// <param name="volume">The brain.</param>
    /// <param name="isOverColin27">
    /// Whether it was laid over Colin27 by its intensities, as T1-weighted scans are: it is then laid anew by its edges first, as scans of other
    /// contrasts were.
    /// </param>
    public PreparedVolume Of(PreparedVolume volume, bool isOverColin27)
    {
        var work = WorkOptions.SingleThread;
        var (image, mask) = Expanded(volume);
        if (isOverColin27)
        {
            var map = PreparedTemplate.Colin27.EdgeTarget.Align(image, mask, Affine.Identity, work);
            (image, mask) = Laid(image, mask, map, work);
        }

        // All numbers of a voxel have this mask: the weights of its windows are the same for each.
        var runs = MaskRuns.Create(volume.Geometry.Size, i => mask[i], Buffers.Permanent);
        runs.IsShared = true;
        return PreparedVolume.Of(volume.Identity, Stack(volume.Geometry), Repeated(runs),
            Normalized(OrientationField.Of(image, mask, Smoothing, Noise, work), volume.Geometry, runs));
    }

    private static (Volume Image, bool[] Mask) Expanded(PreparedVolume volume)
    {
        var (image, mask) = (new float[volume.Geometry.Size.Count], new bool[volume.Geometry.Size.Count]);
        var runs = volume.Mask;
        for (var run = 0; run < runs.RunCount; run++)
        {
            var length = runs.Offsets[run + 1] - runs.Offsets[run];
            volume.Image.Values.Slice(runs.Offsets[run], length).CopyTo(image.AsSpan(runs.Starts[run]));
            mask.AsSpan(runs.Starts[run], length).Fill(true);
        }

        return (new(volume.Geometry, image), mask);
    }

    // Interpolated among the mask's own voxels, so that nothing of the outside's zeros comes in.
    private static (Volume Image, bool[] Mask) Laid(Volume image, bool[] mask, Affine map, WorkOptions work)
    {
        var inside = new Volume(image.Geometry, Array.ConvertAll(mask, m => m ? 1f : 0));
        var values = Resampler.Resample(image, map, image.Geometry, null, work).Voxels;
        var weights = Resampler.Resample(inside, map, image.Geometry, null, work).Voxels;
        var laid = new bool[mask.Length];
        for (var i = 0; i < laid.Length; i++)
        {
            laid[i] = weights[i] >= 0.5f;
            values[i] = laid[i] ? values[i] / weights[i] : 0;
        }

        // A map that throws the brain off its own grid is none; the mask that was there is better than none.
        return laid.AsSpan().Contains(true) ? (new(image.Geometry, values), laid) : (image, mask);
    }

    // Traceless symmetric matrices have five numbers whose products sum to the product of the matrices.
    private float[] Normalized(OrientationField field, VolumeGeometry grid, MaskRuns mask)
    {
        var contrast = new LocalContrast(Sigma, Smoothing: 0, Floor);
        var all = new float[Channels * mask.Count];
        var (half, sixth) = (1 / MathF.Sqrt(2), 1 / MathF.Sqrt(6));
        var v = field.Values;
        float[] values = new float[mask.Count];
        for (var c = 0; c < Channels; c++)
        {
            var next = 0;
            for (var i = 0; i < field.Mask.Voxels.Length; i++)
            {
                if (field.Mask.Voxels[i])
                {
                    values[next++] = c switch
                    {
                        0 => (v[0][i] - v[1][i]) * half,
                        1 => ((2 * v[2][i]) - v[0][i] - v[1][i]) * sixth,
                        _ => v[c + 1][i],
                    };
                }
            }

            contrast.Normalize(mask, values, Standardization.Of(values), grid.Spacing, all.AsSpan(c * mask.Count, mask.Count));
        }

        return all;
    }

    private static MaskRuns Repeated(MaskRuns mask)
    {
        var (starts, offsets) = (new int[Channels * mask.RunCount], new int[(Channels * mask.RunCount) + 1]);
        for (var c = 0; c < Channels; c++)
        {
            for (var run = 0; run < mask.RunCount; run++)
            {
                var at = (c * mask.RunCount) + run;
                starts[at] = mask.Starts[run] + (c * (int)mask.Size.Count);
                offsets[at + 1] = mask.Offsets[run + 1] + (c * mask.Count);
            }
        }

        return new(Stack(mask.Size), starts, offsets, starts.Length, Buffers.Permanent);
    }

    private static GridSize Stack(GridSize size) => size with { Z = Channels * size.Z };

    private static VolumeGeometry Stack(VolumeGeometry grid) => new(Stack(grid.Size), grid.VoxelToWorld);
}
