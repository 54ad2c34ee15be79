using MriLink.Core.Basics;

namespace MriLink.Core.Linkage;

/// <summary>How well scores tell who is who, where that is known (ISO/IEC 19795-1).</summary>
/// <remarks>
/// Intervals are 95 % percentile intervals over bootstrap samples of participants: all scans of a person are drawn or not drawn together,
/// because they are alike in how hard they are, joined with Clopper and Pearson's for as many errors among as many participants, because a
/// bootstrap of few errors hardly knows them; that of d′ is joined with Student's by leaving out one participant after another. A figure is null
/// where the data cannot tell it; <see cref="Notes"/> says why.
/// </remarks>
public sealed class LinkageEvaluation
{
    /// <summary>The measure's name.</summary>
    public required string Metric { get; init; }

    /// <summary>The contrasts of the pairs: "T1w", or "FLAIR-T1w" for FLAIR probes and a T1w gallery; null where there are several kinds.</summary>
    public string? Contrasts { get; init; }

    /// <summary>How the scores were normalised.</summary>
    public string Normalization { get; init; } = nameof(CohortNormalization.None);

    /// <summary>People.</summary>
    public required int Participants { get; init; }

    /// <summary>Pairs of two scans of one person.</summary>
    public required int GenuinePairs { get; init; }

    /// <summary>Pairs of scans of two people.</summary>
    public required int ImpostorPairs { get; init; }

    /// <summary>Probes whose person is in the gallery too.</summary>
    public required int MatedProbes { get; init; }

    /// <summary>Probes whose person is not.</summary>
    public required int NonMatedProbes { get; init; }

    /// <summary>The part of mated probes whose own person is the gallery's best.</summary>
    public IntervalEstimate? Rank1 { get; init; }

    /// <summary>The part of mated probes whose own person is among the gallery's best five.</summary>
    public IntervalEstimate? Rank5 { get; init; }

    /// <summary>How often a genuine pair scores better than an impostor pair; ties count half.</summary>
    public IntervalEstimate? Auc { get; init; }

    /// <summary>The equal error rate: where false match and false non-match rate are the same, linear between observed scores.</summary>
    public IntervalEstimate? Eer { get; init; }

    /// <summary>The score at which that is.</summary>
    public double? EerThreshold { get; init; }

    /// <summary>d′: the distance of the means in units of the root mean square of both standard deviations.</summary>
    public IntervalEstimate? DPrime { get; init; }

    /// <summary>The part of genuine pairs accepted where at most one impostor pair in 100 is.</summary>
    public IntervalEstimate? TarAtFar1e2 { get; init; }

    /// <summary>The part of genuine pairs accepted where at most one impostor pair in 1000 is.</summary>
    public IntervalEstimate? TarAtFar1e3 { get; init; }

    /// <summary>The part of genuine pairs accepted where at most one impostor pair in 10 000 is.</summary>
    public IntervalEstimate? TarAtFar1e4 { get; init; }

    /// <summary>
    /// The part of mated probes that are not found at rank 1 and above the threshold where at most one search in 100 finds somebody who is
    /// not there. Every probe's search without its own person's scans counts as such a search.
    /// </summary>
    public IntervalEstimate? FnirAtFpir1e2 { get; init; }

    /// <summary>Points of the DET and the ROC curve, from the strictest threshold to the loosest, thinned to some hundred.</summary>
    public PlainList<OperatingPoint> Roc { get; init; } = [];

    /// <summary>Quantiles of the scores of pairs of one person, evenly spaced in rank, the best first and the worst last.</summary>
    public PlainList<double> GenuineQuantiles { get; init; } = [];

    /// <summary>Quantiles of the scores of pairs of two people, in the same way.</summary>
    public PlainList<double> ImpostorQuantiles { get; init; } = [];

    /// <summary>Points of the cumulative match characteristic, ranks 1 to 20.</summary>
    public PlainList<RankPoint> Cmc { get; init; } = [];

    /// <summary>Bootstrap samples behind the intervals.</summary>
    public int Replicates { get; init; }

    /// <summary>The seed that they were drawn with.</summary>
    public int Seed { get; init; }

    /// <summary>What the figures cannot tell; empty when there is nothing.</summary>
    public PlainList<string> Notes { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => $"{Metric}: rank-1 {Rank1?.ToString() ?? "unknown"}, EER {Eer?.ToString() ?? "unknown"}";
}
