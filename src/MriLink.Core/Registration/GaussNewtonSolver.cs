using MathNet.Numerics.LinearAlgebra.Double;
using MriLink.Core.Execution;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Aligns a moving volume to fixed points by Gauss-Newton steps in which the spatial parameters and the relation between
/// the two images' intensities are solved for together.
/// </summary>
/// <remarks>
/// The fixed intensity T is modelled as f(S), S the moving intensity and f piecewise linear over <see cref="Knots"/> knots.
/// A step minimises Σ (f(S) − T − ∇T·δ)² over f and the small map δ; the share of T's variance that f(S) explains is the
/// correlation ratio (Roche et al. 1998, MICCAI), which serves as the score. Nothing is sampled at random.
/// </remarks>
internal sealed class GaussNewtonSolver
{
    private const int Knots = 8;
    private const int P = FixedLevel.ParameterCount;

    // Fixed, so that sums do not depend on how many threads there are.
    private const int Blocks = 8;

    // Curvature of f is held down by this share of the points' weight: enough to tie empty knots to their neighbours,
    // too little to bend a fit that has data.
    private const double Smoothness = 1e-3;

    // Heads differ from the template in size and aspect by about an eighth (one standard deviation of log scale) around a
    // typical scale: Colin27's brain is larger than most. The prior steers where the images say little and yields where
    // they say much; neighbouring points are no independent witnesses, so about this many count as one.
    private const double ScaleDeviation = 0.12;
    private const double PointsPerWitness = 50;

    // Added to each knot's weight so that a system without any data can still be solved; a millionth of one point.
    private const double Ridge = 1e-6;

    // Of the normal matrix's diagonal; keeps a step finite where the points say nothing about a parameter.
    private const double Damping = 1e-4;

    private readonly FixedLevel _level;
    private readonly TrilinearSampler _moving;
    private readonly Affine _worldToVoxel;
    private readonly float _low;
    private readonly float _intensityScale;
    private readonly WorkOptions _work;
    private readonly Sums[] _sums = new Sums[Blocks];

    /// <summary>Makes a solver.</summary>
    /// <param name="level">The fixed points.</param>
    /// <param name="moving">The moving volume, reduced to about the level's spacing.</param>
    /// <param name="low">Moving intensity of the first knot.</param>
    /// <param name="high">Moving intensity of the last knot; brighter voxels count as this bright.</param>
    /// <param name="work">Threads and cancellation.</param>
    public GaussNewtonSolver(FixedLevel level, Volume moving, float low, float high, WorkOptions work)
    {
        _level = level;
        _moving = new(moving);
        _worldToVoxel = moving.Geometry.WorldToVoxel;
        _low = low;
        _intensityScale = (Knots - 1) / Math.Max(high - low, float.Epsilon);
        _work = work;
        for (var b = 0; b < Blocks; b++)
        {
            _sums[b] = new();
        }
    }

    /// <summary>The share of the fixed intensities' variance explained through <paramref name="map"/>; at most 1, −1 when too few points meet.</summary>
    public double Score(Affine map) => Accumulate(map, withGradient: false).CorrelationRatio(_level.Count);

    /// <summary>Takes steps from <paramref name="map"/> until they are shorter than <paramref name="tolerance"/>.</summary>
    /// <param name="map">Fixed world to moving world, to start from.</param>
    /// <param name="model">Which maps are allowed.</param>
    /// <param name="steps">At most so many steps.</param>
    /// <param name="tolerance">Stop when no point at the rim of the head moves farther than this, in mm.</param>
    /// <returns>The best map met, and its score.</returns>
    public (Affine Map, double Score) Refine(Affine map, TransformModel model, int steps, double tolerance)
    {
        var (best, bestScore) = (map, double.NegativeInfinity);
        var worse = 0;
        for (var step = 0; step <= steps; step++)
        {
            _work.CancellationToken.ThrowIfCancellationRequested();
            var sums = Accumulate(map, withGradient: step < steps);
            var score = sums.CorrelationRatio(_level.Count);
            if (score > bestScore)
            {
                (best, bestScore, worse) = (map, score, 0);
            }
            else if (++worse == 3)
            {
                break;
            }

            if (step == steps || score < 0 || !TrySolve(sums, model, LogScale(map), PriorWeight(sums, score), out var parameters))
            {
                break;
            }

            // Longer than two grid cells is beyond what the gradients can tell.
            var length = Reach(parameters);
            var limit = 2 * _level.Spacing;
            if (length > limit)
            {
                for (var i = 0; i < P; i++)
                {
                    parameters[i] *= limit / length;
                }
            }

            map *= Exponential(parameters).Inverse();
            if (length < tolerance)
            {
                // One look at where the last step led is worth its cost only if steps were still long.
                break;
            }
        }

        return (best, bestScore);
    }

    // How far in mm the map moves a point on a sphere of 90 mm: the rim of a brain.
    private static double Reach(double[] p)
    {
        var linear = 0.0;
        for (var i = 3; i < P; i++)
        {
            linear += p[i] * p[i];
        }

        var translation = Math.Sqrt((p[0] * p[0]) + (p[1] * p[1]) + (p[2] * p[2]));
        return (translation * FixedLevel.Unit) + (Math.Sqrt(linear) * 90);
    }

    // exp of the generator, as a map of the fixed world. For a rigid generator this is a rigid map exactly.
    private Affine Exponential(double[] p)
    {
        const double unit = FixedLevel.Unit;
        var generator = DenseMatrix.OfArray(new[,]
        {
            { p[3], p[4], p[5], p[0] * unit },
            { p[6], p[7], p[8], p[1] * unit },
            { p[9], p[10], p[11], p[2] * unit },
            { 0, 0, 0, 0 },
        });
        var term = DenseMatrix.CreateIdentity(4);
        var sum = DenseMatrix.CreateIdentity(4);

        // Steps are below a radian; 12 terms leave nothing that a double can hold.
        for (var n = 1; n <= 12; n++)
        {
            term = (DenseMatrix)(term * generator / n);
            sum += term;
        }

        var rows = new double[P];
        for (var i = 0; i < P; i++)
        {
            rows[i] = sum[i / 4, i % 4];
        }

        return Affine.FromRows(rows).About(_level.Center);
    }

    private static DenseMatrix Basis(TransformModel model)
    {
        // Columns: the allowed directions among translation (0..2) and matrix entries (3 + 3·row + column).
        static void Rotation(DenseMatrix basis, int column, int row, int other)
        {
            basis[3 + (3 * row) + other, column] = 1;
            basis[3 + (3 * other) + row, column] = -1;
        }

        if (model == TransformModel.Affine)
        {
            return DenseMatrix.CreateIdentity(P);
        }

        var basis = DenseMatrix.Create(P, model == TransformModel.Rigid ? 6 : 7, 0);
        for (var i = 0; i < 3; i++)
        {
            basis[i, i] = 1;
        }

        Rotation(basis, 3, 2, 1);
        Rotation(basis, 4, 0, 2);
        Rotation(basis, 5, 1, 0);
        if (model == TransformModel.Similarity)
        {
            basis[3, 6] = 1;
            basis[7, 6] = 1;
            basis[11, 6] = 1;
        }

        return basis;
    }

    private static double PriorWeight(Sums sums, double score)
    {
        var variance = (sums.ValueSquare - (sums.Value * sums.Value / sums.Count)) / sums.Count;
        return PointsPerWitness * (1 - score) * variance / (ScaleDeviation * ScaleDeviation);
    }

    // The symmetric logarithm of the map's stretch, relative to the typical scale: 3x3, row by row.
    private static double[] LogScale(Affine map)
    {
        var linear = DenseMatrix.OfArray(new[,] { { map.M11, map.M12, map.M13 }, { map.M21, map.M22, map.M23 }, { map.M31, map.M32, map.M33 } });
        var svd = linear.Svd();
        var logarithms = svd.S.Map(value => Math.Log(Math.Max(value, 1e-3) / AffineRegistration.TypicalScale));
        var stretch = svd.VT.TransposeThisAndMultiply(DenseMatrix.OfDiagonalVector(logarithms)) * svd.VT;
        return stretch.ToRowMajorArray();
    }

    private static bool TrySolve(Sums sums, TransformModel model, double[] logScale, double priorWeight, out double[] parameters)
    {
        var basis = Basis(model);
        var free = basis.ColumnCount;
        var width = free + Knots;
        var gradient = DenseMatrix.Create(P, P, (i, j) => sums.Normal[(i * P) + j]);
        var pull = DenseVector.Create(P, i => -sums.GradientValue[i]);
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                // A step p changes the stretch by minus its symmetric part, (p_ij + p_ji) / 2.
                var (here, mirrored) = (3 + (3 * i) + j, 3 + (3 * j) + i);
                gradient[here, here] += priorWeight / 2;
                gradient[here, mirrored] += priorWeight / 2;
                pull[here] += priorWeight * logScale[(3 * i) + j];
            }
        }

        var cross = DenseMatrix.Create(P, Knots, (i, k) => -sums.GradientKnot[(k * P) + i]);
        var projected = basis.TransposeThisAndMultiply(gradient) * basis;
        var projectedCross = basis.TransposeThisAndMultiply(cross);
        var targets = basis.TransposeThisAndMultiply(pull);
        var system = new double[width * width];
        var unknowns = new double[width];
        for (var i = 0; i < free; i++)
        {
            unknowns[i] = targets[i];
            for (var j = 0; j < free; j++)
            {
                system[(i * width) + j] = projected[i, j] * (i == j ? 1 + Damping : 1);
            }

            for (var k = 0; k < Knots; k++)
            {
                system[(i * width) + free + k] = projectedCross[i, k];
                system[((free + k) * width) + i] = projectedCross[i, k];
            }
        }

        sums.FillIntensitySystem(system, unknowns, width, free);
        SolveInPlace(system, unknowns);
        parameters = (basis * DenseVector.OfArray(unknowns[..free])).ToArray();
        return Array.TrueForAll(parameters, double.IsFinite);
    }

    // Cholesky, for the thousands of 8x8 systems of the search: no allocation. The system is symmetric and, being a sum of
    // squares with damping, positive definite; where rounding says otherwise the result is not finite and the step is refused.
    private static void SolveInPlace(Span<double> system, Span<double> right)
    {
        var n = right.Length;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = system[(i * n) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= system[(i * n) + k] * system[(j * n) + k];
                }

                system[(i * n) + j] = i == j ? Math.Sqrt(sum) : sum / system[(j * n) + j];
            }
        }

        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                right[i] -= system[(i * n) + k] * right[k];
            }

            right[i] /= system[(i * n) + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                right[i] -= system[(k * n) + i] * right[k];
            }

            right[i] /= system[(i * n) + i];
        }
    }

    private Sums Accumulate(Affine map, bool withGradient)
    {
        // Offsets are in units about the centre: fold both, and the moving grid, into one map to voxel indices.
        var m = _worldToVoxel * map * Affine.FromTranslation(_level.Center.X, _level.Center.Y, _level.Center.Z)
            * Affine.FromScale(FixedLevel.Unit, FixedLevel.Unit, FixedLevel.Unit);
        var perBlock = (_level.Count + Blocks - 1) / Blocks;
        _work.ForBlocks(Blocks, b =>
        {
            var sums = _sums[b];
            sums.Clear();
            AccumulateBlock(m, b * perBlock, Math.Min(_level.Count, (b + 1) * perBlock), withGradient, sums);
        });
        var total = _sums[0];
        for (var b = 1; b < Blocks; b++)
        {
            total.Add(_sums[b]);
        }

        // Points that fell outside were collected; the rest of the fixed normal matrix is what counts.
        if (withGradient)
        {
            for (var i = 0; i < P * P; i++)
            {
                total.Normal[i] = _level.Normal[i] - total.Normal[i];
            }
        }

        return total;
    }

    private void AccumulateBlock(Affine m, int from, int to, bool withGradient, Sums sums)
    {
        var level = _level;
        float m11 = (float)m.M11, m12 = (float)m.M12, m13 = (float)m.M13, m14 = (float)m.M14;
        float m21 = (float)m.M21, m22 = (float)m.M22, m23 = (float)m.M23, m24 = (float)m.M24;
        float m31 = (float)m.M31, m32 = (float)m.M32, m33 = (float)m.M33, m34 = (float)m.M34;
        Span<double> row = stackalloc double[P];
        Span<float> gradientKnot = stackalloc float[Knots * P];
        Span<float> gradientValue = stackalloc float[P];
        gradientKnot.Clear();
        gradientValue.Clear();
        const int flushEvery = 4096;
        for (var i = from; i < to; i++)
        {
            float x = level.X[i], y = level.Y[i], z = level.Z[i];
            if (!_moving.TrySample(
                (m11 * x) + (m12 * y) + (m13 * z) + m14,
                (m21 * x) + (m22 * y) + (m23 * z) + m24,
                (m31 * x) + (m32 * y) + (m33 * z) + m34,
                out var s))
            {
                if (withGradient)
                {
                    level.AddNormal(i, sums.Normal, row);
                }

                continue;
            }

            var position = Math.Clamp((s - _low) * _intensityScale, 0, Knots - 1);
            var knot = Math.Min((int)position, Knots - 2);
            var upper = position - knot;
            var lower = 1 - upper;
            var t = level.Value[i];
            sums.Count++;
            sums.Value += t;
            sums.ValueSquare += (double)t * t;
            sums.KnotValue[knot] += lower * t;
            sums.KnotValue[knot + 1] += upper * t;
            sums.KnotDiagonal[knot] += lower * lower;
            sums.KnotDiagonal[knot + 1] += upper * upper;
            sums.KnotNext[knot] += lower * upper;
            if (!withGradient)
            {
                continue;
            }

            float gx = level.GradientX[i], gy = level.GradientY[i], gz = level.GradientZ[i];
            var first = gradientKnot.Slice(knot * P, 2 * P);
            AddRow(first, gx * lower, gy * lower, gz * lower, x, y, z);
            AddRow(first[P..], gx * upper, gy * upper, gz * upper, x, y, z);
            AddRow(gradientValue, gx * t, gy * t, gz * t, x, y, z);
            if ((i - from) % flushEvery == flushEvery - 1)
            {
                sums.Flush(gradientKnot, gradientValue);
            }
        }

        sums.Flush(gradientKnot, gradientValue);
    }

    private static void AddRow(Span<float> sums, float gx, float gy, float gz, float x, float y, float z)
    {
        sums[11] += gz * z;
        sums[0] += gx;
        sums[1] += gy;
        sums[2] += gz;
        sums[3] += gx * x;
        sums[4] += gx * y;
        sums[5] += gx * z;
        sums[6] += gy * x;
        sums[7] += gy * y;
        sums[8] += gy * z;
        sums[9] += gz * x;
        sums[10] += gz * y;
    }

    /// <summary>The sums over points that a step needs.</summary>
    private sealed class Sums
    {
        public double[] Normal { get; } = new double[P * P];

        public double[] GradientKnot { get; } = new double[Knots * P];

        public double[] GradientValue { get; } = new double[P];

        public double[] KnotValue { get; } = new double[Knots];

        public double[] KnotDiagonal { get; } = new double[Knots];

        public double[] KnotNext { get; } = new double[Knots];

        public double Count { get; set; }

        public double Value { get; set; }

        public double ValueSquare { get; set; }

        public void Clear()
        {
            foreach (var array in Arrays())
            {
                Array.Clear(array);
            }

            (Count, Value, ValueSquare) = (0, 0, 0);
        }

        public void Add(Sums other)
        {
            foreach (var (mine, theirs) in Arrays().Zip(other.Arrays()))
            {
                for (var i = 0; i < mine.Length; i++)
                {
                    mine[i] += theirs[i];
                }
            }

            Count += other.Count;
            Value += other.Value;
            ValueSquare += other.ValueSquare;
        }

        public void Flush(Span<float> gradientKnot, Span<float> gradientValue)
        {
            for (var i = 0; i < gradientKnot.Length; i++)
            {
                GradientKnot[i] += gradientKnot[i];
            }

            for (var i = 0; i < gradientValue.Length; i++)
            {
                GradientValue[i] += gradientValue[i];
            }

            gradientKnot.Clear();
            gradientValue.Clear();
        }

        public void FillIntensitySystem(Span<double> system, Span<double> right, int width, int offset)
        {
            for (var k = 0; k < Knots; k++)
            {
                var diagonal = ((offset + k) * width) + offset + k;
                system[diagonal] = KnotDiagonal[k] + Ridge;
                right[offset + k] = KnotValue[k];
                if (k + 1 < Knots)
                {
                    system[diagonal + 1] = KnotNext[k];
                    system[diagonal + width] = KnotNext[k];
                }
            }

            var weight = Smoothness * Math.Max(Count, 1);
            ReadOnlySpan<double> bend = [1, -2, 1];
            for (var k = 0; k < Knots - 2; k++)
            {
                for (var a = 0; a < 3; a++)
                {
                    for (var b = 0; b < 3; b++)
                    {
                        system[((offset + k + a) * width) + offset + k + b] += weight * bend[a] * bend[b];
                    }
                }
            }
        }

        public double CorrelationRatio(int points)
        {
            // Fewer than a third of the points inside the moving volume is no alignment of heads.
            if (Count < points / 3.0)
            {
                return -1;
            }

            Span<double> system = stackalloc double[Knots * Knots];
            Span<double> f = stackalloc double[Knots];
            system.Clear();
            FillIntensitySystem(system, f, Knots, 0);
            SolveInPlace(system, f);
            var fitted = 0.0;
            for (var k = 0; k < Knots; k++)
            {
                fitted += (2 * f[k] * KnotValue[k]) - (f[k] * f[k] * KnotDiagonal[k]);
                if (k + 1 < Knots)
                {
                    fitted -= 2 * f[k] * f[k + 1] * KnotNext[k];
                }
            }

            var variance = ValueSquare - (Value * Value / Count);
            var residual = ValueSquare - fitted;

            // What lies outside the moving volume is unexplained; without this, leaving the volume would pay.
            return variance <= 0 ? -1 : (1 - (residual / variance)) * Math.Sqrt(Count / points);
        }

        private IEnumerable<double[]> Arrays() => [Normal, GradientKnot, GradientValue, KnotValue, KnotDiagonal, KnotNext];
    }
}
