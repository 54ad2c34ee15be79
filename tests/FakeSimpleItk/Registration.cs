namespace itk.simple;

public abstract class Transform : IDisposable
{
    internal double[] Shift { get; } = new double[3];

    public VectorDouble TransformPoint(VectorDouble point) => VectorDouble.Of(Apply(point.ToArray()));

    public void Dispose() => GC.SuppressFinalize(this);

    internal abstract double[] Apply(double[] point);
}

public class AffineTransform(VectorDouble matrix, VectorDouble translation, VectorDouble fixedCenter) : Transform
{
    private readonly double[] _matrix = matrix.ToArray();
    private readonly double[] _translation = translation.ToArray();
    private readonly double[] _center = fixedCenter.ToArray();

    internal override double[] Apply(double[] point)
    {
        var result = new double[3];
        for (var row = 0; row < 3; row++)
        {
            result[row] = _center[row] + _translation[row] + Shift[row];
            for (var column = 0; column < 3; column++)
            {
                result[row] += _matrix[(3 * row) + column] * (point[column] - _center[column]);
            }
        }

        return result;
    }
}

public class Similarity3DTransform : Transform
{
    public void SetCenter(VectorDouble params_)
    {
    }

    internal override double[] Apply(double[] point) => [point[0] + Shift[0], point[1] + Shift[1], point[2] + Shift[2]];
}

/// <summary>Finds that the moving image lies 5 mm to the left, 3 mm to the back and 2 mm up of where the initial transform has it.</summary>
public class ImageRegistrationMethod : ProcessObject
{
    private Transform? _transform;

    public void SetMetricAsMattesMutualInformation(uint numberOfHistogramBins)
    {
    }

    public void SetMetricFixedMask(Image binaryMask) => _ = binaryMask.GetBufferAsUInt8();

    public void SetMetricSamplingStrategy(MetricSamplingStrategyType strategy)
    {
    }

    public void SetMetricSamplingPercentage(double percentage, uint seed)
    {
    }

    public void SetInterpolator(InterpolatorEnum Interpolator)
    {
    }

    public void SetOptimizerAsRegularStepGradientDescent(
        double learningRate, double minStep, uint numberOfIterations, double relaxationFactor, double gradientMagnitudeTolerance,
        EstimateLearningRateType estimateLearningRate, double maximumStepSizeInPhysicalUnits)
    {
    }

    public void SetOptimizerScalesFromPhysicalShift()
    {
    }

    public void SetInitialTransform(Transform transform, bool inPlace) => _transform = transform;

    public Transform Execute(Image fixed_, Image moving)
    {
        _transform!.Shift[0] += 5;
        _transform.Shift[1] += 3;
        _transform.Shift[2] += 2;
        return _transform;
    }

    // Poses that leave a point where it is are best; one in ten meets nothing.
    public double MetricEvaluate(Image fixed_, Image moving)
    {
        double[] point = [10, 20, 30];
        var distance = _transform!.Apply(point).Zip(point, (a, b) => Math.Abs(a - b)).Sum();
        return distance > 200 ? throw new ApplicationException("ITK ERROR: all samples map outside moving image buffer") : distance;
    }

    public double GetMetricValue() => MetricEvaluate(null!, null!);

    public bool StopRegistration() => true;

    public sealed class MetricSamplingStrategyType
    {
        public static readonly MetricSamplingStrategyType NONE = new();
        public static readonly MetricSamplingStrategyType RANDOM = new();
    }

    public sealed class EstimateLearningRateType
    {
        public static readonly EstimateLearningRateType Once = new();
    }
}
