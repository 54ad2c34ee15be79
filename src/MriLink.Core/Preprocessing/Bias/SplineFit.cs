using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>
/// Adds the B-spline approximation of scattered data by Lee, Wolberg and Shin (1997, IEEE TVCG 3:228) to a lattice, and
/// evaluates the lattice at the same samples.
/// </summary>
/// <remarks>
/// A control point's part is Σ w³z/q / Σ w², with w its weight at a sample, z the value there and q the sum of the squared
/// weights of the 64 control points around that sample. On a grid w and q are products over the three axes, so both sums are
/// computed axis after axis; the second depends on the mask alone. Nothing is allocated after construction.
/// </remarks>
internal sealed class SplineFit
{
    // Below this a control point is touched by next to nothing and stays as it is; a tenth of single precision, as in ITK.
    private const float LeastSum = 1.1920929e-8f;

    private readonly MaskedRows _samples;
    private readonly SplineAxis _y;
    private readonly SplineAxis _z;
    private readonly SplineRows _x;
    private readonly Sums _numerator;
    private readonly float[] _perSquares;
    private readonly float[] _sums;
    private readonly float[] _plane;
    private readonly float[] _line;

    /// <summary>Prepares the fit of a lattice.</summary>
    public SplineFit(MaskedRows samples, SplineLattice lattice)
    {
        _samples = samples;
        Lattice = lattice;
        var size = samples.Size;
        var x = SplineAxis.OfGrid(lattice.Spans, size.X);
        _y = SplineAxis.OfGrid(lattice.Spans, size.Y);
        _z = SplineAxis.OfGrid(lattice.Spans, size.Z);
        _x = new(x);
        _sums = new float[lattice.Values.Length];
        _plane = new float[lattice.ControlPoints * lattice.Width];
        _line = new float[lattice.Width];
        _numerator = new(x.CubedPerSquares(), _y.CubedPerSquares(), _z.CubedPerSquares());

        Contract(new(x.Squared(), _y.Squared(), _z.Squared()), samples.Weights);
        _perSquares = Array.ConvertAll(_sums, sum => sum > LeastSum ? 1 / sum : 0);
    }

    /// <summary>The lattice, changed by <see cref="Add"/>.</summary>
    public SplineLattice Lattice { get; }

    /// <summary>Adds the approximation of <paramref name="values"/> to the lattice.</summary>
    /// <param name="values">One for each sample; 0 where the sample's weight is 0.</param>
    public void Add(ReadOnlySpan<float> values)
    {
        Contract(_numerator, values);
        ref var lattice = ref MemoryMarshal.GetArrayDataReference(Lattice.Values);
        ref var sums = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref var perSquares = ref MemoryMarshal.GetArrayDataReference(_perSquares);
        for (var i = 0; i < _sums.Length; i += Fused.Lanes)
        {
            Fused.MultiplyAdd(Vector256.LoadUnsafe(ref sums, (nuint)i), Vector256.LoadUnsafe(ref perSquares, (nuint)i),
                Vector256.LoadUnsafe(ref lattice, (nuint)i))
                .StoreUnsafe(ref lattice, (nuint)i);
        }
    }

    /// <summary>Evaluates the lattice at each sample.</summary>
    public void Evaluate(Span<float> target)
    {
        var plane = -1;
        foreach (ref readonly var row in _samples.Rows)
        {
            if (row.Z != plane)
            {
                plane = row.Z;
                _z.Collapse(plane, Lattice.Values, _plane);
            }

            _y.Collapse(row.Y, _plane, _line);
            _x.Evaluate(_line, row.X, target.Slice(row.Offset, row.Padded));
        }
    }

    // Brings the samples, each times its three weights, onto the control points.
    private void Contract(Sums weights, ReadOnlySpan<float> values)
    {
        Array.Clear(_sums);
        var plane = -1;
        foreach (ref readonly var row in _samples.Rows)
        {
            if (row.Z != plane)
            {
                FinishPlane(weights, plane);
                plane = row.Z;
            }

            weights.Line(values.Slice(row.Offset, row.Length), row.X, _line);
            weights.Y.Spread(row.Y, _line, _plane);
        }

        FinishPlane(weights, plane);
    }

    private void FinishPlane(Sums weights, int plane)
    {
        if (plane >= 0)
        {
            weights.Z.Spread(plane, _plane, _sums);
        }

        Array.Clear(_plane);
    }

    /// <summary>Weights of one of the two sums along the three axes.</summary>
    private sealed class Sums
    {
        private readonly float[] _table;
        private readonly int _width;
        private readonly (int From, int To)[] _touching;

        public Sums(SplineAxis x, SplineAxis y, SplineAxis z)
        {
            Y = y;
            Z = z;
            _table = x.BySample();
            _width = Fused.RoundUp(x.ControlPoints);

            // The samples that touch any of the eight control points of each vector of a line.
            _touching = new (int, int)[_width / Fused.Lanes];
            for (var v = 0; v < _touching.Length; v++)
            {
                var (low, high) = (v * Fused.Lanes, (v + 1) * Fused.Lanes);
                var touching = Enumerable.Range(0, x.Count).Where(i => x.First(i) < high && x.First(i) + SplineAxis.Support > low).DefaultIfEmpty(-1);
                _touching[v] = (touching.First(), touching.Last() + 1);
            }
        }

        public SplineAxis Y { get; }

        public SplineAxis Z { get; }

        // Control points of one line: Σ value × weight over the samples of a row that begins at `start`.
        public void Line(ReadOnlySpan<float> values, int start, Span<float> line)
        {
            ref var table = ref MemoryMarshal.GetArrayDataReference(_table);
            for (var v = 0; v < _touching.Length; v++)
            {
                var i = Math.Max(_touching[v].From - start, 0);
                var end = Math.Min(_touching[v].To - start, values.Length);
                var at = (nuint)(((start + i) * _width) + (v * Fused.Lanes));
                var step = (nuint)_width;

                // Four sums, for one would wait on itself.
                var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
                for (; i <= end - 4; i += 4)
                {
                    a = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref table, at), Vector256.Create(values[i]), a);
                    b = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref table, at + step), Vector256.Create(values[i + 1]), b);
                    c = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref table, at + (2 * step)), Vector256.Create(values[i + 2]), c);
                    d = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref table, at + (3 * step)), Vector256.Create(values[i + 3]), d);
                    at += 4 * step;
                }

                for (; i < end; i++)
                {
                    a = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref table, at), Vector256.Create(values[i]), a);
                    at += step;
                }

                ((a + b) + (c + d)).CopyTo(line[(v * Fused.Lanes)..]);
            }
        }
    }
}
