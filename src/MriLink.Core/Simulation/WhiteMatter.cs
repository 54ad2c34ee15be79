using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>
/// Where in white matter lesions lie: thick around the ventricles, ever fewer outwards, as lesions of sclerosis and of small vessels do.
/// </summary>
/// <remarks>
/// Each lesion is an ellipsoid of some millimetres with a soft edge. They are drawn one after the other from the person's own seed until the load is
/// reached, so that a person's lesions of one visit are there at the next, and a larger load adds to them. Where an ellipsoid reaches into grey
/// matter or fluid these stay what they are. Finding out where lesions may be takes about a second and is done once.
/// </remarks>
internal sealed class WhiteMatter
{
    // All but pure white matter.
    private const double Pure = 0.95;

    // Fluid this deep within the head is the ventricles': the inside of the skull, smoothed by 8 mm, is all there is.
    private const double DeepSigma = 8;
    private const float Deep = 0.98f;

    // How far from the ventricles lesions are usual: most lie within a centimetre, and some anywhere (Narayanan et al. 1997, Ann Neurol 41:385;
    // DeCarli et al. 2005, Stroke 36:50).
    private const double Reach = 7;
    private const double Anywhere = 0.002;

    // Semi-axes, mm: half of the lesions are below 2.5 mm, one in twenty above 5.7 (log-normal). The edge fades over a millimetre and a half, of a
    // small lesion over its shortest semi-axis.
    private const double MedianAxis = 2.5;
    private const double AxisSpread = 0.5;
    private const double LargestAxis = 9;
    private const double Edge = 0.75;

    private readonly TissueMap _tissues;
    private readonly VolumeGeometry _geometry;

    // Voxels of white matter, and of each the sum of weights up to it.
    private readonly int[] _voxels;
    private readonly double[] _sums;

    /// <summary>Finds out where lesions may be.</summary>
    /// <param name="tissues">The tissues of a head.</param>
    /// <param name="geometry">Their grid.</param>
    public WhiteMatter(TissueMap tissues, VolumeGeometry geometry)
    {
        (_tissues, _geometry) = (tissues, geometry);
        var near = NearVentricles(tissues, geometry, WorkOptions.AllProcessors);
        var voxels = new List<int>();
        var sums = new List<double>();
        var sum = 0.0;
        for (var i = 0; i < near.Length; i++)
        {
            if (tissues.Part(Tissue.White, i) < Pure)
            {
                continue;
            }

            sum += near[i] + Anywhere;
            voxels.Add(i);
            sums.Add(sum);
        }

        (_voxels, _sums) = ([.. voxels], [.. sums]);
    }

    /// <summary>A person's lesions.</summary>
    /// <param name="participantSeed">The person's seed.</param>
    /// <param name="millilitres">How much white matter they take up.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is not half as much white matter.</exception>
    public IReadOnlyList<LesionVoxel> Lesions(long participantSeed, double millilitres)
    {
        var voxel = _geometry.VoxelVolume / 1000;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(millilitres, _voxels.Length * voxel / 2);
        var random = RandomStream.For(participantSeed, SeedUse.Lesions);
        var parts = new Dictionary<int, float>();
        for (var missing = millilitres; missing > 0;)
        {
            var (centre, axes) = Draw(ref random);

            // The last lesion is as small as what is missing. An edge that fades evenly over r ± e makes a ball of r³ one of r³ + r·e².
            var edge = EdgeOf(axes) / Shortest(axes);
            var whole = 4 * Math.PI / 3 * axes.X * axes.Y * axes.Z * (1 + (edge * edge)) / 1000;
            var size = Math.Min(1, Math.Cbrt(missing / whole));
            missing -= Math.Min(missing, Add(centre, axes * size, parts) * voxel);
            if (size < 1)
            {
                break;
            }
        }

        return [.. parts.OrderBy(part => part.Key).Select(part => new LesionVoxel(part.Key, part.Value))];
    }

    // The ventricles, blurred: 1 within, and less the further away.
    private static float[] NearVentricles(TissueMap tissues, VolumeGeometry geometry, WorkOptions work)
    {
        var size = geometry.Size;
        var inside = new float[size.Count];
        for (var i = 0; i < inside.Length; i++)
        {
            inside[i] = (float)(tissues.Part(Tissue.White, i) + tissues.Part(Tissue.Grey, i) + tissues.Part(Tissue.Fluid, i));
        }

        var near = GaussianFilter.Smooth(new(geometry, inside), DeepSigma, work).Voxels;
        for (var i = 0; i < near.Length; i++)
        {
            near[i] = near[i] > Deep ? (float)tissues.Part(Tissue.Fluid, i) : 0;
        }

        return GaussianFilter.Smooth(new(geometry, near), Reach, work).Voxels;
    }

    private static double Shortest(Point3 axes) => Math.Min(axes.X, Math.Min(axes.Y, axes.Z));

    private static double EdgeOf(Point3 axes) => Math.Min(Edge, Shortest(axes) / 2);

    private (Point3 Centre, Point3 Axes) Draw(ref RandomStream random)
    {
        var at = Array.BinarySearch(_sums, random.NextDouble() * _sums[^1]);
        var (first, second) = random.NextNormalPair();
        var (third, _) = random.NextNormalPair();
        return (_geometry.PlaceOf(_voxels[at < 0 ? ~at : at]), new(Axis(first), Axis(second), Axis(third)));

        static double Axis(double normal) => Math.Min(LargestAxis, MedianAxis * Math.Exp(AxisSpread * normal));
    }

    // Adds an ellipsoid, and tells how many voxels' white matter it newly takes.
    private double Add(Point3 centre, Point3 axes, Dictionary<int, float> parts)
    {
        var size = _geometry.Size;
        var middle = _geometry.WorldToVoxel.Apply(centre);
        var spacing = _geometry.Spacing;
        var reach = Math.Max(axes.X, Math.Max(axes.Y, axes.Z)) * (1 + (EdgeOf(axes) / Shortest(axes)));
        var steepness = Shortest(axes) / (2 * EdgeOf(axes));
        var added = 0.0;
        for (var z = From(middle.Z, spacing.Z); z <= To(middle.Z, spacing.Z, size.Z); z++)
        {
            for (var y = From(middle.Y, spacing.Y); y <= To(middle.Y, spacing.Y, size.Y); y++)
            {
                for (var x = From(middle.X, spacing.X); x <= To(middle.X, spacing.X, size.X); x++)
                {
                    var from = _geometry.VoxelToWorld.Apply(new(x, y, z)) - centre;
                    var radius = new Point3(from.X / axes.X, from.Y / axes.Y, from.Z / axes.Z).Length;
                    var part = (float)Math.Clamp(0.5 - ((radius - 1) * steepness), 0, 1);
                    var i = size.IndexOf(x, y, z);
                    var white = _tissues.Part(Tissue.White, i);
                    var before = parts.GetValueOrDefault(i);
                    if (part > before && white > 0)
                    {
                        added += (part - before) * white;
                        parts[i] = part;
                    }
                }
            }
        }

        return added;

        int From(double at, double step) => Math.Max(0, (int)Math.Floor(at - (reach / step)));
        int To(double at, double step, int count) => Math.Min(count - 1, (int)Math.Ceiling(at + (reach / step)));
    }
}
