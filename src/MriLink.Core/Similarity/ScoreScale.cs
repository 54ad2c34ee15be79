namespace MriLink.Core.Similarity;

/// <summary>On which scale a measure's impostor scores are closest to symmetric, so that tails can be compared.</summary>
public enum ScoreScale
{
    /// <summary>As it is: decibels, for example.</summary>
    Linear,

    /// <summary>Bounded by 1: Fisher's z, artanh of the score.</summary>
    FisherZ,

    /// <summary>From 1 to 2 as normalised mutual information is: Fisher's z of the score less 1.</summary>
    FisherZAboveOne,

    /// <summary>Positive without bound: the logarithm.</summary>
    Logarithm,
}
