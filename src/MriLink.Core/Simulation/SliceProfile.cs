namespace MriLink.Core.Simulation;

/// <summary>How a slice weighs the anatomy across its thickness.</summary>
public enum SliceProfile
{
    /// <summary>A Gaussian whose full width at half maximum is the slice thickness: a real selective pulse, nearly.</summary>
    Gaussian,

    /// <summary>Evenly over the slice thickness, nothing beyond.</summary>
    Box,
}
