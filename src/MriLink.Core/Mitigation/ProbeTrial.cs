using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>How alike a probe and the gallery are, as it is and after each mitigation. Holds numbers, no voxels.</summary>
public sealed class ProbeTrial
{
    internal ProbeTrial(ScanIdentity identity, QualityRecord quality, double[] scores, IReadOnlyList<Outcome> outcomes) =>
        (Identity, Quality, Scores, Outcomes) = (identity, quality, scores, outcomes);

    /// <summary>Whose scan it is.</summary>
    public ScanIdentity Identity { get; }

    /// <summary>How well preprocessing the scan as it is went.</summary>
    public QualityRecord Quality { get; }

    /// <summary>Whether preprocessing the scan as it is failed, so that its trial says nothing of mitigations.</summary>
    public bool Failed => Quality.GetVerdict() == QualityVerdict.Fail;

    /// <summary>Scores of the scan as it is with each gallery scan.</summary>
    internal double[] Scores { get; }

    /// <summary>What came of each mitigation.</summary>
    internal IReadOnlyList<Outcome> Outcomes { get; }

    /// <summary>What came of one mitigation of one scan.</summary>
    /// <param name="Version">The scan; its voxels are let go.</param>
    /// <param name="Scores">Scores with each gallery scan; null when preprocessing could not use the scan any more.</param>
    /// <param name="AdaptedScores">The same after the gallery was treated in the same way; null when it was not.</param>
    internal sealed record Outcome(ReleasedScan.Version Version, double[]? Scores, double[]? AdaptedScores);
}
