using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Aligns a moving volume to fixed points by Gauss-Newton steps, the relation between the two images' intensities being fitted anew at each.
/// </summary>
/// <remarks>
/// The fixed intensity T is modelled as f(S), S the moving intensity and f piecewise linear
/// (<see cref="IntensityModel"/>); the share of T's variance that f(S) explains is the correlation ratio (Roche et al. 1998, MICCAI),
/// which serves as the score and is what the steps climb: Σ (f(S) + f'·∇S·δ − T)² is minimised over the small map δ. ∇S is the exact
/// gradient of the interpolated volume. Gradients of T would be cheaper (they never change), but are not the score's
/// own, and where two brains differ in shape they rest at another size and place. Nothing is sampled at random.
/// </remarks>
internal sealed class GaussNewtonSolver
{
    private const int P = FixedLevel.ParameterCount;

    // Points per block of a level. Blocks are the level's alone, so that sums do not depend on how many threads there are.
    private const int BlockSize = 8192;

    // Nine coefficients of a smooth field are well known from every fourth point.
    private const int GainStride = 4;

    // Float sums of this many items keep five digits.
    private const int FlushEvery = 2048;

    // Heads differ from the template in size and aspect by about an eighth (one standard deviation of log scale) around a
    // typical scale: Colin27's brain is larger than most. The prior steers where the images say little and yields where
    // they say much; neighbouring points are no independent witnesses, so about this many count as one.
    private const double ScaleDeviation = 0.12;
    private const double PointsPerWitness = 50;

    // Of the normal matrix's diagonal; keeps a step finite where the points say nothing about a parameter.
    private const double Damping = 1e-4;

    // A step that lowers the score is halved this often before the search ends.
    private const int Halvings = 2;

    private readonly FixedLevel _level;
    private readonly float[] _moving;
    private readonly GridSize _size;
    private readonly Affine _worldToVoxel;
    private readonly float _low;
    private readonly float _intensityScale;
    private readonly WorkOptions _work;
    private readonly IntensityModel[] _models;
    private readonly SpatialGain[]? _gains;
    private readonly NormalSums[] _sums;

    // What was sampled at the points of the last map: the position among the knots (NaN outside), and its gradient by voxel.
    private readonly float[] _position;
    private readonly float[] _gradients;

    /// <summary>Makes a solver; it belongs to one thread, which may share its work.</summary>
    /// <param name="level">The fixed points.</param>
    /// <param name="moving">The moving volume, reduced to about the level's spacing.</param>
    /// <param name="low">Moving intensity of the first knot; darker voxels count as this dark.</param>
    /// <param name="high">Moving intensity of the last knot; brighter voxels count as this bright.</param>
    /// <param name="withGain">Whether a smooth field in the scan is modelled too (<see cref="SpatialGain"/>).</param>
    /// <param name="work">Threads and cancellation.</param>
    public GaussNewtonSolver(FixedLevel level, Volume moving, float low, float high, bool withGain, WorkOptions work)
    {
        _level = level;
        (_moving, _size) = (moving.Voxels, moving.Size);
        _worldToVoxel = moving.Geometry.WorldToVoxel;
        _low = low;

        // Where the scan has one intensity, as of few grey levels, all stands at the first knot and explains nothing.
        var scale = (IntensityModel.Knots - 1) / (high - low);
        _intensityScale = float.IsFinite(scale) && scale > 0 ? scale : 0;
        _work = work;
        var blocks = Math.Clamp(level.Count / BlockSize, 1, 8);
        _models = new IntensityModel[blocks];
        _sums = new NormalSums[blocks];
        _gains = withGain ? new SpatialGain[blocks] : null;
        for (var b = 0; b < blocks; b++)
        {
            (_models[b], _sums[b]) = (new(), new());
            if (_gains is not null)
            {
                _gains[b] = new();
            }
        }

        _position = new float[level.Count];
        _gradients = new float[3 * level.Count];
    }

    /// <summary>
    /// The share of the fixed intensities' variance explained through <paramref name="map"/>; at most 1, −1 when too few points meet.
    /// </summary>
    public double Score(Affine map) => Sample(map);

    /// <summary>Takes steps from <paramref name="map"/> until they are shorter than <paramref name="tolerance"/>.</summary>
    /// <param name="map">Fixed world to moving world, to start from.</param>
    /// <param name="model">Which maps are allowed.</param>
    /// <param name="steps">At most so many steps.</param>
    /// <param name="tolerance">Stop when no point at the rim of the head moves farther than this, in mm.</param>
    /// <returns>The best map met, and its score.</returns>
    public ScoredPose Refine(Affine map, TransformModel model, int steps, double tolerance)
    {
        var basis = Basis(model);
        var parameters = new double[P];
        var best = map;
        var score = Sample(map);
        for (var step = 0; step < steps && score >= 0; step++)
        {
            _work.CancellationToken.ThrowIfCancellationRequested();
            if (!TrySolve(best, basis, score, parameters))
            {
                break;
            }

            // Longer than two grid cells is beyond what the gradients can tell.
            var length = Reach(parameters);
            var factor = Math.Min(1, 2 * _level.Spacing / length);
            var next = Sample(map = best * Exponential(parameters, factor));
            for (var halving = 0; halving < Halvings && next < score; halving++)
            {
                factor /= 2;
                next = Sample(map = best * Exponential(parameters, factor));
            }

            if (next < score)
            {
                break;
            }

            (best, score) = (map, next);
            if (length * factor < tolerance)
            {
                break;
            }
        }

        return new(best, score);
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
    private Affine Exponential(double[] p, double factor)
    {
        const double unit = FixedLevel.Unit;
        ReadOnlySpan<double> generator = [p[3], p[4], p[5], p[0] * unit, p[6], p[7], p[8], p[1] * unit, p[9], p[10], p[11], p[2] * unit];

        // Three rows of four; the fourth row of every power is 0, that of the sum 0 0 0 1.
        Span<double> term = stackalloc double[P];
        Span<double> last = stackalloc double[P];
        var rows = Affine.Identity.ToRows();
        for (var i = 0; i < P; i++)
        {
            term[i] = factor * generator[i];
            rows[i] += term[i];
        }

        // Steps are below a radian; 12 terms leave nothing that a double can hold.
        for (var n = 2; n <= 12; n++)
        {
            term.CopyTo(last);
            for (var i = 0; i < P; i++)
            {
                var (row, column) = (i / 4 * 4, i % 4);
                term[i] = ((last[row] * generator[column]) + (last[row + 1] * generator[4 + column]) + (last[row + 2] * generator[8 + column]))
                    * (factor / n);
                rows[i] += term[i];
            }
        }

        return Affine.FromRows(rows).About(_level.Center);
    }

    private static double[,] Basis(TransformModel model)
    {
        // Columns: the allowed directions among translation (0..2) and matrix entries (3 + 3·row + column).
        static void Rotation(double[,] basis, int column, int row, int other)
        {
            basis[3 + (3 * row) + other, column] = 1;
            basis[3 + (3 * other) + row, column] = -1;
        }

        var basis = new double[P, model switch { TransformModel.Affine => P, TransformModel.Rigid => 6, _ => 7 }];
        for (var i = 0; i < (model == TransformModel.Affine ? P : 3); i++)
        {
            basis[i, i] = 1;
        }

        if (model == TransformModel.Affine)
        {
            return basis;
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

    private bool TrySolve(Affine map, double[,] basis, double score, double[] parameters)
    {
        // Gradients by voxel become gradients by fixed offset in units: through the transpose of the map between the two.
        var m = ToVoxel(map);
        var perBlock = PerBlock;
        var f = _models[0];
        _work.ForBlocks(_sums.Length, b => AccumulateBlock(m, f.Values, b * perBlock, Math.Min(_level.Count, (b + 1) * perBlock), _sums[b]));
        for (var b = 1; b < _sums.Length; b++)
        {
            _sums[0].Add(_sums[b]);
        }

        Span<double> normal = stackalloc double[P * P];
        Span<double> rightSide = stackalloc double[P];
        _sums[0].Expand(normal, rightSide);

        Span<double> logScale = stackalloc double[9];
        Stretch.Logarithm(map, AffineRegistration.TypicalScale, logScale);
        var priorWeight = PointsPerWitness * (1 - score) * f.Variance / (ScaleDeviation * ScaleDeviation);
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                // A step p changes the stretch by its symmetric part, (p_ij + p_ji) / 2.
                var (here, mirrored) = (3 + (3 * i) + j, 3 + (3 * j) + i);
                normal[(here * P) + here] += priorWeight / 2;
                normal[(here * P) + mirrored] += priorWeight / 2;
                rightSide[here] -= priorWeight * logScale[(3 * i) + j];
            }
        }

        // The allowed directions only: Bᵀ·A·B.
        var free = basis.GetLength(1);
        Span<double> system = stackalloc double[free * free];
        Span<double> unknowns = stackalloc double[free];
        Span<double> half = stackalloc double[P];
        system.Clear();
        unknowns.Clear();
        for (var a = 0; a < free; a++)
        {
            half.Clear();
            for (var j = 0; j < P; j++)
            {
                if (basis[j, a] is var b and not 0)
                {
                    unknowns[a] += b * rightSide[j];
                    for (var i = 0; i < P; i++)
                    {
                        half[i] += b * normal[(i * P) + j];
                    }
                }
            }

            for (var c = 0; c < free; c++)
            {
                for (var i = 0; i < P; i++)
                {
                    system[(c * free) + a] += basis[i, c] * half[i];
                }
            }

            system[(a * free) + a] *= 1 + Damping;
        }

        Cholesky.Solve(system, unknowns);
        Array.Clear(parameters);
        for (var a = 0; a < free; a++)
        {
            for (var i = 0; i < P; i++)
            {
                parameters[i] += basis[i, a] * unknowns[a];
            }
        }

        return Array.TrueForAll(parameters, double.IsFinite);
    }

    private int PerBlock => (_level.Count + _sums.Length - 1) / _sums.Length;

    // From offsets in units about the centre to voxel indices of the moving volume.
    private Affine ToVoxel(Affine map) => _worldToVoxel * map * Affine.FromTranslation(_level.Center.X, _level.Center.Y, _level.Center.Z)
        * Affine.FromScale(FixedLevel.Unit, FixedLevel.Unit, FixedLevel.Unit);

    // Samples the moving volume through the map and fits the intensities; gives the score.
    private double Sample(Affine map)
    {
        var m = ToVoxel(map);
        var perBlock = PerBlock;
        _work.ForBlocks(_models.Length, b => SampleBlock(m, b * perBlock, Math.Min(_level.Count, (b + 1) * perBlock), _models[b]));
        for (var b = 1; b < _models.Length; b++)
        {
            _models[0].Add(_models[b]);
        }

        var score = _models[0].Fit(_level.Count);
        return _gains is null || score < 0 ? score : score + FitGain(_gains, score);
    }

    // Fits the smooth factor to what the intensities leave; gives by how much the score rises.
    private double FitGain(SpatialGain[] gains, double score)
    {
        var perBlock = PerBlock;
        var model = _models[0];
        _work.ForBlocks(gains.Length, b => SumGain(model.Values, b * perBlock, Math.Min(_level.Count, (b + 1) * perBlock), gains[b]));
        for (var b = 1; b < gains.Length; b++)
        {
            gains[0].Add(gains[b]);
        }

        var seen = Math.Sqrt(model.Count / (double)_level.Count);
        var fall = gains[0].Fit((1 - (score / seen)) * model.Variance) * GainStride;
        return seen * fall / (model.Variance * model.Count);
    }

    private void SumGain(ReadOnlySpan<double> f, int from, int to, SpatialGain gain)
    {
        gain.Clear();
        var products = _level.Products;
        for (var i = from; i < to; i += GainStride)
        {
            var position = _position[i];
            if (!float.IsNaN(position))
            {
                var knot = Math.Min(Truncate.ToInt(position), IntensityModel.Knots - 2);
                var value = (float)(f[knot] + ((f[knot + 1] - f[knot]) * (position - knot)));
                gain.Add(products.Slice(2 * i, 2), value, _level.Value[i] - value);
            }

            if ((i - from) / GainStride % FlushEvery == FlushEvery - 1)
            {
                gain.Flush();
            }
        }

        gain.Flush();
    }

    private void SampleBlock(Affine m, int from, int to, IntensityModel model)
    {
        model.Clear();
        var level = _level;
        float m11 = (float)m.M11, m12 = (float)m.M12, m13 = (float)m.M13, m14 = (float)m.M14;
        float m21 = (float)m.M21, m22 = (float)m.M22, m23 = (float)m.M23, m24 = (float)m.M24;
        float m31 = (float)m.M31, m32 = (float)m.M32, m33 = (float)m.M33, m34 = (float)m.M34;
        var (lastX, lastY, lastZ) = (_size.X - 1, _size.Y - 1, _size.Z - 1);
        var (dy, dz) = (_size.X, _size.X * _size.Y);
        const float top = IntensityModel.Knots - 1;
        for (var i = from; i < to; i++)
        {
            var (ox, oy, oz) = level.Offset(i);
            var x = (m11 * ox) + (m12 * oy) + (m13 * oz) + m14;
            var y = (m21 * ox) + (m22 * oy) + (m23 * oz) + m24;
            var z = (m31 * ox) + (m32 * oy) + (m33 * oz) + m34;

            // Written so that NaN counts as outside.
            if (!(x >= 0 && y >= 0 && z >= 0 && x < lastX && y < lastY && z < lastZ))
            {
                _position[i] = float.NaN;
                continue;
            }

            int x0 = Truncate.ToInt(x), y0 = Truncate.ToInt(y), z0 = Truncate.ToInt(z);
            float fx = x - x0, fy = y - y0, fz = z - z0;
            ref var v = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_moving), x0 + (dy * y0) + (dz * z0));

            // The eight corners: differences along x first, then the two interpolations and their derivatives.
            float v000 = v, v010 = Unsafe.Add(ref v, dy), v001 = Unsafe.Add(ref v, dz), v011 = Unsafe.Add(ref v, dy + dz);
            float d00 = Unsafe.Add(ref v, 1) - v000, d10 = Unsafe.Add(ref v, dy + 1) - v010;
            float d01 = Unsafe.Add(ref v, dz + 1) - v001, d11 = Unsafe.Add(ref v, dy + dz + 1) - v011;
            float c00 = v000 + (fx * d00), c10 = v010 + (fx * d10), c01 = v001 + (fx * d01), c11 = v011 + (fx * d11);
            float e0 = c10 - c00, e1 = c11 - c01;
            float c0 = c00 + (fy * e0), c1 = c01 + (fy * e1);
            float g0 = d00 + (fy * (d10 - d00)), g1 = d01 + (fy * (d11 - d01));
            var position = (c0 + (fz * (c1 - c0)) - _low) * _intensityScale;

            // Beyond the outermost knots f is flat.
            var slope = position is > 0 and < top ? _intensityScale : 0;
            position = Math.Clamp(position, 0, top);
            _position[i] = position;
            _gradients[3 * i] = slope * (g0 + (fz * (g1 - g0)));
            _gradients[(3 * i) + 1] = slope * (e0 + (fz * (e1 - e0)));
            _gradients[(3 * i) + 2] = slope * (c1 - c0);
            model.Add(position, level.Value[i]);
        }
    }

    private void AccumulateBlock(Affine m, ReadOnlySpan<double> f, int from, int to, NormalSums sums)
    {
        sums.Clear();
        Span<float> values = stackalloc float[IntensityModel.Knots];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = (float)f[k];
        }

        for (var i = from; i < to; i += FlushEvery)
        {
            AccumulatePoints(m, values, i, Math.Min(to, i + FlushEvery), sums);
        }
    }

    private void AccumulatePoints(Affine m, ReadOnlySpan<float> f, int from, int to, NormalSums sums)
    {
        float m11 = (float)m.M11, m12 = (float)m.M12, m13 = (float)m.M13;
        float m21 = (float)m.M21, m22 = (float)m.M22, m23 = (float)m.M23;
        float m31 = (float)m.M31, m32 = (float)m.M32, m33 = (float)m.M33;
        var products = _level.Products;
        var gain = _gains is null ? default : _gains[0].Coefficients;
        var zero = Vector256<float>.Zero;
        var (xx, xy, xz, yy, yz, zz) = (zero, zero, zero, zero, zero, zero);
        var (xx2, xy2, xz2, yy2, yz2, zz2) = (zero, zero, zero, zero, zero, zero);
        var (rx, ry, rz) = (Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero);
        for (var i = from; i < to; i++)
        {
            var position = _position[i];
            if (float.IsNaN(position))
            {
                continue;
            }

            var knot = Math.Min(Truncate.ToInt(position), IntensityModel.Knots - 2);
            var slope = f[knot + 1] - f[knot];
            var (low, high) = (products[2 * i], products[(2 * i) + 1]);
            var factor = gain.IsEmpty ? 1 : 1 + Vector256.Sum((low * gain[0]) + (high * gain[1]));
            var residual = (factor * (f[knot] + (slope * (position - knot)))) - _level.Value[i];
            slope *= factor;
            float vx = slope * _gradients[3 * i], vy = slope * _gradients[(3 * i) + 1], vz = slope * _gradients[(3 * i) + 2];
            var gx = (m11 * vx) + (m21 * vy) + (m31 * vz);
            var gy = (m12 * vx) + (m22 * vy) + (m32 * vz);
            var gz = (m13 * vx) + (m23 * vy) + (m33 * vz);
            xx += low * (gx * gx);
            xy += low * (gx * gy);
            xz += low * (gx * gz);
            yy += low * (gy * gy);
            yz += low * (gy * gz);
            zz += low * (gz * gz);
            xx2 += high * (gx * gx);
            xy2 += high * (gx * gy);
            xz2 += high * (gx * gz);
            yy2 += high * (gy * gy);
            yz2 += high * (gy * gz);
            zz2 += high * (gz * gz);
            var place = low.GetLower();
            rx -= place * (gx * residual);
            ry -= place * (gy * residual);
            rz -= place * (gz * residual);
        }

        sums.AddPair(0, xx, xx2);
        sums.AddPair(1, xy, xy2);
        sums.AddPair(2, xz, xz2);
        sums.AddPair(3, yy, yy2);
        sums.AddPair(4, yz, yz2);
        sums.AddPair(5, zz, zz2);
        sums.AddRightSide(0, rx);
        sums.AddRightSide(1, ry);
        sums.AddRightSide(2, rz);
    }
}
