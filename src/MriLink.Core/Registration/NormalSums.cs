using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MriLink.Core.Registration;

/// <summary>
/// The normal equations of an affine step, summed in a compact form: a derivative is g_a·u_i, g the gradient and u = (1, x, y, z), so
/// that all their products are six pairs of gradients times ten of places.
/// </summary>
internal sealed class NormalSums
{
    private const int P = FixedLevel.ParameterCount;
    private const int Places = 10;

    // Where the product of u_i and u_j stands in a row of FixedLevel.Products, and that of g_a and g_b among the six pairs.
    private static readonly int[] PlaceOf = [0, 1, 2, 3, 1, 4, 5, 6, 2, 5, 7, 8, 3, 6, 8, 9];
    private static readonly int[] PairOf = [0, 1, 2, 1, 3, 4, 2, 4, 5];

    private readonly double[] _pairs = new double[6 * Places];
    private readonly double[] _rightSide = new double[P];

    public void Clear()
    {
        Array.Clear(_pairs);
        Array.Clear(_rightSide);
    }

    public void Add(NormalSums other)
    {
        for (var i = 0; i < _pairs.Length; i++)
        {
            _pairs[i] += other._pairs[i];
        }

        for (var i = 0; i < P; i++)
        {
            _rightSide[i] += other._rightSide[i];
        }
    }

    /// <summary>Adds sums of a pair of gradients times the products of places.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddPair(int pair, Vector256<float> low, Vector256<float> high)
    {
        for (var k = 0; k < Places; k++)
        {
            _pairs[(pair * Places) + k] += k < Vector256<float>.Count ? low[k] : high[k - Vector256<float>.Count];
        }
    }

    /// <summary>Adds sums of a gradient times the residual times (1, x, y, z).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddRightSide(int axis, Vector128<float> sums)
    {
        _rightSide[axis] += sums[0];
        for (var k = 1; k < Vector128<float>.Count; k++)
        {
            _rightSide[3 + (3 * axis) + k - 1] += sums[k];
        }
    }

    /// <summary>Writes out the 12×12 matrix and the right side, in the order of the parameters.</summary>
    public void Expand(Span<double> matrix, Span<double> rightSide)
    {
        _rightSide.CopyTo(rightSide);
        for (var a = 0; a < 3; a++)
        {
            for (var i = 0; i < 4; i++)
            {
                for (var b = 0; b < 3; b++)
                {
                    for (var j = 0; j < 4; j++)
                    {
                        matrix[(Parameter(a, i) * P) + Parameter(b, j)] = _pairs[(PairOf[(3 * a) + b] * Places) + PlaceOf[(4 * i) + j]];
                    }
                }
            }
        }

        static int Parameter(int axis, int place) => place == 0 ? axis : 3 + (3 * axis) + place - 1;
    }
}
