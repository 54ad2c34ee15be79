using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>How much of each tissue there is in every voxel of Colin27, told from its intensities and from where the voxel lies.</summary>
/// <remarks>
/// Within the skull a voxel's intensity, relative to white matter, places it between bone, fluid, grey and white matter, in this order, and it is a
/// mixture of the two that it lies between; outside between bone or air, muscle and fat. So a voxel that is half one and half the other is, in
/// any contrast, half way between them, and no border gets a rim of a third tissue. What intensity cannot tell is told by place: fluid borders on
/// white matter at the ventricles (through the intensities of grey matter, which is not there), and the eyes are full of fluid though they lie
/// outside. Making the map takes some seconds.
/// </remarks>
internal sealed class TissueMap
{
    // Relative to white matter, where each tissue is all there is of a voxel. On Colin27 the ventricles' cores have 0.25 to 0.32 (5th to 95th
    // percentile), white matter's 0.95 to 1.04, the mode of grey matter is 0.75; cortical bone and air stay below 0.1; muscle has about 0.6, fat
    // from 1.2 up.
    private const float Bone = 0.09f;
    private const float FluidFrom = 0.19f;
    private const float FluidTo = 0.30f;
    private const float GreyFrom = 0.70f;
    private const float GreyTo = 0.78f;
    private const float White = 0.98f;
    private const float MuscleFrom = 0.55f;
    private const float MuscleTo = 0.70f;
    private const float Fat = 1.30f;

    // The embedded mask is BET's: streaks hang on it, sulci and the fluid around the brain are left out. It is opened to lose the streaks, its parts
    // away from the brain go, it is closed over the sulci, and grows through what is neither bone nor marrow to the skull.
    private const double Streak = 2;
    private const double Core = 15;
    private const double Sulcus = 8;
    private const int ToSkull = 5;
    private const float GrowFrom = 0.17f;
    private const float GrowTo = 0.65f;

    // As sharp as the image itself is.
    private const double EdgeSigma = 0.7;

    // Deep in the head means the ventricles: smoothed by 8 mm the inside of the skull is nearly all there is.
    private const double DeepSigma = 8;
    private const float DeepFrom = 0.96f;
    private const float DeepTo = 0.99f;

    // A voxel that has both nothing but fluid and nothing but white matter within two voxels lies on the border of the two; cortex is thicker.
    private const int BorderReach = 2;
    private const float NearFluidFrom = 0.36f;
    private const float NearFluidTo = 0.30f;
    private const float NearWhiteFrom = 0.90f;
    private const float NearWhiteTo = 0.95f;

    // The eyes of Colin27, mm, and from where to where their wall goes; what is darker than their wall and lens is vitreous.
    private const double EyeFrom = 11.5;
    private const double EyeTo = 13.5;
    private const float VitreousTo = 0.40f;
    private const float EyeWall = 0.65f;
    private static readonly Point3[] Eyes = [new(-35, 62, -37), new(40, 62, -37)];

    private static readonly Tissue[] Mapped = [Tissue.White, Tissue.Grey, Tissue.Fluid, Tissue.Muscle, Tissue.Fat];

    private readonly VolumeGeometry _geometry;

    // By tissue, in 255ths of a voxel.
    private readonly byte[][] _parts;

    private readonly Lazy<WhiteMatter> _whiteMatter;

    private TissueMap(VolumeGeometry geometry, byte[][] parts)
    {
        (_geometry, _parts) = (geometry, parts);
        _whiteMatter = new(() => new(this, geometry));
    }

    /// <summary>Where in white matter there may be lesions; it is found out when first asked for.</summary>
    public WhiteMatter WhiteMatter => _whiteMatter.Value;

    /// <summary>Maps Colin27, or a head in its space and of its intensities.</summary>
    /// <param name="head">The T1-weighted head.</param>
    /// <param name="brain">Its brain.</param>
    /// <param name="white">The intensity of white matter.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static TissueMap Of(Volume head, Mask brain, double white, WorkOptions work)
    {
        var relative = new float[head.Voxels.Length];
        var scale = (float)(1 / white);
        for (var i = 0; i < relative.Length; i++)
        {
            relative[i] = head.Voxels[i] * scale;
        }

        var skull = InsideOfSkull(brain, relative, work);
        var inside = GaussianFilter.Smooth(skull.ToVolume(), EdgeSigma, work).Voxels;
        var deep = GaussianFilter.Smooth(skull.ToVolume(), DeepSigma, work).Voxels;
        var lowest = BoxExtremes.Lowest(relative, head.Size, BorderReach, work);
        var highest = BoxExtremes.Highest(relative, head.Size, BorderReach, work);
        var parts = Array.ConvertAll(Mapped, _ => new byte[relative.Length]);
        var size = head.Size;
        work.ForBlocks(size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var i = size.IndexOf(x, y, z);
                    var border = Ramp(deep[i], DeepFrom, DeepTo) * Ramp(highest[i], NearWhiteFrom, NearWhiteTo)
                        * (1 - Ramp(lowest[i], NearFluidTo, NearFluidFrom));
                    Mix(relative[i], inside[i], border, EyeAt(head.Geometry.VoxelToWorld.Apply(new(x, y, z))), parts, i);
                }
            }
        });
        return new(head.Geometry, parts);
    }

    /// <summary>How much of a tissue a voxel holds, 0 to 1.</summary>
    public double Part(Tissue tissue, int index) => _parts[(int)tissue][index] / 255.0;

    /// <summary>How much of a tissue there is in the whole head.</summary>
    public double Millilitres(Tissue tissue)
    {
        long sum = 0;
        foreach (var part in _parts[(int)tissue])
        {
            sum += part;
        }

        return sum / 255.0 * _geometry.VoxelVolume / 1000;
    }

    /// <summary>What a sequence shows of the head, relative to white matter; in lesions these take white matter's place.</summary>
    public Volume Show(PulseSequence sequence, IReadOnlyList<LesionVoxel> lesions, WorkOptions work)
    {
        var white = sequence.Signal(Tissue.White);
        var signals = Array.ConvertAll(Mapped, tissue => (float)(sequence.Signal(tissue) / white / 255));
        var voxels = new float[_geometry.Size.Count];
        var (w, g, f, m, a) = (_parts[0], _parts[1], _parts[2], _parts[3], _parts[4]);
        var (ws, gs, fs, ms, ats) = (signals[0], signals[1], signals[2], signals[3], signals[4]);
        work.ForRanges(voxels.Length, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                voxels[i] = Math.Abs((w[i] * ws) + (g[i] * gs) + (f[i] * fs) + (m[i] * ms) + (a[i] * ats));
            }
        });
        var lesion = (float)(sequence.Signal(Tissue.Lesion) / white / 255);
        foreach (var (i, part) in lesions)
        {
            var whole = (w[i] * (ws + (part * (lesion - ws)))) + (g[i] * gs) + (f[i] * fs) + (m[i] * ms) + (a[i] * ats);
            voxels[i] = Math.Abs(whole);
        }

        return new(_geometry, voxels);
    }

    // What one voxel is made of.
    private static void Mix(float t, float inside, float border, float eye, byte[][] parts, int i)
    {
        var fluid = Math.Min(Ramp(t, Bone, FluidFrom), 1 - Ramp(t, FluidTo, GreyFrom));
        var white = Ramp(t, GreyTo, White);
        var grey = Ramp(t, FluidTo, GreyFrom) - white;

        // On the border of the ventricles there are only fluid and white matter.
        var straight = Ramp(t, FluidTo, White);
        fluid += border * (Math.Min(Ramp(t, Bone, FluidFrom), 1 - straight) - fluid);
        grey -= border * grey;
        white += border * (straight - white);

        var vitreous = eye * (1 - Ramp(t, VitreousTo, EyeWall));
        var fat = Ramp(t, MuscleTo, Fat);
        var muscle = Ramp(t, Bone, MuscleFrom) - fat;
        var solid = (1 - inside) * (1 - vitreous);
        parts[(int)Tissue.White][i] = ToByte(inside * white);
        parts[(int)Tissue.Grey][i] = ToByte(inside * grey);
        parts[(int)Tissue.Fluid][i] = ToByte((inside * fluid) + ((1 - inside) * vitreous));
        parts[(int)Tissue.Muscle][i] = ToByte(solid * muscle);
        parts[(int)Tissue.Fat][i] = ToByte(solid * fat);

        static byte ToByte(float part) => (byte)((part * 255) + 0.5f);
    }

    // 0 up to one value, 1 from another on, and evenly between.
    private static float Ramp(float value, float from, float to) => Math.Clamp((value - from) / (to - from), 0, 1);

    private static float EyeAt(Point3 place)
    {
        var nearest = Math.Min((place - Eyes[0]).Length, (place - Eyes[1]).Length);
        return (float)Math.Clamp((EyeTo - nearest) / (EyeTo - EyeFrom), 0, 1);
    }

    private static Mask InsideOfSkull(Mask brain, float[] relative, WorkOptions work)
    {
        var opened = DistanceTransform.Dilate(DistanceTransform.Erode(brain, Streak, work), Streak, work);
        var whole = Grown(DistanceTransform.Erode(opened, Core, work).Voxels, brain.Size, int.MaxValue, i => opened.Voxels[i]);
        var closed = DistanceTransform.Erode(DistanceTransform.Dilate(new(brain.Geometry, whole), Sulcus, work), Sulcus, work);
        return new(brain.Geometry, Grown(closed.Voxels, brain.Size, ToSkull, i => relative[i] is > GrowFrom and < GrowTo));
    }

    // The seeds, and what can be reached from them in so many steps from face to face.
    private static bool[] Grown(bool[] seeds, GridSize size, int steps, Func<int, bool> isFree)
    {
        var filled = seeds.AsSpan().ToArray();
        var edge = new List<int>();
        for (var i = 0; i < filled.Length; i++)
        {
            if (filled[i])
            {
                edge.Add(i);
            }
        }

        Span<int> neighbors = stackalloc int[6];
        for (var step = 0; step < steps && edge.Count > 0; step++)
        {
            var next = new List<int>();
            foreach (var i in edge)
            {
                foreach (var neighbor in neighbors[..SimulationAnatomy.Neighbors(size, i, neighbors)])
                {
                    if (!filled[neighbor] && isFree(neighbor))
                    {
                        filled[neighbor] = true;
                        next.Add(neighbor);
                    }
                }
            }

            edge = next;
        }

        return filled;
    }
}
