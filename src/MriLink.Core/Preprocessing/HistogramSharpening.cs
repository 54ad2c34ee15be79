using System.Numerics;
using MathNet.Numerics.IntegralTransforms;

namespace MriLink.Core.Preprocessing;

/// <summary>
/// The step of N3 and N4 that guesses the true log intensity of a voxel (Sled et al. 1998, IEEE TMI 17:87): the histogram is
/// deconvolved by a Gaussian through a Wiener filter, and each measured intensity is replaced by the expected true one.
/// </summary>
internal sealed class HistogramSharpening(N4Options options)
{
    private readonly int _bins = options.NumberOfHistogramBins;

    /// <summary>Writes measured minus expected log intensity into <paramref name="target"/> at each voxel of <paramref name="positions"/>.</summary>
    public void Residuals(ReadOnlySpan<float> values, ReadOnlySpan<int> positions, Span<float> target)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        if (high <= low)
        {
            // One intensity everywhere: nothing to sharpen, nothing left over.
            return;
        }

        var width = (high - low) / (_bins - 1);
        var expected = Expected(values, low, width);
        for (var n = 0; n < values.Length; n++)
        {
            var position = (values[n] - low) / width;
            var bin = Math.Min((int)position, _bins - 2);
            target[positions[n]] = values[n] - (float)(expected[bin] + ((expected[bin + 1] - expected[bin]) * (position - bin)));
        }
    }

    // For each bin centre the expected true value.
    private double[] Expected(ReadOnlySpan<float> values, float low, float width)
    {
        // Room on both sides keeps the circular convolution from wrapping.
        var padded = 2 * (int)BitOperations.RoundUpToPowerOf2((uint)_bins);
        var offset = (padded - _bins) / 2;
        var measured = new Complex[padded];
        foreach (var value in values)
        {
            // A value between two bin centres counts to both.
            var position = (value - low) / width;
            var bin = Math.Min((int)position, _bins - 2);
            var upper = position - bin;
            measured[offset + bin] += 1 - upper;
            measured[offset + bin + 1] += upper;
        }

        var blur = Gaussian(padded, options.BiasFieldFullWidthAtHalfMaximum / width);
        Forward(blur);
        Forward(measured);
        for (var i = 0; i < padded; i++)
        {
            var conjugate = Complex.Conjugate(blur[i]);
            measured[i] *= conjugate / ((conjugate * blur[i]) + options.WienerFilterNoise);
        }

        Backward(measured);
        var weighted = new Complex[padded];
        for (var i = 0; i < padded; i++)
        {
            // Deconvolution overshoots below zero; a count cannot.
            var count = Math.Max(measured[i].Real, 0);
            measured[i] = count;
            weighted[i] = count * (low + ((i - offset) * width));
        }

        Convolve(measured, blur);
        Convolve(weighted, blur);
        var expected = new double[_bins];
        for (var i = 0; i < _bins; i++)
        {
            var count = measured[offset + i].Real;
            expected[i] = count != 0 ? weighted[offset + i].Real / count : low + (i * width);
        }

        return expected;
    }

    private static Complex[] Gaussian(int length, double fullWidth)
    {
        var factor = 4 * Math.Log(2) / (fullWidth * fullWidth);
        var scale = 2 * Math.Sqrt(Math.Log(2) / Math.PI) / fullWidth;
        var result = new Complex[length];
        for (var i = 0; i < length; i++)
        {
            var distance = Math.Min(i, length - i);
            result[i] = scale * Math.Exp(-factor * distance * distance);
        }

        return result;
    }

    private static void Convolve(Complex[] values, Complex[] transformedKernel)
    {
        Forward(values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= transformedKernel[i];
        }

        Backward(values);
    }

    private static void Forward(Complex[] values) => Fourier.Forward(values, FourierOptions.NoScaling);

    private static void Backward(Complex[] values)
    {
        Fourier.Inverse(values, FourierOptions.NoScaling);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] /= values.Length;
        }
    }
}
