namespace MriLink.SimpleItk;

/// <summary>All of SimpleITK that is used here, bound to one library. Names are SimpleITK's own; its Doxygen says what they do.</summary>
/// <remarks>The same in the C# bindings of 2.1 to 2.5.</remarks>
internal sealed class SimpleItkApi
{
    /// <summary>Binds every member.</summary>
    /// <exception cref="MissingMemberException">The library lacks one.</exception>
    public SimpleItkApi(LateBinding binding, SimpleItkVersion version)
    {
        Version = version;
        Float32 = binding.Value("PixelIDValueEnum", "sitkFloat32");
        UInt8 = binding.Value("PixelIDValueEnum", "sitkUInt8");
        Linear = binding.Value("InterpolatorEnum", "sitkLinear");
        Images = new(binding);
        Vectors = new(binding);
        Files = new(binding);
        Series = new(binding);
        Filters = new(binding);
        Registration = new(binding);
    }

    public SimpleItkVersion Version { get; }

    /// <summary>PixelIDValueEnum: voxels of 32-bit floats.</summary>
    public object Float32 { get; }

    /// <summary>PixelIDValueEnum: voxels of bytes, which masks are made of.</summary>
    public object UInt8 { get; }

    /// <summary>InterpolatorEnum: linear along each axis.</summary>
    public object Linear { get; }

    public ImageMembers Images { get; }

    public VectorMembers Vectors { get; }

    public FileMembers Files { get; }

    public SeriesMembers Series { get; }

    public FilterMembers Filters { get; }

    public RegistrationMembers Registration { get; }

    /// <summary>Image.</summary>
    internal sealed class ImageMembers(LateBinding binding)
    {
        /// <summary>Width, height, depth, PixelIDValueEnum.</summary>
        public Func<uint, uint, uint, object, IDisposable> New { get; } = binding.Constructor<Func<uint, uint, uint, object, IDisposable>>("Image");

        public Action<IDisposable, IDisposable> SetOrigin { get; } = binding.Method<Action<IDisposable, IDisposable>>("Image", "SetOrigin");

        public Action<IDisposable, IDisposable> SetSpacing { get; } = binding.Method<Action<IDisposable, IDisposable>>("Image", "SetSpacing");

        public Action<IDisposable, IDisposable> SetDirection { get; } = binding.Method<Action<IDisposable, IDisposable>>("Image", "SetDirection");

        public Func<IDisposable, IDisposable> GetSize { get; } = binding.Method<Func<IDisposable, IDisposable>>("Image", "GetSize");

        public Func<IDisposable, IDisposable> GetOrigin { get; } = binding.Method<Func<IDisposable, IDisposable>>("Image", "GetOrigin");

        public Func<IDisposable, IDisposable> GetSpacing { get; } = binding.Method<Func<IDisposable, IDisposable>>("Image", "GetSpacing");

        public Func<IDisposable, IDisposable> GetDirection { get; } = binding.Method<Func<IDisposable, IDisposable>>("Image", "GetDirection");

        public Func<IDisposable, ulong> GetNumberOfPixels { get; } = binding.Method<Func<IDisposable, ulong>>("Image", "GetNumberOfPixels");

        public Func<IDisposable, nint> GetBufferAsFloat { get; } = binding.Method<Func<IDisposable, nint>>("Image", "GetBufferAsFloat");

        public Func<IDisposable, nint> GetBufferAsUInt8 { get; } = binding.Method<Func<IDisposable, nint>>("Image", "GetBufferAsUInt8");
    }

    /// <summary>The vectors that sizes, places and matrices are passed in.</summary>
    internal sealed class VectorMembers(LateBinding binding)
    {
        private readonly Func<IDisposable, int> _count = binding.Method<Func<IDisposable, int>>("VectorUInt64", "get_Count");
        private readonly Func<IDisposable, int, ulong> _element = binding.Method<Func<IDisposable, int, ulong>>("VectorUInt64", "get_Item");

        public VectorMembers<double> Double { get; } = new(binding, "VectorDouble");

        public VectorMembers<uint> UInt32 { get; } = new(binding, "VectorUInt32");

        public VectorMembers<int> Int32 { get; } = new(binding, "VectorInt32");

        public VectorMembers<string> String { get; } = new(binding, "VectorString");

        /// <summary>The numbers of a VectorUInt64, which is disposed.</summary>
        /// <remarks>One by one: where C++'s long has 64 bits the binding has them as uint, elsewhere as ulong.</remarks>
        public ulong[] TakeUInt64(IDisposable vector)
        {
            using (vector)
            {
                return [.. Enumerable.Range(0, _count(vector)).Select(i => _element(vector, i))];
            }
        }
    }

    /// <summary>The vectors of one type.</summary>
    internal sealed class VectorMembers<T>(LateBinding binding, string name)
    {
        private readonly Func<IDisposable> _new = binding.Constructor<Func<IDisposable>>(name);
        private readonly Action<IDisposable, T> _add = binding.Method<Action<IDisposable, T>>(name, "Add");
        private readonly Func<IDisposable, T[]> _toArray = binding.Method<Func<IDisposable, T[]>>(name, "ToArray");

        /// <summary>A new vector; one that cannot be filled is disposed.</summary>
        public IDisposable Of(params ReadOnlySpan<T> values)
        {
            var vector = _new();
            try
            {
                foreach (var value in values)
                {
                    _add(vector, value);
                }

                return vector;
            }
            catch
            {
                vector.Dispose();
                throw;
            }
        }

        /// <summary>What a vector holds; it is disposed.</summary>
        public T[] Take(IDisposable vector)
        {
            using (vector)
            {
                return _toArray(vector);
            }
        }
    }

    /// <summary>ImageFileReader.</summary>
    internal sealed class FileMembers(LateBinding binding)
    {
        public Func<IDisposable> New { get; } = binding.Constructor<Func<IDisposable>>("ImageFileReader");

        public Action<IDisposable, string> SetFileName { get; } = binding.Method<Action<IDisposable, string>>("ImageFileReader", "SetFileName");

        public Action<IDisposable> ReadImageInformation { get; } = binding.Method<Action<IDisposable>>("ImageFileReader", "ReadImageInformation");

        public Func<IDisposable, uint> GetNumberOfComponents { get; } =
            binding.Method<Func<IDisposable, uint>>("ImageFileReader", "GetNumberOfComponents");

        public Func<IDisposable, IDisposable> GetSize { get; } = binding.Method<Func<IDisposable, IDisposable>>("ImageFileReader", "GetSize");

        public Func<IDisposable, IDisposable> GetOrigin { get; } = binding.Method<Func<IDisposable, IDisposable>>("ImageFileReader", "GetOrigin");

        public Func<IDisposable, IDisposable> GetSpacing { get; } = binding.Method<Func<IDisposable, IDisposable>>("ImageFileReader", "GetSpacing");

        public Func<IDisposable, IDisposable> GetDirection { get; } =
            binding.Method<Func<IDisposable, IDisposable>>("ImageFileReader", "GetDirection");

        public Func<IDisposable, int> GetPixelIDValue { get; } = binding.Method<Func<IDisposable, int>>("ImageFileReader", "GetPixelIDValue");

        public Func<int, string> GetPixelIDValueAsString { get; } = binding.Static<Func<int, string>>("SimpleITK", "GetPixelIDValueAsString");

        public Func<string, string> GetImageIOFromFileName { get; } =
            binding.Static<Func<string, string>>("ImageReaderBase", "GetImageIOFromFileName");

        public Action<IDisposable, object> SetOutputPixelType { get; } =
            binding.Method<Action<IDisposable, object>>("ImageFileReader", "SetOutputPixelType");

        public Action<IDisposable, IDisposable> SetExtractSize { get; } =
            binding.Method<Action<IDisposable, IDisposable>>("ImageFileReader", "SetExtractSize");

        public Action<IDisposable, IDisposable> SetExtractIndex { get; } =
            binding.Method<Action<IDisposable, IDisposable>>("ImageFileReader", "SetExtractIndex");

        public Func<IDisposable, IDisposable> Execute { get; } = binding.Method<Func<IDisposable, IDisposable>>("ImageFileReader", "Execute");
    }

    /// <summary>ImageSeriesReader: DICOM series, sorted by GDCM.</summary>
    internal sealed class SeriesMembers(LateBinding binding)
    {
        private const string Reader = "ImageSeriesReader";

        /// <summary>Of a folder.</summary>
        public Func<string, IDisposable> GetGDCMSeriesIDs { get; } = binding.Static<Func<string, IDisposable>>(Reader, "GetGDCMSeriesIDs");

        /// <summary>Of a folder and a series, in the order of the slices.</summary>
        public Func<string, string, IDisposable> GetGDCMSeriesFileNames { get; } =
            binding.Static<Func<string, string, IDisposable>>(Reader, "GetGDCMSeriesFileNames");

        public Func<IDisposable> New { get; } = binding.Constructor<Func<IDisposable>>(Reader);

        public Action<IDisposable, IDisposable> SetFileNames { get; } = binding.Method<Action<IDisposable, IDisposable>>(Reader, "SetFileNames");

        public Action<IDisposable, object> SetOutputPixelType { get; } = binding.Method<Action<IDisposable, object>>(Reader, "SetOutputPixelType");

        public Func<IDisposable, IDisposable> Execute { get; } = binding.Method<Func<IDisposable, IDisposable>>(Reader, "Execute");
    }

    /// <summary>ShrinkImageFilter, BinShrinkImageFilter, N4BiasFieldCorrectionImageFilter, ResampleImageFilter.</summary>
    internal sealed class FilterMembers(LateBinding binding)
    {
        private const string N4 = "N4BiasFieldCorrectionImageFilter";
        private const string Resample = "ResampleImageFilter";

        public Func<IDisposable> NewShrink { get; } = binding.Constructor<Func<IDisposable>>("ShrinkImageFilter");

        public Action<IDisposable, uint> SetShrinkFactor { get; } = binding.Method<Action<IDisposable, uint>>("ShrinkImageFilter", "SetShrinkFactor");

        public Func<IDisposable, IDisposable, IDisposable> Shrink { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable>>("ShrinkImageFilter", "Execute");

        public Func<IDisposable> NewBinShrink { get; } = binding.Constructor<Func<IDisposable>>("BinShrinkImageFilter");

        public Action<IDisposable, IDisposable> SetBinShrinkFactors { get; } =
            binding.Method<Action<IDisposable, IDisposable>>("BinShrinkImageFilter", "SetShrinkFactors");

        public Func<IDisposable, IDisposable, IDisposable> BinShrink { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable>>("BinShrinkImageFilter", "Execute");

        public Func<IDisposable> NewN4 { get; } = binding.Constructor<Func<IDisposable>>(N4);

        public Action<IDisposable, IDisposable> SetMaximumNumberOfIterations { get; } =
            binding.Method<Action<IDisposable, IDisposable>>(N4, "SetMaximumNumberOfIterations");

        public Action<IDisposable, double> SetConvergenceThreshold { get; } =
            binding.Method<Action<IDisposable, double>>(N4, "SetConvergenceThreshold");

        public Action<IDisposable, double> SetBiasFieldFullWidthAtHalfMaximum { get; } =
            binding.Method<Action<IDisposable, double>>(N4, "SetBiasFieldFullWidthAtHalfMaximum");

        public Action<IDisposable, double> SetWienerFilterNoise { get; } = binding.Method<Action<IDisposable, double>>(N4, "SetWienerFilterNoise");

        public Action<IDisposable, uint> SetNumberOfHistogramBins { get; } =
            binding.Method<Action<IDisposable, uint>>(N4, "SetNumberOfHistogramBins");

        public Action<IDisposable, uint> SetNumberOfControlPoints { get; } =
            binding.Method<Action<IDisposable, uint>>(N4, "SetNumberOfControlPoints");

        /// <summary>The scan, and its mask, whose label is 1.</summary>
        public Func<IDisposable, IDisposable, IDisposable, IDisposable> CorrectBias { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable, IDisposable>>(N4, "Execute");

        public Func<IDisposable, IDisposable, IDisposable> GetLogBiasFieldAsImage { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable>>(N4, "GetLogBiasFieldAsImage");

        public Func<IDisposable> NewResample { get; } = binding.Constructor<Func<IDisposable>>(Resample);

        public Action<IDisposable, IDisposable> SetSize { get; } = binding.Method<Action<IDisposable, IDisposable>>(Resample, "SetSize");

        public Action<IDisposable, IDisposable> SetOutputOrigin { get; } =
            binding.Method<Action<IDisposable, IDisposable>>(Resample, "SetOutputOrigin");

        public Action<IDisposable, IDisposable> SetOutputSpacing { get; } =
            binding.Method<Action<IDisposable, IDisposable>>(Resample, "SetOutputSpacing");

        public Action<IDisposable, IDisposable> SetOutputDirection { get; } =
            binding.Method<Action<IDisposable, IDisposable>>(Resample, "SetOutputDirection");

        public Action<IDisposable, IDisposable> SetTransform { get; } = binding.Method<Action<IDisposable, IDisposable>>(Resample, "SetTransform");

        public Action<IDisposable, object> SetInterpolator { get; } = binding.Method<Action<IDisposable, object>>(Resample, "SetInterpolator");

        public Func<IDisposable, IDisposable, IDisposable> ResampleImage { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable>>(Resample, "Execute");

        /// <summary>Of any filter, the registration method included.</summary>
        public Action<IDisposable, uint> SetNumberOfThreads { get; } =
            binding.Method<Action<IDisposable, uint>>("ProcessObject", "SetNumberOfThreads");

        /// <summary>Of any filter: into how many parts its work is cut, however many threads take them.</summary>
        public Action<IDisposable, uint> SetNumberOfWorkUnits { get; } =
            binding.Method<Action<IDisposable, uint>>("ProcessObject", "SetNumberOfWorkUnits");

        /// <summary>Of any filter, from another thread.</summary>
        public Action<IDisposable> Abort { get; } = binding.Method<Action<IDisposable>>("ProcessObject", "Abort");
    }

    /// <summary>ImageRegistrationMethod and its transforms.</summary>
    internal sealed class RegistrationMembers(LateBinding binding)
    {
        private const string Method = "ImageRegistrationMethod";

        /// <summary>MetricSamplingStrategyType: points at random, from a seed.</summary>
        public object RandomSampling { get; } = binding.Value(Method + "+MetricSamplingStrategyType", "RANDOM");

        /// <summary>MetricSamplingStrategyType: every point.</summary>
        public object EveryPoint { get; } = binding.Value(Method + "+MetricSamplingStrategyType", "NONE");

        /// <summary>EstimateLearningRateType: from the first gradient.</summary>
        public object EstimateOnce { get; } = binding.Value(Method + "+EstimateLearningRateType", "Once");

        public Func<IDisposable> New { get; } = binding.Constructor<Func<IDisposable>>(Method);

        public Action<IDisposable, uint> SetMetricAsMattesMutualInformation { get; } =
            binding.Method<Action<IDisposable, uint>>(Method, "SetMetricAsMattesMutualInformation");

        public Action<IDisposable, IDisposable> SetMetricFixedMask { get; } =
            binding.Method<Action<IDisposable, IDisposable>>(Method, "SetMetricFixedMask");

        public Action<IDisposable, object> SetMetricSamplingStrategy { get; } =
            binding.Method<Action<IDisposable, object>>(Method, "SetMetricSamplingStrategy");

        /// <summary>Share of the points, 0 to 1, and seed.</summary>
        public Action<IDisposable, double, uint> SetMetricSamplingPercentage { get; } =
            binding.Method<Action<IDisposable, double, uint>>(Method, "SetMetricSamplingPercentage");

        public Action<IDisposable, object> SetInterpolator { get; } = binding.Method<Action<IDisposable, object>>(Method, "SetInterpolator");

        /// <summary>Learning rate, least step, iterations, relaxation, gradient tolerance, EstimateLearningRateType, longest step in mm.</summary>
        public Action<IDisposable, double, double, uint, double, double, object, double> SetOptimizerAsRegularStepGradientDescent { get; } =
            binding.Method<Action<IDisposable, double, double, uint, double, double, object,
                double>>(Method, "SetOptimizerAsRegularStepGradientDescent");

        public Action<IDisposable> SetOptimizerScalesFromPhysicalShift { get; } =
            binding.Method<Action<IDisposable>>(Method, "SetOptimizerScalesFromPhysicalShift");

        public Action<IDisposable, IDisposable, bool> SetInitialTransform { get; } =
            binding.Method<Action<IDisposable, IDisposable, bool>>(Method, "SetInitialTransform");

        /// <summary>Fixed image, moving image; gives the transform.</summary>
        public Func<IDisposable, IDisposable, IDisposable, IDisposable> Execute { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable, IDisposable>>(Method, "Execute");

        /// <summary>Fixed image, moving image; gives the metric where the initial transform is.</summary>
        public Func<IDisposable, IDisposable, IDisposable, double> MetricEvaluate { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable, double>>(Method, "MetricEvaluate");

        public Func<IDisposable, double> GetMetricValue { get; } = binding.Method<Func<IDisposable, double>>(Method, "GetMetricValue");

        public Func<IDisposable, bool> StopRegistration { get; } = binding.Method<Func<IDisposable, bool>>(Method, "StopRegistration");

        /// <summary>Matrix row by row, translation, centre.</summary>
        public Func<IDisposable, IDisposable, IDisposable, IDisposable> NewAffine { get; } =
            binding.Constructor<Func<IDisposable, IDisposable, IDisposable, IDisposable>>("AffineTransform");

        public Func<IDisposable> NewSimilarity { get; } = binding.Constructor<Func<IDisposable>>("Similarity3DTransform");

        public Action<IDisposable, IDisposable> SetSimilarityCenter { get; } =
            binding.Method<Action<IDisposable, IDisposable>>("Similarity3DTransform", "SetCenter");

        public Func<IDisposable, IDisposable, IDisposable> TransformPoint { get; } =
            binding.Method<Func<IDisposable, IDisposable, IDisposable>>("Transform", "TransformPoint");
    }
}
