using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// Takes scans through all steps: pose, bias field, brain, alignment, one resampling, harmonisation.
/// </summary>
/// <remarks>
/// Everything but the resampling happens on coarse copies (2 mm and 4 mm), so the scan's own intensities are interpolated
/// once. One preprocessor serves any number of scans and threads. Memory per scan at work: the scan itself as floats, and
/// some 30 MB.
/// </remarks>
public sealed class Preprocessor
{
    /// <summary>
    /// The most voxels that a scan may have: 512³, more than a head at 0.4 mm, and half a gigabyte as floats. A file of less than a megabyte can
    /// say that it holds thousands of millions; a larger scan is refused before it is read.
    /// </summary>
    public const long MaxVoxels = 1L << 27;

    private readonly PreprocessOptions _options;
    private readonly Lazy<PreparedTemplate> _prepared;
    private readonly VolumeGeometry _grid;
    private readonly Lazy<(Volume Brain, Mask Mask)> _templateOnGrid;
    private readonly Lazy<float[]> _templateIntensities;
    private readonly Lazy<float[]> _templateTissues;

    /// <summary>Prepares the template; takes about a second for one of 1 mm. Colin27 is made ready while the first scan is being read.</summary>
    /// <exception cref="ArgumentException">The template shows no brain.</exception>
    public Preprocessor(PreprocessOptions options, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _prepared = new(() => PreparedTemplate.Create(options.Template, work));
        _grid = OutputGrid(options.Template.Geometry, options.Spacing);
        _templateOnGrid = new(() => TemplateOnGrid(work));
        _templateIntensities = new(() => Percentiles.Sorted(_templateOnGrid.Value.Brain.Voxels, _templateOnGrid.Value.Mask.Voxels));
        _templateTissues = new(() => Percentiles.Sorted(Prepared.Head.Voxels, Prepared.BrainMask.Voxels));
        if (!ReferenceEquals(options.Template, Templates.Template.Colin27))
        {
            // Whether a user's template is of any use is told now, not with the first scan.
            _ = _templateIntensities.Value;
        }
        else if (work.MaxThreads > 1)
        {
            // In the order in which the first scan asks for them.
            _ = Task.Run(
                () =>
                {
                    Prepared.PrepareTargets();
                    _ = _templateIntensities.Value;
                },
                work.CancellationToken);
        }
    }

    private PreparedTemplate Prepared => _prepared.Value;

    /// <summary>The grid that results lie on.</summary>
    public VolumeGeometry OutputGeometry => _grid;

    /// <summary>Preprocesses one scan.</summary>
    /// <exception cref="MriFileException">The scan cannot be read.</exception>
    /// <exception cref="PreprocessingException">The scan holds nothing that could be a brain.</exception>
    /// <param name="scan">The scan.</param>
    /// <param name="brainMask">A brain mask of the user's for the scan, on any grid in the scan's world; replaces brain extraction.</param>
    /// <param name="work">Threads and cancellation.</param>
    public PreprocessedVolume Process(MriVolume scan, Mask? brainMask, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(scan);
        if (scan.Size.Count > MaxVoxels)
        {
            throw new PreprocessingException(
                scan.Identity, $"has {scan.Size.Count:N0} voxels ({scan.Size}), and at most {MaxVoxels:N0} are preprocessed; resample it first");
        }

        var timings = new List<StepTiming>();
        var native = Timed("read", () => scan.ReadVoxels(work.CancellationToken));
        var provenance = Timed("hash", () => Provenance.Of(_options, scan, () => native, brainMask, work.CancellationToken));
        native = IntensityOrigin.Standardize(native, owned: scan.FileContent is not null, work);
        var range = IntensityRange(native, scan.Identity);

        var pose = Timed("pose", () => FindPose(native, range, brainMask, work));
        var head = Timed("bias", () => CorrectBias(pose, work));
        var (contrast, source) = _options.Contrast is { } given ? (given, ContrastSource.Given)
            : ScanContrasts.NamedBy(scan.Identity) is { } named ? (named, ContrastSource.Name)
            : (MriContrast.T1w, ContrastSource.Assumed);
        var way = Timed("brain", () => Extract(pose, head, contrast, work));
        if (source == ContrastSource.Assumed && LooksLike(way) is { } seen)
        {
            source = ContrastSource.Image;
            if (seen != contrast)
            {
                contrast = seen;
                way = Timed("brain", () => Extract(pose, head, contrast, work));
            }
        }

        if (_options.Registration != RegistrationMode.None && IsDoubtful(way))
        {
            way = Timed("second look", () => BestWay(way, work));
            (pose, head) = (way.Pose, way.Head);
        }

        var brain = BrainOnWorkingGrid(head, way.Distance);
        var (align, cavity) = Timed("align", () => AlignAs(contrast, pose, head.Head, brain, work));
        if (cavity is not null)
        {
            // Now that it is known, the field need not explain it.
            var place = Resampler.Resample(cavity, align.Inverse(), Prepared.Head.Geometry, work);
            way = way with { Head = Timed("bias without the cavity", () => CorrectBias(pose, work, place)) };
        }

        return Timed("resample", () => Finish(scan.Identity, provenance, way, source, brain, align, timings, work));

        T Timed<T>(string step, Func<T> action)
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            var watch = Stopwatch.StartNew();
            try
            {
                return action();
            }
            catch (EngineException exception)
            {
                throw new PreprocessingException(
                    scan.Identity, $"cannot be preprocessed by {_options.Engine}: {step}: {exception.Message}", exception);
            }
            finally
            {
                timings.Add(new(step, watch.Elapsed));
            }
        }
    }

    // The template on the output grid, to match histograms with and to judge quality by.
    private (Volume Brain, Mask Mask) TemplateOnGrid(WorkOptions work)
    {
        var distance = Resampler.Resample(Prepared.MaskDistance, Affine.Identity, _grid, null, work);
        var covered = InsideOf(Prepared.MaskDistance.Geometry, Affine.Identity, _grid, work);
        for (var i = 0; i < covered.Length; i++)
        {
            covered[i] &= distance.Voxels[i] < 0;
        }

        var mask = new Mask(_grid, covered);
        return (Resampler.Resample(Prepared.Head, Affine.Identity, _grid, mask, work), mask);
    }

    private static float IntensityRange(Volume native, ScanIdentity identity)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(native.Voxels);
        var (lows, highs) = (new Vector<float>(float.PositiveInfinity), new Vector<float>(float.NegativeInfinity));
        foreach (var values in vectors)
        {
            lows = Vector.Min(lows, values);
            highs = Vector.Max(highs, values);
        }

        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
        }

        foreach (var value in native.Voxels.AsSpan(vectors.Length * Vector<float>.Count))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (high <= low)
        {
            throw new PreprocessingException(identity, $"has the same intensity ({low}) everywhere");
        }

        return high - low;
    }

    /// <summary>Where the template lies in the scan, roughly; and what of the scan is tissue, when that is known.</summary>
    private Pose FindPose(Volume native, float range, Mask? brainMask, WorkOptions work)
    {
        if (brainMask is { } own)
        {
            var onScan = OnGrid(own, native.Geometry, work);
            return Laid(native, RegisterBrain(Within(onScan, native), work), onScan);
        }

        if (_options.BrainExtraction == BrainExtractionMode.Auto && StrippedInput.FindTissue(native, range, work, out _) is { } tissue)
        {
            var map = RegisterBrain(native, work);
            var aligned = Resampler.Resample(tissue, map.Map, Prepared.Head.Geometry, work);
            if (StrippedInput.HasNoRim(aligned, Prepared.MaskDistance))
            {
                return Laid(native, map, tissue);
            }
        }

        return Laid(native, RegisterHead(native, work), null);
    }

    private static Pose Laid(Volume native, FoundPose found, Mask? tissue) => new(native, found.Map, found.Lead, found.Rival, tissue);

    private FoundPose RegisterBrain(Volume brain, WorkOptions work) => _options.Registration == RegistrationMode.None
        ? new(Affine.Identity, null)
        : _options.Engine.FindPose(Prepared, brain, stripped: true, work);

    private FoundPose RegisterHead(Volume head, WorkOptions work) => _options.Registration == RegistrationMode.None
        ? new(Affine.Identity, null)
        : _options.Engine.FindPose(Prepared, head, stripped: false, work);

    /// <summary>
    /// The scan on the template's working grid, its bias field removed; the field is kept for the final resampling. It does not follow what lies in a
    /// cavity.
    /// </summary>
    private Corrected CorrectBias(Pose pose, WorkOptions work, Volume? cavity = null)
    {
        var working = Prepared.Head.Geometry;
        var head = _options.Engine.Resample(pose.Native, pose.Map, working, null, work);
        var tissue = pose.Tissue is null ? null : Resampler.Resample(pose.Tissue, pose.Map, working, work);
        if (!_options.BiasCorrection)
        {
            return new(head, null, tissue);
        }

        var mask = tissue is null ? Prepared.BrainMask : Mask.FromVolume(tissue, 0.5f);
        mask = cavity is null ? mask : Without(mask, Mask.FromVolume(cavity, 0.5f));
        if (CountPositive(head, mask) < LeastBiasVoxels)
        {
            return new(head, null, tissue);
        }

        var field = _options.Engine.EstimateLogField(head, mask, work);
        Divide(head.Voxels, field.Voxels, work);
        return new(head, field, tissue);
    }

    // Less than 8 ml of tissue tell no field.
    private const int LeastBiasVoxels = 1000;

    private static int CountPositive(Volume volume, Mask mask)
    {
        var count = 0;
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            count += mask.Voxels[i] && volume.Voxels[i] > 0 ? 1 : 0;
        }

        return count;
    }

    private Way Extract(Pose pose, Corrected head, MriContrast contrast, WorkOptions work)
    {
        if (pose.Tissue is not null || _options.BrainExtraction == BrainExtractionMode.Never)
        {
            return new(pose, head, contrast, null, null);
        }

        var distance = BrainExtraction.SurfaceDistance(head.Head, Prepared, contrast, work);
        return new(pose, head, contrast, distance,
            BrainSurroundings.Of(head.Head, distance, InsideOf(pose.Native.Geometry, pose.Map, distance.Geometry, work), Prepared.UpperLevel));
    }

    // What the scan looks like where the template shows its tissues; null where it tells no contrast.
    private MriContrast? LooksLike(Way way)
    {
        var both = BothBrains(way);
        var (white, grey) = TemplateLikeness.Contrasts(way.Head.Head, Prepared.Head, _templateTissues.Value, both);
        return ScanContrasts.LikenessOf(QualityRules.ContrastOf(white, grey));
    }

    // The voxels of the working grid in the template's brain and, where it is known, the scan's.
    private bool[] BothBrains(Way way)
    {
        var both = (bool[])Prepared.BrainMask.Voxels.Clone();
        var brain = BrainOnWorkingGrid(way.Head, way.Distance);
        for (var i = 0; brain is not null && i < both.Length; i++)
        {
            both[i] &= brain.Voxels[i];
        }

        return both;
    }

    private static double CorrelationAs(MriContrast contrast, Volume brain, Volume reference, bool[] region) => contrast == MriContrast.T1w
        ? TemplateLikeness.Correlation(brain, reference, region)
        : TemplateLikeness.MappedCorrelation(brain, reference, region);

    private static bool IsDoubtful(Way way) => way.HoldsScalp || (way.Pose.Lead < QualityRules.LeastLead && way.Pose.Rival is not null);

    /// <summary>Carries other poses as far as the brain, and lets the brains decide.</summary>
    /// <remarks>
    /// Where two poses were one toss, the other of them. Where the mask holds the scalp, a brain was laid over a whole head, a fifth too large: the
    /// same pose, smaller. A brain without scalp goes before one with it; then counts how much the brain looks like the template's.
    /// </remarks>
    private Way BestWay(Way first, WorkOptions work)
    {
        const double shrunk = 0.82;
        var center = Prepared.HeadTarget.Center;
        var ways = new List<(Way Way, double Likeness)> { (first, Likeness(first)) };
        if (first.Pose.Rival is { } rival)
        {
            Carry(rival);
        }

        if (first.HoldsScalp)
        {
            Carry(first.Pose.Map * Affine.FromScale(shrunk, shrunk, shrunk).About(center));
        }

        var best = ways.OrderBy(w => w.Way.HoldsScalp).ThenByDescending(w => w.Likeness).First();
        var others = ways.Where(w => AffineRegistration.Distance(w.Way.Pose.Map, best.Way.Pose.Map, center) > AffineRegistration.Elsewhere
            && w.Way.HoldsScalp == best.Way.HoldsScalp);
        return best.Way with { Pose = best.Way.Pose with { Lead = others.Select(w => best.Likeness - w.Likeness).DefaultIfEmpty(1).Min() } };

        void Carry(Affine rough)
        {
            var pose = first.Pose with { Map = rough };
            var near = _options.Engine.Resample(pose.Native, rough, Prepared.Head.Geometry, null, work);
            pose = pose with
            {
                Map = rough
                * _options.Engine.Align(Prepared, near, Seen(pose, work), stripped: pose.Tissue is not null, TransformModel.Affine, work)
            };
            var head = CorrectBias(pose, work);
            var way = Extract(pose, head, first.Contrast, work);
            ways.Add((way, Likeness(way)));
        }

        // A large turn against the header counts against a pose here too.
        double Likeness(Way way) => CorrelationAs(way.Contrast, way.Head.Head, Prepared.Head, BothBrains(way))
            - (AffineRegistration.TurnCost * Turn.Largeness(way.Pose.Map));
    }

    // The brain as the pose lays it; null where nobody knows.
    private static Mask? BrainOnWorkingGrid(Corrected head, Volume? distance)
    {
        if (distance is not null)
        {
            return new(distance.Geometry, Array.ConvertAll(distance.Voxels, d => d < 0));
        }

        return head.Tissue is null ? null : Mask.FromVolume(head.Tissue, 0.5f);
    }

    // Fitted intensities follow the borders that a contrast shows best; edges count alike in all, so scans of other contrasts are laid by these.
    private (Affine Map, Mask? Cavity) AlignAs(MriContrast contrast, Pose pose, Volume head, Mask? brain, WorkOptions work)
    {
        var (map, cavity) = Align(pose, head, brain, contrast, work);
        return contrast == MriContrast.T1w || _options.Registration != RegistrationMode.Affine || brain is null || brain.Count == 0
            ? (map, cavity)
            : (Prepared.EdgeTarget.Align(head, brain.Voxels, map, work), null);
    }

    /// <summary>The final alignment, relative to the pose: brain to brain, whatever the input was.</summary>
    private (Affine Map, Mask? Cavity) Align(Pose pose, Volume head, Mask? brain, MriContrast contrast, WorkOptions work)
    {
        if (_options.Registration == RegistrationMode.None)
        {
            return (Affine.Identity, null);
        }

        var seen = Seen(pose, work);
        if (brain is null)
        {
            return (_options.Engine.Align(Prepared, head, seen, stripped: false, Model, work), null);
        }

        var alone = new float[head.Voxels.Length];
        for (var i = 0; i < alone.Length; i++)
        {
            alone[i] = brain.Voxels[i] ? head.Voxels[i] : 0;
        }

        var smooth = GaussianFilter.Smooth(new(head.Geometry, alone), Smoothness, work);
        var map = _options.Engine.Align(Prepared, smooth, seen, stripped: true, Model, work);

        // What lies beyond the field of view is dark too, and no cavity.
        var held = seen is null ? brain : new(brain.Geometry, [.. brain.Voxels.Select((inside, i) => inside && seen.Voxels[i])]);
        return contrast == MriContrast.T1w && Cavity.Of(smooth, held, map, SmoothnessReach, Prepared, work) is { } cavity
            ? (_options.Engine.Align(Prepared, smooth, Without(seen, cavity), stripped: true, Model, work), cavity)
            : (map, null);
    }

    // What of a mask, or of everything, is not in another.
    private static Mask Without(Mask? whole, Mask part)
    {
        var left = Array.ConvertAll(part.Voxels, taken => !taken);
        for (var i = 0; whole is not null && i < left.Length; i++)
        {
            left[i] &= whole.Voxels[i];
        }

        return new(part.Geometry, left);
    }

    // Where the scan shows anything, and smoothing brings in little of the nothing beyond its field of view; null where that leaves the brain whole.
    private Mask? Seen(Pose pose, WorkOptions work)
    {
        var working = Prepared.Head.Geometry;
        var covered = InsideOf(pose.Native.Geometry, pose.Map, working, work);
        var distance = Prepared.MaskDistance.Voxels;
        for (var i = 0; i < covered.Length; i++)
        {
            if (!covered[i] && distance[i] < SmoothnessReach)
            {
                return DistanceTransform.Erode(new(working, covered), SmoothnessReach, work);
            }
        }

        return null;
    }

    // Interpolation between voxels smooths too, and most where points fall half way between them: a scan on nearly the target's own grid
    // would rest where its noise is averaged best. And folds of one brain that lie over folds of another make local minima in
    // which the fit stays. Smoothed, two scans of one person come to lie 0.3 mm apart rather than 0.6 mm (16 brains of ds002748, scanned anew three
    // times by simulation); with less or more than this, some end a millimetre apart.
    private const double Smoothness = 2.8;
    private const double SmoothnessReach = 2 * Smoothness;

    private TransformModel Model => _options.Registration == RegistrationMode.Similarity ? TransformModel.Similarity : TransformModel.Affine;

    private PreprocessedVolume Finish(
        ScanIdentity identity, Provenance provenance, Way way, ContrastSource source, Mask? brainOfPose, Affine align, List<StepTiming> timings,
        WorkOptions work)
    {
        var (pose, head, contrast, distance, around) = way;
        var map = pose.Map * align;
        var covered = InsideOf(pose.Native.Geometry, map, _grid, work);
        var brain = (bool[])covered.Clone();
        if (distance is not null)
        {
            var surface = Resampler.Resample(Shifted(distance, -FarOutside), align, _grid, null, work);
            for (var i = 0; i < covered.Length; i++)
            {
                brain[i] = covered[i] && surface.Voxels[i] < -FarOutside;
            }
        }
        else if (pose.Tissue is not null)
        {
            var tissue = Resampler.Resample(pose.Tissue, map, _grid, work);
            for (var i = 0; i < covered.Length; i++)
            {
                brain[i] = covered[i] && tissue.Voxels[i] >= 0.5f;
            }
        }

        var mask = new Mask(_grid, brain);
        if (mask.Count == 0)
        {
            throw new PreprocessingException(identity, "shows no brain where the template's would be");
        }

        var result = _options.Engine.Resample(pose.Native, map, _grid, mask, work);
        if (head.LogField is not null)
        {
            Divide(result.Voxels, _options.Engine.Resample(head.LogField, align, _grid, mask, work).Voxels, work);
        }

        var overlap = brainOfPose?.Dice(Prepared.BrainMask) ?? mask.Dice(_templateOnGrid.Value.Mask);
        var quality = Judge(pose, result, mask, covered, map, overlap, around, contrast, work) with { Source = source };
        var matched = _options.Harmonization is Harmonization.HistogramMatch or Harmonization.Nyul;
        IntensityHarmonizer.Apply(result, mask, _options.Harmonization, matched ? _templateIntensities.Value : null);
        return new(identity, result, mask, Prepared.Template.Name, map, quality, timings) { Provenance = provenance };
    }

    // Distances are shifted before resampling so that the 0 that stands for "beyond the grid" means far outside.
    private const float FarOutside = 50;

    private static Volume Shifted(Volume volume, float by) => new(volume.Geometry, Array.ConvertAll(volume.Voxels, v => v + by));

    private QualityRecord Judge(
        Pose pose, Volume brain, Mask mask, bool[] covered, Affine map, double overlap, BrainSurroundings? around, MriContrast contrast,
        WorkOptions work)
    {
        var (templateBrain, templateMask) = _templateOnGrid.Value;
        long seen = 0;
        var both = new bool[covered.Length];
        for (var i = 0; i < covered.Length; i++)
        {
            seen += templateMask.Voxels[i] && covered[i] ? 1 : 0;
            both[i] = templateMask.Voxels[i] && mask.Voxels[i];
        }

        // The two that take long, side by side.
        double correlation = 0, signalToNoise = 0, flat = 0;
        double? white = null, grey = null;
        work.ForBlocks(2, block =>
        {
            if (block == 0)
            {
                correlation = CorrelationAs(contrast, brain, templateBrain, both);
                (white, grey) = TemplateLikeness.Contrasts(brain, templateBrain, _templateIntensities.Value, both);
            }
            else
            {
                (signalToNoise, flat) = NoiseEstimate.Of(pose.Native, mask, map);
            }
        });

        // The pose fits the whole brain, and says what a head can be; the last fit follows the middle, and may stretch what it does not see.
        // The map goes from the template to the scan: its column lengths are the scan's size in template units.
        var scale = pose.Map.ColumnLengths;
        return new()
        {
            TemplateCorrelation = correlation,
            TemplateOverlap = overlap,
            BrainMillilitres = mask.VolumeMillilitres * Math.Abs(map.Determinant),
            ScaleX = scale.X,
            ScaleY = scale.Y,
            ScaleZ = scale.Z,
            ShearDegrees = LargestShear(pose.Map),
            RotationDegrees = Turn.Degrees(pose.Map),
            SignalToNoise = signalToNoise,
            Coverage = seen / (double)templateMask.Count,
            InputStripped = pose.Tissue is not null,
            WhiteOverGrey = white,
            GreyOverFluid = grey,
            FlatShare = flat,
            PoseLead = pose.Lead,
            Kind = contrast,
            ScalpShare = around?.ScalpShare,
            RimBrightness = around?.RimBrightness,
        };
    }

    // How far the angle between two mapped axes departs from a right one.
    private static double LargestShear(Affine map)
    {
        var x = map.ApplyDirection(new(1, 0, 0));
        var y = map.ApplyDirection(new(0, 1, 0));
        var z = map.ApplyDirection(new(0, 0, 1));
        return Math.Max(Between(x, y), Math.Max(Between(y, z), Between(z, x)));

        static double Between(Point3 a, Point3 b) =>
            Math.Abs(Math.Asin(Math.Clamp(((a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z)) / (a.Length * b.Length), -1, 1))) * 180 / Math.PI;
    }

    private static void Divide(float[] voxels, float[] logField, WorkOptions work) => work.ForRanges(voxels.Length, (from, to) =>
    {
        for (var i = from; i < to; i++)
        {
            if (voxels[i] != 0)
            {
                voxels[i] /= MathF.Exp(logField[i]);
            }
        }
    });

    private static Volume Within(Mask mask, Volume volume)
    {
        var voxels = new float[volume.Voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = mask.Voxels[i] ? volume.Voxels[i] : 0;
        }

        return new(volume.Geometry, voxels);
    }

    private static Mask OnGrid(Mask mask, VolumeGeometry grid, WorkOptions work) =>
        mask.Geometry.Size == grid.Size && mask.Geometry.VoxelToWorld == grid.VoxelToWorld
            ? mask
            : Mask.FromVolume(Resampler.Resample(mask, Affine.Identity, grid, work), 0.5f);

    // Which voxels of `grid`, carried by `map`, lie within the box of the other grid's voxels.
    private static bool[] InsideOf(VolumeGeometry other, Affine map, VolumeGeometry grid, WorkOptions work)
    {
        const double half = 0.5;
        var toOther = other.WorldToVoxel * map * grid.VoxelToWorld;
        var size = grid.Size;
        var result = new bool[size.Count];
        work.ForBlocks(size.Z, z =>
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var p = toOther.Apply(new(x, y, z));
                    result[size.IndexOf(x, y, z)] = p.X >= -half && p.Y >= -half && p.Z >= -half
                        && p.X <= other.Size.X - half && p.Y <= other.Size.Y - half && p.Z <= other.Size.Z - half;
                }
            }
        });
        return result;
    }

    // From the template's first voxel centre in steps of `spacing` as far as its last; 2 mm on Colin27 gives the usual 91x109x91.
    private static VolumeGeometry OutputGrid(VolumeGeometry template, double spacing)
    {
        var step = template.Spacing;
        int Along(int size, double from) => (int)Math.Floor(((size - 1) * from / spacing) + 1e-6) + 1;
        return new(
            new(Along(template.Size.X, step.X), Along(template.Size.Y, step.Y), Along(template.Size.Z, step.Z)),
            template.VoxelToWorld * Affine.FromScale(spacing / step.X, spacing / step.Y, spacing / step.Z));
    }

    private sealed record Pose(Volume Native, Affine Map, double? Lead, Affine? Rival, Mask? Tissue);

    private sealed record Way(Pose Pose, Corrected Head, MriContrast Contrast, Volume? Distance, BrainSurroundings? Around)
    {
        public bool HoldsScalp => QualityRules.HoldsScalp(Contrast, Around?.ScalpShare, Around?.RimBrightness);
    }

    private sealed record Corrected(Volume Head, Volume? LogField, Volume? Tissue);
}
