using System.Numerics;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>
/// A smooth field over a box of world space, held at the nodes of a coarse cubic lattice and read by trilinear interpolation;
/// beyond the box it keeps its border value. Displacements in mm take the components X, Y and Z; W is free for a scalar.
/// </summary>
internal sealed class VectorLattice
{
    private readonly Vector3 _origin;
    private readonly Vector3 _last;
    private readonly float _inverseStep;

    /// <summary>Makes a lattice of zeros over a box.</summary>
    /// <param name="low">The corner of the box with the smallest coordinates, mm.</param>
    /// <param name="high">The opposite corner, mm.</param>
    /// <param name="step">Distance between nodes, mm.</param>
    public VectorLattice(Point3 low, Point3 high, double step)
    {
        Low = low;
        Step = step;
        Size = new(Nodes(high.X - low.X), Nodes(high.Y - low.Y), Nodes(high.Z - low.Z));
        Values = new Vector4[Size.Count];
        _origin = ToVector(low);
        _inverseStep = (float)(1 / step);

        // Just below the last node, so that the cell of a clamped position always has an upper neighbour.
        _last = new(Size.X - 1.001f, Size.Y - 1.001f, Size.Z - 1.001f);

        int Nodes(double length) => Math.Max(2, (int)Math.Ceiling(length / step) + 1);
    }

    private VectorLattice(VectorLattice other, Vector4[] values)
    {
        (Low, Step, Size, Values) = (other.Low, other.Step, other.Size, values);
        (_origin, _last, _inverseStep) = (other._origin, other._last, other._inverseStep);
    }

    public Point3 Low { get; }

    public double Step { get; }

    public GridSize Size { get; }

    /// <summary>The field at the nodes, x fastest.</summary>
    public Vector4[] Values { get; }

    public static Vector3 ToVector(Point3 p) => new((float)p.X, (float)p.Y, (float)p.Z);

    /// <summary>Where a node lies, mm.</summary>
    public Point3 PositionOf(int x, int y, int z) => new(Low.X + (x * Step), Low.Y + (y * Step), Low.Z + (z * Step));

    /// <summary>The field at a position in mm.</summary>
    public Vector4 Sample(Vector3 position)
    {
        var p = Vector3.Clamp((position - _origin) * _inverseStep, Vector3.Zero, _last);
        var (x, y, z) = ((int)p.X, (int)p.Y, (int)p.Z);
        var (fx, fy, fz) = (p.X - x, p.Y - y, p.Z - z);
        var (rowLength, planeLength) = (Size.X, Size.X * Size.Y);
        var i = x + (rowLength * y) + (planeLength * z);
        var v = Values;
        var near = Lerp(Lerp(v[i], v[i + 1], fx), Lerp(v[i + rowLength], v[i + rowLength + 1], fx), fy);
        i += planeLength;
        var far = Lerp(Lerp(v[i], v[i + 1], fx), Lerp(v[i + rowLength], v[i + rowLength + 1], fx), fy);
        return Lerp(near, far, fz);

        static Vector4 Lerp(Vector4 a, Vector4 b, float f) => a + ((b - a) * f);
    }

    /// <summary>Moves a position by the displacement there.</summary>
    public Vector3 Displace(Vector3 position)
    {
        var d = Sample(position);
        return new(position.X + d.X, position.Y + d.Y, position.Z + d.Z);
    }

    /// <summary>
    /// The displacements of the map that flows along this stationary velocity field (mm per unit of time) for a time:
    /// x + u(x) = exp(time·v)(x), by scaling and squaring (Arsigny et al. 2006, MICCAI). −1 gives the inverse of 1.
    /// </summary>
    public VectorLattice Exponential(double time, WorkOptions work)
    {
        var longest = 0f;
        foreach (var v in Values)
        {
            longest = Math.Max(longest, (v.X * v.X) + (v.Y * v.Y) + (v.Z * v.Z));
        }

        // Start from steps of a sixteenth of the node distance, where a single Euler step is as good as the field itself.
        var squarings = 0;
        for (var length = Math.Abs(time) * Math.Sqrt(longest); length > Step / 16; length /= 2)
        {
            squarings++;
        }

        var scale = (float)(time / Math.Pow(2, squarings));
        var current = new VectorLattice(this, Array.ConvertAll(Values, v => v * scale));
        for (var i = 0; i < squarings; i++)
        {
            var next = new Vector4[current.Values.Length];
            var from = current;
            work.ForBlocks(Size.Z, z =>
            {
                for (var y = 0; y < Size.Y; y++)
                {
                    for (var x = 0; x < Size.X; x++)
                    {
                        var index = Size.IndexOf(x, y, z);
                        var d = from.Values[index];
                        next[index] = d + from.Sample(ToVector(PositionOf(x, y, z)) + new Vector3(d.X, d.Y, d.Z));
                    }
                }
            });
            current = new(this, next);
        }

        return current;
    }

    /// <summary>Adds a random smooth velocity: a cubic B-spline whose coefficients are independent normal numbers.</summary>
    /// <param name="rms">Root mean square of each component, mm.</param>
    /// <param name="knotSpacing">Distance of the spline's knots, mm; the autocorrelation is about 1.9 times as wide (full width at half
    /// maximum).</param>
    /// <param name="random">Where the coefficients come from.</param>
    public void AddRandomSpline(double rms, double knotSpacing, RandomStream random)
    {
        var (wx, wy, wz) = (Weights(Size.X), Weights(Size.Y), Weights(Size.Z));
        var (kx, ky, kz) = (Knots(Size.X), Knots(Size.Y), Knots(Size.Z));

        // The sum of the squared cubic B-spline weights is 0.479 on average over positions; its cube makes the variance.
        var scale = rms / Math.Sqrt(0.479 * 0.479 * 0.479);
        var coefficients = new Vector4[kx * ky * kz];
        for (var i = 0; i < coefficients.Length; i++)
        {
            var (a, b) = random.NextNormalPair();
            var (c, _) = random.NextNormalPair();
            coefficients[i] = new((float)(a * scale), (float)(b * scale), (float)(c * scale), 0);
        }

        // One axis after the other: 12 products a node instead of 64.
        var alongX = new Vector4[Size.X * ky * kz];
        for (var row = 0; row < ky * kz; row++)
        {
            for (var x = 0; x < Size.X; x++)
            {
                alongX[(row * Size.X) + x] = Sum(coefficients, (row * kx) + wx[x].First, 1, wx[x].Weights);
            }
        }

        var alongY = new Vector4[Size.X * Size.Y * kz];
        for (var plane = 0; plane < kz; plane++)
        {
            for (var y = 0; y < Size.Y; y++)
            {
                for (var x = 0; x < Size.X; x++)
                {
                    var start = (((plane * ky) + wy[y].First) * Size.X) + x;
                    alongY[(((plane * Size.Y) + y) * Size.X) + x] = Sum(alongX, start, Size.X, wy[y].Weights);
                }
            }
        }

        var planeLength = Size.X * Size.Y;
        for (var z = 0; z < Size.Z; z++)
        {
            for (var i = 0; i < planeLength; i++)
            {
                Values[(z * planeLength) + i] += Sum(alongY, (wz[z].First * planeLength) + i, planeLength, wz[z].Weights);
            }
        }

        int Knots(int nodes) => (int)((nodes - 1) * Step / knotSpacing) + 4;

        (int First, Vector4 Weights)[] Weights(int nodes) => [.. Enumerable.Range(0, nodes).Select(node =>
        {
            var position = node * Step / knotSpacing;
            var first = (int)position;
            var t = position - first;
            return (first, new Vector4(
                (float)((1 - t) * (1 - t) * (1 - t) / 6),
                (float)(((3 * t * t * t) - (6 * t * t) + 4) / 6),
                (float)(((-3 * t * t * t) + (3 * t * t) + (3 * t) + 1) / 6),
                (float)(t * t * t / 6)));
        })];

        static Vector4 Sum(Vector4[] values, int start, int stride, Vector4 w) =>
            (values[start] * w.X) + (values[start + stride] * w.Y) + (values[start + (2 * stride)] * w.Z) + (values[start + (3 * stride)] * w.W);
    }

    /// <summary>Blurs all four components with a Gaussian; beyond the box the border values go on.</summary>
    /// <param name="sigma">Standard deviation, mm.</param>
    public void Smooth(double sigma)
    {
        var radius = (int)Math.Ceiling(3 * sigma / Step);
        var kernel = new float[(2 * radius) + 1];
        for (var i = -radius; i <= radius; i++)
        {
            kernel[i + radius] = (float)Math.Exp(-0.5 * i * i * Step * Step / (sigma * sigma));
        }

        var total = kernel.Sum();
        var line = new Vector4[Math.Max(Size.X, Math.Max(Size.Y, Size.Z))];
        SmoothAxis(Size.X, 1, Size.Y, Size.X, Size.Z, Size.X * Size.Y);
        SmoothAxis(Size.Y, Size.X, Size.X, 1, Size.Z, Size.X * Size.Y);
        SmoothAxis(Size.Z, Size.X * Size.Y, Size.X, 1, Size.Y, Size.X);

        void SmoothAxis(int length, int stride, int count1, int stride1, int count2, int stride2)
        {
            for (var a = 0; a < count1; a++)
            {
                for (var b = 0; b < count2; b++)
                {
                    var start = (a * stride1) + (b * stride2);
                    for (var i = 0; i < length; i++)
                    {
                        line[i] = Values[start + (i * stride)];
                    }

                    for (var i = 0; i < length; i++)
                    {
                        var sum = Vector4.Zero;
                        for (var k = -radius; k <= radius; k++)
                        {
                            sum += line[Math.Clamp(i + k, 0, length - 1)] * kernel[k + radius];
                        }

                        Values[start + (i * stride)] = sum / total;
                    }
                }
            }
        }
    }

    /// <summary>
    /// The determinant of the Jacobian of x + u(x) at an inner node, from central differences; above 0 where space keeps its handedness.
    /// </summary>
    public double JacobianAt(int x, int y, int z)
    {
        var inverse = (float)(0.5 / Step);
        var dx = (Values[Size.IndexOf(x + 1, y, z)] - Values[Size.IndexOf(x - 1, y, z)]) * inverse;
        var dy = (Values[Size.IndexOf(x, y + 1, z)] - Values[Size.IndexOf(x, y - 1, z)]) * inverse;
        var dz = (Values[Size.IndexOf(x, y, z + 1)] - Values[Size.IndexOf(x, y, z - 1)]) * inverse;
        return new Affine(1 + dx.X, dy.X, dz.X, 0, dx.Y, 1 + dy.Y, dz.Y, 0, dx.Z, dy.Z, 1 + dz.Z, 0).Determinant;
    }
}
