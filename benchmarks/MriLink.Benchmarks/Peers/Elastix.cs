using System.Globalization;
using MriLink.Benchmarks.Measuring;

namespace MriLink.Benchmarks.Peers;

/// <summary>Affine registration by elastix: Mattes mutual information, four resolutions of 250 iterations.</summary>
internal static class Elastix
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
}
