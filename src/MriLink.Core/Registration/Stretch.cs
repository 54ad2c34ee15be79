using MriLink.Core.Volumes;

namespace MriLink.Core.Registration;

/// <summary>How a map stretches space, whichever way it turns it: the symmetric factor U of its linear part M = R·U, U² = Mᵀ·M.</summary>
internal static class Stretch
{
    // Directions that are flattened more than this count as flattened this much: their logarithm stays finite.
    private const double Least = 1e-3;

    // What is left off the diagonal, relative to it, when a double can hold no better. Each sweep squares what is there: four reach this.
    private const double Negligible = 1e-17;
    private const int MostSweeps = 10;

    /// <summary>The logarithm of U relative to a scale, log(U / <paramref name="scale"/>): 0 where the map scales by just that.</summary>
    /// <remarks>
    /// Mᵀ·M is brought to diagonal form by Jacobi's rotations (1846, J. reine angew. Math. 30:51; the angles as in Rutishauser 1966,
    /// Numer. Math. 9:1). Asked for thousands of times in a search, so nothing is allocated.
    /// </remarks>
    /// <param name="map">The map; its translation does not matter.</param>
    /// <param name="scale">What counts as no stretch.</param>
    /// <param name="logarithm">Receives 3x3 numbers, symmetric, row by row.</param>
    public static void Logarithm(Affine map, double scale, Span<double> logarithm)
    {
        ReadOnlySpan<double> m = [map.M11, map.M12, map.M13, map.M21, map.M22, map.M23, map.M31, map.M32, map.M33];
        Span<double> square = stackalloc double[9];
        for (var i = 0; i < 3; i++)
        {
            for (var j = 0; j < 3; j++)
            {
                square[(3 * i) + j] = (m[i] * m[j]) + (m[3 + i] * m[3 + j]) + (m[6 + i] * m[6 + j]);
            }
        }

        Span<double> axes = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        Diagonalise(square, axes);
        logarithm.Clear();
        for (var k = 0; k < 3; k++)
        {
            var length = Math.Sqrt(Math.Max(0, square[4 * k]));
            var log = Math.Log(Math.Max(length, Least) / scale);
            for (var i = 0; i < 3; i++)
            {
                for (var j = 0; j < 3; j++)
                {
                    logarithm[(3 * i) + j] += log * axes[(3 * i) + k] * axes[(3 * j) + k];
                }
            }
        }
    }

    // Turns a symmetric matrix until it is diagonal; the columns of `axes` are turned along, and become its eigenvectors.
    private static void Diagonalise(Span<double> a, Span<double> axes)
    {
        for (var sweep = 0; sweep < MostSweeps && Math.Abs(a[1]) + Math.Abs(a[2]) + Math.Abs(a[5]) > Negligible * (a[0] + a[4] + a[8]); sweep++)
        {
            Turn(a, axes, 0, 1);
            Turn(a, axes, 0, 2);
            Turn(a, axes, 1, 2);
        }
    }

    // The rotation in the plane of axes p and q after which a[p, q] is 0.
    private static void Turn(Span<double> a, Span<double> axes, int p, int q)
    {
        var off = a[(3 * p) + q];
        if (off == 0)
        {
            return;
        }

        var ratio = (a[4 * q] - a[4 * p]) / (2 * off);
        var tangent = (ratio < 0 ? -1 : 1) / (Math.Abs(ratio) + Math.Sqrt((ratio * ratio) + 1));
        var cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        var sine = tangent * cosine;
        a[4 * p] -= tangent * off;
        a[4 * q] += tangent * off;
        a[(3 * p) + q] = a[(3 * q) + p] = 0;
        var r = 3 - p - q;
        var (rp, rq) = (a[(3 * r) + p], a[(3 * r) + q]);
        a[(3 * r) + p] = a[(3 * p) + r] = (cosine * rp) - (sine * rq);
        a[(3 * r) + q] = a[(3 * q) + r] = (sine * rp) + (cosine * rq);
        for (var i = 0; i < 3; i++)
        {
            var (ip, iq) = (axes[(3 * i) + p], axes[(3 * i) + q]);
            axes[(3 * i) + p] = (cosine * ip) - (sine * iq);
            axes[(3 * i) + q] = (sine * ip) + (cosine * iq);
        }
    }
}
