using System.Runtime.InteropServices;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Finds the affine map that lays a scan over a target, from any start a scanner or a wrong header can give: however the head lies, coarse to fine.
/// </summary>
/// <remarks>
/// At 16 mm a fixed lattice of all rotations is scored, each with the brain where the head's crown lets one expect it; the best
/// are refined there, the best of those at 8 mm, and the winner goes on to 4 mm and 2 mm. Where the score it ends with convinces
/// nobody, more poses are taken as far as 4 mm, which costs about a second, and the better end counts. The design follows FLIRT (Jenkinson et
/// al. 2002, NeuroImage 17:825) with Gauss-Newton steps (<see cref="GaussNewtonSolver"/>) in place of a simplex search. Nothing is
/// random: equal input gives equal output. The map never mirrors: a head is so nearly its own mirror image that which side is
/// which is the header's word alone, and a header that swaps left and right goes unseen.
/// </remarks>
public static class AffineRegistration
{
    /// <summary>The usual size of a head relative to Colin27's, which is large.</summary>
    internal const double TypicalScale = 0.92;

    private const double Degrees = Math.PI / 180;

    // Refinement at 16 mm finds its way from some 20 degrees and 15 mm; the lattice steps by no more than twice that.
    private static readonly double[] Angles = [-28 * Degrees, 0, 28 * Degrees];
    private static readonly double[] Heights = [0, 20, 40, 60];

    // How many poses go on from each stage to the next, and how alike two may be before one of them is dropped.
    private const int KeptUpright = 4;
    private const int KeptOfLattice = 120;
    private const int KeptAt16 = 20;
    private const double Alike = 8;
    private const double AlikeInLattice = 30;

    private const int KeptAt8 = 3;

    // Right poses of 25 real heads are judged 0.41 to 0.70 at 4 mm, the best wrong ones of the same heads 0.26 to 0.42 (one upside down at 0.50,
    // its right one at 0.70). Below this the search goes on.
    private const double Convincing = 0.42;

    // By how much a pose that is turned against the header has to be better than the best that is not.
    internal const double TurnCost = 0.06;

    // Usual heads are explained about as well with what lies beyond the brain as without, or better (24 of 25 real heads 0.98 to 1.48 times as
    // well); heads with a thick scalp of twice the brain's brightness 0.50 to 0.64 times, with all beyond the brain six times as bright 0.89.
    private const double LeastUsual = 0.92;

    /// <summary>Poses farther apart than this, in mm, are two answers rather than one.</summary>
    internal const double Elsewhere = 15;

    // How many poses go on from each stage of the wider search, and what a further round has to bring.
    private const int WideOfLattice = 250;
    private const int WideAt16 = 40;
    private const int WideAt8 = 16;
    private const int WideAt4 = 4;
    private const int WideRounds = 5;
    private const double WideAlikeInLattice = 20;
    private const double WorthARound = 0.005;

    // Turns about each of the 24 orientations; the first 27 are about the header's own.
    private const int PerOrientation = 27;
    // From 4 mm on, where the pose is known, a smooth field in the scan is told from its anatomy.
    private const int FirstFineLevel = 2;
    private static readonly Affine[] Rotations = RotationLattice();

    /// <summary>Registers from scratch.</summary>
    /// <param name="targets">What the scan is laid over.</param>
    /// <param name="moving">The scan.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static RegistrationResult Register(PoseTargets targets, Volume moving, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(targets);
        ArgumentNullException.ThrowIfNull(moving);
        var sides = new Sides(targets, Pyramid(moving, work), work);
        var center = targets.Search.Center;
        var lattice = ScoreLattice(targets.Search, sides.Pyramid, work);

        // The header is right more often than not: poses near it go on whatever else looks good.
        var upright = Best(lattice[..(PerOrientation * Heights.Length)], PerOrientation, AlikeInLattice, center);
        var anyhow = Best(lattice, KeptOfLattice, AlikeInLattice, center);
        var rough = sides.AtCoarsest([.. upright.Union(anyhow)]);
        var kept = BestPoses(rough[..upright.Length], KeptUpright, Alike, center).Union(BestPoses(rough, KeptAt16, Alike, center));
        var middle = sides.AtMiddle(Maps([.. kept]));
        var near = BestPoses(Array.FindAll(middle, p => Turn.Degrees(p.Map) < Turn.Large), KeptAt8, Alike, center);
        var any = BestPoses(middle, KeptAt8, Alike, center);
        var best = sides.LookAround(any[0]);
        var fine = sides.AtFine(Maps([best, .. near.Union(any).Where(p => p != any[0])]), 10, 0.2);
        if (BestPoses(fine, 1, Alike, center)[0].Score < Convincing)
        {
            fine = SearchWider(sides, lattice, fine);
        }

        var ends = BestPoses(fine, fine.Length, Alike, center);
        var end = Descend(sides.LooksUsual(ends[0].Map) ? targets.Judge
            : targets.Fit, sides.Pyramid, ends[0].Map, TransformModel.Affine, FirstFineLevel, work);
        var other = Array.Find(ends, p => Distance(p.Map, ends[0].Map, center) > Elsewhere);
        return end with { Evidence = ends[0].Score, Lead = other is null ? 1 : ends[0].Score - other.Score, Rival = other?.Map };
    }

    // Where a bright scalp or a strong field outshines the brain, scores at 8 mm tell little: the right pose may be twentieth, and
    // at 4 mm, with the field modelled, the fit still rests where the brain's rim lies on the scalp. So more poses go on to 4 mm,
    // and there the best are turned, shifted and resized until that gains nothing.
    private static ScoredPose[] SearchWider(Sides sides, ScoredPose[] lattice, ScoredPose[] usual)
    {
        var center = sides.Targets.Search.Center;
        var rough = sides.AtCoarsest(Best(lattice, WideOfLattice, WideAlikeInLattice, center));
        var middle = sides.AtMiddle(Best(rough, WideAt16, Alike, center));
        ScoredPose[] met = [.. sides.AtFine(Best(middle, WideAt8, Alike, center), 10, 0.2), .. usual];
        var leaders = BestPoses(met, WideAt4, Alike, center);
        for (var round = 0; round < WideRounds; round++)
        {
            var before = leaders[0].Score;
            var around = sides.AtFine([.. leaders.SelectMany(p => Nearby(center, p.Map).Concat(Resized(center, p.Map)))], 6, 0.3);
            met = [.. met, .. around];
            leaders = BestPoses([.. leaders, .. around], round == 0 ? 2 : 1, Alike, center);
            if (leaders[0].Score < before + WorthARound)
            {
                break;
            }
        }

        return met;
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
            var (x, y, z) = points.Offset(i);
            var p = toVoxel.Apply(points.Center + (new Point3(x, y, z) * FixedLevel.Unit));
            if (sampler.TrySample((float)p.X, (float)p.Y, (float)p.Z, out var value))
            {
                values.Add(value);
            }
        }

        if (values.Count == 0)
        {
            return WideSolver(target, pyramid, level, work);
        }

        var met = CollectionsMarshal.AsSpan(values);
        var (low, high) = (Percentiles.AtRank(met, met.Length / 50), Percentiles.AtRank(met, met.Length * 49 / 50));
        return new(points, moving, low, high, withGain: level >= FirstFineLevel, work);
    }

    private static GaussNewtonSolver WideSolver(RegistrationTarget target, Volume[] pyramid, int level, WorkOptions work)
    {
        var (low, high) = IntensityRange(pyramid[level]);
        return new(target.Levels[level], pyramid[level], low, high, withGain: false, work);
    }

    private static Volume[] Pyramid(Volume moving, WorkOptions work)
    {
        var fine = HeadIntensities.HeldDown(BoxPyramid.Reduce(moving, 2, work), work);
        var middle = BoxPyramid.Reduce(fine, 4, work);
        var coarse = BoxPyramid.Reduce(middle, 8, work);
        return [BoxPyramid.Reduce(coarse, 16, work), coarse, middle, fine];
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

    // A brain laid over a whole head is too large by a fifth, one laid over a scalp on one side by a tenth that way.
    private static IEnumerable<Affine> Resized(Point3 center, Affine map)
    {
        foreach (var size in (double[])[0.9, 1.1])
        {
            yield return map * Affine.FromScale(size, 1, 1).About(center);
            yield return map * Affine.FromScale(1, size, 1).About(center);
            yield return map * Affine.FromScale(1, 1, size).About(center);
        }

        foreach (var size in (double[])[0.82, 1.18])
        {
            yield return map * Affine.FromScale(size, size, size).About(center);
        }
    }

    private static Affine[] Best(ScoredPose[] poses, int count, double alike, Point3 center) =>
        Maps(BestPoses(poses, count, alike, center));

    private static Affine[] Maps(ScoredPose[] poses) => Array.ConvertAll(poses, p => p.Map);

    // The best of some poses, leaving out those that are almost the same as a better one. Equal scores keep their order.
    private static ScoredPose[] BestPoses(ScoredPose[] poses, int count, double alike, Point3 center)
    {
        var order = new int[poses.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => poses[b].Score.CompareTo(poses[a].Score) is var byScore and not 0 ? byScore : a.CompareTo(b));
        var kept = new List<ScoredPose>(count);
        var places = new List<Point3[]>(count);
        foreach (var index in order)
        {
            var place = Landmarks(poses[index].Map, center);
            if (places.TrueForAll(other => AreApart(other, place, alike)))
            {
                kept.Add(poses[index]);
                places.Add(place);
                if (kept.Count == count)
                {
                    break;
                }
            }
        }

        return [.. kept];
    }

    // About how far apart two maps take the points of a head.
    internal static double Distance(Affine a, Affine b, Point3 center)
    {
        var (first, second) = (Landmarks(a, center), Landmarks(b, center));
        var farthest = -1.0;
        for (var i = 0; i < first.Length; i++)
        {
            farthest = Math.Max(farthest, (first[i] - second[i]).Length);
        }

        return farthest;
    }

    // Where a map takes the middle of a head, and a point of its rim along each axis.
    private static Point3[] Landmarks(Affine map, Point3 center)
    {
        const double rim = 80;
        return [map.Apply(center), map.Apply(center + new Point3(rim, 0, 0)), map.Apply(center + new Point3(0, rim, 0)),
            map.Apply(center + new Point3(0, 0, rim))];
    }

    // Whether two maps take landmarks farther apart than `distance`; most do with the first.
    private static bool AreApart(Point3[] a, Point3[] b, double distance)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if ((a[i] - b[i]).Length > distance)
            {
                return true;
            }
        }

        return false;
    }

    // Scores poses that turn the head in every way and put its brain where the crown of the scan's foreground lets one expect it.
    private static ScoredPose[] ScoreLattice(RegistrationTarget search, Volume[] pyramid, WorkOptions work)
    {
        var foreground = ForegroundOf(pyramid[0]);
        var poses = new ScoredPose[Rotations.Length * Heights.Length];
        work.ForBlocks(Rotations.Length / PerOrientation, block =>
        {
            var solver = WideSolver(search, pyramid, 0, work with { MaxThreads = 1 });
            for (var r = block * PerOrientation; r < (block + 1) * PerOrientation; r++)
            {
                var maps = AtHeights(Rotations[r], search, pyramid[0], foreground);
                for (var h = 0; h < maps.Length; h++)
                {
                    poses[(r * Heights.Length) + h] = new(maps[h], solver.Score(maps[h]));
                }
            }
        });
        return poses;
    }

    /// <summary>Of a scan at 16 mm, what is no air.</summary>
    internal static Foreground ForegroundOf(Volume coarsest)
    {
        var (low, high) = IntensityRange(coarsest);
        return Foreground.Of(coarsest, low + ((high - low) * 0.2f));
    }

    /// <summary>
    /// Maps that turn the template's head one way, its brain at some heights about where the crown of the scan's foreground lets one expect it.
    /// </summary>
    internal static Affine[] AtHeights(Affine rotation, RegistrationTarget search, Volume coarsest, Foreground foreground)
    {
        var turn = rotation * Affine.FromScale(TypicalScale, TypicalScale, TypicalScale);
        var up = rotation.ApplyDirection(new(0, 0, 1));
        var center = foreground.IsEmpty
            ? coarsest.Geometry.Center
            : foreground.Crown(up, TypicalScale) + turn.ApplyDirection(search.Center - search.Crown);
        return Array.ConvertAll(Heights, height =>
        {
            var place = center + (up * height);
            return Affine.FromTranslation(place.X, place.Y, place.Z) * turn
                * Affine.FromTranslation(-search.Center.X, -search.Center.Y, -search.Center.Z);
        });
    }

    /// <summary>Turns about the header's own orientation, and every other orientation as it is.</summary>
    internal static IEnumerable<Affine> FewRotations() => Rotations[..PerOrientation].Concat(AxisRotations().Skip(1));

    // The 24 orientations of a cube, each turned a little about each axis: no rotation is farther than some 25 degrees from one.
    private static Affine[] RotationLattice()
    {
        var rotations = new List<Affine>();
        foreach (var lie in AxisRotations())
        {
            foreach (var x in Angles)
            {
                foreach (var y in Angles)
                {
                    foreach (var z in Angles)
                    {
                        rotations.Add(lie * Affine.FromRotation(x, y, z));
                    }
                }
            }
        }

        return [.. rotations];
    }

    private static IEnumerable<Affine> AxisRotations()
    {
        int[][] orders = [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 2, 1], [2, 1, 0], [1, 0, 2]];
        foreach (var order in orders)
        {
            for (var signs = 0; signs < 8; signs++)
            {
                var rows = new double[12];
                for (var row = 0; row < 3; row++)
                {
                    rows[(4 * row) + order[row]] = ((signs >> row) & 1) == 0 ? 1 : -1;
                }

                var map = Affine.FromRows(rows);
                if (map.Determinant > 0)
                {
                    yield return map;
                }
            }
        }
    }

    // From near the darkest to twice the head's median: tissue lies below that; fat, vessels and artefacts, however bright,
    // then count as one. The head is what exceeds a tenth of the robust range (the first step of BET, Smith 2002).
    private static (float Low, float High) IntensityRange(Volume volume)
    {
        var values = (float[])volume.Voxels.Clone();
        var (low, high) = (Percentiles.AtRank(values, values.Length / 50), Percentiles.AtRank(values, values.Length * 49 / 50));
        var least = low + ((high - low) * 0.1f);
        var below = 0;
        foreach (var value in values)
        {
            below += value > least ? 0 : 1;
        }

        if (below == values.Length)
        {
            return (low, high);
        }

        var median = Percentiles.AtRank(values, (below + values.Length) / 2);
        return (low, low + (2 * (median - low)));
    }

    /// <summary>
    /// What is registered to what, and the stages that poses go through; each refines its poses side by side and judges where they end.
    /// </summary>
    private sealed record Sides(PoseTargets Targets, Volume[] Pyramid, WorkOptions Work)
    {
        private readonly WorkOptions _alone = Work with { MaxThreads = 1 };

        public ScoredPose[] AtCoarsest(Affine[] maps) =>
            Each(maps, map => WideSolver(Targets.Search, Pyramid, 0, _alone).Refine(map, TransformModel.Rigid, 10, 1));

        public ScoredPose[] AtMiddle(Affine[] maps) => Each(maps, map =>
        {
            // A face or a neck pulls at the wide region. The narrow one has the last word on where the pose ends.
            var wide = WideSolver(Targets.Search, Pyramid, 1, _alone).Refine(map, TransformModel.Similarity, 6, 0.5).Map;
            return Judged(NarrowSolver(Targets.Fit, Pyramid, 1, wide, _alone).Refine(wide, TransformModel.Affine, 10, 0.3), 1);
        });

        public ScoredPose[] AtFine(Affine[] maps, int steps, double tolerance) => Each(maps, map =>
            Judged(NarrowSolver(Targets.Fit, Pyramid, FirstFineLevel, map, _alone).Refine(map, TransformModel.Affine, steps, tolerance),
                FirstFineLevel));

        /// <summary>The wide region may still have pulled the winner some degrees away: looks around it, at 8 mm.</summary>
        public ScoredPose LookAround(ScoredPose best)
        {
            for (var round = 0; round < 3; round++)
            {
                var around = Each([.. Nearby(Targets.Search.Center, best.Map)], map =>
                {
                    var solver = NarrowSolver(Targets.Fit, Pyramid, 1, map, _alone);
                    return Judged(solver.Refine(solver.Refine(map, TransformModel.Similarity, 6, 0.5).Map, TransformModel.Affine, 8, 0.3), 1);
                }).MaxBy(p => p.Score)!;
                if (around.Score < best.Score + WorthARound)
                {
                    break;
                }

                best = around;
            }

            return best;
        }

        // A fit sees a narrow rim, and there a scalp looks like a brain's border: the template's brain over a whole head fits well, and
        // where the scalp is bright, better than over the brain. What tells the two apart is what lies beyond: bone, scalp and air in
        // their places, or nothing. So the two count alike, and a large turn against the header counts against.
        private ScoredPose Judged(ScoredPose pose, int level)
        {
            var beyond = ReferenceEquals(Targets.Judge, Targets.Fit) ? pose.Score
                : NarrowSolver(Targets.Judge, Pyramid, level, pose.Map, _alone).Score(pose.Map);
            return pose with { Score = ((pose.Score + beyond) / 2) - (TurnCost * Turn.Largeness(pose.Map)) };
        }

        /// <summary>Whether what lies beyond the brain looks so much like the template's that it helps to fit the scan.</summary>
        public bool LooksUsual(Affine map)
        {
            double Score(RegistrationTarget target) => NarrowSolver(target, Pyramid, FirstFineLevel, map, Work).Score(map);
            return ReferenceEquals(Targets.Judge, Targets.Fit) || Score(Targets.Judge) > LeastUsual * Score(Targets.Fit);
        }

        private ScoredPose[] Each(Affine[] maps, Func<Affine, ScoredPose> refine)
        {
            var results = new ScoredPose[maps.Length];
            Work.ForBlocks(maps.Length, i => results[i] = refine(maps[i]));
            return results;
        }
    }
}
