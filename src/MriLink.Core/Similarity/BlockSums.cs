using System.Numerics;
using System.Runtime.InteropServices;

namespace MriLink.Core.Similarity;

/// <summary>
/// Sums over long vectors of floats. Each block is summed in single precision with SIMD and added in double precision,
/// so that the error does not grow with the number of voxels.
/// </summary>
internal static class BlockSums
{
    private const int BlockLength = 1024;

    /// <summary>Σx.</summary>
    public static double Sum(ReadOnlySpan<float> x)
    {
        var total = 0.0;
        for (var start = 0; start < x.Length; start += BlockLength)
        {
            var block = x.Slice(start, Math.Min(BlockLength, x.Length - start));
            var vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
            var sum = Vector<float>.Zero;
            foreach (var v in vectors)
            {
                sum += v;
            }

            var rest = 0f;
            for (var i = vectors.Length * Vector<float>.Count; i < block.Length; i++)
            {
                rest += block[i];
            }

            total += Vector.Sum(sum) + rest;
        }

        return total;
    }

    /// <summary>Σx and Σx².</summary>
    public static (double Sum, double Squares) SumAndSquares(ReadOnlySpan<float> x)
    {
        double total = 0, squares = 0;
        for (var start = 0; start < x.Length; start += BlockLength)
        {
            var block = x.Slice(start, Math.Min(BlockLength, x.Length - start));
            var vectors = MemoryMarshal.Cast<float, Vector<float>>(block);
            Vector<float> sum = default, square = default;
            foreach (var v in vectors)
            {
                sum += v;
                square += v * v;
            }

            float rest = 0, restOfSquares = 0;
            for (var i = vectors.Length * Vector<float>.Count; i < block.Length; i++)
            {
                rest += block[i];
                restOfSquares += block[i] * block[i];
            }

            total += Vector.Sum(sum) + rest;
            squares += Vector.Sum(square) + restOfSquares;
        }

        return (total, squares);
    }

    /// <summary>Σ|x − y|.</summary>
    public static double AbsoluteDifference(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => SumOf<Magnitude>(x, y);

    /// <summary>Σ(x − y)².</summary>
    public static double SquaredDifference(ReadOnlySpan<float> x, ReadOnlySpan<float> y) => SumOf<Square>(x, y);

    /// <summary>The first and second moments of (x − cx)/sx and (y − cy)/sy; a shift near the means keeps them free of cancellation.</summary>
    public static JointMoments Joint(ReadOnlySpan<float> x, ReadOnlySpan<float> y, Standardization ofX, Standardization ofY)
    {
        double sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
        var shiftX = new Vector<float>(ofX.Shift);
        var shiftY = new Vector<float>(ofY.Shift);
        var factorX = new Vector<float>(ofX.Factor);
        var factorY = new Vector<float>(ofY.Factor);
        for (var start = 0; start < x.Length; start += BlockLength)
        {
            var length = Math.Min(BlockLength, x.Length - start);
            var bx = x.Slice(start, length);
            var by = y.Slice(start, length);
            var vx = MemoryMarshal.Cast<float, Vector<float>>(bx);
            var vy = MemoryMarshal.Cast<float, Vector<float>>(by);
            Vector<float> tx = default, ty = default, txx = default, tyy = default, txy = default;
            for (var i = 0; i < vx.Length; i++)
            {
                var a = (vx[i] - shiftX) * factorX;
                var b = (vy[i] - shiftY) * factorY;
                tx += a;
                ty += b;
                txx += a * a;
                tyy += b * b;
                txy += a * b;
            }

            float rx = 0, ry = 0, rxx = 0, ryy = 0, rxy = 0;
            for (var i = vx.Length * Vector<float>.Count; i < length; i++)
            {
                var a = (bx[i] - ofX.Shift) * ofX.Factor;
                var b = (by[i] - ofY.Shift) * ofY.Factor;
                rx += a;
                ry += b;
                rxx += a * a;
                ryy += b * b;
                rxy += a * b;
            }

            sx += Vector.Sum(tx) + rx;
            sy += Vector.Sum(ty) + ry;
            sxx += Vector.Sum(txx) + rxx;
            syy += Vector.Sum(tyy) + ryy;
            sxy += Vector.Sum(txy) + rxy;
        }

        return new(x.Length, sx, sy, sxx, syy, sxy);
    }

    // Σ f(x − y). The function is a type, so that the loop is compiled for it alone and nothing is called from within.
    private static double SumOf<TFunction>(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
        where TFunction : struct, IFunction
    {
        var total = 0.0;
        for (var start = 0; start < x.Length; start += BlockLength)
        {
            var length = Math.Min(BlockLength, x.Length - start);
            var bx = x.Slice(start, length);
            var by = y.Slice(start, length);
            var vx = MemoryMarshal.Cast<float, Vector<float>>(bx);
            var vy = MemoryMarshal.Cast<float, Vector<float>>(by);
            var sum = Vector<float>.Zero;
            for (var i = 0; i < vx.Length; i++)
            {
                sum += TFunction.Of(vx[i] - vy[i]);
            }

            var rest = 0f;
            for (var i = vx.Length * Vector<float>.Count; i < length; i++)
            {
                rest += TFunction.Of(bx[i] - by[i]);
            }

            total += Vector.Sum(sum) + rest;
        }

        return total;
    }

    private interface IFunction
    {
        static abstract Vector<float> Of(Vector<float> d);

        static abstract float Of(float d);
    }

    private readonly struct Magnitude : IFunction
    {
        public static Vector<float> Of(Vector<float> d) => Vector.Abs(d);

        public static float Of(float d) => Math.Abs(d);
    }

    private readonly struct Square : IFunction
    {
        public static Vector<float> Of(Vector<float> d) => d * d;

        public static float Of(float d) => d * d;
    }
}
