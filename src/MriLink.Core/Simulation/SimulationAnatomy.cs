using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Basics;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>What is put into the simulated scanner: intensities and, where known, the brain.</summary>
/// <remarks>
/// Intensities are read once per scan, with Catmull-Rom cubic interpolation: it smooths less than trilinear interpolation does,
/// and since every scan has its own pose, what smoothing remains varies over the volume and betrays nobody.
/// Beyond the edge of a raw head's volume its border goes on, so that a tilted scan shows a longer neck rather than a cut.
/// </remarks>
public sealed class SimulationAnatomy
{
    // Non-zero voxels of less than this are a brain: raw heads, even small ones with a short field of view, take up 3 litres and more.
    private const double LargestBrainMillilitres = 2500;

    // A stripped volume is mostly background; a raw one with a masked background seldom as much.
    private const double SmallestBackgroundPart = 0.4;

    // Brain at this density, smoothed by 8 mm, is about 16 mm below the surface: CSF there is ventricle, cistern or deep fissure.
    private const double DeepSmoothing = 8;
    private const double DeepDensity = 0.98;

    // CSF on a T1-weighted scan is well below grey matter, which is at about 0.75 of white.
    private const double FluidIntensity = 0.55;
    private const double AtrophyStep = 3;
    private const double AtrophySmoothing = 4.5;

    // Millimetres of flow per unit of density gradient at full decline. Measured on Colin27: the brain loses 8 %, deep CSF
    // (ventricles and cisterns) nearly doubles, as in moderate Alzheimer's disease against health.
    private const float CortexFlow = 45;
    private const float VentricleFlow = 45;

    // A lesion over white matter in the spoiled gradient echo of Colin27 (TR 18 ms, TE 10 ms, 30 degrees at 1.5 T; Holmes et al. 1998, J Comput
    // Assist Tomogr 22:324), by ρ·(1 − e^(−TR/T1))·e^(−TE/T2)/(1 − cos α·e^(−TR/T1)) with the relaxation times of Relaxation. Grey matter has 0.75
    // by it, as Colin27 does.
    private const float LesionT1w = 0.78f;

    private static readonly Lazy<SimulationAnatomy> EmbeddedTemplate = new(() => FromTemplate(Templates.Template.Colin27));

    private readonly float[] _voxels;
    private readonly GridSize _size;
    private readonly Lazy<VectorLattice> _atrophy;
    private readonly Lazy<TissueMap> _tissues;
    private readonly Vector3 _column1;
    private readonly Vector3 _column2;
    private readonly Vector3 _column3;
    private readonly Vector3 _shift;

    private SimulationAnatomy(string name, Volume head, Mask? brainMask, bool isStripped, Point3 center, double? reference = null)
    {
        (Name, Head, BrainMask, IsStripped, Center) = (name, head, brainMask, isStripped, center);
        (_voxels, _size) = (head.Voxels, head.Size);
        var map = head.Geometry.WorldToVoxel;
        _column1 = new((float)map.M11, (float)map.M21, (float)map.M31);
        _column2 = new((float)map.M12, (float)map.M22, (float)map.M32);
        _column3 = new((float)map.M13, (float)map.M23, (float)map.M33);
        _shift = new((float)map.M14, (float)map.M24, (float)map.M34);
        ReferenceIntensity = reference ?? FindReference(head, brainMask);
        _atrophy = new(MakeAtrophy);
        _tissues = new(() => TissueMap.Of(Head, BrainMask!, ReferenceIntensity, WorkOptions.AllProcessors));
    }

    /// <summary>Colin27.</summary>
    public static SimulationAnatomy Template => EmbeddedTemplate.Value;

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    /// <summary>The intensities; of a stripped brain, continued over a few voxels beyond its edge.</summary>
    public Volume Head { get; }

    /// <summary>The brain, or null for a raw head about which nothing more is known.</summary>
    public Mask? BrainMask { get; }

    /// <summary>Whether there is nothing but the brain.</summary>
    public bool IsStripped { get; }

    /// <summary>The intensity that stands for white matter: the 90th percentile of the brain, or of a raw head's brighter half the 75th.</summary>
    public double ReferenceIntensity { get; }

    /// <summary>The point that lies at the scanner's isocentre when the pose is nil, mm.</summary>
    public Point3 Center { get; }

    // The middle of Colin27's head as its volume shows it; the field of view of a simulated scan is laid around it.
    internal static Point3 TemplateCenter => new(0, -17, 14);

    /// <summary>
    /// The velocity of atrophy at full severity, mm in the anatomy's world, pointing where tissue goes as time passes:
    /// away from the ventricles, and at the surface of the brain inwards.
    /// </summary>
    /// <exception cref="InvalidOperationException">The brain is not known.</exception>
    internal VectorLattice AtrophyVelocity => _atrophy.Value;

    /// <summary>Whether it is known where which tissue is, so that other contrasts than its own can be made of it: of Colin27 alone.</summary>
    internal bool HasTissues => this == Template;

    /// <summary>How much of each tissue every voxel holds.</summary>
    /// <exception cref="InvalidOperationException">The tissues are not known.</exception>
    internal TissueMap Tissues => HasTissues ? _tissues.Value : throw new InvalidOperationException("Only the template's tissues are known.");

    /// <summary>A template's head and brain.</summary>
    public static SimulationAnatomy FromTemplate(Template template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new(template.Name, template.Head, template.BrainMask, isStripped: false, TemplateCenter);
    }

    /// <summary>
    /// A given volume. If nothing is said, it counts as stripped when its background is exactly 0 and the rest no larger than a brain.
    /// </summary>
    /// <param name="volume">A raw head, or a brain on a background of exact zeros. It is not changed.</param>
    /// <param name="name">What messages call it: the file.</param>
    /// <param name="stripped">Whether it is stripped; null to find out.</param>
    /// <exception cref="MriFileException">The volume holds no positive intensities, or is called stripped and has no background.</exception>
    public static SimulationAnatomy FromVolume(Volume volume, string name, bool? stripped = null)
    {
        ArgumentNullException.ThrowIfNull(volume);
        var filled = volume.Voxels.AsSpan();
        long nonZero = 0;
        long positive = 0;
        foreach (var v in filled)
        {
            nonZero += v != 0 ? 1 : 0;
            positive += v > 0 ? 1 : 0;
        }

        if (positive == 0)
        {
            throw new MriFileException(name, "holds no positive intensities, so there is nothing to scan.");
        }

        var background = 1 - ((double)nonZero / filled.Length);
        var isStripped = stripped
            ?? (background >= SmallestBackgroundPart && nonZero * volume.Geometry.VoxelVolume / 1000 <= LargestBrainMillilitres);
        if (!isStripped)
        {
            return new(name, volume, brainMask: null, isStripped: false, volume.Geometry.Center);
        }

        if (background == 0)
        {
            throw new MriFileException(name, "is no stripped brain: none of its voxels is exactly 0.");
        }

        var mask = BrainOf(volume);
        return new(name, Continued(volume, mask), mask, isStripped: true, volume.Geometry.Center);
    }

    /// <summary>A box around a grid with a margin, mm.</summary>
    internal static (Point3 Low, Point3 High) BoxOf(VolumeGeometry geometry, double margin)
    {
        var (low, high) = (new Point3(double.MaxValue, double.MaxValue, double.MaxValue),
            new Point3(double.MinValue, double.MinValue, double.MinValue));
        for (var corner = 0; corner < 8; corner++)
        {
            var p = geometry.VoxelToWorld.Apply(new(
                (corner & 1) * (geometry.Size.X - 1),
                (corner >> 1 & 1) * (geometry.Size.Y - 1),
                (corner >> 2) * (geometry.Size.Z - 1)));
            low = new(Math.Min(low.X, p.X), Math.Min(low.Y, p.Y), Math.Min(low.Z, p.Z));
            high = new(Math.Max(high.X, p.X), Math.Max(high.Y, p.Y), Math.Max(high.Z, p.Z));
        }

        var border = new Point3(margin, margin, margin);
        return (low - border, high + border);
    }

    /// <summary>The same anatomy in another contrast; its intensities are relative to white matter.</summary>
    internal SimulationAnatomy In(PulseSequence sequence, IReadOnlyList<LesionVoxel> lesions, WorkOptions work) =>
        new(Name, Tissues.Show(sequence, lesions, work), BrainMask, IsStripped, Center, reference: 1);

    /// <summary>The same anatomy in its own T1-weighted contrast, with lesions.</summary>
    internal SimulationAnatomy With(IReadOnlyList<LesionVoxel> lesions)
    {
        if (lesions.Count == 0)
        {
            return this;
        }

        // What of a voxel is grey matter or fluid stays so.
        var voxels = _voxels.AsSpan().ToArray();
        var darker = (LesionT1w - 1) * ReferenceIntensity;
        foreach (var lesion in lesions)
        {
            voxels[lesion.Index] += (float)(lesion.Part * Tissues.Part(Tissue.White, lesion.Index) * darker);
        }

        return new(Name, new(Head.Geometry, voxels), BrainMask, IsStripped, Center, ReferenceIntensity);
    }

    /// <summary>The intensity at a place in mm, by Catmull-Rom interpolation.</summary>
    internal float Intensity(Vector3 world)
    {
        var p = Vector3.Clamp(ToVoxel(world), Vector3.Zero, new(_size.X - 1, _size.Y - 1, _size.Z - 1));
        var (x, y, z) = ((int)p.X, (int)p.Y, (int)p.Z);
        var (wx, wy, wz) = (Cubic(p.X - x), Cubic(p.Y - y), Cubic(p.Z - z));
        Vector4 sum;
        if (x >= 1 && y >= 1 && z >= 1 && x < _size.X - 2 && y < _size.Y - 2 && z < _size.Z - 2)
        {
            // The 64 voxels lie inside the array, as just seen: no need to check each row again in the hottest loop there is.
            var planeLength = (nuint)(_size.X * _size.Y);
            ref var first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_voxels), _size.IndexOf(x - 1, y - 1, z - 1));
            sum = (InnerPlane(ref first, wy) * wz.X) + (InnerPlane(ref Unsafe.Add(ref first, planeLength), wy) * wz.Y)
                + (InnerPlane(ref Unsafe.Add(ref first, 2 * planeLength), wy) * wz.Z)
                    + (InnerPlane(ref Unsafe.Add(ref first, 3 * planeLength), wy) * wz.W);
        }
        else
        {
            sum = (BorderPlane(x, y, z - 1, wy) * wz.X) + (BorderPlane(x, y, z, wy) * wz.Y)
                + (BorderPlane(x, y, z + 1, wy) * wz.Z) + (BorderPlane(x, y, z + 2, wy) * wz.W);
        }

        sum *= wx;

        // In a fixed order, for the same bits everywhere. The cubic may swing below 0 beside an edge.
        return Math.Max(0, ((sum.X + sum.Y) + sum.Z) + sum.W);
    }

    /// <summary>How much of the brain there is at a place in mm, 0 to 1, by trilinear interpolation of the mask.</summary>
    internal float Brain(Vector3 world)
    {
        var mask = BrainMask!.Voxels;
        var p = ToVoxel(world);
        if (!(p.X >= 0 && p.Y >= 0 && p.Z >= 0 && p.X < _size.X - 1 && p.Y < _size.Y - 1 && p.Z < _size.Z - 1))
        {
            return 0;
        }

        var (x, y, z) = ((int)p.X, (int)p.Y, (int)p.Z);
        var (fx, fy, fz) = (p.X - x, p.Y - y, p.Z - z);
        var i = _size.IndexOf(x, y, z);
        var plane = i + (_size.X * _size.Y);
        return (((Row(mask, i, fx) * (1 - fy)) + (Row(mask, i + _size.X, fx) * fy)) * (1 - fz))
            + (((Row(mask, plane, fx) * (1 - fy)) + (Row(mask, plane + _size.X, fx) * fy)) * fz);

        static float Row(bool[] mask, int at, float f) => (mask[at] ? 1 - f : 0) + (mask[at + 1] ? f : 0);
    }

    private static Vector4 Cubic(float t)
    {
        var (t2, t3) = (t * t, t * t * t);
        return new((-t + (2 * t2) - t3) / 2, (2 - (5 * t2) + (3 * t3)) / 2, (t + (4 * t2) - (3 * t3)) / 2, (t3 - t2) / 2);
    }

    // The voxels that are not background: zeros that are connected with the border of the volume.
    private static Mask BrainOf(Volume volume)
    {
        var size = volume.Size;
        var voxels = volume.Voxels;
        var brain = new bool[voxels.Length];
        Array.Fill(brain, true);
        var open = new Stack<int>();
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var face = z == 0 || y == 0 || z == size.Z - 1 || y == size.Y - 1;
                for (var x = 0; x < size.X; x += face || size.X == 1 ? 1 : size.X - 1)
                {
                    Visit(size.IndexOf(x, y, z));
                }
            }
        }

        Span<int> neighbors = stackalloc int[6];
        while (open.TryPop(out var i))
        {
            foreach (var neighbor in neighbors[..Neighbors(size, i, neighbors)])
            {
                Visit(neighbor);
            }
        }

        return new(volume.Geometry, brain);

        void Visit(int i)
        {
            if (brain[i] && voxels[i] == 0)
            {
                brain[i] = false;
                open.Push(i);
            }
        }
    }

    // Interpolating across the cut edge of a stripped brain would draw a dark rim, so the brain goes on for as far as the cubic
    // reaches: two voxels along each axis, six steps from face to face. Each layer is the mean of its filled neighbours.
    private static Volume Continued(Volume volume, Mask mask)
    {
        var size = volume.Size;
        var voxels = volume.Voxels.AsSpan().ToArray();
        var filled = mask.Voxels.AsSpan().ToArray();
        var edge = new List<int>();
        for (var i = 0; i < filled.Length; i++)
        {
            if (filled[i])
            {
                edge.Add(i);
            }
        }

        Span<int> neighbors = stackalloc int[6];
        for (var pass = 0; pass < 6; pass++)
        {
            var layer = new HashSet<int>();
            foreach (var i in edge)
            {
                foreach (var neighbor in neighbors[..Neighbors(size, i, neighbors)])
                {
                    if (!filled[neighbor])
                    {
                        layer.Add(neighbor);
                    }
                }
            }

            foreach (var i in layer)
            {
                var (sum, count) = (0f, 0);
                foreach (var neighbor in neighbors[..Neighbors(size, i, neighbors)])
                {
                    (sum, count) = filled[neighbor] ? (sum + voxels[neighbor], count + 1) : (sum, count);
                }

                voxels[i] = sum / count;
            }

            edge = [.. layer];
            foreach (var i in edge)
            {
                filled[i] = true;
            }
        }

        return new(volume.Geometry, voxels);
    }

    /// <summary>The voxels that share a face with one.</summary>
    /// <returns>How many there are.</returns>
    internal static int Neighbors(GridSize size, int i, Span<int> neighbors)
    {
        var (row, plane) = (size.X, size.X * size.Y);
        var (x, y, z) = (i % row, i / row % size.Y, i / plane);
        var count = 0;
        if (x > 0)
        {
            neighbors[count++] = i - 1;
        }

        if (x < size.X - 1)
        {
            neighbors[count++] = i + 1;
        }

        if (y > 0)
        {
            neighbors[count++] = i - row;
        }

        if (y < size.Y - 1)
        {
            neighbors[count++] = i + row;
        }

        if (z > 0)
        {
            neighbors[count++] = i - plane;
        }

        if (z < size.Z - 1)
        {
            neighbors[count++] = i + plane;
        }

        return count;
    }

    private static double FindReference(Volume head, Mask? brain)
    {
        var voxels = head.Voxels;
        if (brain is not null)
        {
            return Percentile([.. voxels.Where((v, i) => brain.Voxels[i] && v > 0)], 0.9);
        }

        var positive = voxels.Where(v => v > 0);
        var mean = positive.Average(v => (double)v);
        return Percentile([.. voxels.Where(v => v >= mean)], 0.75);

        static double Percentile(float[] values, double part)
        {
            Array.Sort(values);
            return values[(int)(part * (values.Length - 1))];
        }
    }

    private Vector3 ToVoxel(Vector3 world) => _shift + (_column1 * world.X) + (_column2 * world.Y) + (_column3 * world.Z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector4 InnerPlane(ref float first, Vector4 wy)
    {
        var row = (nuint)_size.X;
        return (Vector128.LoadUnsafe(ref first).AsVector4() * wy.X) + (Vector128.LoadUnsafe(ref first, row).AsVector4() * wy.Y)
            + (Vector128.LoadUnsafe(ref first, 2 * row).AsVector4() * wy.Z) + (Vector128.LoadUnsafe(ref first, 3 * row).AsVector4() * wy.W);
    }

    private Vector4 BorderPlane(int x, int y, int z, Vector4 wy) =>
        (BorderRow(x, y - 1, z) * wy.X) + (BorderRow(x, y, z) * wy.Y) + (BorderRow(x, y + 1, z) * wy.Z) + (BorderRow(x, y + 2, z) * wy.W);

    private Vector4 BorderRow(int x, int y, int z)
    {
        var start = _size.IndexOf(0, Math.Clamp(y, 0, _size.Y - 1), Math.Clamp(z, 0, _size.Z - 1));
        return new(At(x - 1), At(x), At(x + 1), At(x + 2));

        float At(int i) => _voxels[start + Math.Clamp(i, 0, _size.X - 1)];
    }

    private VectorLattice MakeAtrophy()
    {
        if (BrainMask is not { } brain)
        {
            throw new InvalidOperationException("Atrophy needs to know the brain.");
        }

        // Counts per node of the brain's voxels (X), of those with fluid (Y) and of all (Z): densities after smoothing.
        var (low, high) = BoxOf(Head.Geometry, margin: 0);
        var density = new VectorLattice(low, high, AtrophyStep);
        var fluid = FluidIntensity * ReferenceIntensity;
        for (var z = 0; z < _size.Z; z++)
        {
            for (var y = 0; y < _size.Y; y++)
            {
                for (var x = 0; x < _size.X; x++)
                {
                    var i = _size.IndexOf(x, y, z);
                    var p = Head.Geometry.VoxelToWorld.Apply(new(x, y, z)) - low;
                    var node = density.Size.IndexOf(
                        (int)Math.Round(p.X / AtrophyStep), (int)Math.Round(p.Y / AtrophyStep), (int)Math.Round(p.Z / AtrophyStep));
                    density.Values[node] += new Vector4(brain.Voxels[i] ? 1 : 0, brain.Voxels[i] && _voxels[i] < fluid ? 1 : 0, 1, 0);
                }
            }
        }

        var deep = new VectorLattice(low, high, AtrophyStep);
        density.Values.CopyTo(deep.Values, 0);
        deep.Smooth(DeepSmoothing);
        for (var i = 0; i < density.Values.Length; i++)
        {
            if (deep.Values[i].X < DeepDensity * deep.Values[i].Z)
            {
                density.Values[i].Y = 0;
            }
        }

        density.Smooth(AtrophySmoothing);
        for (var i = 0; i < density.Values.Length; i++)
        {
            var d = density.Values[i];
            density.Values[i] = d.Z > 0 ? d / d.Z : Vector4.Zero;
        }

        return Flow(density, low, high);
    }

    private static VectorLattice Flow(VectorLattice density, Point3 low, Point3 high)
    {
        var velocity = new VectorLattice(low, high, AtrophyStep);
        var size = density.Size;
        var inverse = (float)(0.5 / AtrophyStep);
        for (var z = 1; z < size.Z - 1; z++)
        {
            for (var y = 1; y < size.Y - 1; y++)
            {
                for (var x = 1; x < size.X - 1; x++)
                {
                    var dx = (density.Values[size.IndexOf(x + 1, y, z)] - density.Values[size.IndexOf(x - 1, y, z)]) * inverse;
                    var dy = (density.Values[size.IndexOf(x, y + 1, z)] - density.Values[size.IndexOf(x, y - 1, z)]) * inverse;
                    var dz = (density.Values[size.IndexOf(x, y, z + 1)] - density.Values[size.IndexOf(x, y, z - 1)]) * inverse;

                    // Weighing the inward flow by the density itself spares skull and scalp.
                    var here = size.IndexOf(x, y, z);
                    var cortex = CortexFlow * density.Values[here].X;
                    velocity.Values[here] = new(
                        (cortex * dx.X) - (VentricleFlow * dx.Y),
                        (cortex * dy.X) - (VentricleFlow * dy.Y),
                        (cortex * dz.X) - (VentricleFlow * dz.Y),
                        0);
                }
            }
        }

        return velocity;
    }
}
