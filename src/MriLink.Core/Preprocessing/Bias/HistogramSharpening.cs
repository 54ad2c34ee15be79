using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MathNet.Numerics.IntegralTransforms;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>
/// The step of N3 and N4 that guesses the true log intensity of a voxel (Sled et al. 1998, IEEE TMI 17:87): the histogram is
/// deconvolved by a Gaussian through a Wiener filter, and each measured intensity is replaced by the expected true one.
/// </summary>
/// <remarks>
/// Bins and mapping as in ITK: the least and the greatest intensity are the centres of the first and the last bin, a value
/// between two centres counts to both by its distance, and the mapping is interpolated between centres in the same way. (ITK
/// leaves out the greatest intensity where rounding puts it beyond the last centre; here it counts to that.)
/// Nothing is allocated after construction.
/// </remarks>
internal sealed class HistogramSharpening
{
    // Histograms that are filled in turn: neighbouring voxels share a bin, and an addition must not wait for the one before it.
    private const int Copies = 4;

    // The Gaussian is cut where it falls below 10^-18 of its peak, this many full widths from it: sums in double precision do not see the rest.
    private const double Reach = 3.9;

    private readonly int _bins;
    private readonly double _fullWidth;
    private readonly double _noise;
    private readonly int _offset;
    private readonly int[] _bin;
    private readonly float[] _fraction;

    // Of each bin: how many voxels lie between its centre and the next, and the sum of their distances from it in bins.
    private readonly Vector128<double>[] _counts;
    private readonly Complex[] _spectrum;
    private readonly double[] _kernel;
    private readonly double[] _true;
    private readonly double[] _trueTimesValue;

    // Of each bin: the expected true value at its centre, and how much more it is at the next.
    private readonly (float Value, float Step)[] _expected;

    /// <summary>Makes room for a number of samples.</summary>
    public HistogramSharpening(N4Options options, int samples)
    {
        _bins = options.NumberOfHistogramBins;
        _fullWidth = options.BiasFieldFullWidthAtHalfMaximum;
        _noise = options.WienerFilterNoise;
        _bin = new int[samples];
        _fraction = new float[samples];

        // Samples of weight 0 go to a bin of their own, the last.
        _counts = new Vector128<double>[Copies * (_bins + 1)];
        _expected = new (float, float)[_bins + 1];

        // Room on both sides keeps the circular convolution from wrapping.
        var padded = 2 * (int)BitOperations.RoundUpToPowerOf2((uint)_bins);
        _offset = (padded - _bins) / 2;
        _spectrum = new Complex[padded];
        _kernel = new double[padded + Vector256<double>.Count];

        // Twice around, so that a window at any place lies in one piece.
        _true = new double[2 * padded];
        _trueTimesValue = new double[2 * padded];
    }

    /// <summary>Writes measured minus expected log intensity for each sample; 0 where the weight is 0.</summary>
    /// <param name="values">Measured log intensities, a whole number of vectors.</param>
    /// <param name="weights">0 or 1.</param>
    /// <param name="target">Receives the residuals.</param>
    public void Residuals(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, Span<float> target)
    {
        var (low, high) = Range(values, weights);
        if (!(high > low))
        {
            // One intensity everywhere: nothing to sharpen, nothing left over.
            target.Clear();
            return;
        }

        var width = (high - low) / (_bins - 1);
        Locate(values, weights, low, width);
        Count();
        Deconvolve(width);
        Expect(low, width);
        for (var n = 0; n < target.Length; n++)
        {
            var (value, step) = _expected[_bin[n]];
            target[n] = weights[n] * (values[n] - (value + (step * _fraction[n])));
        }
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> values, ReadOnlySpan<float> weights)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        var (low, high) = (Vector256.Create(float.PositiveInfinity), Vector256.Create(float.NegativeInfinity));
        for (var n = 0; n < values.Length; n += Fused.Lanes)
        {
            var v = Vector256.LoadUnsafe(ref value, (nuint)n);
            var inside = Vector256.GreaterThan(Vector256.LoadUnsafe(ref weight, (nuint)n), Vector256<float>.Zero);
            low = Vector256.Min(low, Vector256.ConditionalSelect(inside, v, low));
            high = Vector256.Max(high, Vector256.ConditionalSelect(inside, v, high));
        }

        var (least, greatest) = (float.PositiveInfinity, float.NegativeInfinity);
        for (var lane = 0; lane < Fused.Lanes; lane++)
        {
            least = MathF.Min(least, low[lane]);
            greatest = MathF.Max(greatest, high[lane]);
        }

        return (least, greatest);
    }

    // The bin whose centre lies just below each value, and how far above it the value lies, in bins.
    private void Locate(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float low, float width)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        ref var bin = ref MemoryMarshal.GetArrayDataReference(_bin);
        ref var fraction = ref MemoryMarshal.GetArrayDataReference(_fraction);
        var (first, scale) = (Vector256.Create(low), Vector256.Create(width));
        var (last, none) = (Vector256.Create(_bins - 2), Vector256.Create(_bins));
        for (var n = 0; n < values.Length; n += Fused.Lanes)
        {
            var position = (Vector256.LoadUnsafe(ref value, (nuint)n) - first) / scale;

            // The greatest value lies at the far end of the last interval, not in one of its own.
            var below = Vector256.Min(Vector256.ConvertToInt32(position), last);
            (position - Vector256.ConvertToSingle(below)).StoreUnsafe(ref fraction, (nuint)n);
            var inside = Vector256.GreaterThan(Vector256.LoadUnsafe(ref weight, (nuint)n), Vector256<float>.Zero).AsInt32();
            Vector256.ConditionalSelect(inside, below, none).StoreUnsafe(ref bin, (nuint)n);
        }
    }

    private void Count()
    {
        Array.Clear(_counts);
        var stride = _bins + 1;
        var a = _counts.AsSpan(0, stride);
        var b = _counts.AsSpan(stride, stride);
        var c = _counts.AsSpan(2 * stride, stride);
        var d = _counts.AsSpan(3 * stride, stride);
        for (var n = 0; n < _bin.Length; n += Copies)
        {
            a[_bin[n]] += Vector128.Create(1.0, _fraction[n]);
            b[_bin[n + 1]] += Vector128.Create(1.0, _fraction[n + 1]);
            c[_bin[n + 2]] += Vector128.Create(1.0, _fraction[n + 2]);
            d[_bin[n + 3]] += Vector128.Create(1.0, _fraction[n + 3]);
        }

        for (var i = 0; i < _bins; i++)
        {
            a[i] += b[i] + c[i] + d[i];
        }
    }

    // Fills _true with the sharpened histogram, one period from half a period on.
    private void Deconvolve(float width)
    {
        var padded = _spectrum.Length;
        FillKernel(_fullWidth / width);

        // Histogram and Gaussian are both real: they go through one transform as the real and the imaginary part.
        for (var i = 0; i < padded; i++)
        {
            _spectrum[i] = new(0, _kernel[i]);
        }

        for (var i = 0; i < _bins; i++)
        {
            // What lies above a centre belongs in part to the next.
            var above = i > 0 ? _counts[i - 1][1] : 0;
            _spectrum[_offset + i] += _counts[i][0] - _counts[i][1] + above;
        }

        Fourier.Forward(_spectrum, FourierOptions.NoScaling);

        // X(k) = V(k) + i F(k), and conj X(-k) = V(k) - i F(k); F is real, for the Gaussian is even.
        for (var i = 0; i <= padded / 2; i++)
        {
            var (one, other) = (_spectrum[i], Complex.Conjugate(_spectrum[(padded - i) % padded]));
            var blur = (one - other).Imaginary / 2;
            var filtered = (one + other) / 2 * (blur / ((blur * blur) + _noise));
            _spectrum[i] = filtered;
            _spectrum[(padded - i) % padded] = Complex.Conjugate(filtered);
        }

        Fourier.Inverse(_spectrum, FourierOptions.NoScaling);
    }

    // A sampled Gaussian around 0, once around the circle.
    private void FillKernel(double fullWidth)
    {
        var factor = 4 * Math.Log(2) / (fullWidth * fullWidth);
        var scale = 2 * Math.Sqrt(Math.Log(2) / Math.PI) / fullWidth;
        var length = _spectrum.Length;
        for (var i = 0; i <= length / 2; i++)
        {
            _kernel[i] = scale * Math.Exp(-factor * i * i);
            _kernel[(length - i) % length] = _kernel[i];
        }
    }

    // For each bin centre the expected true value given the measured one: the sharpened histogram times its values, blurred, over itself, blurred.
    private void Expect(float low, float width)
    {
        var padded = _spectrum.Length;
        for (var i = 0; i < padded; i++)
        {
            // Deconvolution overshoots below zero; a count cannot.
            var count = Math.Max(_spectrum[i].Real, 0) / padded;
            var product = count * (low + ((i - _offset) * (double)width));
            var at = (i + (padded / 2)) % padded;
            (_true[at], _true[at + padded]) = (count, count);
            (_trueTimesValue[at], _trueTimesValue[at + padded]) = (product, product);
        }

        var reach = (int)Math.Min(Math.Ceiling(Reach * _fullWidth / width), (padded / 2) - 1);
        var window = (2 * reach) + 1;
        var kernel = _kernel.AsSpan();
        kernel[..(reach + 1)].CopyTo(kernel[reach..]);
        for (var i = 1; i <= reach; i++)
        {
            kernel[reach - i] = kernel[reach + i];
        }

        kernel.Slice(window, Vector256<double>.Count).Clear();
        for (var i = 0; i < _bins; i++)
        {
            var start = _offset + i + (padded / 2) - reach;
            var (sum, weighted) = Blur(kernel, window, _true.AsSpan(start), _trueTimesValue.AsSpan(start));
            _expected[i].Value = (float)(sum > 0 ? weighted / sum : low + (i * (double)width));
        }

        for (var i = 0; i < _bins - 1; i++)
        {
            _expected[i].Step = _expected[i + 1].Value - _expected[i].Value;
        }
    }

    private static (double Sum, double Weighted) Blur(
        ReadOnlySpan<double> kernel, int window, ReadOnlySpan<double> counts, ReadOnlySpan<double> products)
    {
        ref var k = ref MemoryMarshal.GetReference(kernel);
        ref var c = ref MemoryMarshal.GetReference(counts);
        ref var p = ref MemoryMarshal.GetReference(products);
        var (sum, weighted) = (Vector256<double>.Zero, Vector256<double>.Zero);
        for (var i = 0; i < window; i += Vector256<double>.Count)
        {
            var weight = Vector256.LoadUnsafe(ref k, (nuint)i);
            sum = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref c, (nuint)i), weight, sum);
            weighted = Fused.MultiplyAdd(Vector256.LoadUnsafe(ref p, (nuint)i), weight, weighted);
        }

        return (Vector256.Sum(sum), Vector256.Sum(weighted));
    }
}
