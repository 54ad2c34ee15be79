namespace MriLink.Core.Preprocessing;

/// <summary>Parameters of N4, under the names that the field and ITK use; the defaults are those in common use.</summary>
public sealed record N4Options
{
    /// <summary>The input is averaged over blocks of this many voxels before the field is estimated.</summary>
    public int ShrinkFactor { get; init; } = 4;

    /// <summary>Control points along each axis at the first level, as ITK counts them: one span needs 4.</summary>
    public int NumberOfControlPoints { get; init; } = 4;

    /// <summary>Iterations allowed at each level; the spans double from one level to the next.</summary>
    public IReadOnlyList<int> MaximumNumberOfIterations { get; init; } = [50, 50, 50, 50];

    /// <summary>A level ends when the coefficient of variation of the ratio between successive fields falls below this.</summary>
    public double ConvergenceThreshold { get; init; } = 0.001;

    /// <summary>Full width at half maximum, in log intensity, of the Gaussian that the field is taken to blur the histogram with.</summary>
    public double BiasFieldFullWidthAtHalfMaximum { get; init; } = 0.15;

    /// <summary>Noise term of the Wiener filter that undoes the blur.</summary>
    public double WienerFilterNoise { get; init; } = 0.01;

    /// <summary>Bins of the log-intensity histogram.</summary>
    public int NumberOfHistogramBins { get; init; } = 200;
}
