namespace MriLink.Core.Preprocessing;

/// <summary>Cubic B-spline weights of evenly spaced samples along one axis, for tensor-product splines on grids.</summary>
internal sealed class SplineAxis
{
    /// <summary>Weights that touch one sample.</summary>
    public const int Support = 4;

    /// <summary>Computes the weights.</summary>
    /// <param name="spans">Spans of the spline; it has <paramref name="spans"/> + 3 control points.</param>
    /// <param name="positions">Positions of the samples, 0 to 1 over the spline's domain; those beyond are held at its ends.</param>
    public SplineAxis(int spans, ReadOnlySpan<double> positions)
    {
        ControlPoints = spans + Support - 1;
        First = new int[positions.Length];
        Weight = new float[positions.Length * Support];
        for (var i = 0; i < positions.Length; i++)
        {
            var u = Math.Clamp(positions[i], 0, 1) * spans;
            var span = Math.Min((int)u, spans - 1);
            First[i] = span;
            Fill(u - span, Weight.AsSpan(i * Support, Support));
        }
    }

    /// <summary>Control points along the axis.</summary>
    public int ControlPoints { get; }

    /// <summary>How many samples.</summary>
    public int Count => First.Length;

    /// <summary>For each sample the first of the four control points that touch it.</summary>
    public int[] First { get; }

    /// <summary>Four weights for each sample; they sum to 1.</summary>
    public float[] Weight { get; }

    /// <summary>The weights raised to <paramref name="power"/>, divided by the sum of their squares where asked.</summary>
    public float[] Powers(int power, bool perSquareSum)
    {
        var result = new float[Weight.Length];
        for (var i = 0; i < First.Length; i++)
        {
            var squares = 0f;
            for (var k = 0; k < Support; k++)
            {
                squares += Weight[(i * Support) + k] * Weight[(i * Support) + k];
            }

            for (var k = 0; k < Support; k++)
            {
                result[(i * Support) + k] = MathF.Pow(Weight[(i * Support) + k], power) / (perSquareSum ? squares : 1);
            }
        }

        return result;
    }

    private static void Fill(double t, Span<float> weights)
    {
        var s = 1 - t;
        weights[0] = (float)(s * s * s / 6);
        weights[1] = (float)(((3 * t * t * t) - (6 * t * t) + 4) / 6);
        weights[2] = (float)(((3 * s * s * s) - (6 * s * s) + 4) / 6);
        weights[3] = (float)(t * t * t / 6);
    }
}
