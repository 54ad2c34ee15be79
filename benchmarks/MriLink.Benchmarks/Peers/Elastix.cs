using System.Globalization;
using System.Text.RegularExpressions;
using MriLink.Benchmarks.Measuring;
using MriLink.Core.Volumes;
using MriLink.SimpleItk;

namespace MriLink.Benchmarks.Peers;

/// <summary>Affine registration by elastix: Mattes mutual information, four resolutions of 250 iterations.</summary>
internal static partial class Elastix
{
    private const string Program = "elastix";

    // The manual's usual settings; where the images start is their headers' matter, and only overlap of the grids' centres helps.
    private const string Parameters = """
        (FixedInternalImagePixelType "float")
        (MovingInternalImagePixelType "float")
        (FixedImageDimension 3)
        (MovingImageDimension 3)
        (UseDirectionCosines "true")
        (Registration "MultiResolutionRegistration")
        (Interpolator "BSplineInterpolator")
        (ResampleInterpolator "FinalBSplineInterpolator")
        (Resampler "DefaultResampler")
        (FixedImagePyramid "FixedRecursiveImagePyramid")
        (MovingImagePyramid "MovingRecursiveImagePyramid")
        (Optimizer "AdaptiveStochasticGradientDescent")
        (Transform "AffineTransform")
        (Metric "AdvancedMattesMutualInformation")
        (AutomaticScalesEstimation "true")
        (AutomaticTransformInitialization "true")
        (AutomaticTransformInitializationMethod "CenterOfGravity")
        (HowToCombineTransforms "Compose")
        (NumberOfHistogramBins 32)
        (NumberOfResolutions 4)
        (MaximumNumberOfIterations 250)
        (NumberOfSpatialSamples 2048)
        (NewSamplesEveryIteration "true")
        (ImageSampler "Random")
        (BSplineInterpolationOrder 1)
        (FinalBSplineInterpolationOrder 3)
        (DefaultPixelValue 0)
        (WriteResultImage "true")
        (ResultImagePixelType "float")
        (ResultImageFormat "nii")
        """;

    /// <summary>The program as what a benchmark needs.</summary>
    public static Peer Peer { get; } = Peer.Program(Program, "elastix");

    /// <summary>Registers, resamples and writes.</summary>
    /// <param name="fixedFile">The image that is aligned to.</param>
    /// <param name="movingFile">The image that is aligned.</param>
    /// <param name="folder">Where results go; made when absent.</param>
    /// <param name="threads">Threads it may use.</param>
    public static ChildRun RunAffine(string fixedFile, string movingFile, string folder, int threads)
    {
        Directory.CreateDirectory(folder);
        var parameters = Path.Combine(folder, "affine.txt");
        File.WriteAllText(parameters, Parameters);
        return Child.Run(
            Program,
            ["-f", fixedFile, "-m", movingFile, "-out", folder, "-p", parameters, "-threads", threads.ToString(CultureInfo.InvariantCulture)]);
    }

    /// <summary>The map from fixed to moving world (RAS mm) that a run left in its folder.</summary>
    public static Affine ReadMap(string folder)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, "TransformParameters.0.txt"));
        var a = Numbers(lines, "TransformParameters");
        var c = Numbers(lines, "CenterOfRotationPoint");
        var map = Affine.FromTranslation(a[9], a[10], a[11])
            * Affine.FromRows([a[0], a[1], a[2], 0, a[3], a[4], a[5], 0, a[6], a[7], a[8], 0]).About(new(c[0], c[1], c[2]));
        return LpsSpace.Other(map);
    }

    /// <summary>The seconds that a run logged for its resolutions: registration alone.</summary>
    public static double LoggedSeconds(ChildRun run) =>
        TimeSpent().Matches(run.Output).Sum(m => double.Parse(m.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture));

    private static double[] Numbers(string[] lines, string name) => [.. lines
        .Single(line => line.StartsWith($"({name} ", StringComparison.Ordinal)).Trim('(', ')').Split(' ')[1..]
        .Select(text => double.Parse(text, CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"Time spent in resolution \d+ \(ITK initialization and iterating\): (?<seconds>[\d.]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TimeSpent();
}
