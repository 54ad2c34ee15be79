namespace itk.simple;

public class ProcessObject : IDisposable
{
    /// <summary>What the last filter was given; not of the binding.</summary>
    public static uint LastNumberOfThreads;

    public void SetNumberOfThreads(uint n) => LastNumberOfThreads = n;

    public virtual void SetNumberOfWorkUnits(uint n)
    {
    }

    public virtual void Abort()
    {
    }

    public void Dispose() => GC.SuppressFinalize(this);
}

public class ShrinkImageFilter : ProcessObject
{
    private uint _factor = 1;

    public void SetShrinkFactor(uint s) => _factor = s;

    public Image Execute(Image image1)
    {
        var factor = (int)_factor;
        return image1.Like(Array.ConvertAll(image1.Size, n => (uint)(n / factor)), (x, y, z) => image1.At(factor * x, factor * y, factor * z));
    }
}

public class BinShrinkImageFilter : ProcessObject
{
    private uint[] _factors = [1, 1, 1];

    public void SetShrinkFactors(VectorUInt32 ShrinkFactors) => _factors = ShrinkFactors.ToArray();

    public void SetShrinkFactor(uint s) => _factors = [s, s, s];

    public Image Execute(Image image1)
    {
        var (fx, fy, fz) = ((int)_factors[0], (int)_factors[1], (int)_factors[2]);
        var size = image1.Size;
        return image1.Like([(uint)(size[0] / fx), (uint)(size[1] / fy), (uint)(size[2] / fz)], (x, y, z) =>
        {
            var sum = 0.0;
            for (var k = 0; k < fz; k++)
            {
                for (var j = 0; j < fy; j++)
                {
                    for (var i = 0; i < fx; i++)
                    {
                        sum += image1.At((x * fx) + i, (y * fy) + j, (z * fz) + k);
                    }
                }
            }

            return (float)(sum / (fx * fy * fz));
        });
    }
}

/// <summary>Finds the field 2 everywhere.</summary>
public class N4BiasFieldCorrectionImageFilter : ProcessObject
{
    public void SetMaximumNumberOfIterations(VectorUInt32 MaximumNumberOfIterations) =>
        Require(MaximumNumberOfIterations.ToArray() is [50, 50, 50, 50]);

    public void SetConvergenceThreshold(double ConvergenceThreshold) => Require(ConvergenceThreshold == 0.001);

    public void SetBiasFieldFullWidthAtHalfMaximum(double BiasFieldFullWidthAtHalfMaximum) => Require(BiasFieldFullWidthAtHalfMaximum == 0.15);

    public void SetWienerFilterNoise(double WienerFilterNoise) => Require(WienerFilterNoise == 0.01);

    public void SetNumberOfHistogramBins(uint NumberOfHistogramBins) => Require(NumberOfHistogramBins == 200);

    public void SetNumberOfControlPoints(uint value) => Require(value == 4);

    public void SetNumberOfControlPoints(VectorUInt32 NumberOfControlPoints) => throw new NotSupportedException();

    public Image Execute(Image image) => throw new NotSupportedException();

    public Image Execute(Image image, Image maskImage)
    {
        // A voxel without intensity has no logarithm.
        for (var i = 0; i < (int)image.GetNumberOfPixels(); i++)
        {
            Require(maskImage[i] is 0 || (maskImage[i] is 1 && image[i] > 0));
        }

        return image.Like(Array.ConvertAll(image.Size, n => (uint)n), (x, y, z) => image.At(x, y, z) / 2);
    }

    public Image GetLogBiasFieldAsImage(Image referenceImage) =>
        referenceImage.Like(Array.ConvertAll(referenceImage.Size, n => (uint)n), (_, _, _) => MathF.Log(2));

    private static void Require(bool fulfilled)
    {
        if (!fulfilled)
        {
            throw new ApplicationException("Exception thrown in SimpleITK N4BiasFieldCorrectionImageFilter: not what was to be set");
        }
    }
}

public class ResampleImageFilter : ProcessObject
{
    private uint[] _size = [];
    private double[] _origin = [];
    private double[] _spacing = [];
    private double[] _direction = [];
    private Transform? _transform;

    public void SetSize(VectorUInt32 Size) => _size = Size.ToArray();

    public void SetOutputOrigin(VectorDouble OutputOrigin) => _origin = OutputOrigin.ToArray();

    public void SetOutputSpacing(VectorDouble OutputSpacing) => _spacing = OutputSpacing.ToArray();

    public void SetOutputDirection(VectorDouble OutputDirection) => _direction = OutputDirection.ToArray();

    public void SetTransform(Transform Transform) => _transform = Transform;

    public void SetInterpolator(InterpolatorEnum Interpolator)
    {
    }

    public Image Execute(Image image1) => image1.Like(_size, (x, y, z) =>
    {
        double[] index = [x * _spacing[0], y * _spacing[1], z * _spacing[2]];
        var point = new double[3];
        for (var row = 0; row < 3; row++)
        {
            point[row] = _origin[row] + (_direction[3 * row] * index[0]) + (_direction[(3 * row) + 1] * index[1])
                + (_direction[(3 * row) + 2] * index[2]);
        }

        return Sample(image1, image1.IndexOf(_transform!.Apply(point)));
    });

    private static float Sample(Image image, double[] at)
    {
        var (x, y, z) = ((int)Math.Floor(at[0]), (int)Math.Floor(at[1]), (int)Math.Floor(at[2]));
        var sum = 0.0;
        for (var corner = 0; corner < 8; corner++)
        {
            var (i, j, k) = (x + (corner & 1), y + ((corner >> 1) & 1), z + (corner >> 2));
            sum += (1 - Math.Abs(at[0] - i)) * (1 - Math.Abs(at[1] - j)) * (1 - Math.Abs(at[2] - k)) * image.At(i, j, k);
        }

        return (float)sum;
    }
}
