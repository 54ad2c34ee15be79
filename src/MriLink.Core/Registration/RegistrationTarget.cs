using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>The fixed side of affine registrations, prepared once: an image, the region that counts, and their coarser copies.</summary>
public sealed class RegistrationTarget
{
    // Levels are thinned to about so many points: at 2 mm a brain's 250 000 points say the same five times over, and while the
    // pose is sought dozens of candidates are refined.
    private static readonly (double Spacing, int MostPoints)[] Resolutions = [(16, 2_000), (8, 3_500), (4, 20_000), (2, 60_000)];

    private RegistrationTarget(Point3 center, Point3 crown, IReadOnlyList<FixedLevel> levels)
    {
        Center = center;
        Crown = crown;
        Levels = levels;
    }

    /// <summary>The middle of the region, in world mm.</summary>
    public Point3 Center { get; }

    /// <summary>The crown of the image's head (see <see cref="Foreground.Crown"/>), in world mm.</summary>
    internal Point3 Crown { get; }

    /// <summary>Coarsest first.</summary>
    internal IReadOnlyList<FixedLevel> Levels { get; }

    /// <summary>Prepares a target with levels of about 16, 8, 4 and 2 mm.</summary>
    /// <param name="image">The fixed image.</param>
    /// <param name="region">The voxels to compare, on the image's grid.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static RegistrationTarget Create(Volume image, Mask region, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(region);
        var center = CenterOf(region);
        image = HeadIntensities.HeldDown(image, work);
        var weights = region.ToVolume();
        var levels = new List<FixedLevel>();
        foreach (var (spacing, most) in Resolutions)
        {
            var coarse = BoxPyramid.Reduce(image, spacing, work);
            var inside = Array.ConvertAll(BoxPyramid.Reduce(weights, spacing, work).Voxels, w => w >= 0.5f);
            levels.Add(FixedLevel.Create(coarse, inside, center, most));
        }

        var foreground = AffineRegistration.ForegroundOf(BoxPyramid.Reduce(image, 16, work));
        return new(center, foreground.IsEmpty ? center : foreground.Crown(new(0, 0, 1), 1), levels);
    }

    /// <summary>The same target with only those of its points that lie in a mask.</summary>
    /// <param name="seen">A mask in the target's world; what lies beyond its grid is dropped.</param>
    internal RegistrationTarget Within(Mask seen)
    {
        var toVoxel = seen.Geometry.WorldToVoxel;
        var size = seen.Size;
        return new(Center, Crown, [.. Levels.Select(level => level.Where(IsSeen))]);

        bool IsSeen(Point3 place)
        {
            var p = toVoxel.Apply(place);
            var (x, y, z) = ((int)Math.Round(p.X), (int)Math.Round(p.Y), (int)Math.Round(p.Z));
            return x >= 0 && y >= 0 && z >= 0 && x < size.X && y < size.Y && z < size.Z && seen.Voxels[size.IndexOf(x, y, z)];
        }
    }

    private static Point3 CenterOf(Mask mask)
    {
        var size = mask.Size;
        double x = 0, y = 0, z = 0;
        long count = 0;
        for (var k = 0; k < size.Z; k++)
        {
            for (var j = 0; j < size.Y; j++)
            {
                var row = mask.Voxels.AsSpan(size.IndexOf(0, j, k), size.X);
                for (var i = 0; i < row.Length; i++)
                {
                    if (row[i])
                    {
                        (x, y, z, count) = (x + i, y + j, z + k, count + 1);
                    }
                }
            }
        }

        if (count == 0)
        {
            throw new ArgumentException("The region to register to is empty.", nameof(mask));
        }

        return mask.Geometry.VoxelToWorld.Apply(new(x / count, y / count, z / count));
    }
}
