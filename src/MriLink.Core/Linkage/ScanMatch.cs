using System.Globalization;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>A gallery scan among a probe's best, as a row of a table: names and numbers, no voxels.</summary>
public sealed class ScanMatch
{
    /// <summary>The scan looked for.</summary>
    public required ScanIdentity Probe { get; init; }

    /// <summary>The scan found.</summary>
    public required ScanIdentity Gallery { get; init; }

    /// <summary>1 for the probe's best gallery scan, 2 for the next; counted for each contrast of gallery scans.</summary>
    public required int Rank { get; init; }

    /// <summary>The measure's name.</summary>
    public required string Metric { get; init; }

    /// <summary>The score.</summary>
    public required double Score { get; init; }

    /// <summary>
    /// The score after cohort normalisation, which then ranks and decides: larger is more alike, in standard deviations; null without.
    /// </summary>
    public double? NormalizedScore { get; init; }

    /// <summary>How <see cref="NormalizedScore"/> came about.</summary>
    public string Normalization { get; init; } = nameof(CohortNormalization.None);

    /// <summary>
    /// How much better the score, or else the normalised score, is than that of the next best gallery scan that carries another
    /// participant's label; never negative, whichever way the measure runs. NaN when there is none, which
    /// compares with nothing.
    /// </summary>
    public double Margin { get; init; } = double.NaN;

    /// <summary>Whether probe and gallery scan are judged to be the same person; null when the scores do not allow a judgement.</summary>
    public bool? IsMatch { get; init; }

    /// <summary>
    /// Probability that both are the same person. With a <see cref="LinkageThreshold"/> that knows both kinds of pairs, Bayes' rule on their
    /// densities and its prior; otherwise one less the local false discovery rate among this audit's probes, ten or more. NaN when neither can
    /// be had: a p-value alone does not say how many probes have a mate. NaN too where strangers call a pair probable that is less alike than real
    /// scans of one person have been (<see cref="Remark"/>).
    /// </summary>
    public double Probability { get; init; } = double.NaN;

    /// <summary>
    /// How often the best of as many impostors would score this well, before correction for several probes; NaN when the impostors are too
    /// few to say, so that no filter takes an undecided pair for evidence: NaN is below no limit and above none.
    /// </summary>
    public double PValue { get; init; } = double.NaN;

    /// <summary>
    /// Whether the score is that of the probe with left and right exchanged: one of the two scans is mirrored if they are one person's.
    /// </summary>
    public bool IsMirrored { get; init; }

    /// <summary>What <see cref="IsMatch"/> rests on.</summary>
    public required string DecidingRule { get; init; }

    /// <summary>
    /// What a person should know of this link: it lies far below the audit's other links, or below what real scans of one person reach, as that
    /// of a twin or a sibling would; or, of what is no link, that the two are as alike as one person's scans are. Null when there is nothing to say.
    /// </summary>
    public string? Remark { get; init; }

    /// <summary><see cref="Probe"/>'s participant, as a column of its own for CSV.</summary>
    public string ProbeParticipant => Probe.Participant;

    /// <summary><see cref="Probe"/>'s session.</summary>
    public string? ProbeSession => Probe.Session;

    /// <summary><see cref="Probe"/>'s run.</summary>
    public string? ProbeRun => Probe.Run;

    /// <summary><see cref="Probe"/>'s file.</summary>
    public string? ProbePath => Probe.Path;

    /// <summary><see cref="Gallery"/>'s participant.</summary>
    public string GalleryParticipant => Gallery.Participant;

    /// <summary><see cref="Gallery"/>'s session.</summary>
    public string? GallerySession => Gallery.Session;

    /// <summary><see cref="Gallery"/>'s run.</summary>
    public string? GalleryRun => Gallery.Run;

    /// <summary><see cref="Gallery"/>'s file.</summary>
    public string? GalleryPath => Gallery.Path;

    /// <summary>The contrast of the probe's scan; pairs of different contrast are ranked and judged among themselves.</summary>
    public string ProbeContrast => Probe.Contrast;

    /// <summary>The contrast of the gallery's scan.</summary>
    public string GalleryContrast => Gallery.Contrast;

    /// <summary>The kind of pair. No column: the two contrasts are.</summary>
    internal ContrastKind Kind => ContrastKind.Of(Probe, Gallery);

    /// <summary>The search that it is of; null when it comes from elsewhere. No column: it is the same for all.</summary>
    internal SearchRecord? Search { get; set; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var judgement = IsMatch switch
        {
            true => "match",
            false => "no match",
            null => "undecided",
        };
        return $"{Probe} -> {Gallery} (rank {Rank}, {Metric} {Score.ToString("0.####", CultureInfo.InvariantCulture)}, "
            + $"{judgement}{(IsMirrored ? ", mirrored" : string.Empty)})";
    }
}
