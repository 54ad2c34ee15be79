using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>
/// Affine registration as scripts around SimpleITK do it: Mattes mutual information, regular-step gradient descent with scales from
/// physical shifts, coarse to fine; from the best of many starts, since a header may lie about how the head lies.
/// </summary>
/// <remarks>
/// ITK adds up the metric in whatever order its threads come by, and another order ends up to 0.001 mm elsewhere. So each descent has one
/// thread (0.0001 mm are left), and starts are tried side by side, each thread with images of its own: ITK's are not made for being looked at
/// by two at once.
/// </remarks>
internal sealed class SimpleItkRegistration(SimpleItkApi api, SimpleItkImages images, SimpleItkWork run)
{
    // At 4 mm some 15 000 points take part, few for the 1024 bins of a joint histogram of 32 x 32: with 16 x 16 the engines end nearer to each other.
    private const uint HistogramBins = 16;
    private const uint Seed = 1;

    // How many starts go on from 8 mm, and how many mm they differ by.
    private const int KeptStarts = 6;
    private const double Alike = 15;

    private const double LeastStep = 1e-4;

    private static readonly Level Coarse = new(8, 1, 8, 60);
    private static readonly Level[] Fine = [new(4, 1, 2, 60), new(2, 0.25, 1, 60)];

    /// <summary>Finds the map from the template to a scan that may lie anyhow.</summary>
    public Affine FindPose(PreparedTemplate template, Volume scan, bool stripped, WorkOptions work)
    {
        var target = stripped ? template.BrainTarget : template.SearchTarget;
        var still = stripped ? template.BrainAlone() : template.Head;
        var wide = template.Within(stripped ? PreparedTemplate.BrainReach : PreparedTemplate.SearchReach);
        var narrow = template.Within(stripped ? PreparedTemplate.BrainReach : PreparedTemplate.HeadReach);

        // At about the template's 2 mm: what is finer only costs time.
        var moving = BoxPyramid.Reduce(scan, PreparedTemplate.WorkingSpacing, work);
        var (coarseStill, coarseMoving) = (BoxPyramid.Reduce(still, Coarse.Spacing, work), BoxPyramid.Reduce(moving, Coarse.Spacing, work));

        var starts = Starts(target, scan, work).ToArray();
        var scores = Each(starts, coarseStill, coarseMoving, wide, work, (side, start) => Evaluate(side, start, target.Center, work));
        var best = BestStarts(starts, scores, target.Center);
        var ends = Each(best, coarseStill, coarseMoving, wide, work, (side, start) => Descend(side, start, Coarse, target.Center, work));
        return Refine(still, moving, narrow, ends.MinBy(end => end.Metric).Map, target.Center, work);
    }

    /// <summary>Finds the map from the template to a scan that lies nearly right, on the template's grid.</summary>
    public Affine Align(PreparedTemplate template, Volume scan, Mask? seen, bool stripped, TransformModel model, WorkOptions work)
    {
        var target = stripped ? template.InteriorTarget : template.HeadTarget;
        var still = stripped ? template.SmoothBrain(work) : template.Head;
        var region = template.Within(stripped ? -PreparedTemplate.InteriorDepth : PreparedTemplate.HeadReach);
        for (var i = 0; seen is not null && i < region.Voxels.Length; i++)
        {
            region.Voxels[i] &= seen.Voxels[i];
        }

        if (model == TransformModel.Affine)
        {
            return Refine(still, scan, region, Affine.Identity, target.Center, work);
        }

        using var center = Point(LpsSpace.Other(target.Center));
        using var transform = api.Registration.NewSimilarity();
        api.Registration.SetSimilarityCenter(transform, center);
        Improve(still, scan, region, transform, work);
        return MapOf(transform, target.Center);
    }

    /// <summary>ITK's affine transform for a map of ours.</summary>
    /// <param name="map">World mm (RAS+) to world mm.</param>
    /// <param name="center">What it turns about, in our world; any point will do.</param>
    public IDisposable MakeTransform(Affine map, Point3 center)
    {
        var m = LpsSpace.Other(map);
        var c = LpsSpace.Other(center);
        using var matrix = api.Vectors.Double.Of(m.M11, m.M12, m.M13, m.M21, m.M22, m.M23, m.M31, m.M32, m.M33);
        using var translation = Point(m.Apply(c) - c);
        using var centerVector = Point(c);
        return api.Registration.NewAffine(matrix, translation, centerVector);
    }

    private Affine Refine(Volume still, Volume moving, Mask region, Affine start, Point3 center, WorkOptions work)
    {
        using var transform = MakeTransform(start, center);
        Improve(still, moving, region, transform, work);
        return MapOf(transform, center);
    }

    // Improves a transform in place.
    private void Improve(Volume still, Volume moving, Mask region, IDisposable transform, WorkOptions work)
    {
        foreach (var level in Fine)
        {
            using var side = new Side(images, BoxPyramid.Reduce(still, level.Spacing, work), BoxPyramid.Reduce(moving, level.Spacing, work), region);
            using var method = Method(side.Region, level);
            api.Registration.SetInitialTransform(method, transform, true);
            Execute(method, side, work);
        }
    }

    private (Affine Map, double Metric) Descend(Side side, Affine start, Level level, Point3 center, WorkOptions work)
    {
        using var transform = MakeTransform(start, center);
        using var method = Method(side.Region, level);
        api.Registration.SetInitialTransform(method, transform, true);
        Execute(method, side, work);
        return (MapOf(transform, center), api.Registration.GetMetricValue(method));
    }

    private void Execute(IDisposable method, Side side, WorkOptions work) =>
        run.RunAlone(method, () => api.Registration.Execute(method, side.Still, side.Moving), work.CancellationToken).Dispose();

    // Where the template meets none of the scan, the metric has no value and ITK says so.
    private double? Evaluate(Side side, Affine start, Point3 center, WorkOptions work)
    {
        using var transform = MakeTransform(start, center);
        using var method = Method(side.Region, Coarse);
        api.Registration.SetInitialTransform(method, transform, false);
        try
        {
            return run.RunAlone(method, () => api.Registration.MetricEvaluate(method, side.Still, side.Moving), work.CancellationToken);
        }
        catch (ApplicationException)
        {
            return null;
        }
    }

    private static Affine[] BestStarts(Affine[] starts, double?[] scores, Point3 center)
    {
        var kept = new List<Affine>();
        foreach (var (start, _) in starts.Zip(scores).Where(pose => pose.Second is not null).OrderBy(pose => pose.Second))
        {
            if (kept.Count < KeptStarts && kept.TrueForAll(other => AffineRegistration.Distance(other, start, center) > Alike))
            {
                kept.Add(start);
            }
        }

        return kept.Count > 0 ? [.. kept] : throw new EngineException("no start lays the template over the scan");
    }

    private T[] Each<T>(Affine[] starts, Volume still, Volume moving, Mask region, WorkOptions work, Func<Side, Affine, T> action)
    {
        var results = new T[starts.Length];
        var parts = Math.Min(work.Threads, starts.Length);
        work.ForBlocks(parts, part =>
        {
            using var side = new Side(images, still, moving, region);
            for (var i = part; i < starts.Length; i += parts)
            {
                work.CancellationToken.ThrowIfCancellationRequested();
                results[i] = action(side, starts[i]);
            }
        });
        return results;
    }

    private static IEnumerable<Affine> Starts(RegistrationTarget target, Volume scan, WorkOptions work)
    {
        var coarsest = BoxPyramid.Reduce(scan, 16, work);
        var foreground = AffineRegistration.ForegroundOf(coarsest);
        return AffineRegistration.FewRotations().SelectMany(rotation => AffineRegistration.AtHeights(rotation, target, coarsest, foreground));
    }

    private IDisposable Method(IDisposable region, Level level)
    {
        var registration = api.Registration;
        var method = registration.New();
        registration.SetMetricAsMattesMutualInformation(method, HistogramBins);
        registration.SetMetricFixedMask(method, region);
        registration.SetMetricSamplingStrategy(method, level.Share < 1 ? registration.RandomSampling : registration.EveryPoint);
        registration.SetMetricSamplingPercentage(method, level.Share, Seed);
        registration.SetInterpolator(method, api.Linear);
        registration.SetOptimizerAsRegularStepGradientDescent(
            method, 1, LeastStep, level.Iterations, 0.5, 1e-8, registration.EstimateOnce, level.LongestStep);
        registration.SetOptimizerScalesFromPhysicalShift(method);
        return method;
    }

    private Affine MapOf(IDisposable transform, Point3 center)
    {
        // Far apart, so that nothing is lost where one is taken from the other.
        const double arm = 100;
        var c = LpsSpace.Other(center);
        var at = Transformed(c);
        var (x, y, z) = (Along(new(arm, 0, 0)), Along(new(0, arm, 0)), Along(new(0, 0, arm)));
        var linear = new Affine(x.X, y.X, z.X, 0, x.Y, y.Y, z.Y, 0, x.Z, y.Z, z.Z, 0);
        var shift = at - linear.Apply(c);
        return LpsSpace.Other(linear with { M14 = shift.X, M24 = shift.Y, M34 = shift.Z });

        Point3 Along(Point3 offset) => (Transformed(c + offset) - at) * (1 / arm);

        Point3 Transformed(Point3 point)
        {
            using var vector = Point(point);
            return api.Vectors.Double.Take(api.Registration.TransformPoint(transform, vector)) is [var px, var py, var pz]
                ? new(px, py, pz)
                : throw new EngineException("gave a transform that is not of three dimensions");
        }
    }

    private IDisposable Point(Point3 point) => api.Vectors.Double.Of(point.X, point.Y, point.Z);

    /// <summary>What one thread registers, in images of its own.</summary>
    private sealed class Side(SimpleItkImages images, Volume still, Volume moving, Mask region) : IDisposable
    {
        /// <summary>The template.</summary>
        public IDisposable Still { get; } = images.From(still);

        /// <summary>The scan.</summary>
        public IDisposable Moving { get; } = images.From(moving);

        /// <summary>Where the template is looked at.</summary>
        public IDisposable Region { get; } = images.From(region.Geometry, region.Voxels);

        /// <inheritdoc/>
        public void Dispose()
        {
            Still.Dispose();
            Moving.Dispose();
            Region.Dispose();
        }
    }

    /// <summary>One resolution of a registration.</summary>
    /// <param name="Spacing">About so many mm between voxels.</param>
    /// <param name="Share">The share of the points that take part.</param>
    /// <param name="LongestStep">The first step moves no point of the template farther than so many mm.</param>
    /// <param name="Iterations">At most so many steps.</param>
    private sealed record Level(double Spacing, double Share, double LongestStep, uint Iterations);
}
