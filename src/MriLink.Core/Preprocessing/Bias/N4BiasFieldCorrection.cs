using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MriLink.Core.Basics;
using MriLink.Core.Volumes;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>
/// N4 bias field estimation (Tustison et al. 2010, IEEE TMI 29:1310): the scan is taken as v = u·b with b smooth;
/// log u is estimated by sharpening the histogram, and log b by fitting a B-spline to what remains, again and again.
/// </summary>
/// <remarks>
/// <para>
/// Follows <c>itk::N4BiasFieldCorrectionImageFilter</c> after <c>itk::ShrinkImageFilter</c> in what it computes, so that the two
/// fields may stand for each other. It departs where ITK's result has no meaning: voxels of the mask without a positive
/// intensity are left out (ITK takes their intensity for its logarithm), and the field is evaluated where it was estimated
/// (scripts around ITK stretch it from the shrunk grid's outer voxel centres to the full grid's, up to half a shrunk voxel).
/// </para>
/// <para>
/// Memory: a few floats for each voxel of the shrunk mask. The iterations run on one thread and allocate nothing; at the
/// usual shrink factor there is too little work in each to share.
/// </para>
/// </remarks>
public static class N4BiasFieldCorrection
{
    /// <summary>Estimates the field.</summary>
    /// <param name="volume">The scan; intensities of any unit.</param>
    /// <param name="mask">Where tissue is, on the scan's grid.</param>
    /// <param name="options">Parameters.</param>
    /// <param name="work">Cancellation.</param>
    /// <exception cref="ArgumentException">The mask is of another size, or holds no positive voxel.</exception>
    public static BiasField Estimate(Volume volume, Mask mask, N4Options options, WorkOptions work)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(options);
        if (mask.Size != volume.Size)
        {
            throw new ArgumentException($"The mask has {mask.Size} voxels, the volume {volume.Size}.", nameof(mask));
        }

        var (shrunk, inside) = Shrink(volume, mask, options.ShrinkFactor);
        var rows = new MaskedRows(shrunk.Size, inside);
        return rows.InsideCount > 0
            ? new Estimation(shrunk, rows, options).Run(work.CancellationToken)
            : throw new ArgumentException("The mask holds no voxel with a positive intensity.", nameof(mask));
    }

    /// <summary>Takes every <paramref name="factor"/>-th voxel along each axis, the first so that as much is left out on either side.</summary>
    private static (Volume Volume, bool[] Inside) Shrink(Volume volume, Mask mask, int factor)
    {
        var from = volume.Size;
        var to = new GridSize(Math.Max(1, from.X / factor), Math.Max(1, from.Y / factor), Math.Max(1, from.Z / factor));

        // Half voxels go up, as in ITK.
        int First(int all, int kept) => (all - 1 - (factor * (kept - 1)) + 1) / 2;
        var (x0, y0, z0) = (First(from.X, to.X), First(from.Y, to.Y), First(from.Z, to.Z));
        var voxels = new float[to.Count];
        var inside = new bool[to.Count];
        var n = 0;
        for (var z = 0; z < to.Z; z++)
        {
            for (var y = 0; y < to.Y; y++)
            {
                var at = from.IndexOf(x0, y0 + (y * factor), z0 + (z * factor));
                for (var x = 0; x < to.X; x++, n++, at += factor)
                {
                    voxels[n] = volume.Voxels[at];
                    inside[n] = mask.Voxels[at] && voxels[n] > 0;
                }
            }
        }

        var voxelToWorld = volume.Geometry.VoxelToWorld * Affine.FromTranslation(x0, y0, z0) * Affine.FromScale(factor, factor, factor);
        return (new(new(to, voxelToWorld), voxels), inside);
    }

    /// <summary>One estimation: its buffers, and the loop over levels.</summary>
    private sealed class Estimation
    {
        private readonly VolumeGeometry _geometry;
        private readonly MaskedRows _rows;
        private readonly N4Options _options;
        private readonly HistogramSharpening _sharpening;
        private readonly float[] _logInput;
        private readonly float[] _logCorrected;
        private readonly float[] _residual;
        private float[] _field;
        private float[] _next;

        public Estimation(Volume volume, MaskedRows rows, N4Options options)
        {
            _geometry = volume.Geometry;
            _rows = rows;
            _options = options;
            _sharpening = new(options, rows.SampleCount);
            _logInput = rows.Logarithms(volume.Voxels);
            _logCorrected = (float[])_logInput.Clone();
            _residual = new float[rows.SampleCount];
            _field = new float[rows.SampleCount];
            _next = new float[rows.SampleCount];
        }

        public BiasField Run(CancellationToken cancellationToken)
        {
            var lattice = new SplineLattice(_options.NumberOfControlPoints - SplineAxis.Support + 1);
            for (var level = 0; level < _options.MaximumNumberOfIterations.Count; level++)
            {
                lattice = level > 0 ? lattice.Refine() : lattice;
                Level(new(_rows, lattice), _options.MaximumNumberOfIterations[level], cancellationToken);
            }

            return new(lattice, _geometry);
        }

        private void Level(SplineFit fit, int iterations, CancellationToken cancellationToken)
        {
            for (var iteration = 0; iteration < iterations; iteration++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _sharpening.Residuals(_logCorrected, _rows.Weights, _residual);
                fit.Add(_residual);
                fit.Evaluate(_next);
                if (TakeField() <= _options.ConvergenceThreshold)
                {
                    break;
                }
            }
        }

        // Takes the new field over and tells the coefficient of variation of its ratio to the old one.
        private double TakeField()
        {
            // Sums in single precision stay short.
            const int piece = 1024;
            ref var input = ref MemoryMarshal.GetArrayDataReference(_logInput);
            ref var corrected = ref MemoryMarshal.GetArrayDataReference(_logCorrected);
            ref var old = ref MemoryMarshal.GetArrayDataReference(_field);
            ref var next = ref MemoryMarshal.GetArrayDataReference(_next);
            ref var weight = ref MemoryMarshal.GetArrayDataReference(_rows.Weights);
            double sum = 0, squares = 0;
            for (var start = 0; start < _field.Length; start += piece)
            {
                var end = Math.Min(start + piece, _field.Length);
                var (sums, squareSums) = (Vector256<float>.Zero, Vector256<float>.Zero);
                for (var n = (nuint)start; n < (nuint)end; n += Fused.Lanes)
                {
                    var field = Vector256.LoadUnsafe(ref next, n);
                    (Vector256.LoadUnsafe(ref input, n) - field).StoreUnsafe(ref corrected, n);
                    var change = RatioLessOne(field - Vector256.LoadUnsafe(ref old, n)) * Vector256.LoadUnsafe(ref weight, n);
                    sums += change;
                    squareSums = Fused.MultiplyAdd(change, change, squareSums);
                }

                sum += Vector256.Sum(sums);
                squares += Vector256.Sum(squareSums);
            }

            (_field, _next) = (_next, _field);
            if (_rows.InsideCount < 2)
            {
                // One voxel has no variation.
                return 0;
            }

            var mean = sum / _rows.InsideCount;
            var variance = (squares - (sum * mean)) / (_rows.InsideCount - 1);
            return Math.Sqrt(Math.Max(variance, 0)) / (1 + mean);
        }

        // exp(d) - 1 to single precision for |d| < 8: a Taylor polynomial at d/16, then (1 + e)² - 1 = e (2 + e) four times.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<float> RatioLessOne(Vector256<float> logRatio)
        {
            var d = logRatio * (1f / 16);
            var e = Vector256.Create(1f / 120);
            e = Fused.MultiplyAdd(e, d, Vector256.Create(1f / 24));
            e = Fused.MultiplyAdd(e, d, Vector256.Create(1f / 6));
            e = Fused.MultiplyAdd(e, d, Vector256.Create(1f / 2));
            e = Fused.MultiplyAdd(e, d, Vector256<float>.One) * d;
            for (var doubling = 0; doubling < 4; doubling++)
            {
                e *= e + Vector256.Create(2f);
            }

            return e;
        }
    }
}
