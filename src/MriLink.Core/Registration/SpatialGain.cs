using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MriLink.Core.Registration;

/// <summary>
/// A smooth factor on the modelled intensity, 1 + Σ βᵢ·ψᵢ with ψ the linear and quadratic products of the place: it takes up a receive
/// field that is still in the scan, which would otherwise move the minimum.
/// </summary>
internal sealed class SpatialGain
{
    private const int Terms = 9;
    private const int W = FixedLevel.Width;

    // Standard deviation of a coefficient, and how many points count as one independent witness against it.
    private const double Deviation = 0.5;
    private const double PointsPerWitness = 50;

    private readonly float[] _normal = new float[Terms * W];
    private readonly double[] _sums = new double[Terms * W];
    private readonly float[] _coefficients = new float[W];

    /// <summary>The coefficients as they weigh a row of <see cref="FixedLevel.Products"/>.</summary>
    public ReadOnlySpan<Vector256<float>> Coefficients => MemoryMarshal.Cast<float, Vector256<float>>(_coefficients);

    public void Clear() => Array.Clear(_sums);

    /// <summary>Adds a point: the modelled intensity there, and by how much it falls short of the fixed one.</summary>
    public void Add(ReadOnlySpan<Vector256<float>> products, float model, float shortfall)
    {
        // Row i of the normal matrix is ψᵢ·f times ψ·f; the constant's place (0) takes the right side, ψᵢ·f·shortfall.
        var low = (products[0] * model).WithElement(0, shortfall);
        var high = products[1] * model;
        var places = MemoryMarshal.Cast<Vector256<float>, float>(products);
        for (var i = 0; i < Terms; i++)
        {
            var factor = model * places[i + 1];
            var row = MemoryMarshal.Cast<float, Vector256<float>>(_normal.AsSpan(i * W, W));
            row[0] += low * factor;
            row[1] += high * factor;
        }
    }

    /// <summary>Moves the float sums, which hold few digits, into the others.</summary>
    public void Flush()
    {
        for (var i = 0; i < _normal.Length; i++)
        {
            _sums[i] += _normal[i];
        }

        Array.Clear(_normal);
    }

    public void Add(SpatialGain other)
    {
        for (var i = 0; i < _sums.Length; i++)
        {
            _sums[i] += other._sums[i];
        }
    }

    /// <summary>Fits the coefficients.</summary>
    /// <param name="residualVariance">The variance of what the intensities alone leave unexplained.</param>
    /// <returns>By how much the sum of squares falls.</returns>
    public double Fit(double residualVariance)
    {
        Span<double> system = stackalloc double[Terms * Terms];
        Span<double> solution = stackalloc double[Terms];
        for (var i = 0; i < Terms; i++)
        {
            solution[i] = _sums[i * W];
            for (var j = 0; j < Terms; j++)
            {
                system[(i * Terms) + j] = _sums[(i * W) + j + 1];
            }

            system[(i * Terms) + i] += (PointsPerWitness * residualVariance / (Deviation * Deviation)) + 1e-6;
        }

        Cholesky.Solve(system, solution);
        var fall = 0.0;
        Array.Clear(_coefficients);
        for (var i = 0; i < Terms; i++)
        {
            if (!double.IsFinite(solution[i]))
            {
                Array.Clear(_coefficients);
                return 0;
            }

            _coefficients[i + 1] = (float)solution[i];
            fall += solution[i] * _sums[i * W];
        }

        return fall;
    }
}
