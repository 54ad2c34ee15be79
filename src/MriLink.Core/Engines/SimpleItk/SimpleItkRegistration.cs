using MriLink.Core.Execution;
using MriLink.Core.Preprocessing;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Engines.SimpleItk;

/// <summary>
/// Affine registration as scripts around SimpleITK do it: Mattes mutual information, regular-step gradient descent with scales from
/// physical shifts, coarse to fine; from the best of many starts, since a header may lie about how the head lies.
/// </summary>
internal sealed class SimpleItkRegistration(SimpleItkApi api, SimpleItkImages images, SimpleItkWork run)
{
    private const uint HistogramBins = 32;
    private const uint Seed = 1;
    private const double Degrees = Math.PI / 180;

    // How far from the template's brain counts, in mm: as for the built-in registration.
    private const double SearchReach = 24;
    private const double HeadReach = 4;
    private const double BrainReach = 10;

    // Turned by so much about each axis, and the brain so far above where the crown lets one expect it.
    private static readonly double[] Angles = [-28 * Degrees, 0, 28 * Degrees];
    private static readonly double[] Heights = [0, 20, 40, 60];

    // How many starts go on from 8 mm, and how many mm they differ by.
    private const int KeptStarts = 6;
    private const double Alike = 15;

    private static readonly Level[] Coarse = [new(8, 1, 8, 60)];
    private static readonly Level[] Fine = [new(4, 1, 2, 60), new(2, 0.25, 1, 60)];

    /// <summary>Finds the map from the template to a scan that may lie anyhow.</summary>
    public Affine FindPose(PreparedTemplate template, Volume scan, bool stripped, WorkOptions work)
    {
        var target = stripped ? template.BrainTarget : template.SearchTarget;
        var still = stripped ? template.BrainAlone() : template.Head;
        using var wide = MaskWithin(template, stripped ? BrainReach : SearchReach);
        using var narrow = MaskWithin(template, stripped ? BrainReach : HeadReach);
        using var stillFine = images.From(still);
        using var movingFine = Reduced(scan, work);

        var best = (Map: Affine.Identity, Metric: double.PositiveInfinity);
        using (var stillCoarse = Reduce(stillFine, Coarse[0].Spacing, still.Geometry.Spacing, work))
        using (var movingCoarse = Reduce(movingFine, Coarse[0].Spacing, ReducedSpacing(scan), work))
        {
            foreach (var start in BestStarts(stillCoarse, movingCoarse, wide, target, scan, work))
            {
                var found = Descend(stillCoarse, movingCoarse, wide, start, Coarse[0], target.Center, work);
                best = found.Metric < best.Metric ? found : best;
            }
        }

        return Refine(still, stillFine, movingFine, ReducedSpacing(scan), narrow, best.Map, target.Center, work);
    }

    /// <summary>Finds the map from the template to a scan that lies nearly right, on the template's grid.</summary>
    public Affine Align(PreparedTemplate template, Volume scan, bool stripped, TransformModel model, WorkOptions work)
    {
        var target = stripped ? template.InteriorTarget : template.HeadTarget;
        var still = stripped ? template.BrainAlone() : template.Head;
        using var mask = MaskWithin(template, stripped ? -PreparedTemplate.InteriorDepth : HeadReach);
        using var stillFine = images.From(still);
        using var movingFine = images.From(scan);
        if (model == TransformModel.Affine)
        {
            return Refine(still, stillFine, movingFine, scan.Geometry.Spacing, mask, Affine.Identity, target.Center, work);
        }

        using var center = Point(LpsSpace.Other(target.Center));
        using var transform = api.Registration.NewSimilarity();
        api.Registration.SetSimilarityCenter(transform, center);
        foreach (var level in Fine)
        {
            Step(still, stillFine, movingFine, scan.Geometry.Spacing, mask, transform, level, work);
        }

        return MapOf(transform, target.Center);
    }

    /// <summary>ITK's affine transform for a map of ours.</summary>
    /// <param name="map">World mm (RAS+) to world mm.</param>
    /// <param name="center">What it turns about, in our world; any point will do.</param>
    public IDisposable MakeTransform(Affine map, Point3 center)
    {
        var m = LpsSpace.Other(map);
        var c = LpsSpace.Other(center);
        using var matrix = api.Vectors.Double(m.M11, m.M12, m.M13, m.M21, m.M22, m.M23, m.M31, m.M32, m.M33);
        using var translation = Point(m.Apply(c) - c);
        using var centerVector = Point(c);
        return api.Registration.NewAffine(matrix, translation, centerVector);
    }

    private Affine Refine(
        Volume still, IDisposable stillFine, IDisposable movingFine, Point3 movingSpacing, IDisposable mask, Affine start, Point3 center, WorkOptions work)
    {
        using var transform = MakeTransform(start, center);
        foreach (var level in Fine)
        {
            Step(still, stillFine, movingFine, movingSpacing, mask, transform, level, work);
        }

        return MapOf(transform, center);
    }

    // Improves a transform in place.
    private void Step(
        Volume still, IDisposable stillFine, IDisposable movingFine, Point3 movingSpacing, IDisposable mask, IDisposable transform, Level level, WorkOptions work)
    {
        using var fixedImage = Reduce(stillFine, level.Spacing, still.Geometry.Spacing, work);
        using var movingImage = Reduce(movingFine, level.Spacing, movingSpacing, work);
        using var method = Method(mask, level);
        api.Registration.SetInitialTransform(method, transform, true);
        run.Run(method, work, () => api.Registration.Execute(method, fixedImage, movingImage), StopRegistration).Dispose();
    }

    private (Affine Map, double Metric) Descend(
        IDisposable fixedImage, IDisposable movingImage, IDisposable mask, Affine start, Level level, Point3 center, WorkOptions work)
    {
        using var transform = MakeTransform(start, center);
        using var method = Method(mask, level);
        api.Registration.SetInitialTransform(method, transform, true);
        run.Run(method, work, () => api.Registration.Execute(method, fixedImage, movingImage), StopRegistration).Dispose();
        return (MapOf(transform, center), api.Registration.GetMetricValue(method));
    }

    // Poses near the header's own are turned about each axis; the other ways to lie a head are taken as they are.
    private List<Affine> BestStarts(IDisposable fixedImage, IDisposable movingImage, IDisposable mask, RegistrationTarget target, Volume scan, WorkOptions work)
    {
        var scored = new List<(Affine Map, double Metric)>();
        using var method = Method(mask, Coarse[0]);
        foreach (var start in Starts(target, scan, work))
        {
            work.CancellationToken.ThrowIfCancellationRequested();
            using var transform = MakeTransform(start, target.Center);
            api.Registration.SetInitialTransform(method, transform, false);
            if (TryEvaluate(method, fixedImage, movingImage) is { } metric)
            {
                scored.Add((start, metric));
            }
        }

        var kept = new List<Affine>();
        foreach (var (map, _) in scored.OrderBy(pose => pose.Metric))
        {
            if (kept.Count < KeptStarts && kept.TrueForAll(other => AffineRegistration.Distance(other, map, target.Center) > Alike))
            {
                kept.Add(map);
            }
        }

        return kept.Count > 0 ? kept : throw new EngineException("no start lays the template over the scan");
    }

    // Where the template meets none of the scan, the metric has no value and ITK says so.
    private double? TryEvaluate(IDisposable method, IDisposable fixedImage, IDisposable movingImage)
    {
        try
        {
            return api.Registration.MetricEvaluate(method, fixedImage, movingImage);
        }
        catch (ApplicationException)
        {
            return null;
        }
    }

    private static IEnumerable<Affine> Starts(RegistrationTarget target, Volume scan, WorkOptions work)
    {
        var coarsest = BoxPyramid.Reduce(scan, 16, work);
        var (low, high) = AffineRegistration.IntensityRange(coarsest);
        var foreground = Foreground.Of(coarsest, low + ((high - low) * 0.2f));
        const double scale = AffineRegistration.TypicalScale;
        foreach (var rotation in Turns())
        {
            var turn = rotation * Affine.FromScale(scale, scale, scale);
            var up = rotation.ApplyDirection(new(0, 0, 1));
            var center = foreground.IsEmpty
                ? coarsest.Geometry.Center
                : foreground.Crown(up, scale) + turn.ApplyDirection(target.Center - target.Crown);
            foreach (var height in Heights)
            {
                var place = center + (up * height);
                yield return Affine.FromTranslation(place.X, place.Y, place.Z) * turn * Affine.FromTranslation(-target.Center.X, -target.Center.Y, -target.Center.Z);
            }
        }
    }

    private static IEnumerable<Affine> Turns()
    {
        foreach (var x in Angles)
        {
            foreach (var y in Angles)
            {
                foreach (var z in Angles)
                {
                    yield return Affine.FromRotation(x, y, z);
                }
            }
        }

        foreach (var lie in AffineRegistration.AxisRotations().Where(lie => lie != Affine.Identity))
        {
            yield return lie;
        }
    }

    private IDisposable Method(IDisposable mask, Level level)
    {
        var registration = api.Registration;
        var method = registration.New();
        registration.SetMetricAsMattesMutualInformation(method, HistogramBins);
        registration.SetMetricFixedMask(method, mask);
        registration.SetMetricSamplingStrategy(method, level.Share < 1 ? registration.RandomSampling : registration.EveryPoint);
        registration.SetMetricSamplingPercentage(method, level.Share, Seed);
        registration.SetInterpolator(method, api.Linear);
        registration.SetOptimizerAsRegularStepGradientDescent(method, 1, LeastStep, level.Iterations, 0.5, 1e-8, registration.EstimateOnce, level.LongestStep);
        registration.SetOptimizerScalesFromPhysicalShift(method);
        return method;
    }

    private const double LeastStep = 1e-4;

    private void StopRegistration(IDisposable method) => api.Registration.StopRegistration(method);

    private IDisposable MaskWithin(PreparedTemplate template, double reach) => images.From(template.MaskDistance.Geometry, template.Within(reach).Voxels);

    // The scan at about the template's 2 mm: what is finer only costs time.
    private IDisposable Reduced(Volume scan, WorkOptions work)
    {
        using var image = images.From(scan);
        return Reduce(image, PreparedTemplate.WorkingSpacing, scan.Geometry.Spacing, work);
    }

    private static Point3 ReducedSpacing(Volume scan)
    {
        var spacing = scan.Geometry.Spacing;
        double Along(double step) => step * Factor(step, PreparedTemplate.WorkingSpacing);
        return new(Along(spacing.X), Along(spacing.Y), Along(spacing.Z));
    }

    private IDisposable Reduce(IDisposable image, double spacing, Point3 from, WorkOptions work)
    {
        using var bins = api.Filters.NewBinShrink();
        using var factors = api.Vectors.UInt32(Factor(from.X, spacing), Factor(from.Y, spacing), Factor(from.Z, spacing));
        api.Filters.SetBinShrinkFactors(bins, factors);
        return run.Run(bins, work, () => api.Filters.BinShrink(bins, image));
    }

    private static uint Factor(double from, double to) => (uint)Math.Max(1, Math.Round(to / from));

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
            return api.Vectors.Take(api.Registration.TransformPoint(transform, vector)) is [var px, var py, var pz]
                ? new(px, py, pz)
                : throw new EngineException("gave a transform that is not of three dimensions");
        }
    }

    private IDisposable Point(Point3 point) => api.Vectors.Double(point.X, point.Y, point.Z);

    /// <summary>One resolution of a registration.</summary>
    /// <param name="Spacing">About so many mm between voxels.</param>
    /// <param name="Share">The share of the points that take part.</param>
    /// <param name="LongestStep">The first step moves no point of the template farther than so many mm.</param>
    /// <param name="Iterations">At most so many steps.</param>
    private sealed record Level(double Spacing, double Share, double LongestStep, uint Iterations);
}
