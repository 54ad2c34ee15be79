using System.Collections.Concurrent;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Bias;
using MriLink.Core.Preprocessing.Engines;
using MriLink.Core.Registration;
using MriLink.Core.Volumes;

namespace MriLink.SimpleItk;

/// <summary>SimpleITK's readers, N4, registration and resampling, through its C# binding (Lowekamp et al. 2013, Front. Neuroinform. 7:45).</summary>
/// <remarks>Memory beside the caller's: a copy of what is worked on in SimpleITK's images, and what its filters take.</remarks>
internal sealed class SimpleItkEngine : PreprocessingEngine
{
    public const string SimpleItkName = "SimpleITK";

    // A library is loaded once; a folder that failed may be put right and tried again.
    private static readonly ConcurrentDictionary<string, SimpleItkEngine> Loaded = new(StringComparer.Ordinal);
    private static readonly object Loading = new();

    private readonly SimpleItkApi _api;
    private readonly SimpleItkWork _work;
    private readonly SimpleItkImages _images;
    private readonly SimpleItkRegistration _registration;

    private SimpleItkEngine(SimpleItkApi api)
        : base(SimpleItkName, api.Version.Text)
    {
        _api = api;
        _work = new(api);
        _images = new(api);
        _registration = new(api, _images, _work);
    }

    /// <summary>Gives the engine of a folder.</summary>
    /// <param name="folder">The folder that holds SimpleITK's C# binding.</param>
    /// <exception cref="EngineUnavailableException">It cannot be used.</exception>
    public static SimpleItkEngine Load(string folder)
    {
        if (Loaded.TryGetValue(folder, out var known))
        {
            return known;
        }

        lock (Loading)
        {
            return Loaded.GetOrAdd(folder, path => new(SimpleItkLibrary.Load(path)));
        }
    }

    /// <inheritdoc/>
    public override IHeaderReader CreateHeaderReader(int? volume) => new SimpleItkHeaderReader(_api, _images, ToString(), volume);

    /// <inheritdoc/>
    /// <remarks>The usual way of scripts around ITK: N4 on every second voxel of the 2 mm grid, its field then evaluated on all.</remarks>
    internal override Volume EstimateLogField(Volume head, Mask mask, WorkOptions work) => SimpleItkWork.Guard(
        () =>
        {
            const uint shrink = 2;
            var options = new N4Options();
            var filters = _api.Filters;

            // N4 works on logarithms; ITK takes the intensity itself for that of a voxel without one.
            var tissue = new bool[mask.Voxels.Length];
            for (var i = 0; i < tissue.Length; i++)
            {
                tissue[i] = mask.Voxels[i] && head.Voxels[i] > 0;
            }

            using var image = _images.From(head);
            using var maskImage = _images.From(head.Geometry, tissue);
            using var shrinker = filters.NewShrink();
            filters.SetShrinkFactor(shrinker, shrink);
            using var smallImage = _work.Run(shrinker, work, () => filters.Shrink(shrinker, image));
            using var smallMask = _work.Run(shrinker, work, () => filters.Shrink(shrinker, maskImage));

            using var n4 = filters.NewN4();
            using var iterations = _api.Vectors.UInt32.Of([.. options.MaximumNumberOfIterations.Select(n => (uint)n)]);
            filters.SetMaximumNumberOfIterations(n4, iterations);
            filters.SetNumberOfControlPoints(n4, (uint)options.NumberOfControlPoints);
            filters.SetConvergenceThreshold(n4, options.ConvergenceThreshold);
            filters.SetBiasFieldFullWidthAtHalfMaximum(n4, options.BiasFieldFullWidthAtHalfMaximum);
            filters.SetWienerFilterNoise(n4, options.WienerFilterNoise);
            filters.SetNumberOfHistogramBins(n4, (uint)options.NumberOfHistogramBins);
            using var corrected = _work.Run(n4, work, () => filters.CorrectBias(n4, smallImage, smallMask));
            using var field = filters.GetLogBiasFieldAsImage(n4, image);
            return _images.ToVolume(field, head.Geometry);
        },
        work.CancellationToken);

    /// <inheritdoc/>
    internal override FoundPose FindPose(PreparedTemplate template, Volume scan, bool stripped, WorkOptions work) =>
        new(SimpleItkWork.Guard(() => _registration.FindPose(template, scan, stripped, work), work.CancellationToken), Lead: null);

    /// <inheritdoc/>
    internal override Affine Align(PreparedTemplate template, Volume scan, Mask? seen, bool stripped, TransformModel model, WorkOptions work) =>
        SimpleItkWork.Guard(() => _registration.Align(template, scan, seen, stripped, model, work), work.CancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// Where output voxels are larger than input voxels, a finer grid is filled first, as fine as <see cref="Resampler"/> samples,
    /// and its voxels are averaged (BinShrink). That grid has up to 64 voxels for one of the result; eight at 1 mm to 2 mm.
    /// </remarks>
    internal override Volume Resample(Volume source, Affine targetToSource, VolumeGeometry target, Mask? region, WorkOptions work) =>
        SimpleItkWork.Guard(
        () =>
        {
            var filters = _api.Filters;
            var (x, y, z) = Resampler.SamplesPerVoxel(source.Geometry.WorldToVoxel * targetToSource * target.VoxelToWorld);
            var fine = new VolumeGeometry(
                new(target.Size.X * x, target.Size.Y * y, target.Size.Z * z),
                target.VoxelToWorld * Affine.FromTranslation((0.5 / x) - 0.5, (0.5 / y) - 0.5, (0.5 / z) - 0.5)
                    * Affine.FromScale(1.0 / x, 1.0 / y, 1.0 / z));

            using var image = _images.From(source);
            using var transform = _registration.MakeTransform(targetToSource, target.Center);
            var (origin, spacing, direction) = LpsSpace.Describe(fine);
            using var sizeVector = _api.Vectors.UInt32.Of((uint)fine.Size.X, (uint)fine.Size.Y, (uint)fine.Size.Z);
            using var originVector = _api.Vectors.Double.Of(origin);
            using var spacingVector = _api.Vectors.Double.Of(spacing);
            using var directionVector = _api.Vectors.Double.Of(direction);
            using var resample = filters.NewResample();
            filters.SetSize(resample, sizeVector);
            filters.SetOutputOrigin(resample, originVector);
            filters.SetOutputSpacing(resample, spacingVector);
            filters.SetOutputDirection(resample, directionVector);
            filters.SetTransform(resample, transform);
            filters.SetInterpolator(resample, _api.Linear);
            using var sampled = _work.Run(resample, work, () => filters.ResampleImage(resample, image));

            using var bins = filters.NewBinShrink();
            using var factors = _api.Vectors.UInt32.Of((uint)x, (uint)y, (uint)z);
            filters.SetBinShrinkFactors(bins, factors);
            using var averaged = _work.Run(bins, work, () => filters.BinShrink(bins, sampled));
            var result = _images.ToVolume(averaged, target);
            for (var i = 0; region is not null && i < result.Voxels.Length; i++)
            {
                result.Voxels[i] = region.Voxels[i] ? result.Voxels[i] : 0;
            }

            return result;
        },
        work.CancellationToken);
}
