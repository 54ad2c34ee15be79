namespace MriLink.Core.Linkage;

/// <summary>How a threshold was found.</summary>
public enum ThresholdRule
{
    /// <summary>Somebody chose it.</summary>
    Given,

    /// <summary>Where the densities of genuine and impostor scores, weighted by the prior, cross.</summary>
    DensityCrossing,

    /// <summary>Halfway between the worst genuine and the best impostor score, which do not overlap.</summary>
    GapMidpoint,

    /// <summary>Where impostor pairs match at a chosen rate.</summary>
    FalseMatchRate,
}
