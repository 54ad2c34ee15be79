using MriLink.Core.Similarity;

namespace MriLink.Core.Linkage;

/// <summary>Scores on a scale on which larger is more alike and impostors are nearly symmetric (<see cref="ScoreScale"/>), and back.</summary>
internal static class ComparableScore
{
    // Identical volumes would be infinitely far out; they stay finite. artanh of 1 − 1e-12 is 14, far above any pair of scans.
    private const double Closest = 1e-12;

    /// <summary>A score as the measure gives it, made comparable. Without a measure it is taken as it is.</summary>
    public static double From(double score, SimilarityMeasure? measure)
    {
        var value = measure?.Scale switch
        {
            ScoreScale.FisherZ => Math.Atanh(Math.Clamp(score, -1 + Closest, 1 - Closest)),
            ScoreScale.FisherZAboveOne => Math.Atanh(Math.Clamp(score - 1, -1 + Closest, 1 - Closest)),
            ScoreScale.Logarithm => Math.Log(Math.Max(score, Closest)),
            _ => score,
        };
        return measure?.HigherIsBetter ?? true ? value : -value;
    }

    /// <summary>The score that a comparable value stands for.</summary>
    public static double To(double value, SimilarityMeasure? measure)
    {
        var signed = measure?.HigherIsBetter ?? true ? value : -value;
        return measure?.Scale switch
        {
            ScoreScale.FisherZ => Math.Tanh(signed),
            ScoreScale.FisherZAboveOne => 1 + Math.Tanh(signed),
            ScoreScale.Logarithm => Math.Exp(signed),
            _ => signed,
        };
    }
}
