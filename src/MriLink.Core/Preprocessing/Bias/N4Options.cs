using System.Runtime.CompilerServices;

namespace MriLink.Core.Preprocessing.Bias;

/// <summary>Parameters of N4, under the names that the field and ITK use; the defaults are those in common use.</summary>
/// <exception cref="ArgumentOutOfRangeException">A value makes no sense.</exception>
public sealed record N4Options
{
    /// <summary>Every so manyth voxel along each axis is used, as ITK's shrink filter takes them; 1 or more.</summary>
    public int ShrinkFactor { get; init => field = AtLeast(1, value); } = 4;

    /// <summary>Control points along each axis at the first level, as ITK counts them: one span needs 4, the least.</summary>
    public int NumberOfControlPoints { get; init => field = AtLeast(SplineAxis.Support, value); } = SplineAxis.Support;

    /// <summary>
    /// Iterations allowed at each level, ITK's number of fitting levels being their count; the spans double from one level to the next.
    /// </summary>
    public IReadOnlyList<int> MaximumNumberOfIterations { get; init => field = Checked(value); } = [50, 50, 50, 50];

    /// <summary>A level ends when the coefficient of variation of the ratio between successive fields is no more than this.</summary>
    public double ConvergenceThreshold { get; init => field = NotNegative(value); } = 0.001;

    /// <summary>Full width at half maximum, in log intensity, of the Gaussian that the field is taken to blur the histogram with; above 0.</summary>
    public double BiasFieldFullWidthAtHalfMaximum { get; init => field = Positive(value); } = 0.15;

    /// <summary>Noise term of the Wiener filter that undoes the blur; above 0.</summary>
    public double WienerFilterNoise { get; init => field = Positive(value); } = 0.01;

    /// <summary>Bins of the log-intensity histogram, 2 or more.</summary>
    public int NumberOfHistogramBins { get; init => field = AtLeast(2, value); } = 200;

    private static int AtLeast(int least, int value, [CallerMemberName] string parameter = "") =>
        value >= least ? value : throw new ArgumentOutOfRangeException(parameter, value, $"{parameter} must be {least} or more.");

    private static double NotNegative(double value, [CallerMemberName] string parameter = "") =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(parameter, value, $"{parameter} must be 0 or more.");

    private static double Positive(double value, [CallerMemberName] string parameter = "") =>
        value > 0 ? value : throw new ArgumentOutOfRangeException(parameter, value, $"{parameter} must be above 0.");

    private static IReadOnlyList<int> Checked(IReadOnlyList<int> value, [CallerMemberName] string parameter = "") =>
        value.Count > 0 && value.All(iterations => iterations >= 0)
            ? value
            : throw new ArgumentOutOfRangeException(
                parameter, $"{parameter} must name a number of iterations, 0 or more, for each of one or more levels.");
}
