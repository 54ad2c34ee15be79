using MriLink.Core.Similarity;

namespace MriLink.Core.Linkage;

/// <summary>How a threshold is found.</summary>
public sealed record ThresholdOptions
{
    private readonly double? _prior;
    private readonly double? _falseMatchRate;

    /// <summary>The measure that gave the scores; null when it has no name here: scores are then taken as they are.</summary>
    public SimilarityMeasure? Measure { get; init; }

    /// <summary>Whether a larger score means more alike, when <see cref="Measure"/> does not say.</summary>
    public bool HigherIsBetter { get; init; } = true;

    /// <summary>How the scores were normalised.</summary>
    public CohortNormalization Normalization { get; init; }

    /// <summary>The contrasts of the pairs that scores are of (<see cref="ContrastKind.Name"/>); null when not known.</summary>
    public string? Contrasts { get; init; }

    /// <summary>How wide kernels are.</summary>
    public BandwidthRule BandwidthRule { get; init; }

    /// <summary>
    /// The probability of one person before the score is known, between 0 and 1; null takes the genuine pairs' share of the scores.
    /// </summary>
    public double? Prior
    {
        get => _prior;
        init => _prior = value is not { } p || p is > 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A prior lies between 0 and 1.");
    }

    /// <summary>The rate at which impostor pairs may match; null seeks the crossing of the densities.</summary>
    public double? FalseMatchRate
    {
        get => _falseMatchRate;
        init => _falseMatchRate = value is not { } p || p is > 0 and < 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A false match rate lies between 0 and 1.");
    }
}
