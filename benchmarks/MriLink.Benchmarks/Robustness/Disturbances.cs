using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Benchmarks.Robustness;

/// <summary>What scanners, headers and tools do to scans, and what is no T1-weighted scan of a head at all.</summary>
internal static class Disturbances
{
    private const float White = 1000;

    // DLMUSE: cerebellum and brain stem; ventricles.
    private static readonly float[] Hindbrain = [35, 38, 39, 40, 41, 71, 72, 73];
    private static readonly float[] Ventricles = [4, 11, 49, 50, 51, 52];
    private static readonly float[] WhiteMatter = [40, 41, 44, 45, 69, 70, 81, 82, 83, 84, 85, 86, 87, 88];

    private static readonly WorkOptions Work = WorkOptions.AllProcessors;

    public static IReadOnlyList<Disturbance> All { get; } =
    [
        new("pose", "header turned within 30 degrees and 50 mm", (h, r) =>
            new(new(h.Scan.Size, RandomTurn(h, r, 30, 50) * h.Scan.Geometry.VoxelToWorld), h.Scan.Voxels))
        {
            Moves = (h, r) => RandomTurn(h, r, 30, 50),
        },
        new("pose", "head turned within its grid", (h, r) => OnGrid(h.Scan, Padded(h.Scan.Geometry, 40), RandomTurn(h, r, 30, 15)))
        {
            Moves = (h, r) => RandomTurn(h, r, 30, 15).Inverse(),
        },
        new("header", "turned by 180 degrees about the vertical", (h, _) => Under(h, Affine.FromScale(-1, -1, 1)), DisturbanceEffect.WrongHeader),
        new("header", "turned by 180 degrees back to front", (h, _) => Under(h, Affine.FromScale(1, -1, -1)), DisturbanceEffect.WrongHeader),
        new("header", "axes cycled", (h, _) => Under(h, new(0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0)), DisturbanceEffect.WrongHeader),
        new("header", "axes exchanged", (h, _) => Under(h, new(1, 0, 0, 0, 0, 0, 1, 0, 0, -1, 0, 0)), DisturbanceEffect.WrongHeader),
        new("header", "slices half as far apart again", (h, _) => Under(h, Affine.FromScale(1, 1, 1.5)), DisturbanceEffect.WrongHeader),
        new("field of view", "top 20 mm cut off", (h, _) => Cut(h, top: 20)),
        new("field of view", "top 35 mm cut off", (h, _) => Cut(h, top: 35)),
        new("field of view", "lowest 35 mm of the brain cut off", (h, _) => Cut(h, bottom: 35)),
        new("field of view", "front 15 mm cut off", (h, _) => Cut(h, front: 15)),
        new("field of view", "left 15 mm cut off", (h, _) => Cut(h, left: 15)),
        new("field of view", "box of the brain alone", (h, _) => Cut(h, top: 0, bottom: 0, front: 0, left: 0)),
        new("field of view", "60 mm of neck", (h, r) => WithNeck(h, r)),
        new("coil", "linear and quadratic field", (h, _) => Times(h, u => Math.Exp((0.6 * u.Y) + (0.4 * u.Z * u.X) - (0.5 * u.X)))),
        new("coil", "bright below", (h, _) => Times(h, u => Math.Exp(-1.6 * u.Z))),
        new("coil", "bright behind", (h, _) => Times(h, u => Math.Exp(-1.4 * u.Y))),
        new("coil", "bright in the middle", (h, _) => Times(h, u => 0.35 + (1.3 * Math.Exp(-Square(u) / 0.35)))),
        new("noise", "a twelfth of the white matter", (h, r) => Noisy(h.Scan, White / 12, r), DisturbanceEffect.ChangesBrain),
        new("noise", "an eighth of the white matter", (h, r) => Noisy(h.Scan, White / 8, r), DisturbanceEffect.ChangesBrain),
        new("slices", "5 mm, axial", (h, _) => Spaced(h.Scan, 0, 0, 5), DisturbanceEffect.ChangesBrain),
        new("slices", "6 mm, sagittal", (h, _) => Spaced(h.Scan, 6, 0, 0), DisturbanceEffect.ChangesBrain),
        new("slices", "6 mm, coronal", (h, _) => Spaced(h.Scan, 0, 6, 0), DisturbanceEffect.ChangesBrain),
        new("slices", "voxels of 3 mm", (h, _) => Spaced(h.Scan, 3, 3, 3), DisturbanceEffect.ChangesBrain),
        new("intensities", "times 1,000,000", (h, _) => Mapped(h, v => v * 1e6f)),
        new("intensities", "by 1,000,000", (h, _) => Mapped(h, v => v * 1e-6f)),
        new("intensities", "600 for white matter, less 1024", (h, _) => Mapped(h, v => (v * 0.6f) - 1024)),
        new("intensities", "plus five times the white matter", (h, _) => Mapped(h, v => v + (5 * White))),
        new("intensities", "z-scored", (h, _) => Mapped(h, v => (v - 700) / 220)),
        new("intensities", "z-scored, background 0", (h, _) => Mapped(h, v => v < 100 ? 0 : (v - 700) / 220)),
        new("intensities", "20 levels", (h, _) => Mapped(h, v => MathF.Round(v / 50))),
        new("intensities", "gamma of 0.5", (h, _) => Mapped(h, v => White * MathF.Sqrt(Math.Max(0, v) / White))),
        new("intensities", "MP2RAGE, noise as bright as tissue in air", Mp2rage),
        new("intensities", "400 hot voxels", HotVoxels),
        new("artefacts", "ghost of 15 %", (h, _) => Ghost(h, 0.15f)),
        new("artefacts", "motion: two places at once, a few mm apart", (h, _) => Moved(h)),
        new("scalp", "three times as bright", (h, _) => Beyond(h, v => v * 3)),
        new("scalp", "fat suppressed", (h, _) => Beyond(h, v => v * 0.15f)),
        new("scalp", "6 mm thicker, twice the white matter, noisy", ThickScalp),
        new("scalp", "face removed", Defaced),
        new("brain", "cavity of 30 mm", (h, r) => Cavity(h, r, 15), DisturbanceEffect.ChangesBrain),
        new("brain", "cavity of 50 mm", (h, r) => Cavity(h, r, 25), DisturbanceEffect.ChangesBrain),
        new("brain", "ventricles widened", (h, _) => Widened(h), DisturbanceEffect.ChangesShape),
        new("stripped", "at the labels", (h, _) => Stripped(h, Mask.FromVolume(h.Labels))),
        new("stripped", "4 mm loose", (h, _) => Stripped(h, DistanceTransform.Dilate(h.Brain, 4, Work))),
        new("stripped", "4 mm tight", (h, _) => Stripped(h, DistanceTransform.Erode(h.Brain, 4, Work))),
        new("stripped", "cerebrum alone", (h, _) => Stripped(h, Without(h, Hindbrain))),
        new("stripped", "without ventricles", (h, _) => Stripped(h, Without(h, Ventricles))),
        new("stripped", "background of 100", (h, _) => new(h.Scan.Geometry, Each(h, (v, i) => h.Brain.Voxels[i] ? v + 200 : 100))),
        new("stripped", "z-scored, background 0", (h, _) => new(h.Scan.Geometry, Each(h, (v, i) => h.Brain.Voxels[i] ? (v - 700) / 220 : 0))),
        new("no T1w scan", "three tissues", (h, _) => new(h.Scan.Geometry, Each(h, (_, i) => Tissue(h, i))), DisturbanceEffect.Unusable),
        new("no T1w scan", "the labels themselves", (h, _) => h.Labels, DisturbanceEffect.Unusable),
        new("no T1w scan", "the brain's mask", (h, _) => h.Brain.ToVolume(), DisturbanceEffect.Unusable),
        new("no T1w scan", "three tissues, smoothed", (h, _) => Blurred(h, (h, i) => Tissue(h, i)), DisturbanceEffect.Unusable),
        new("no T1w scan", "probability of white matter", (h, _) => Blurred(h, (h, i) => IsWhite(h, i) ? 1 : 0), DisturbanceEffect.Unusable),
        new("no T1w scan", "probability of grey matter", (h, _) => Blurred(h, (h, i) => Tissue(h, i) is 2 ? 1 : 0), DisturbanceEffect.Unusable),
        new("no T1w scan", "the brain's mask, smoothed", (h, _) => Blurred(h, (h, i) => h.Brain.Voxels[i] ? 1 : 0), DisturbanceEffect.Unusable),
        new("no T1w scan", "inverted", (h, _) => Mapped(h, v => v < 100 ? 0 : Math.Max(1, 1600 - v)), DisturbanceEffect.Unusable),
        new("no T1w scan", "half a brain", (h, _) => HalfABrain(h), DisturbanceEffect.Unusable),
    ];

    private static Affine RandomTurn(LabelledHead head, Random random, double degrees, double shift)
    {
        double Angle() => ((2 * random.NextDouble()) - 1) * degrees * Math.PI / 180;
        double Shift() => ((2 * random.NextDouble()) - 1) * shift;
        return Affine.FromTranslation(Shift(), Shift(), Shift()) * Affine.FromRotation(Angle(), Angle(), Angle()).About(MiddleOf(head));
    }

    // The same voxels under a header whose axes are others.
    private static Volume Under(LabelledHead head, Affine other) =>
        new(new(head.Scan.Size, other * head.Scan.Geometry.VoxelToWorld), head.Scan.Voxels);

    private static VolumeGeometry Padded(VolumeGeometry grid, double by)
    {
        var (spacing, size) = (grid.Spacing, grid.Size);
        int Voxels(double step) => (int)(by / step);
        var (x, y, z) = (Voxels(spacing.X), Voxels(spacing.Y), Voxels(spacing.Z));
        return new(new(size.X + (2 * x), size.Y + (2 * y), size.Z + (2 * z)), grid.VoxelToWorld * Affine.FromTranslation(-x, -y, -z));
    }

    private static Volume OnGrid(Volume scan, VolumeGeometry grid, Affine map) => Resampler.Resample(scan, map, grid, null, Work);

    // Margins are counted from the brain's own box; those not given stay as they are.
    private static Volume Cut(LabelledHead head, double? top = null, double? bottom = null, double? front = null, double? left = null)
    {
        var size = head.Scan.Size;
        var spacing = head.Scan.Geometry.Spacing;
        var (lowX, lowY, lowZ, highX, highY, highZ) = (size.X, size.Y, size.Z, 0, 0, 0);
        for (var i = 0; i < size.Count; i++)
        {
            if (head.Brain.Voxels[i])
            {
                var (x, y, z) = (i % size.X, i / size.X % size.Y, i / (size.X * size.Y));
                (lowX, lowY, lowZ, highX, highY, highZ) =
                    (Math.Min(lowX, x), Math.Min(lowY, y), Math.Min(lowZ, z), Math.Max(highX, x), Math.Max(highY, y), Math.Max(highZ, z));
            }
        }

        var whole = top is not null && bottom is not null;
        var from = (X: left is { } l ? lowX + (int)(l / spacing.X) : 0, Y: whole ? lowY : 0, Z: bottom is { } b ? lowZ + (int)(b / spacing.Z) : 0);
        var to = (X: whole ? highX : size.X - 1, Y: front is { } f ? highY - (int)(f / spacing.Y) : size.Y - 1, Z: top is { } t
            ? highZ - (int)(t / spacing.Z) : size.Z - 1);
        var grid = new VolumeGeometry(
            new(to.X - from.X + 1, to.Y - from.Y + 1, to.Z - from.Z + 1),
            head.Scan.Geometry.VoxelToWorld * Affine.FromTranslation(from.X, from.Y, from.Z));
        return OnGrid(head.Scan, grid, Affine.Identity);
    }

    // The lowest slices that show anything go on downwards, as a neck does.
    private static Volume WithNeck(LabelledHead head, Random random)
    {
        var size = head.Scan.Size;
        var plane = size.X * size.Y;
        var more = (int)(60 / head.Scan.Geometry.Spacing.Z);
        var first = Enumerable.Range(0, size.Z)
            .First(z => head.Scan.Voxels.AsSpan(z * plane, plane).ContainsAnyInRange(0.15f * White, float.MaxValue)) + 1;
        var grid = new VolumeGeometry(
            new(size.X, size.Y, size.Z - first + more), head.Scan.Geometry.VoxelToWorld * Affine.FromTranslation(0, 0, first - more));
        var voxels = new float[grid.Size.Count];
        head.Scan.Voxels.AsSpan(first * plane).CopyTo(voxels.AsSpan(more * plane));
        for (var i = 0; i < more * plane; i++)
        {
            voxels[i] = head.Scan.Voxels[(first * plane) + (i % plane)] * (float)(1 + (0.05 * Normal(random)));
        }

        return new(grid, voxels);
    }

    private static Volume Times(LabelledHead head, Func<Point3, double> field)
    {
        var size = head.Scan.Size;
        double At(int index, int count) => (2.0 * index / (count - 1)) - 1;
        double Field(int i) => field(new(At(i % size.X, size.X), At(i / size.X % size.Y, size.Y), At(i / (size.X * size.Y), size.Z)));
        double sum = 0;
        for (var i = 0; i < size.Count; i++)
        {
            sum += head.Brain.Voxels[i] ? Field(i) : 0;
        }

        var mean = sum / head.Brain.Count;
        return new(head.Scan.Geometry, Each(head, (v, i) => v * (float)Math.Clamp(Field(i) / mean, 0, 8)));
    }

    private static double Square(Point3 p) => (p.X * p.X) + (p.Y * p.Y) + (p.Z * p.Z);

    private static Volume Noisy(Volume scan, float deviation, Random random) => new(scan.Geometry, Array.ConvertAll(scan.Voxels, v =>
    {
        var real = v + (deviation * Normal(random));
        var imaginary = deviation * Normal(random);
        return (float)Math.Sqrt((real * real) + (imaginary * imaginary));
    }));

    private static Volume Spaced(Volume scan, double x, double y, double z)
    {
        var (spacing, size) = (scan.Geometry.Spacing, scan.Size);
        double Factor(double wanted, double step) => wanted > 0 ? wanted / step : 1;
        var (fx, fy, fz) = (Factor(x, spacing.X), Factor(y, spacing.Y), Factor(z, spacing.Z));
        var grid = new VolumeGeometry(
            new((int)(size.X / fx), (int)(size.Y / fy), (int)(size.Z / fz)),
            scan.Geometry.VoxelToWorld * Affine.FromTranslation((fx - 1) / 2, (fy - 1) / 2, (fz - 1) / 2) * Affine.FromScale(fx, fy, fz));
        return OnGrid(scan, grid, Affine.Identity);
    }

    private static Volume Mapped(LabelledHead head, Func<float, float> map) => new(head.Scan.Geometry, Each(head, (v, _) => map(v)));

    private static Volume Mp2rage(LabelledHead head, Random random) => Mapped(head, v =>
        random.NextDouble() < v / (0.25 * White) ? (Math.Clamp(v / (White * 1.15f), 0, 1) * 0.9f) - 0.45f : (float)random.NextDouble() - 0.5f);

    private static Volume HotVoxels(LabelledHead head, Random random)
    {
        var voxels = (float[])head.Scan.Voxels.Clone();
        for (var n = 0; n < 400; n++)
        {
            voxels[random.Next(voxels.Length)] = 15 * White;
        }

        return new(head.Scan.Geometry, voxels);
    }

    private static Volume Ghost(LabelledHead head, float strength)
    {
        var size = head.Scan.Size;
        return new(head.Scan.Geometry, Each(head, (v, i) =>
        {
            var y = i / size.X % size.Y;
            var other = (y + (size.Y / 2)) % size.Y;
            return v + (strength * head.Scan.Voxels[i + ((other - y) * size.X)]);
        }));
    }

    private static Volume Moved(LabelledHead head)
    {
        var moved = OnGrid(head.Scan, head.Scan.Geometry,
            Affine.FromTranslation(1.5, 2, 1) * Affine.FromRotation(0.02, 0, 0.02).About(MiddleOf(head)));
        return new(head.Scan.Geometry, Each(head, (v, i) => (0.65f * v) + (0.35f * moved.Voxels[i])));
    }

    private static Volume Beyond(LabelledHead head, Func<float, float> map)
    {
        var wide = DistanceTransform.Dilate(head.Brain, 6, Work);
        return new(head.Scan.Geometry, Each(head, (v, i) => wide.Voxels[i] || v < 100 ? v : map(v)));
    }

    private static Volume ThickScalp(LabelledHead head, Random random)
    {
        const float thickness = 6;
        var grid = Padded(head.Scan.Geometry, 12);
        var scan = OnGrid(head.Scan, grid, Affine.Identity);
        var brain = Mask.FromVolume(Resampler.Resample(head.Brain, Affine.Identity, grid, Work), 0.5f);
        var inside = DistanceTransform.Erode(
            DistanceTransform.Dilate(Mask.FromVolume(GaussianFilter.Smooth(scan, 2, Work), 0.15f * White), 12, Work), 12, Work);
        var distance = DistanceTransform.SignedDistance(inside, Work);
        var toBrain = DistanceTransform.SignedDistance(brain, Work);
        var low = brain.Voxels.AsSpan().IndexOf(true) / (grid.Size.X * grid.Size.Y);
        var level = (low + (int)(20 / grid.Spacing.Z)) * grid.Size.X * grid.Size.Y;
        for (var i = level; i < scan.Voxels.Length; i++)
        {
            var scalp = distance[i] is > -5 and < thickness && toBrain[i] > 5;
            scan.Voxels[i] = scalp ? 2 * White * (float)(1 + (0.1 * Normal(random))) : scan.Voxels[i];
        }

        return Noisy(scan, White / 12, random);
    }

    private static Volume Defaced(LabelledHead head, Random random)
    {
        var middle = MiddleOf(head);
        return new(head.Scan.Geometry, Each(head, (v, i) =>
        {
            var p = PlaceOf(head, i);
            return p.Y - middle.Y > 45 && p.Z - middle.Z < -30 + (0.25 * (p.Y - middle.Y - 45)) && !head.Brain.Voxels[i] ? 0 : v;
        }));
    }

    private static Volume Cavity(LabelledHead head, Random random, double radius)
    {
        var side = random.Next(2) == 0 ? -1 : 1;
        var middle = MiddleOf(head);
        var center = new Point3(middle.X + (side * 38), middle.Y + 25, middle.Z + 15);
        return new(head.Scan.Geometry,
            Each(head, (v, i) => head.Brain.Voxels[i] && (PlaceOf(head, i) - center).Length < radius
            ? White * (float)(0.3 + (0.03 * Normal(random))) : v));
    }

    // Draws the inside of the head away from the middle of the ventricles.
    private static Volume Widened(LabelledHead head)
    {
        var center = MiddleOf(head, i => Ventricles.Contains(head.Labels.Voxels[i]));
        var sampler = new TrilinearSampler(head.Scan);
        return new(head.Scan.Geometry, Each(head, (_, i) =>
        {
            var offset = PlaceOf(head, i) - center;
            var pull = 1 - (0.3 * Math.Exp(-Square(offset * (1 / 55.0))));
            var p = head.Scan.Geometry.WorldToVoxel.Apply(center + (offset * pull));
            return sampler.Sample((float)p.X, (float)p.Y, (float)p.Z, 0);
        }));
    }

    private static Volume Stripped(LabelledHead head, Mask mask) => new(head.Scan.Geometry, Each(head, (v, i) => mask.Voxels[i] ? v : 0));

    private static Mask Without(LabelledHead head, float[] labels) =>
        new(head.Scan.Geometry, [.. head.Brain.Voxels.Select((inside, i) => inside && !labels.Contains(head.Labels.Voxels[i]))]);

    private static bool IsWhite(LabelledHead head, int i) => WhiteMatter.Contains(head.Labels.Voxels[i]);

    // As what tools that segment give, and maps that were resampled.
    private static Volume Blurred(LabelledHead head, Func<LabelledHead, int, float> map) =>
        GaussianFilter.Smooth(new(head.Scan.Geometry, Each(head, (_, i) => map(head, i))), 1.4, Work);

    private static Volume HalfABrain(LabelledHead head)
    {
        var middle = MiddleOf(head).X;
        return new(head.Scan.Geometry, Each(head, (v, i) => head.Brain.Voxels[i] && PlaceOf(head, i).X < middle ? v : 0));
    }

    private static float Tissue(LabelledHead head, int i) => head.Labels.Voxels[i] switch
    {
        0 => 0,
        var label when Ventricles.Contains(label) => 1,
        _ => IsWhite(head, i) ? 3 : 2,
    };

    private static float[] Each(LabelledHead head, Func<float, int, float> map)
    {
        var voxels = new float[head.Scan.Voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = map(head.Scan.Voxels[i], i);
        }

        return voxels;
    }

    private static Point3 PlaceOf(LabelledHead head, int i) => head.Scan.Geometry.PlaceOf(i);

    private static Point3 MiddleOf(LabelledHead head, Func<int, bool>? part = null)
    {
        var (sum, count) = (default(Point3), 0);
        for (var i = 0; i < head.Brain.Voxels.Length; i++)
        {
            if (part is null ? head.Brain.Voxels[i] : part(i))
            {
                (sum, count) = (sum + PlaceOf(head, i), count + 1);
            }
        }

        return sum * (1.0 / count);
    }

    // Box and Muller (1958).
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
