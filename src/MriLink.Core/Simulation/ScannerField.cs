using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Simulation;

/// <summary>
/// What the scanner itself does to an image, fixed to its isocentre (the world's origin): the displacement by its gradients and
/// the sensitivity of its receive coil. Both are smooth, so they are held on a coarse lattice.
/// </summary>
internal sealed class ScannerField
{
    // Sensitivity varies over some 15 to 40 cm: coils, and waves in tissue at 1.5 to 3 T.
    private const double ShortestWave = 150;
    private const double LongestWave = 400;
    private const int Waves = 8;
    private const double LatticeStep = 6;

    // The amplitude is that over a ball of the size of a head.
    private const double HeadRadius = 80;
    private const double GradientRadius = 100;

    public ScannerField(VolumeGeometry grid, ScanConditions conditions, long scanSeed, long scannerSeed)
    {
        var (low, high) = SimulationAnatomy.BoxOf(grid, margin: 2 * LatticeStep);
        Lattice = new(low, high, LatticeStep);
        var gradient = Gradient(conditions.GradientDistortion, RandomStream.For(scannerSeed, SeedUse.Gradient));
        var bias = LogBias(conditions.BiasField / 100, RandomStream.For(scanSeed, SeedUse.Bias));
        var size = Lattice.Size;
        for (var z = 0; z < size.Z; z++)
        {
            for (var y = 0; y < size.Y; y++)
            {
                for (var x = 0; x < size.X; x++)
                {
                    var p = Lattice.PositionOf(x, y, z);
                    var d = gradient(p);
                    Lattice.Values[size.IndexOf(x, y, z)] = new((float)d.X, (float)d.Y, (float)d.Z, (float)Math.Exp(bias(p)));
                }
            }
        }
    }

    /// <summary>X, Y, Z: the displacement in mm from where the image shows a place to where it is. W: the sensitivity, about 1.</summary>
    public VectorLattice Lattice { get; }

    // Residual of gradient nonlinearity: third order in the distance from the isocentre, each axis with a strength of its own.
    private static Func<Point3, Point3> Gradient(double millimetres, RandomStream random)
    {
        Span<double> s = stackalloc double[3];
        foreach (ref var strength in s)
        {
            strength = random.Uniform(-1, 1);
        }

        // Along each axis the displacement at the radius is its strength; the largest is scaled to what was asked for.
        var largest = Math.Max(Math.Abs(s[0]), Math.Max(Math.Abs(s[1]), Math.Abs(s[2])));
        var scale = largest > 0 ? millimetres / largest : 0;
        var (sx, sy, sz) = (s[0] * scale, s[1] * scale, s[2] * scale);
        return p =>
        {
            // Beyond one and a half radii the distortion grows no further: no scanner images there unwarped.
            var radius = Math.Min(p.Length / GradientRadius, 1.5);
            var growth = radius * radius / GradientRadius;
            return new(sx * p.X * growth, sy * p.Y * growth, sz * p.Z * growth);
        };
    }

    // A sum of plane waves, scaled so that over the ball the field runs from 1 - a/2 to 1 + a/2.
    private static Func<Point3, double> LogBias(double amplitude, RandomStream random)
    {
        var waves = new (Point3 Vector, double Phase)[Waves];
        for (var i = 0; i < Waves; i++)
        {
            var (x, y) = random.NextNormalPair();
            var (z, _) = random.NextNormalPair();
            var direction = new Point3(x, y, z);
            var number = 2 * Math.PI / random.Uniform(ShortestWave, LongestWave);
            waves[i] = (direction * (number / direction.Length), random.Uniform(0, 2 * Math.PI));
        }

        var (low, high) = (double.MaxValue, double.MinValue);
        for (var z = -HeadRadius; z <= HeadRadius; z += LatticeStep)
        {
            for (var y = -HeadRadius; y <= HeadRadius; y += LatticeStep)
            {
                for (var x = -HeadRadius; x <= HeadRadius; x += LatticeStep)
                {
                    var p = new Point3(x, y, z);
                    if (p.Length <= HeadRadius)
                    {
                        var value = Sum(p);
                        (low, high) = (Math.Min(low, value), Math.Max(high, value));
                    }
                }
            }
        }

        // At 100 % the field would fall to a third at its lowest: 1 - a/2 against 1 + a/2.
        var (logLow, logHigh) = (Math.Log(1 - (amplitude / 2)), Math.Log(1 + (amplitude / 2)));
        var slope = (logHigh - logLow) / (high - low);
        return p => logLow + (slope * (Sum(p) - low));

        double Sum(Point3 p)
        {
            var sum = 0.0;
            foreach (var (k, phase) in waves)
            {
                sum += Math.Cos((k.X * p.X) + (k.Y * p.Y) + (k.Z * p.Z) + phase);
            }

            return sum;
        }
    }
}
