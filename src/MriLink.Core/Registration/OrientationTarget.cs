using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// Lays brains of any contrast over a template by their edges (<see cref="OrientationField"/>): every edge counts alike, whichever tissue is
/// bright, so two scans of one person in two contrasts come to lie on each other. Where intensities are fitted, each contrast follows the
/// borders that it shows best, and FLAIR and T1w of one head end 2 to 5 mm apart.
/// </summary>
/// <remarks>
/// The smoothed fields' cosine is climbed by Gauss-Newton steps over twelve parameters, from 4 mm of smoothing to 2 mm. The derivatives are the
/// template's, which never change (inverse compositional; Baker and Matthews 2004, IJCV 56:221), so a step only samples. Safe for use from several
/// threads.
/// </remarks>
internal sealed class OrientationTarget
{
    private const double Smoothing = 1.7;
    private const double Noise = 0.5;
    private const double Unit = 50;
    private const int P = 12;
    private const int Width = 8;
    private const int Blocks = 8;

    // Every second point of a brain's inside says all that the smoothed fields hold.
    private const int Stride = 2;

    // In mm at the rim of a brain: below what the fields can tell.
    private const double Enough = 0.02;

    private static readonly (double Coarseness, double Sigma, int Steps)[] Levels = [(4, 4, 10), (2, 2, 12)];

    private readonly Point3 _center;
    private readonly Level[] _levels;

    private OrientationTarget(Point3 center, Level[] levels) => (_center, _levels) = (center, levels);

    /// <summary>Prepares the fixed side.</summary>
    /// <param name="image">The template.</param>
    /// <param name="brain">Its brain.</param>
    /// <param name="region">The voxels whose edges count, on the same grid.</param>
    /// <param name="work">Threads and cancellation.</param>
    public static OrientationTarget Create(Volume image, Mask brain, bool[] region, WorkOptions work)
    {
        var field = OrientationField.Of(image, brain.Voxels, Smoothing, Noise, work);
        var points = new List<Point3>();
        var (seen, sum) = (0, new Point3(0, 0, 0));
        for (var i = 0; i < region.Length; i++)
        {
            if (region[i] && seen++ % Stride == 0)
            {
                points.Add(image.Geometry.PlaceOf(i));
                sum += points[^1];
            }
        }

        var center = sum * (1.0 / points.Count);
        return new(center, [.. Levels.Select(level => new Level(field.Smoothed(level.Coarseness, level.Sigma, work), points, center))]);
    }

    /// <summary>Finds where a brain lies that is nearly in place.</summary>
    /// <param name="image">The brain's image.</param>
    /// <param name="mask">Its voxels, on the same grid.</param>
    /// <param name="start">World mm of the template to world mm of <paramref name="image"/>, nearly.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <returns>The same, better; <paramref name="start"/> where nothing better is found.</returns>
    public Affine Align(Volume image, bool[] mask, Affine start, WorkOptions work)
    {
        var field = OrientationField.Of(image, mask, Smoothing, Noise, work);
        var map = start;
        for (var i = 0; i < _levels.Length; i++)
        {
            map = _levels[i].Climb(new(field.Smoothed(Levels[i].Coarseness, Levels[i].Sigma, work)), map, _center, Levels[i].Steps, work);
        }

        return map;
    }

    // The moving field with a voxel's channels side by side, so that one sample reads eight runs of memory.
    private sealed class Interleaved
    {
        private readonly float[] _values;
        private readonly GridSize _size;

        public Interleaved(Volume[] channels)
        {
            _size = channels[0].Size;
            WorldToVoxel = channels[0].Geometry.WorldToVoxel;
            _values = new float[Width * _size.Count];
            for (var c = 0; c < channels.Length; c++)
            {
                var from = channels[c].Voxels;
                for (var i = 0; i < from.Length; i++)
                {
                    _values[(Width * i) + c] = from[i];
                }
            }
        }

        public Affine WorldToVoxel { get; }

        // Nothing beyond the grid, whose rim is empty.
        public Vector256<float> Sample(Point3 p)
        {
            if (!(p.X >= 0 && p.Y >= 0 && p.Z >= 0 && p.X < _size.X - 1 && p.Y < _size.Y - 1 && p.Z < _size.Z - 1))
            {
                return Vector256<float>.Zero;
            }

            var (x, y, z) = ((int)p.X, (int)p.Y, (int)p.Z);
            var (fx, fy, fz) = ((float)(p.X - x), (float)(p.Y - y), (float)(p.Z - z));
            var vectors = MemoryMarshal.Cast<float, Vector256<float>>(_values);
            var i = _size.IndexOf(x, y, z);
            var (dy, dz) = (_size.X, _size.X * _size.Y);
            var c00 = vectors[i] + ((vectors[i + 1] - vectors[i]) * fx);
            var c10 = vectors[i + dy] + ((vectors[i + dy + 1] - vectors[i + dy]) * fx);
            var c01 = vectors[i + dz] + ((vectors[i + dz + 1] - vectors[i + dz]) * fx);
            var c11 = vectors[i + dz + dy] + ((vectors[i + dz + dy + 1] - vectors[i + dz + dy]) * fx);
            var c0 = c00 + ((c10 - c00) * fy);
            return c0 + ((c01 + ((c11 - c01) * fy) - c0) * fz);
        }
    }

    private sealed class Level
    {
        private readonly Point3[] _points;
        private readonly Point3[] _offsets;
        private readonly float[] _values;

        // Along x, y and z, one after the other for each point, by mm.
        private readonly float[] _gradients;
        private readonly double[] _normal = new double[P * P];
        private readonly double[] _own = new double[P];
        private readonly double _square;

        public Level(Volume[] channels, List<Point3> points, Point3 center)
        {
            _points = [.. points];
            _offsets = [.. points.Select(p => (p - center) * (1 / Unit))];
            _values = new float[Width * _points.Length];
            _gradients = new float[3 * Width * _points.Length];
            var sampler = new Interleaved(channels);
            var values = MemoryMarshal.Cast<float, Vector256<float>>(_values.AsSpan());
            var gradients = MemoryMarshal.Cast<float, Vector256<float>>(_gradients.AsSpan());
            const double step = 1;
            Point3[] axes = [new(step, 0, 0), new(0, step, 0), new(0, 0, step)];
            Span<double> u = stackalloc double[4];
            for (var i = 0; i < _points.Length; i++)
            {
                values[i] = sampler.Sample(sampler.WorldToVoxel.Apply(_points[i]));
                _square += Vector256.Dot(values[i], values[i]);
                for (var axis = 0; axis < 3; axis++)
                {
                    gradients[(3 * i) + axis] = (sampler.Sample(sampler.WorldToVoxel.Apply(_points[i] + axes[axis]))
                        - sampler.Sample(sampler.WorldToVoxel.Apply(_points[i] - axes[axis]))) * (float)(0.5 / step);
                }

                (u[0], u[1], u[2], u[3]) = (1, _offsets[i].X, _offsets[i].Y, _offsets[i].Z);
                for (var a = 0; a < 3; a++)
                {
                    for (var b = 0; b < 3; b++)
                    {
                        double product = Vector256.Dot(gradients[(3 * i) + a], gradients[(3 * i) + b]);
                        for (var k = 0; k < 4; k++)
                        {
                            for (var l = 0; l < 4; l++)
                            {
                                _normal[((((3 * k) + a) * P)) + (3 * l) + b] += product * u[k] * u[l];
                            }
                        }
                    }

                    double own = Vector256.Dot(gradients[(3 * i) + a], values[i]);
                    for (var k = 0; k < 4; k++)
                    {
                        _own[(3 * k) + a] += own * u[k];
                    }
                }
            }

            for (var i = 0; i < P; i++)
            {
                _normal[(i * P) + i] *= 1 + 1e-4;
            }
        }

        public Affine Climb(Interleaved moving, Affine start, Point3 center, int steps, WorkOptions work)
        {
            var (map, best, bestScore) = (start, start, double.NegativeInfinity);
            var step = new double[P];
            for (var i = 0; i < steps; i++)
            {
                work.CancellationToken.ThrowIfCancellationRequested();
                var score = Step(moving, map, step, work);
                if (score > bestScore)
                {
                    (best, bestScore) = (map, score);
                }
                else if (score < bestScore - 1e-4 || step.Any(d => !double.IsFinite(d)))
                {
                    break;
                }

                if (step.All(d => Math.Abs(d) < Enough))
                {
                    break;
                }

                map *= ToMap(step, center);
            }

            return best;
        }

        // The squared cosine at `map`, and the step from there.
        private double Step(Interleaved moving, Affine map, double[] step, WorkOptions work)
        {
            var toVoxel = moving.WorldToVoxel * map;
            var sums = new double[Blocks * (P + 2)];
            var each = (_points.Length + Blocks - 1) / Blocks;
            work.ForBlocks(Blocks, block =>
            {
                var own = sums.AsSpan(block * (P + 2), P + 2);
                var values = MemoryMarshal.Cast<float, Vector256<float>>(_values);
                var gradients = MemoryMarshal.Cast<float, Vector256<float>>(_gradients);
                for (var i = block * each; i < Math.Min(_points.Length, (block + 1) * each); i++)
                {
                    var sample = moving.Sample(toVoxel.Apply(_points[i]));
                    own[P] += Vector256.Dot(sample, values[i]);
                    own[P + 1] += Vector256.Dot(sample, sample);
                    for (var a = 0; a < 3; a++)
                    {
                        double along = Vector256.Dot(gradients[(3 * i) + a], sample);
                        own[a] += along;
                        own[3 + a] += along * _offsets[i].X;
                        own[6 + a] += along * _offsets[i].Y;
                        own[9 + a] += along * _offsets[i].Z;
                    }
                }
            });
            for (var block = 1; block < Blocks; block++)
            {
                for (var i = 0; i < P + 2; i++)
                {
                    sums[i] += sums[(block * (P + 2)) + i];
                }
            }

            var (cross, square) = (sums[P], sums[P + 1]);
            if (!(square > 0))
            {
                Array.Clear(step);
                return double.NegativeInfinity;
            }

            // The moving field is brought to the fixed one's size before they are compared.
            var factor = cross / square;
            Span<double> system = stackalloc double[P * P];
            _normal.CopyTo(system);
            for (var i = 0; i < P; i++)
            {
                step[i] = _own[i] - (factor * sums[i]);
            }

            Cholesky.Solve(system, step);
            return cross * cross / (square * _square);
        }

        // The parameters are a shift in mm and the columns of a matrix, by which a point a unit away is shifted.
        private static Affine ToMap(double[] p, Point3 center) => Affine.FromRows(
            [1 + (p[3] / Unit), p[6] / Unit, p[9] / Unit, p[0], p[4] / Unit, 1 + (p[7] / Unit), p[10] / Unit, p[1],
            p[5] / Unit, p[8] / Unit, 1 + (p[11] / Unit), p[2]]).About(center);
    }
}
