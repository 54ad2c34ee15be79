namespace MriLink.Core.Registration;

/// <summary>Solves the small systems of the pose search, thousands of them, without allocating.</summary>
internal static class Cholesky
{
    /// <summary>Solves in place. Where the system is not positive definite to working precision, the result is not finite.</summary>
    /// <param name="system">Symmetric, row by row; destroyed.</param>
    /// <param name="right">The right side; receives the solution.</param>
    public static void Solve(Span<double> system, Span<double> right)
    {
        var n = right.Length;
        for (var i = 0; i < n; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var sum = system[(i * n) + j];
                for (var k = 0; k < j; k++)
                {
                    sum -= system[(i * n) + k] * system[(j * n) + k];
                }

                system[(i * n) + j] = i == j ? Math.Sqrt(sum) : sum / system[(j * n) + j];
            }
        }

        for (var i = 0; i < n; i++)
        {
            for (var k = 0; k < i; k++)
            {
                right[i] -= system[(i * n) + k] * right[k];
            }

            right[i] /= system[(i * n) + i];
        }

        for (var i = n - 1; i >= 0; i--)
        {
            for (var k = i + 1; k < n; k++)
            {
                right[i] -= system[(k * n) + i] * right[k];
            }

            right[i] /= system[(i * n) + i];
        }
    }
}
