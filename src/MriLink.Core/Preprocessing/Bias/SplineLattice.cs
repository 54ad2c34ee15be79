using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>Control points of a cubic tensor-product B-spline over a box, as many along each axis.</summary>
/// <remarks>x fastest; rows along x are filled up with zeros to whole vectors.</remarks>
internal sealed class SplineLattice
{
    /// <summary>A lattice of zeros.</summary>
    /// <param name="spans">Spans along each axis.</param>
    public SplineLattice(int spans)
        : this(spans, new float[(spans + SplineAxis.Support - 1) * (spans + SplineAxis.Support - 1) * Fused.RoundUp(spans + SplineAxis.Support - 1)])
    {
    }

    private SplineLattice(int spans, float[] values)
    {
        Spans = spans;
        Values = values;
    }

    /// <summary>Spans along each axis.</summary>
    public int Spans { get; }

    /// <summary>Control points along each axis.</summary>
    public int ControlPoints => Spans + SplineAxis.Support - 1;

    /// <summary>Length of a row along x, padding included.</summary>
    public int Width => Fused.RoundUp(ControlPoints);

    /// <summary>The control points.</summary>
    public float[] Values { get; }

    /// <summary>The same spline on twice as many spans: uniform cubic subdivision, (1 1)/2 and (1 6 1)/8 in turn, along each axis.</summary>
    public SplineLattice Refine()
    {
        var fine = new SplineLattice(2 * Spans);
        var (from, to) = (ControlPoints, fine.ControlPoints);
        var x = RefineX(fine.Width);
        var y = RefineAxis(x, fine.Width, from, to, from);
        return new(fine.Spans, RefineAxis(y, to * fine.Width, from, to, 1));
    }

    private float[] RefineX(int width)
    {
        var rows = ControlPoints * ControlPoints;
        var result = new float[rows * width];
        for (var row = 0; row < rows; row++)
        {
            for (var n = 0; n < (2 * Spans) + SplineAxis.Support - 1; n++)
            {
                var from = Values.AsSpan((row * Width) + (n / 2));
                result[(row * width) + n] = Subdivide(n, from[0], from[1], n % 2 == 0 ? 0 : from[2]);
            }
        }

        return result;
    }

    private static float[] RefineAxis(float[] values, int inner, int from, int to, int outer)
    {
        var result = new float[inner * to * outer];
        for (var o = 0; o < outer; o++)
        {
            for (var n = 0; n < to; n++)
            {
                var at = ((o * from) + (n / 2)) * inner;
                for (var i = 0; i < inner; i++)
                {
                    result[(((o * to) + n) * inner) + i] =
                        Subdivide(n, values[at + i], values[at + inner + i], n % 2 == 0 ? 0 : values[at + (2 * inner) + i]);
                }
            }
        }

        return result;
    }

    private static float Subdivide(int n, float a, float b, float c) => n % 2 == 0 ? (a + b) / 2 : (a + (6 * b) + c) / 8;
}
