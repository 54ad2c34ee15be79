using System.Runtime.Intrinsics;
using MathNet.Numerics.LinearAlgebra.Double;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Takes out the small rigid error (a few mm, a few degrees) that is left between two brains which were aligned to one template
/// separately.
/// </summary>
/// <remarks>
/// <para>
/// Inverse compositional Gauss-Newton (Baker and Matthews 2004, IJCV 56:221) on a·S + b ≈ T, T the probe's intensities, S the
/// candidate's, at twice the grid's spacing and then on the grid itself. Points count where both masks hold everything that
/// interpolation touches, so that neither mask's edge pulls. Gain and offset even out mean and variance: a regression of T on S
/// would shrink the gain for the noise in S, and what is then left of T itself pulls. The gradients are the probe's alone and
/// the rest point is where they are uncorrelated with the residual: smoothing by interpolation, which draws a maximum of
/// correlation to places half-way between voxels, does not move it.
/// </para>
/// <para>Nothing is drawn at random and one pair takes one thread: equal input gives equal output.</para>
/// </remarks>
public static class RigidRefinement
{
    // How far the rim of a brain, 90 mm from its centre, may be moved. Registration errors beyond it are failures, not to be
    // healed by looking at a pair.
    private const double Rim = 90;
    private const double MostReach = 20;

    // In mm at the rim. The fine one is a four-hundredth of the usual voxel: below what noise lets one know.
    private const double CoarseTolerance = 0.05;
    private const double FineTolerance = 0.005;
    private const int CoarseSteps = 12;
    private const int FineSteps = 12;

    // Fewer compared points than this part of the probe's are no basis.
    private const double LeastOverlap = 0.5;

    // Float sums of this many items keep five digits.
    private const int FlushEvery = 2048;

    /// <summary>Finds the rigid map that lays the candidate over the probe.</summary>
    /// <param name="probe">The brain that stays.</param>
    /// <param name="candidate">The brain to be moved; its grid need not be the probe's.</param>
    /// <param name="cancellationToken">Obeyed between steps.</param>
    public static RefinementResult Align(RefinementVolume probe, RefinementVolume candidate, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(candidate);
        var before = new Sums(probe.FinePoints, candidate.Fine, Affine.Identity).Correlation;
        var map = Descend(probe.CoarsePoints, candidate.Coarse, Affine.Identity, CoarseSteps, CoarseTolerance, cancellationToken);
        map = map is { } rough ? Descend(probe.FinePoints, candidate.Fine, rough, FineSteps, FineTolerance, cancellationToken) : null;
        if (map is { } found && Reach(found, probe.Center) <= MostReach)
        {
            var after = new Sums(probe.FinePoints, candidate.Fine, found).Correlation;
            if (after >= before)
            {
                return new(found, before, after, Converged: true);
            }
        }

        return new(Affine.Identity, before, before, Converged: false);
    }

    /// <summary>Brings the candidate onto the probe's grid by interpolating cubic B-splines.</summary>
    /// <remarks>
    /// Brain only is interpolated: for as far as the spline looks, the brain goes on beyond its mask. Noise is damped where
    /// the map falls between voxels, but far less than by trilinear interpolation.
    /// </remarks>
    /// <param name="candidate">The brain to be moved.</param>
    /// <param name="probeToCandidate">World mm of the probe to world mm of the candidate.</param>
    /// <param name="grid">The probe's grid.</param>
    /// <returns>The brain on the grid, 0 outside its mask, and the mask.</returns>
    public static (Volume Volume, Mask Mask) Resample(RefinementVolume candidate, Affine probeToCandidate, VolumeGeometry grid)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(grid);
        var (filled, weights) = MaskedCrop.Of(candidate.Fine);
        var spline = CubicSpline.Of(filled, WorkOptions.SingleThread);
        var coverage = new TrilinearSampler(weights);
        var map = filled.Geometry.WorldToVoxel * probeToCandidate * grid.VoxelToWorld;
        var size = grid.Size;
        var voxels = new float[size.Count];
        var inside = new bool[size.Count];
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                var start = map.Apply(new(0, y, z));
                var row = size.IndexOf(0, y, z);
                for (var x = 0; x < size.X; x++)
                {
                    var px = (float)(start.X + (map.M11 * x));
                    var py = (float)(start.Y + (map.M21 * x));
                    var pz = (float)(start.Z + (map.M31 * x));
                    if (coverage.TrySample(px, py, pz, out var weight) && weight >= 0.5f && spline.TrySample(px, py, pz, out var value))
                    {
                        (voxels[row + x], inside[row + x]) = (value, true);
                    }
                }
            }
        }

        return (new(grid, voxels), new(grid, inside));
    }

    // Null when the brains do not overlap enough.
    private static Affine? Descend(
        RigidPoints points, Volume candidate, Affine map, int steps, double tolerance, CancellationToken cancellationToken)
    {
        // Longer than two voxels is beyond what the gradients can tell.
        var limit = 2 * candidate.Geometry.Spacing.X;
        for (var step = 0; step < steps; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sums = new Sums(points, candidate, map);
            if (sums.Count < LeastOverlap * points.Count)
            {
                return null;
            }

            var p = sums.Solve();
            var length = Math.Sqrt((p[0] * p[0]) + (p[1] * p[1]) + (p[2] * p[2]))
                + (Math.Sqrt((p[3] * p[3]) + (p[4] * p[4]) + (p[5] * p[5])) * Rim / RigidPoints.Unit);
            if (!double.IsFinite(length))
            {
                return null;
            }

            var scale = Math.Min(1, limit / length);
            map *= Step(p, scale, points.Center).Inverse();
            if (length < tolerance)
            {
                break;
            }
        }

        return map;
    }

    // The rigid map of six parameters: a turn about the axis (p3, p4, p5), then a shift.
    private static Affine Step(ReadOnlySpan<double> p, double scale, Point3 center)
    {
        var w = new Point3(p[3], p[4], p[5]) * (scale / RigidPoints.Unit);
        var angle = w.Length;
        var turn = Affine.Identity;
        if (angle > 0)
        {
            var (s, c) = Math.SinCos(angle);
            var (a, d) = (w * (1 / angle), 1 - c);
            turn = new(
                c + (a.X * a.X * d), (a.X * a.Y * d) - (a.Z * s), (a.X * a.Z * d) + (a.Y * s), 0,
                (a.Y * a.X * d) + (a.Z * s), c + (a.Y * a.Y * d), (a.Y * a.Z * d) - (a.X * s), 0,
                (a.Z * a.X * d) - (a.Y * s), (a.Z * a.Y * d) + (a.X * s), c + (a.Z * a.Z * d), 0);
        }

        return Affine.FromTranslation(p[0] * scale, p[1] * scale, p[2] * scale) * turn.About(center);
    }

    // An upper bound, in mm, of how far the map moves a point of the brain.
    private static double Reach(Affine map, Point3 center)
    {
        var shift = (map.Apply(center) - center).Length;
        return shift + (new RefinementResult(map, 0, 0, true).RotationDegrees * Math.PI / 180 * Rim);
    }

    /// <summary>The sums over the points of one step.</summary>
    private readonly struct Sums
    {
        private const int W = RigidPoints.Width;

        private readonly double[] _gram;
        private readonly double[] _cross = new double[W];
        private readonly double _square;

        /// <summary>Samples the candidate at the mapped points.</summary>
        public Sums(RigidPoints points, Volume candidate, Affine map)
        {
            // Offsets are from the centre: fold it, and the candidate's grid, into one map to voxel indices.
            var m = candidate.Geometry.WorldToVoxel * map * Affine.FromTranslation(points.Center.X, points.Center.Y, points.Center.Z);
            float m11 = (float)m.M11, m12 = (float)m.M12, m13 = (float)m.M13, m14 = (float)m.M14;
            float m21 = (float)m.M21, m22 = (float)m.M22, m23 = (float)m.M23, m24 = (float)m.M24;
            float m31 = (float)m.M31, m32 = (float)m.M32, m33 = (float)m.M33, m34 = (float)m.M34;
            var sampler = new TrilinearSampler(candidate);
            var offsets = points.Offsets;
            var rows = points.Rows;
            Span<double> outside = stackalloc double[W * W];
            outside.Clear();
            for (var from = 0; from < rows.Length; from += FlushEvery)
            {
                var to = Math.Min(rows.Length, from + FlushEvery);
                var cross = Vector256<float>.Zero;
                var square = 0f;
                for (var i = from; i < to; i++)
                {
                    float x = offsets[3 * i], y = offsets[(3 * i) + 1], z = offsets[(3 * i) + 2];
                    if (sampler.TrySample(
                            (m11 * x) + (m12 * y) + (m13 * z) + m14,
                            (m21 * x) + (m22 * y) + (m23 * z) + m24,
                            (m31 * x) + (m32 * y) + (m33 * z) + m34,
                            out var s)
                        && !float.IsNaN(s))
                    {
                        cross += rows[i] * s;
                        square += s * s;
                    }
                    else
                    {
                        points.AddOuterProduct(i, outside);
                    }
                }

                for (var a = 0; a < W; a++)
                {
                    _cross[a] += cross[a];
                }

                _square += square;
            }

            // Few points fall outside; all of them less these is what was compared.
            _gram = (double[])points.Gram.Clone();
            for (var i = 0; i < _gram.Length; i++)
            {
                _gram[i] -= outside[i];
            }
        }

        /// <summary>How many points were compared.</summary>
        public double Count => _gram[(RigidPoints.One * W) + RigidPoints.One];

        /// <summary>Pearson's correlation over them; 0 when one side is flat.</summary>
        public double Correlation
        {
            get
            {
                var n = Count;
                var (t, tt) = (_gram[(RigidPoints.Value * W) + RigidPoints.One], _gram[(RigidPoints.Value * W) + RigidPoints.Value]);
                var (s, st) = (_cross[RigidPoints.One], _cross[RigidPoints.Value]);
                var variance = ((n * tt) - (t * t)) * ((n * _square) - (s * s));
                return variance > 0 ? ((n * st) - (s * t)) / Math.Sqrt(variance) : 0;
            }
        }

        /// <summary>Minimises Σ (a·S + b − T − J·p)² over p, with a and b such that a·S + b has the mean and the variance of T.</summary>
        /// <returns>p: three translations in mm, three turns in radians times <see cref="RigidPoints.Unit"/>.</returns>
        public double[] Solve()
        {
            const int pose = 6;
            var n = Count;
            var (t, s) = (_gram[(RigidPoints.Value * W) + RigidPoints.One], _cross[RigidPoints.One]);
            var gain = Math.Sqrt((_gram[(RigidPoints.Value * W) + RigidPoints.Value] - (t * t / n)) / (_square - (s * s / n)));
            var offset = (t - (gain * s)) / n;
            var system = new DenseMatrix(pose);
            var right = new DenseVector(pose);
            for (var i = 0; i < pose; i++)
            {
                for (var j = 0; j < pose; j++)
                {
                    system[i, j] = _gram[(i * W) + j];
                }

                right[i] = (gain * _cross[i]) + (offset * _gram[(i * W) + RigidPoints.One]) - _gram[(i * W) + RigidPoints.Value];
            }

            return system.Solve(right).AsArray();
        }
    }
}
