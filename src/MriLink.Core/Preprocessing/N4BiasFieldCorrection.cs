using MriLink.Core.Execution;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// N4 bias field estimation (Tustison et al. 2010, IEEE TMI 29:1310): the scan is taken as v = u·b with b smooth;
/// log u is estimated by sharpening the histogram, and log b by fitting a B-spline to what remains, again and again.
/// </summary>
/// <remarks>
/// <para>
/// The spline fit is the multilevel approximation of Lee, Wolberg and Shin (1997, IEEE TVCG 3:228): a control point becomes
/// Σ w³z/q / Σ w², with w its weight at a voxel, z the residual there and q the sum of the squared weights of the 64
/// control points around that voxel. On a grid w and q are products over the three axes, so numerator and denominator are
/// computed axis after axis, 4 products a voxel in place of 64; the denominator depends on the mask alone.
/// </para>
/// <para>Only voxels in the mask with a positive intensity count. Memory: a few copies of the shrunk volume.</para>
/// </remarks>
public static class N4BiasFieldCorrection
{
    /// <summary>Estimates the field.</summary>
    /// <param name="volume">The scan.</param>
    /// <param name="mask">Where tissue is, on the scan's grid.</param>
    /// <param name="options">Parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <exception cref="ArgumentException">The mask is of another size, or holds no positive voxel.</exception>
    public static BiasField Estimate(Volume volume, Mask mask, N4Options options, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(options);
        if (mask.Size != volume.Size)
        {
            throw new ArgumentException($"The mask has {mask.Size} voxels, the volume {volume.Size}.", nameof(mask));
        }

        var (shrunk, inside) = Shrink(volume, mask, options.ShrinkFactor, work);
        return new Estimation(shrunk, inside, options, work).Run();
    }

    private static (Volume Volume, int[] Inside) Shrink(Volume volume, Mask mask, int factor, WorkOptions work)
    {
        // Thick slices are not averaged further than they are.
        var spacing = volume.Geometry.Spacing;
        var finest = Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z));
        int Along(double axis, int size) => Math.Clamp((int)Math.Round(factor * finest / axis), 1, Math.Max(1, size / 4));
        var (fx, fy, fz) = (Along(spacing.X, volume.Size.X), Along(spacing.Y, volume.Size.Y), Along(spacing.Z, volume.Size.Z));
        var shrunk = BoxPyramid.Average(volume, fx, fy, fz, work);
        var weight = factor == 1 ? null : BoxPyramid.Average(mask.ToVolume(), fx, fy, fz, work).Voxels;
        var inside = new List<int>();
        for (var i = 0; i < shrunk.Voxels.Length; i++)
        {
            // Half a block of mask is enough of tissue; less would let background into the average.
            if (shrunk.Voxels[i] > 0 && (weight is null ? mask.Voxels[i] : weight[i] >= 0.5f))
            {
                inside.Add(i);
            }
        }

        if (inside.Count == 0)
        {
            throw new ArgumentException("The mask holds no voxel with a positive intensity.", nameof(mask));
        }

        return (shrunk, [.. inside]);
    }

    /// <summary>One estimation: its buffers, and the loop over levels.</summary>
    private sealed class Estimation
    {
        private readonly VolumeGeometry _geometry;
        private readonly int[] _inside;
        private readonly N4Options _options;
        private readonly WorkOptions _work;
        private readonly float[] _logInput;
        private readonly float[] _logCorrected;
        private readonly float[] _field;
        private readonly float[] _dense;
        private readonly HistogramSharpening _sharpening;

        public Estimation(Volume volume, int[] inside, N4Options options, WorkOptions work)
        {
            _geometry = volume.Geometry;
            _inside = inside;
            _options = options;
            _work = work;
            _logInput = Array.ConvertAll(inside, i => MathF.Log(volume.Voxels[i]));
            _logCorrected = (float[])_logInput.Clone();
            _field = new float[inside.Length];
            _dense = new float[volume.Voxels.Length];
            _sharpening = new(options);
        }

        public BiasField Run()
        {
            var spans = Math.Max(1, _options.NumberOfControlPoints - SplineAxis.Support + 1);
            var lattice = new float[Cube(spans + SplineAxis.Support - 1)];
            for (var level = 0; level < _options.MaximumNumberOfIterations.Count; level++)
            {
                if (level > 0)
                {
                    lattice = RefineLattice(lattice, spans);
                    spans *= 2;
                }

                Level(lattice, spans, _options.MaximumNumberOfIterations[level]);
            }

            return new(lattice, spans, _geometry);
        }

        private void Level(float[] lattice, int spans, int iterations)
        {
            var size = _geometry.Size;
            var x = new SplineAxis(spans, Even(size.X));
            var y = new SplineAxis(spans, Even(size.Y));
            var z = new SplineAxis(spans, Even(size.Z));
            Array.Clear(_dense);
            foreach (var i in _inside)
            {
                _dense[i] = 1;
            }

            var denominator = Contract(_dense, x, y, z, axis => axis.Powers(2, perSquareSum: false));
            for (var iteration = 0; iteration < iterations; iteration++)
            {
                _work.CancellationToken.ThrowIfCancellationRequested();
                Array.Clear(_dense);
                _sharpening.Residuals(_logCorrected, _inside, _dense);
                var numerator = Contract(_dense, x, y, z, axis => axis.Powers(3, perSquareSum: true));
                for (var c = 0; c < lattice.Length; c++)
                {
                    lattice[c] += denominator[c] > 0 ? numerator[c] / denominator[c] : 0;
                }

                BiasField.Evaluate(lattice, x, y, z, _dense, _work);
                if (TakeField() < _options.ConvergenceThreshold)
                {
                    break;
                }
            }
        }

        // Takes the new field over and tells the coefficient of variation of its ratio to the old one.
        private double TakeField()
        {
            double sum = 0, squares = 0;
            for (var n = 0; n < _inside.Length; n++)
            {
                var next = _dense[_inside[n]];
                var ratio = MathF.Exp(next - _field[n]);
                sum += ratio;
                squares += (double)ratio * ratio;
                _field[n] = next;
                _logCorrected[n] = _logInput[n] - next;
            }

            var mean = sum / _inside.Length;
            return Math.Sqrt(Math.Max(0, (squares / _inside.Length) - (mean * mean))) / mean;
        }

        private float[] Contract(float[] samples, SplineAxis x, SplineAxis y, SplineAxis z, Func<SplineAxis, float[]> weights)
        {
            var (wx, wy, wz) = (weights(x), weights(y), weights(z));
            var (cx, cy, cz) = (x.ControlPoints, y.ControlPoints, z.ControlPoints);
            var planes = new float[z.Count][];
            _work.ForBlocks(z.Count, k =>
            {
                var plane = new float[cx * cy];
                Span<float> line = new float[cx];
                for (var j = 0; j < y.Count; j++)
                {
                    var row = samples.AsSpan(((k * y.Count) + j) * x.Count, x.Count);
                    if (row.IndexOfAnyExcept(0f) < 0)
                    {
                        continue;
                    }

                    line.Clear();
                    for (var i = 0; i < row.Length; i++)
                    {
                        var value = row[i];
                        if (value == 0)
                        {
                            continue;
                        }

                        var c = x.First[i];
                        var w = i * SplineAxis.Support;
                        line[c] += value * wx[w];
                        line[c + 1] += value * wx[w + 1];
                        line[c + 2] += value * wx[w + 2];
                        line[c + 3] += value * wx[w + 3];
                    }

                    for (var a = 0; a < SplineAxis.Support; a++)
                    {
                        AddScaled(plane.AsSpan((y.First[j] + a) * cx, cx), line, wy[(j * SplineAxis.Support) + a]);
                    }
                }

                planes[k] = plane;
            });
            var lattice = new float[cx * cy * cz];
            for (var k = 0; k < z.Count; k++)
            {
                for (var a = 0; a < SplineAxis.Support; a++)
                {
                    AddScaled(lattice.AsSpan((z.First[k] + a) * cx * cy, cx * cy), planes[k], wz[(k * SplineAxis.Support) + a]);
                }
            }

            return lattice;
        }

        private static void AddScaled(Span<float> sums, ReadOnlySpan<float> values, float weight)
        {
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += weight * values[i];
            }
        }

        private static double[] Even(int count) => Enumerable.Range(0, count).Select(i => count > 1 ? i / (double)(count - 1) : 0).ToArray();

        private static int Cube(int n) => n * n * n;

        // The same spline on twice as many spans: uniform cubic subdivision, (1 1)/2 and (1 6 1)/8 in turn, along each axis.
        private static float[] RefineLattice(float[] lattice, int spans)
        {
            var (from, to) = (spans + SplineAxis.Support - 1, (2 * spans) + SplineAxis.Support - 1);
            var a = RefineAxis(lattice, 1, from, to, from * from);
            var b = RefineAxis(a, to, from, to, from);
            return RefineAxis(b, to * to, from, to, 1);
        }

        private static float[] RefineAxis(float[] lattice, int inner, int from, int to, int outer)
        {
            var result = new float[inner * to * outer];
            for (var o = 0; o < outer; o++)
            {
                for (var n = 0; n < to; n++)
                {
                    for (var i = 0; i < inner; i++)
                    {
                        float At(int k) => lattice[(((o * from) + k) * inner) + i];
                        var k = n / 2;
                        result[(((o * to) + n) * inner) + i] = n % 2 == 0
                            ? (At(k) + At(k + 1)) / 2
                            : (At(k) + (6 * At(k + 1)) + At(k + 2)) / 8;
                    }
                }
            }

            return result;
        }
    }
}
