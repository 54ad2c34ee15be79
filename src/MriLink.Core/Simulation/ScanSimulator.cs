using System.Numerics;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>
/// Scans an anatomy under given conditions. All maps (gradients, pose, participant, time) are composed per sample, and the
/// anatomy's intensities are interpolated once.
/// </summary>
/// <remarks>Everything random follows from two seeds. The voxels are the same bits for any number of threads.</remarks>
public sealed class ScanSimulator
{
    /// <summary>White matter before gain, contrast, field and noise: a usual value in a scanner's files.</summary>
    public const double WhiteMatter = 800;

    // Samples within a voxel lie no further apart than this many voxels of the anatomy.
    private const double SampleDistance = 1.25;

    // A healthy brain loses 0.4 % a year in later life (Hedman et al. 2012, Hum Brain Mapp 33:1987): a twentieth of full decline.
    private const double AtrophyPerYear = 0.05;

    // Drift of shape with the square root of time, mm per component after one year, correlated over some 4 cm: hydration,
    // posture, slow change. Well below a voxel, as repeated scans show.
    private const double DriftRms = 0.12;
    private const double DriftKnots = 20;
    private const double DriftStep = 6;

    private readonly SimulationAnatomy _anatomy;
    private readonly SimulatedParticipant? _participant;

    /// <summary>A simulator for the anatomy as it is, or deformed into a participant.</summary>
    /// <exception cref="ArgumentException">A participant with another anatomy than the template.</exception>
    public ScanSimulator(SimulationAnatomy anatomy, SimulatedParticipant? participant = null)
    {
        ArgumentNullException.ThrowIfNull(anatomy);
        if (participant is not null && anatomy != SimulationAnatomy.Template)
        {
            throw new ArgumentException("A simulated participant is a deformation of the template.", nameof(anatomy));
        }

        (_anatomy, _participant) = (anatomy, participant);
    }

    /// <summary>Why nobody but a simulated participant is given lesions.</summary>
    internal const string LesionsRefused =
        "cannot be given lesions: where its white matter lies is not known, as it is of simulated participants. Leave LesionLoad out, or simulate "
            + "participants.";

    /// <summary>Whether there is nothing but a brain to scan.</summary>
    internal bool IsAnatomyStripped => _anatomy.IsStripped;

    /// <summary>Why a volume cannot be scanned in another contrast.</summary>
    internal static string OtherContrastRefused(MriContrast contrast) =>
        $"cannot be scanned again as {contrast}: what is white matter, fluid, bone or fat in it is not known, as it is of simulated participants, "
            + "and intensities alone do not tell. Leave the contrast as it is, or simulate participants.";

    /// <summary>The grid of a participant's scan: a field of view of 192×236×212 mm around the isocentre.</summary>
    public static VolumeGeometry TemplateGrid(ScanConditions conditions)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        return GridOrientation.Lay(conditions.Orientation, new(192, 236, 212), conditions.Spacing);
    }

    /// <summary>The grid of a new scan of a given volume: its extents, with room for the pose where it is tight, around the isocentre.</summary>
    public static VolumeGeometry GridOf(VolumeGeometry source, ScanConditions conditions)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(conditions);
        var (low, high) = SimulationAnatomy.BoxOf(source, margin: 0);
        var extent = high - low;

        // A volume cut close to the brain needs room to turn; 250 mm hold any head.
        double Roomy(double length) => Math.Max(length, Math.Min(length + 40, 250));
        return GridOrientation.Lay(conditions.Orientation, new(Roomy(extent.X), Roomy(extent.Y), Roomy(extent.Z)), conditions.Spacing);
    }

    /// <summary>Scans.</summary>
    /// <param name="conditions">How.</param>
    /// <param name="grid">Where the voxels lie, in scanner world (mm, isocentre at the origin).</param>
    /// <param name="scanSeed">What is drawn anew for each scan follows from it: pose, receive field, drift, noise.</param>
    /// <param name="scannerSeed">What scans of one scanner and protocol share follows from it: gradients, contrast.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <exception cref="MriFileException">The conditions need to know the brain and it is unknown, or ask for a raw head of a stripped
    /// brain.</exception>
    public SimulationResult Simulate(ScanConditions conditions, VolumeGeometry grid, long scanSeed, long scannerSeed, WorkOptions work)
    {
        var (truth, sampler) = Prepare(conditions, grid, scanSeed, scannerSeed, work);
        var mask = _anatomy.BrainMask is null ? null : new bool[grid.Size.Count];
        var head = Acquire(conditions, grid, scanSeed, scannerSeed, truth.Scanner.Lattice, sampler, mask, work);
        return new(head, mask is null ? null : new(grid, mask), truth);
    }

    /// <summary>Scans, for the voxels alone.</summary>
    internal Volume SimulateHead(ScanConditions conditions, VolumeGeometry grid, long scanSeed, long scannerSeed, WorkOptions work)
    {
        var (truth, sampler) = Prepare(conditions, grid, scanSeed, scannerSeed, work);
        return Acquire(conditions, grid, scanSeed, scannerSeed, truth.Scanner.Lattice, sampler, mask: null, work);
    }

    private (ScanTruth Truth, Sampler Sampler) Prepare(
        ScanConditions conditions, VolumeGeometry grid, long scanSeed, long scannerSeed, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(conditions);
        ArgumentNullException.ThrowIfNull(grid);
        if (_anatomy.IsStripped && !conditions.Stripped)
        {
            throw new MriFileException(_anatomy.Name, "is stripped: no raw head can be made of it.");
        }

        if (_anatomy.BrainMask is null && (conditions.Stripped || conditions.Decline > 0 || conditions.Interval > 0))
        {
            throw new MriFileException(
                _anatomy.Name,
                "is a raw head whose brain is not known, so that it cannot be stripped, age or decline; strip it first, or leave these out.");
        }

        if (conditions.Contrast != MriContrast.T1w && !_anatomy.HasTissues)
        {
            throw new MriFileException(_anatomy.Name, OtherContrastRefused(conditions.Contrast));
        }

        if (conditions.LesionLoad > 0 && _participant is null)
        {
            throw new MriFileException(_anatomy.Name, LesionsRefused);
        }

        var random = RandomStream.For(scanSeed, SeedUse.Pose);
        double Draw(double largest) => random.Uniform(-largest, largest);
        var turn = conditions.Rotation * Math.PI / 180;
        var rotation = Affine.FromRotation(Draw(turn), Draw(turn), Draw(turn));
        var c = _anatomy.Center;

        var pose = Affine.FromTranslation(c.X, c.Y, c.Z) * rotation
            * Affine.FromTranslation(Draw(conditions.Translation), Draw(conditions.Translation), Draw(conditions.Translation));
        var scanner = new ScannerField(grid, conditions, scanSeed, scannerSeed);
        var (younger, older) = TimeMaps(conditions, scanSeed, work);
        var truth = new ScanTruth(pose, scanner, _participant, younger, older);
        var toAnatomy = _participant is null ? pose : _participant.HeadScale.Inverse() * pose;
        return (truth, new(toAnatomy, _participant?.TemplateDisplacement, younger));
    }

    // The anatomy as the contrast shows it, and what the scanner's protocol makes of its intensities.
    private (SimulationAnatomy Anatomy, ContrastCurve Curve) Shown(ScanConditions conditions, long scannerSeed, WorkOptions work)
    {
        var lesions = conditions.LesionLoad > 0 ? _anatomy.Tissues.WhiteMatter.Lesions(_participant!.Seed, conditions.LesionLoad) : [];
        if (conditions.Contrast == MriContrast.T1w)
        {
            return (_anatomy.With(lesions), new(conditions.ContrastVariation, conditions.Gamma, scannerSeed));
        }

        var sequence = PulseSequence.Usual(conditions.Contrast, conditions.FieldStrength).Varied(conditions.ContrastVariation, scannerSeed);
        return (_anatomy.In(sequence, lesions, work), ContrastCurve.Power(conditions.Gamma));
    }

    // From the anatomy as it is at the scan to how it was at the start, and back.
    private (VectorLattice? Younger, VectorLattice? Older) TimeMaps(ScanConditions conditions, long scanSeed, WorkOptions work)
    {
        if (conditions.Interval <= 0 && conditions.Decline <= 0)
        {
            return (null, null);
        }

        var atrophy = _anatomy.AtrophyVelocity;
        var severity = (float)(conditions.Decline + (AtrophyPerYear * conditions.Interval));
        var (low, high) = SimulationAnatomy.BoxOf(_anatomy.Head.Geometry, margin: 0);
        var drift = new VectorLattice(low, high, DriftStep);
        drift.AddRandomSpline(DriftRms * Math.Sqrt(conditions.Interval), DriftKnots, RandomStream.For(scanSeed, SeedUse.Drift));
        var velocity = new VectorLattice(low, high, atrophy.Step);
        var size = velocity.Size;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var i = size.IndexOf(x, y, z);
                    velocity.Values[i] = (atrophy.Values[i] * severity) + drift.Sample(VectorLattice.ToVector(velocity.PositionOf(x, y, z)));
                }
            }
        }

        return (velocity.Exponential(-1, work), velocity.Exponential(1, work));
    }

    private Volume Acquire(
        ScanConditions conditions, VolumeGeometry grid, long scanSeed, long scannerSeed, VectorLattice scanner, Sampler sampler, bool[]? mask,
        WorkOptions work)
    {
        var size = grid.Size;
        var voxels = new float[size.Count];
        var (offsets, weights) = VoxelSamples(conditions, grid);
        var (anatomy, curve) = Shown(conditions, scannerSeed, work);
        var (stripped, needsBrain) = (conditions.Stripped, conditions.Stripped || mask is not null);
        var toRelative = (float)(1 / anatomy.ReferenceIntensity);
        var sigma = conditions.Noise / 100;
        var level = conditions.Gain * WhiteMatter;
        var map = grid.VoxelToWorld;
        var stepX = VectorLattice.ToVector(map.ApplyDirection(new(1, 0, 0)));
        work.ForBlocks(size.Z, z =>
        {
            // Each slice has its own noise, whichever thread takes it.
            var noise = RandomStream.For(scanSeed, SeedUse.Noise, z);
            var places = new Vector3[offsets.Length];
            for (var y = 0; y < size.Y; y++)
            {
                work.CancellationToken.ThrowIfCancellationRequested();
                var start = VectorLattice.ToVector(map.Apply(new(0, y, z)));
                for (var x = 0; x < size.X; x++)
                {
                    var center = start + (stepX * x);
                    var effect = scanner.Sample(center);
                    var shown = center + new Vector3(effect.X, effect.Y, effect.Z);
                    var brain = 0f;
                    for (var s = 0; s < offsets.Length; s++)
                    {
                        places[s] = sampler.ToAnatomy(shown + offsets[s]);
                        brain += needsBrain ? weights[s] * anatomy.Brain(places[s]) : 0;
                    }

                    var index = size.IndexOf(x, y, z);
                    var isBrain = brain >= 0.5f;
                    if (mask is not null)
                    {
                        mask[index] = isBrain;
                    }

                    if (stripped && !isBrain)
                    {
                        continue;
                    }

                    var signal = 0f;
                    for (var s = 0; s < offsets.Length; s++)
                    {
                        signal += weights[s] * curve.Apply(anatomy.Intensity(places[s]) * toRelative);
                    }

                    double real = signal * effect.W;
                    var imaginary = 0.0;
                    if (sigma > 0)
                    {
                        var (first, second) = noise.NextNormalPair();
                        real += first * sigma;
                        imaginary = second * sigma;
                    }

                    var magnitude = Math.Round(Math.Sqrt((real * real) + (imaginary * imaginary)) * level);

                    // In a stripped scan 0 means background and nothing else.
                    voxels[index] = (float)Math.Max(stripped ? 1 : 0, magnitude);
                }
            }
        });
        return new(grid, voxels);
    }

    // Where within a voxel the anatomy is sampled, and how much each sample weighs: evenly over the voxel in the plane, by the
    // slice profile across it.
    private (Vector3[] Offsets, float[] Weights) VoxelSamples(ScanConditions conditions, VolumeGeometry grid)
    {
        var spacing = grid.Spacing;
        var source = _anatomy.Head.Geometry.Spacing;
        var distance = SampleDistance * Math.Min(source.X, Math.Min(source.Y, source.Z));
        var (x, y) = (Even(spacing.X), Even(spacing.Y));
        var thickness = conditions.SliceThickness ?? spacing.Z;
        var z = thickness <= distance ? [(0, 1)]
            : conditions.SliceProfile == SliceProfile.Box ? Even(thickness)
            : Bell(thickness);
        var offsets = new List<Vector3>();
        var weights = new List<float>();
        foreach (var (oz, wz) in z)
        {
            foreach (var (oy, wy) in y)
            {
                foreach (var (ox, wx) in x)
                {
                    var voxel = new Point3(ox / spacing.X, oy / spacing.Y, oz / spacing.Z);
                    offsets.Add(VectorLattice.ToVector(grid.VoxelToWorld.ApplyDirection(voxel)));
                    weights.Add((float)(wx * wy * wz));
                }
            }
        }

        return ([.. offsets], [.. weights]);

        (double Offset, double Weight)[] Even(double length)
        {
            var n = Math.Max(1, (int)Math.Ceiling((length / distance) - 1e-6));
            return [.. Enumerable.Range(0, n).Select(i => ((((i + 0.5) / n) - 0.5) * length, 1.0 / n))];
        }

        (double Offset, double Weight)[] Bell(double fwhm)
        {
            // To 1.25 widths either side, where the Gaussian has fallen to about 1 %.
            var n = (int)Math.Ceiling(1.25 * fwhm / distance);
            var samples = Enumerable.Range(-n, (2 * n) + 1)
                .Select(i => (Offset: 1.25 * fwhm * i / n, Weight: Math.Exp(-4 * Math.Log(2) * 1.25 * 1.25 * i * i / ((double)n * n))))
                .ToArray();
            var total = samples.Sum(s => s.Weight);
            return [.. samples.Select(s => (s.Offset, s.Weight / total))];
        }
    }

    // The map from the place that a sample comes from, in scanner world, to the anatomy, in single precision: about a ten-thousandth of a millimetre
    // at the distances of a head.
    private sealed class Sampler(Affine toAnatomy, VectorLattice? participant, VectorLattice? younger)
    {
        private readonly Vector3 _column1 = new((float)toAnatomy.M11, (float)toAnatomy.M21, (float)toAnatomy.M31);
        private readonly Vector3 _column2 = new((float)toAnatomy.M12, (float)toAnatomy.M22, (float)toAnatomy.M32);
        private readonly Vector3 _column3 = new((float)toAnatomy.M13, (float)toAnatomy.M23, (float)toAnatomy.M33);
        private readonly Vector3 _shift = new((float)toAnatomy.M14, (float)toAnatomy.M24, (float)toAnatomy.M34);

        public Vector3 ToAnatomy(Vector3 place)
        {
            var p = _shift + (_column1 * place.X) + (_column2 * place.Y) + (_column3 * place.Z);
            if (participant is not null)
            {
                p = participant.Displace(p);
            }

            return younger is null ? p : younger.Displace(p);
        }
    }
}
