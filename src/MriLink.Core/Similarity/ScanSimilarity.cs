using System.Globalization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Similarity;

/// <summary>How alike two scans are under one measure, as a row of a table: names and numbers, no voxels.</summary>
public sealed class ScanSimilarity
{
    /// <summary>Makes a row.</summary>
    public ScanSimilarity(ScanIdentity reference, ScanIdentity volume, SimilarityScore score)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(volume);
        Reference = reference;
        Volume = volume;
        Metric = score.Measure.Name;
        Score = double.IsFinite(score.Score) ? score.Score : double.NaN;
        HigherIsBetter = score.Measure.HigherIsBetter;
        Overlap = score.Dice;
        OverlapVoxels = score.JointVoxels;
    }

    /// <summary>The scan compared with.</summary>
    public ScanIdentity Reference { get; }

    /// <summary>The scan compared.</summary>
    public ScanIdentity Volume { get; }

    /// <summary>The measure's name.</summary>
    public string Metric { get; }

    /// <summary>
    /// The score; NaN, which compares with nothing, where there is none: the masks hardly overlap, or the measure is not defined for the pair.
    /// </summary>
    public double Score { get; }

    /// <summary>Whether a larger score means more alike.</summary>
    public bool HigherIsBetter { get; }

    /// <summary>Dice overlap of the two masks, 0 to 1.</summary>
    public double Overlap { get; }

    /// <summary>Voxels in both masks, those that the score is about.</summary>
    public int OverlapVoxels { get; }

    /// <summary><see cref="Reference"/>'s participant, as a column of its own for CSV.</summary>
    public string ReferenceParticipant => Reference.Participant;

    /// <summary><see cref="Reference"/>'s session.</summary>
    public string? ReferenceSession => Reference.Session;

    /// <summary><see cref="Reference"/>'s run.</summary>
    public string? ReferenceRun => Reference.Run;

    /// <summary><see cref="Reference"/>'s file.</summary>
    public string? ReferencePath => Reference.Path;

    /// <summary><see cref="Volume"/>'s participant.</summary>
    public string VolumeParticipant => Volume.Participant;

    /// <summary><see cref="Volume"/>'s session.</summary>
    public string? VolumeSession => Volume.Session;

    /// <summary><see cref="Volume"/>'s run.</summary>
    public string? VolumeRun => Volume.Run;

    /// <summary><see cref="Volume"/>'s file.</summary>
    public string? VolumePath => Volume.Path;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Reference} / {Volume}: {Metric} {(double.IsNaN(Score) ? "undefined" : Score.ToString("0.####", CultureInfo.InvariantCulture))}";
}
