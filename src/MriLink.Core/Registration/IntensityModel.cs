using System.Runtime.CompilerServices;
using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>
/// The fixed intensity as a piecewise linear function of the moving one, f(S) ≈ T, fitted by least squares; and the sums over points
/// that the fit comes from.
/// </summary>
internal sealed class IntensityModel
{
    /// <summary>Knots of the function, evenly spaced; a moving intensity is given as its position among them, 0 to <see cref="Knots"/> − 1.</summary>
    public const int Knots = 8;

    // Curvature is held down by this share of the points' weight: enough to tie empty knots to their neighbours, too little to
    // bend a fit that has data.
    private const double Smoothness = 1e-3;

    // Added to each knot's weight so that a system without any data can still be solved; a millionth of one point.
    private const double Ridge = 1e-6;

    // Fewer than a third of the points inside the moving volume is no alignment of heads.
    private const double LeastOverlap = 1 / 3.0;

    private readonly double[] _cross = new double[Knots];
    private readonly double[] _diagonal = new double[Knots];
    private readonly double[] _next = new double[Knots];
    private readonly double[] _values = new double[Knots];
    private double _sum;
    private double _square;

    /// <summary>Points that were added: those within the moving volume.</summary>
    public int Count { get; private set; }

    /// <summary>f at the knots, once fitted.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>The variance of the fixed intensity over the points added.</summary>
    public double Variance => (_square - (_sum * _sum / Count)) / Count;

    public void Clear()
    {
        Array.Clear(_cross);
        Array.Clear(_diagonal);
        Array.Clear(_next);
        (_sum, _square, Count) = (0, 0, 0);
    }

    /// <summary>Adds a point.</summary>
    /// <param name="position">The moving intensity's position among the knots.</param>
    /// <param name="value">The fixed intensity.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(float position, float value)
    {
        var knot = Math.Min(Truncate.ToInt(position), Knots - 2);
        var upper = position - knot;
        var lower = 1 - upper;
        _cross[knot] += lower * value;
        _cross[knot + 1] += upper * value;
        _diagonal[knot] += lower * lower;
        _diagonal[knot + 1] += upper * upper;
        _next[knot] += lower * upper;
        _sum += value;
        _square += value * value;
        Count++;
    }

    public void Add(IntensityModel other)
    {
        for (var k = 0; k < Knots; k++)
        {
            _cross[k] += other._cross[k];
            _diagonal[k] += other._diagonal[k];
            _next[k] += other._next[k];
        }

        _sum += other._sum;
        _square += other._square;
        Count += other.Count;
    }

    /// <summary>Fits f.</summary>
    /// <param name="points">How many points there would be, were all within the moving volume.</param>
    /// <returns>
    /// The share of T's variance that f(S) explains (the correlation ratio of Roche et al. 1998, MICCAI), less for what lies outside;
    /// −1 when too few points are inside.
    /// </returns>
    public double Fit(int points)
    {
        if (Count < LeastOverlap * points)
        {
            return -1;
        }

        Span<double> system = stackalloc double[Knots * Knots];
        system.Clear();
        for (var k = 0; k < Knots; k++)
        {
            system[(k * Knots) + k] = _diagonal[k] + Ridge;
            if (k + 1 < Knots)
            {
                system[(k * Knots) + k + 1] = _next[k];
                system[((k + 1) * Knots) + k] = _next[k];
            }
        }

        ReadOnlySpan<double> bend = [1, -2, 1];
        for (var k = 0; k < Knots - 2; k++)
        {
            for (var a = 0; a < 3; a++)
            {
                for (var b = 0; b < 3; b++)
                {
                    system[((k + a) * Knots) + k + b] += Smoothness * Count * bend[a] * bend[b];
                }
            }
        }

        var f = _values.AsSpan();
        _cross.CopyTo(f);
        Cholesky.Solve(system, f);
        var residual = _square;
        for (var k = 0; k < Knots; k++)
        {
            residual += (f[k] * f[k] * _diagonal[k]) - (2 * f[k] * _cross[k]);
            if (k + 1 < Knots)
            {
                residual += 2 * f[k] * f[k + 1] * _next[k];
            }
        }

        // What lies outside the moving volume is unexplained; without this, leaving the volume would pay.
        var variance = Variance * Count;
        return variance <= 0 ? -1 : (1 - (residual / variance)) * Math.Sqrt(Count / (double)points);
    }
}
