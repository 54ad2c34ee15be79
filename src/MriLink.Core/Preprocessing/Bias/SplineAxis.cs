using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>
/// Cubic B-spline weights of samples along one axis, for tensor-product splines on grids, and the two kernels that every axis
/// needs: from control points to a sample, and back.
/// </summary>
internal sealed class SplineAxis
{
    /// <summary>Control points that touch one sample.</summary>
    public const int Support = 4;

    private readonly int[] _first;
    private readonly float[] _weights;

    /// <summary>Computes the weights.</summary>
    /// <param name="spans">Spans of the spline; it has <paramref name="spans"/> + 3 control points.</param>
    /// <param name="positions">Positions of the samples, 0 to 1 over the spline's domain; those beyond are held at its ends.</param>
    public SplineAxis(int spans, ReadOnlySpan<double> positions)
    {
        ControlPoints = spans + Support - 1;
        _first = new int[positions.Length];
        _weights = new float[positions.Length * Support];
        for (var i = 0; i < positions.Length; i++)
        {
            var u = Math.Clamp(positions[i], 0, 1) * spans;
            _first[i] = Math.Min((int)u, spans - 1);
            Fill(u - _first[i], _weights.AsSpan(i * Support, Support));
        }
    }

    private SplineAxis(SplineAxis axis, float[] weights)
    {
        ControlPoints = axis.ControlPoints;
        _first = axis._first;
        _weights = weights;
    }

    /// <summary>The axis of a grid: samples from one end of the domain to the other.</summary>
    public static SplineAxis OfGrid(int spans, int count)
    {
        var positions = new double[count];
        for (var i = 1; i < count; i++)
        {
            positions[i] = i / (double)(count - 1);
        }

        return new(spans, positions);
    }

    /// <summary>Control points along the axis.</summary>
    public int ControlPoints { get; }

    /// <summary>How many samples.</summary>
    public int Count => _first.Length;

    /// <summary>The first of the four control points that touch a sample.</summary>
    public int First(int sample) => _first[sample];

    /// <summary>The same samples, their weights squared.</summary>
    public SplineAxis Squared() => new(this, Array.ConvertAll(_weights, w => w * w));

    /// <summary>The same samples, their weights raised to the third power and divided by the sum of the sample's squared weights.</summary>
    public SplineAxis CubedPerSquares()
    {
        var weights = new float[_weights.Length];
        for (var i = 0; i < _weights.Length; i += Support)
        {
            var four = _weights.AsSpan(i, Support);
            var squares = 0f;
            foreach (var w in four)
            {
                squares += w * w;
            }

            for (var k = 0; k < Support; k++)
            {
                weights[i + k] = four[k] * four[k] * four[k] / squares;
            }
        }

        return new(this, weights);
    }

    /// <summary>
    /// The weights as a table of all control points by all samples, zero where they do not touch: sample after sample, each with
    /// its control points rounded up to whole vectors, and a vector's worth of zero samples at the end.
    /// </summary>
    public float[] BySample()
    {
        var width = Fused.RoundUp(ControlPoints);
        var table = new float[(Count + Fused.Lanes) * width];
        for (var i = 0; i < Count; i++)
        {
            _weights.AsSpan(i * Support, Support).CopyTo(table.AsSpan((i * width) + _first[i]));
        }

        return table;
    }

    /// <summary>The same table the other way: control point after control point, each <see cref="Count"/> + 8 long.</summary>
    public float[] ByControlPoint()
    {
        var stride = Count + Fused.Lanes;
        var table = new float[ControlPoints * stride];
        for (var i = 0; i < Count; i++)
        {
            for (var k = 0; k < Support; k++)
            {
                table[((_first[i] + k) * stride) + i] = _weights[(i * Support) + k];
            }
        }

        return table;
    }

    /// <summary>Sums the four slices that touch a sample, each times its weight.</summary>
    /// <param name="sample">The sample along this axis.</param>
    /// <param name="slices">A slice for each control point of this axis, one after the other.</param>
    /// <param name="target">Receives the sum; a slice long, a whole number of vectors.</param>
    public void Collapse(int sample, ReadOnlySpan<float> slices, Span<float> target)
    {
        var n = target.Length;
        ref var from = ref MemoryMarshal.GetReference(slices.Slice(_first[sample] * n, Support * n));
        ref var to = ref MemoryMarshal.GetReference(target);
        var (a, b, c, d) = Weights(sample);
        for (var i = 0; i < n; i += Fused.Lanes)
        {
            var sum = Vector256.LoadUnsafe(ref from, (nuint)i) * a;
            sum = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref from, (nuint)(n + i)), b, sum);
            sum = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref from, (nuint)((2 * n) + i)), c, sum);
            Fused.MultiplyAdd(Vector256.LoadUnsafe(ref from, (nuint)((3 * n) + i)), d, sum).StoreUnsafe(ref to, (nuint)i);
        }
    }

    /// <summary>Adds a slice to the four that touch a sample, times the weight of each: the transpose of <see cref="Collapse"/>.</summary>
    /// <param name="sample">The sample along this axis.</param>
    /// <param name="source">A slice, a whole number of vectors.</param>
    /// <param name="slices">A slice for each control point of this axis, one after the other.</param>
    public void Spread(int sample, ReadOnlySpan<float> source, Span<float> slices)
    {
        var n = source.Length;
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(slices.Slice(_first[sample] * n, Support * n));
        var (a, b, c, d) = Weights(sample);
        for (var i = 0; i < n; i += Fused.Lanes)
        {
            var value = Vector256.LoadUnsafe(ref from, (nuint)i);
            Add(ref to, i, value, a);
            Add(ref to, n + i, value, b);
            Add(ref to, (2 * n) + i, value, c);
            Add(ref to, (3 * n) + i, value, d);
        }
    }

    private static void Add(ref float to, int at, Vector256<float> value, Vector256<float> weight) =>
        Fused.MultiplyAdd(value, weight, Vector256.LoadUnsafe(ref to, (nuint)at)).StoreUnsafe(ref to, (nuint)at);

    private (Vector256<float> A, Vector256<float> B, Vector256<float> C, Vector256<float> D) Weights(int sample)
    {
        var four = _weights.AsSpan(sample * Support, Support);
        return (Vector256.Create(four[0]), Vector256.Create(four[1]), Vector256.Create(four[2]), Vector256.Create(four[3]));
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
