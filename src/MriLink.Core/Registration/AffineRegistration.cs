using MriLink.Core.Execution;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Finds the affine map that lays a scan over a target, from any start a scanner can give (30°, 50 mm), coarse to fine.
/// </summary>
/// <remarks>
/// At 8 mm a fixed fan of starting poses is scored by the correlation ratio, the best are refined, and the winner goes on
/// to 4 and 2 mm; the design follows FLIRT (Jenkinson et al. 2002, NeuroImage 17:825) with Gauss-Newton steps
/// (<see cref="GaussNewtonSolver"/>) in place of a simplex search. Nothing is random: equal input gives equal output.
/// </remarks>
public static class AffineRegistration
{
    /// <summary>The usual size of a head relative to Colin27's, which is large.</summary>
    internal const double TypicalScale = 0.92;

    private const double Degrees = Math.PI / 180;

    // Refinement at 16 mm finds its way from some 20 degrees and 15 mm; the fan steps by no more than twice that.
    private const double TranslationStep = 20;
    private static readonly double[] Angles = [-28 * Degrees, 0, 28 * Degrees];

    /// <summary>Registers from scratch.</summary>
    /// <param name="search">The fixed side while the pose is sought: a wide region.</param>
    /// <param name="target">The fixed side of the final alignment.</param>
    /// <param name="moving">The scan.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static RegistrationResult Register(RegistrationTarget search, RegistrationTarget target, Volume moving, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(moving);
        var pyramid = Pyramid(moving, work);
        var lowest = WideSolver(search, pyramid, 0, work);
        var low = WideSolver(search, pyramid, 1, work);

        // Refine the most promising a little, the best of those further. Rigid: while the pose is open, a free scale would
        // let a brain grow into its scalp. The narrow region has the last word on which start was right.
        var best = Starts(search.Center, pyramid[0]).Select(map => (Map: map, Score: lowest.Score(map)))
            .OrderByDescending(s => s.Score).Take(32)
            .Select(s => lowest.Refine(s.Map, TransformModel.Rigid, 12, 1))
            .OrderByDescending(s => s.Score).Take(8)
            .Select(s => low.Refine(s.Map, TransformModel.Rigid, 8, 0.5))
            .Select(s => Settle(s.Map))
            .MaxBy(s => s.Score);

        // A face or a neck can pull the wide region's optimum some degrees away: look around the winner once more.
        for (var round = 0; round < 3; round++)
        {
            var better = Nearby(search.Center, best.Map).Select(Settle).MaxBy(s => s.Score);
            if (better.Score < best.Score + 0.005)
            {
                break;
            }

            best = better;
        }

        return Descend(target, pyramid, best.Map, TransformModel.Affine, 1, work);

        (Affine Map, double Score) Settle(Affine map)
        {
            var roughly = NarrowSolver(target, pyramid, 1, map, work).Refine(map, TransformModel.Rigid, 6, 0.5);
            return NarrowSolver(target, pyramid, 1, roughly.Map, work).Refine(roughly.Map, TransformModel.Similarity, 8, 0.3);
        }
    }

    /// <summary>Registers from a map that is nearly right already.</summary>
    /// <param name="target">The fixed side.</param>
    /// <param name="moving">The scan.</param>
    /// <param name="start">Fixed world to moving world.</param>
    /// <param name="model">Which maps are allowed, on top of <paramref name="start"/>.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static RegistrationResult Refine(RegistrationTarget target, Volume moving, Affine start, TransformModel model, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(moving);
        return Descend(target, Pyramid(moving, work), start, model, 1, work);
    }

    private static RegistrationResult Descend(
        RegistrationTarget target, Volume[] pyramid, Affine start, TransformModel model, int firstLevel, WorkOptions work)
    {
        var (map, score) = (start, 0.0);
        for (var level = firstLevel; level < target.Levels.Count; level++)
        {
            var solver = NarrowSolver(target, pyramid, level, map, work);

            // A hundredth of a voxel is below what interpolation can promise.
            (map, score) = solver.Refine(map, model, 20, 0.01 * target.Levels[level].Spacing);
        }

        return new(map, score);
    }

    // A solver whose intensity knots span what the scan shows at the target's points, once it is known about where they lie.
    private static GaussNewtonSolver NarrowSolver(RegistrationTarget target, Volume[] pyramid, int level, Affine map, WorkOptions work)
    {
        var points = target.Levels[level];
        var moving = pyramid[level];
        var sampler = new TrilinearSampler(moving);
        var toVoxel = moving.Geometry.WorldToVoxel * map;
        var stride = Math.Max(1, points.Count / 10_000);
        var values = new List<float>();
        for (var i = 0; i < points.Count; i += stride)
        {
            var offset = new Point3(points.X[i], points.Y[i], points.Z[i]) * FixedLevel.Unit;
            var p = toVoxel.Apply(points.Center + offset);
            if (sampler.TrySample((float)p.X, (float)p.Y, (float)p.Z, out var value))
            {
                values.Add(value);
            }
        }

        if (values.Count == 0)
        {
            return WideSolver(target, pyramid, level, work);
        }

        values.Sort();
        return new(points, moving, values[values.Count / 50], values[values.Count * 49 / 50], work);
    }

    private static GaussNewtonSolver WideSolver(RegistrationTarget target, Volume[] pyramid, int level, WorkOptions work)
    {
        var (low, high) = IntensityRange(pyramid[level]);
        return new(target.Levels[level], pyramid[level], low, high, work);
    }

    private static Volume[] Pyramid(Volume moving, WorkOptions work)
    {
        var fine = BoxPyramid.Reduce(moving, 2, work);
        var middle = BoxPyramid.Reduce(fine, 4, work);
        var coarse = BoxPyramid.Reduce(middle, 8, work);
        return [BoxPyramid.Reduce(coarse, 16, work), coarse, middle, fine];
    }

    // Poses that put the target's centre somewhere in the scan's foreground, turned by a few angles about each axis.
    private static IEnumerable<Affine> Starts(Point3 center, Volume moving)
    {
        foreach (var place in Places(moving))
        {
            foreach (var x in Angles)
            {
                foreach (var y in Angles)
                {
                    foreach (var z in Angles)
                    {
                        yield return Affine.FromTranslation(place.X, place.Y, place.Z)
                            * Affine.FromRotation(x, y, z)
                            * Affine.FromScale(TypicalScale, TypicalScale, TypicalScale)
                            * Affine.FromTranslation(-center.X, -center.Y, -center.Z);
                    }
                }
            }
        }
    }

    private static IEnumerable<Affine> Nearby(Point3 center, Affine map)
    {
        const double turn = 12 * Degrees;
        const double shift = 12;
        foreach (var sign in (int[])[-1, 1])
        {
            yield return map * Affine.FromRotation(sign * turn, 0, 0).About(center);
            yield return map * Affine.FromRotation(0, sign * turn, 0).About(center);
            yield return map * Affine.FromRotation(0, 0, sign * turn).About(center);
            yield return map * Affine.FromTranslation(0, 0, sign * shift);
            yield return map * Affine.FromTranslation(0, sign * shift, 0);
        }
    }

    // A lattice of places inside the foreground's bounding box, shrunk by what a brain's centre keeps from the scalp (50 mm).
    private static IEnumerable<Point3> Places(Volume moving)
    {
        const double keepFromScalp = 50;
        var (low, high) = IntensityRange(moving);
        var threshold = low + ((high - low) * 0.2f);
        var size = moving.Size;
        var (minimum, maximum) = (new Point3(1e9, 1e9, 1e9), new Point3(-1e9, -1e9, -1e9));
        for (var k = 0; k < size.Z; k++)
        {
            for (var j = 0; j < size.Y; j++)
            {
                for (var i = 0; i < size.X; i++)
                {
                    if (moving[i, j, k] > threshold)
                    {
                        var p = moving.Geometry.VoxelToWorld.Apply(new(i, j, k));
                        minimum = new(Math.Min(minimum.X, p.X), Math.Min(minimum.Y, p.Y), Math.Min(minimum.Z, p.Z));
                        maximum = new(Math.Max(maximum.X, p.X), Math.Max(maximum.Y, p.Y), Math.Max(maximum.Z, p.Z));
                    }
                }
            }
        }

        if (minimum.X > maximum.X)
        {
            yield return moving.Geometry.Center;
            yield break;
        }

        foreach (var z in Lattice(minimum.Z, maximum.Z))
        {
            foreach (var y in Lattice(minimum.Y, maximum.Y))
            {
                foreach (var x in Lattice(minimum.X, maximum.X))
                {
                    yield return new(x, y, z);
                }
            }
        }

        static IEnumerable<double> Lattice(double from, double to)
        {
            var middle = (from + to) / 2;
            var steps = Math.Max(0, (int)Math.Ceiling(((to - from) / 2 - keepFromScalp) / TranslationStep));
            return Enumerable.Range(-steps, (2 * steps) + 1).Select(n => middle + (n * TranslationStep));
        }
    }

    // From near the darkest to twice the head's median: tissue lies below that; fat, vessels and artefacts, however bright,
    // then count as one. The head is what exceeds a tenth of the robust range (the first step of BET, Smith 2002).
    private static (float Low, float High) IntensityRange(Volume volume)
    {
        var sorted = (float[])volume.Voxels.Clone();
        Array.Sort(sorted);
        var low = sorted[sorted.Length / 50];
        var high = sorted[sorted.Length * 49 / 50];
        var first = Array.FindIndex(sorted, v => v > low + ((high - low) * 0.1f));
        if (first < 0)
        {
            return (low, high);
        }

        var median = sorted[(first + sorted.Length) / 2];
        return (low, low + (2 * (median - low)));
    }
}
