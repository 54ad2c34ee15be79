using MriLink.Core.Basics;
using MriLink.Core.Preprocessing.Bias;
using MriLink.Core.Registration;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>What preprocessing needs of a template, computed once and shared by all scans: coarse copies, regions, registration targets.</summary>
/// <remarks>
/// Of Colin27 the library holds the results of the long computations, so that the first scan of a session need not wait for
/// them; <c>Templates/build_template.py</c> says how they are made anew.
/// </remarks>
internal sealed class PreparedTemplate
{
    /// <summary>Spacing in mm of the grid on which extraction and the bias field live.</summary>
    public const double WorkingSpacing = 2;

    /// <summary>Colin27's <see cref="Head"/>, embedded.</summary>
    internal const string HeadResource = "colin27-prepared-head.nii";

    /// <summary>Colin27's surface, embedded (see <see cref="ToSquares"/>).</summary>
    internal const string SurfaceResource = "colin27-prepared-surface.nii";

    /// <summary>How far from the brain's surface counts while the pose of a raw head is sought, in mm.</summary>
    public const double SearchReach = 24;

    /// <summary>How far from the brain's surface counts when a raw head is fitted, in mm.</summary>
    public const double HeadReach = 4;

    /// <summary>How far from the brain's surface counts while the pose of a stripped brain is sought, in mm.</summary>
    public const double BrainReach = 10;

    /// <summary>How far inside the brain's surface the last fit begins, in mm.</summary>
    /// <remarks>
    /// Tools differ in where they cut, and a scan stripped by one would be laid elsewhere than the same person's stripped by another: with
    /// the border counted, 1.0 mm apart on simulated brains; from 8 mm inside, 0.2 mm. Deeper, what is left says less about the whole, and a
    /// brain that ages moves more.
    /// </remarks>
    public const double InteriorDepth = 8;

    // In mm: two tissues of one voxel count as both, and the fit has fewer local minima.
    private const double InteriorSmoothness = 1.4;

    // Clefts narrower than twice this are bridged: masks that people draw span the sulci, and which of them a strict mask
    // leaves open differs from scan to scan.
    private const double ClosingRadius = 3;

    private static readonly Lazy<PreparedTemplate> SharedColin27 = new(() => Create(Template.Colin27, WorkOptions.SingleThread));

    private readonly Lazy<RegistrationTarget> _searchTarget;
    private readonly Lazy<RegistrationTarget> _headTarget;
    private readonly Lazy<RegistrationTarget> _brainTarget;
    private readonly Lazy<RegistrationTarget> _interiorTarget;
    private readonly Lazy<RegistrationTarget> _cerebrumTarget;
    private readonly Lazy<RegistrationTarget> _crownTarget;
    private readonly Lazy<OrientationTarget> _edgeTarget;
    private readonly Lazy<Mask> _interior;
    private readonly Lazy<Volume> _smoothInterior;

    private PreparedTemplate(Template template, Volume head, Volume maskDistance, WorkOptions work)
    {
        Template = template;
        Head = head;
        MaskDistance = maskDistance;
        BrainMask = Within(0);

        // Wide while the pose is sought (scalp and air tell where the head is), narrow for the fit (scalps do not match). A
        // stripped brain against a stripped template: the border itself aligns, so zeros around count.
        _searchTarget = new(() => RegistrationTarget.Create(Head, Within(SearchReach), work));
        _headTarget = new(() => RegistrationTarget.Create(Head, Within(HeadReach), work));
        _crownTarget = new(() => RegistrationTarget.Create(Head, Crown(), work));
        _brainTarget = new(() => RegistrationTarget.Create(BrainAlone(), Within(BrainReach), work));
        _cerebrumTarget = new(() => RegistrationTarget.Create(BrainAlone(), Cerebrum(), work));
        _interior = new(() => Within(-InteriorDepth));
        _smoothInterior = new(() => SmoothBrain(work));
        _interiorTarget = new(() => RegistrationTarget.Create(SmoothInterior, Interior, work));
        _edgeTarget = new(() => OrientationTarget.Create(Head, BrainMask, Interior.Voxels, work));
    }

    /// <summary>Colin27, prepared once for all who lay brains over it that are preprocessed already.</summary>
    public static PreparedTemplate Colin27 => SharedColin27.Value;

    /// <summary>The template as given.</summary>
    public Template Template { get; }

    /// <summary>The whole head at <see cref="WorkingSpacing"/>, bias corrected.</summary>
    public Volume Head { get; }

    /// <summary>The brain's voxels.</summary>
    public Mask BrainMask { get; }

    /// <summary>Signed distance in mm to the brain's surface, negative inside.</summary>
    public Volume MaskDistance { get; }

    /// <summary>The slice of the working grid from which on there is no face and no neck: three fifths up the brain.</summary>
    public int UpperLevel
    {
        get
        {
            var (low, high) = Bounds(BrainMask);
            var height = Head.Geometry.WorldToVoxel.Apply(new(low.X, low.Y, low.Z + (0.6 * (high.Z - low.Z)))).Z;
            return Math.Clamp((int)height, 0, Head.Size.Z - 1);
        }
    }

    /// <summary>The wide target for finding the pose of a raw head.</summary>
    public RegistrationTarget SearchTarget => _searchTarget.Value;

    /// <summary>The narrow target for fitting a raw head.</summary>
    public RegistrationTarget HeadTarget => _headTarget.Value;

    /// <summary>The target by which poses of a raw head are told apart: the brain, and around its upper half bone, scalp and air.</summary>
    public RegistrationTarget CrownTarget => _crownTarget.Value;

    /// <summary>What a raw head is laid over while its pose is sought.</summary>
    public PoseTargets HeadTargets => new(SearchTarget, HeadTarget, CrownTarget);

    /// <summary>What a stripped brain is laid over while its pose is sought.</summary>
    public PoseTargets BrainTargets => new(BrainTarget, BrainTarget, BrainTarget);

    /// <summary>What a brain without cerebellum and stem is laid over: these two, and whatever lies around them, are left out.</summary>
    public PoseTargets CerebrumTargets => new(_cerebrumTarget.Value, _cerebrumTarget.Value, _cerebrumTarget.Value);

    /// <summary>The target for finding the pose of stripped brains.</summary>
    public RegistrationTarget BrainTarget => _brainTarget.Value;

    /// <summary>The target for fitting brains, whoever stripped them.</summary>
    public RegistrationTarget InteriorTarget => _interiorTarget.Value;

    /// <summary>The voxels of <see cref="InteriorTarget"/>.</summary>
    public Mask Interior => _interior.Value;

    /// <summary>What <see cref="InteriorTarget"/> shows.</summary>
    public Volume SmoothInterior => _smoothInterior.Value;

    /// <summary>The target for fitting brains of any contrast, by their edges.</summary>
    public OrientationTarget EdgeTarget => _edgeTarget.Value;

    /// <summary>Prepares a template: Colin27 from what the library holds ready, any other by <see cref="Compute"/>.</summary>
    /// <exception cref="ArgumentException">The template shows no brain.</exception>
    public static PreparedTemplate Create(Template template, WorkOptions work)
    {
        if (!ReferenceEquals(template, Template.Colin27))
        {
            return Compute(template, work);
        }

        var head = EmbeddedVolume.Read(HeadResource);
        return new(template, head, FromSquares(EmbeddedVolume.Read(SurfaceResource)), work);
    }

    /// <summary>Prepares a template from its voxels, whichever it is.</summary>
    /// <exception cref="ArgumentException">The template shows no brain.</exception>
    public static PreparedTemplate Compute(Template template, WorkOptions work)
    {
        var head = BoxPyramid.Reduce(template.Head, WorkingSpacing, work);
        var coverage = BoxPyramid.Reduce(template.BrainMask.ToVolume(), WorkingSpacing, work);
        var brainMask = Closed(Mask.FromVolume(coverage, 0.5f), work);
        var distance = new Volume(head.Geometry, DistanceTransform.SignedDistance(brainMask, work));
        var prepared = new PreparedTemplate(template, CorrectBias(head, brainMask, work), distance, work);
        prepared.PrepareTargets();
        _ = prepared.BrainTarget;
        return prepared;
    }

    /// <summary>The voxels whose distance to the brain is below <paramref name="distance"/> mm; negative: inside by that much.</summary>
    public Mask Within(double distance)
    {
        var limit = (float)distance;
        var (from, voxels) = (MaskDistance.Voxels, new bool[MaskDistance.Voxels.Length]);
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = from[i] < limit;
        }

        return new(MaskDistance.Geometry, voxels);
    }

    /// <summary>
    /// The surface as the library holds it: each voxel's squared distance, in voxels, to the nearest one on the other side of
    /// the surface, negative inside. Whole numbers, from which <see cref="MaskDistance"/> comes back to the last bit.
    /// </summary>
    internal Volume ToSquares() => new(MaskDistance.Geometry, Array.ConvertAll(MaskDistance.Voxels, d =>
    {
        var voxels = (MathF.Abs(d) / (float)WorkingSpacing) + 0.5f;
        return MathF.CopySign(MathF.Round(voxels * voxels), d);
    }));

    private static Volume FromSquares(Volume squares)
    {
        const float spacing = (float)WorkingSpacing;
        var voxels = squares.Voxels;
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = MathF.CopySign(MathF.Sqrt(spacing * spacing * MathF.Abs(voxels[i])) - (spacing / 2), voxels[i]);
        }

        return squares;
    }

    /// <summary>
    /// Prepares the targets of a raw head now, in the order in which it asks for them; otherwise each is prepared when it is asked for.
    /// </summary>
    public void PrepareTargets()
    {
        _ = SearchTarget;
        _ = HeadTarget;
        _ = CrownTarget;
        _ = InteriorTarget;
    }

    // Below the middle of the brain are face and neck, which differ and may be cut off.
    private Mask Crown()
    {
        var crown = Within(SearchReach);
        var middle = Middle();
        for (var i = 0; i < crown.Voxels.Length; i++)
        {
            crown.Voxels[i] &= MaskDistance.Voxels[i] < HeadReach || Height(i) > middle;
        }

        return crown;

        double Height(int i) => crown.Geometry.PlaceOf(i).Z;

        double Middle()
        {
            var (sum, count) = (0.0, 0);
            for (var i = 0; i < BrainMask.Voxels.Length; i++)
            {
                if (BrainMask.Voxels[i])
                {
                    (sum, count) = (sum + Height(i), count + 1);
                }
            }

            return sum / count;
        }
    }

    // A plane that rises from beneath the occipital lobes to the tentorium's notch, and ends before the stem, cuts off little else.
    private Mask Cerebrum()
    {
        const double front = 0.56;
        const double heightBehind = 0.30;
        const double heightBefore = 0.42;
        var (low, high) = Bounds(BrainMask);
        var cerebrum = Within(BrainReach);
        for (var i = 0; i < cerebrum.Voxels.Length; i++)
        {
            var p = cerebrum.Geometry.PlaceOf(i);
            var (y, z) = ((p.Y - low.Y) / (high.Y - low.Y), (p.Z - low.Z) / (high.Z - low.Z));
            cerebrum.Voxels[i] &= y > front || z > heightBehind + ((heightBefore - heightBehind) * y / front);
        }

        return cerebrum;
    }

    // The world box around a mask's voxel centres.
    private static (Point3 Low, Point3 High) Bounds(Mask mask)
    {
        var low = new Point3(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var high = low * -1;
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            if (mask.Voxels[i])
            {
                var p = mask.Geometry.PlaceOf(i);
                low = new(Math.Min(low.X, p.X), Math.Min(low.Y, p.Y), Math.Min(low.Z, p.Z));
                high = new(Math.Max(high.X, p.X), Math.Max(high.Y, p.Y), Math.Max(high.Z, p.Z));
            }
        }

        return (low, high);
    }

    internal Volume BrainAlone()
    {
        var brain = new float[Head.Voxels.Length];
        for (var i = 0; i < brain.Length; i++)
        {
            brain[i] = BrainMask.Voxels[i] ? Head.Voxels[i] : 0;
        }

        return new(Head.Geometry, brain);
    }

    /// <summary>What <see cref="InteriorTarget"/> shows: the brain, a little smoothed.</summary>
    internal Volume SmoothBrain(WorkOptions work) => GaussianFilter.Smooth(BrainAlone(), InteriorSmoothness, work);

    private static Mask Closed(Mask mask, WorkOptions work) =>
        DistanceTransform.Erode(DistanceTransform.Dilate(mask, ClosingRadius, work), ClosingRadius, work);

    private static Volume CorrectBias(Volume head, Mask brainMask, WorkOptions work)
    {
        var field = N4BiasFieldCorrection.Estimate(head, brainMask, new() { ShrinkFactor = 2 }, work).LogFieldOn(head.Geometry, work);
        return new(head.Geometry, head.Voxels.Zip(field.Voxels, (v, b) => v / MathF.Exp(b)).ToArray());
    }
}
