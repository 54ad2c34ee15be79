using MathNet.Numerics.LinearAlgebra.Double;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.Core.Tests.Registration;

public class StretchTests
{
    public static TheoryData<string, Affine> Maps() => new()
    {
        { "identity", Affine.Identity },
        { "scaling", Affine.FromScale(0.8, 1.1, 1.3) },
        { "equal scales, turned", Affine.FromRotation(0.3, -2, 1) * Affine.FromScale(0.92, 0.92, 0.92) },
        { "two equal scales, turned twice", Affine.FromRotation(0.3, -2, 1) * Affine.FromScale(0.7, 0.7, 1.4) * Affine.FromRotation(-1, 0.5, 2) },
        { "three scales and shear", Affine.FromRotation(2, 0.1, -0.4) * new Affine(1.1, 0.2, -0.1, 5, 0, 0.9, 0.3, -7, 0, 0, 1.2, 9) },
        { "mirrored", Affine.FromScale(-1, 1, 1) * Affine.FromRotation(1, 1, 1) * Affine.FromScale(0.6, 1, 1.9) },
        { "far apart", Affine.FromRotation(1, 2, 3) * Affine.FromScale(0.01, 1, 50) * Affine.FromRotation(3, 2, 1) },
        { "flattened", Affine.FromRotation(1, 2, 3) * Affine.FromScale(0, 1, 2) * Affine.FromRotation(3, 2, 1) },
    };

    [Theory]
    [MemberData(nameof(Maps))]
    public void Agrees_with_a_singular_value_decomposition(string name, Affine map)
    {
        const double scale = 0.92;
        var linear = DenseMatrix.OfArray(new[,] { { map.M11, map.M12, map.M13 }, { map.M21, map.M22, map.M23 }, { map.M31, map.M32, map.M33 } });
        var svd = linear.Svd();
        var logarithms = svd.S.Map(value => Math.Log(Math.Max(value, 1e-3) / scale));
        var expected = (svd.VT.TransposeThisAndMultiply(DenseMatrix.OfDiagonalVector(logarithms)) * svd.VT).ToRowMajorArray();

        var actual = new double[9];
        Stretch.Logarithm(map, scale, actual);

        // Squares hold half the digits of what is small beside the largest, 1/5000 at most here: 1e-16 · 5000².
        for (var i = 0; i < 9; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) < (name is "far apart" ? 1e-8 : 1e-13),
                $"{name}, entry {i}: {actual[i]} rather than {expected[i]}");
        }
    }
}
