using System.Globalization;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Volumes;

namespace MriLink.Core.Mitigation;

/// <summary>What a release would gain and lose by one mitigation at one strength, as a row of a table; or how it stands without any.</summary>
/// <remarks>
/// That few scans link says how far plain similarity gets with them, not that they are anonymous: an attacker may know more, and do more.
/// Where a figure cannot be had it is null.
/// </remarks>
public sealed class MitigationResult
{
    /// <summary>What <see cref="Mitigation"/> says of the release as it is.</summary>
    public const string None = "None";

    /// <summary>What was done; "None" for the release as it is.</summary>
    public required string Mitigation { get; init; }

    /// <summary>How strongly; null for none.</summary>
    public double? Strength { get; init; }

    /// <summary>What <see cref="Strength"/> is measured in.</summary>
    public string? Unit { get; init; }

    /// <summary>Strength and unit, "4 mm FWHM" for example.</summary>
    public string Setting => Strength is { } strength ? string.Create(CultureInfo.InvariantCulture, $"{strength:0.###} {Unit}") : string.Empty;

    /// <summary>Whether the attacker treated the gallery in the same way before comparing.</summary>
    public bool AdaptedAttacker { get; init; }

    /// <summary>The same in a word, for tables.</summary>
    public bool Adapted => AdaptedAttacker;

    /// <summary>The measure by which scans were compared.</summary>
    public required string Metric { get; init; }

    /// <summary>
    /// The contrasts of the pairs, as "T1w", or "FLAIR-T1w" for a release of FLAIRs and a gallery of T1w; null where there is no pair.
    /// </summary>
    public string? Contrasts { get; init; }

    /// <summary>The mitigation with the contrasts, where these are not T1w alone: rows of several kinds of pair stand in one report.</summary>
    public string Named => Contrasts is null or nameof(MriContrast.T1w) ? Mitigation : $"{Mitigation} ({Contrasts})";

    /// <summary>Scans of the release.</summary>
    public required int Probes { get; init; }

    /// <summary>Scans that the attacker holds.</summary>
    public required int GalleryScans { get; init; }

    /// <summary>Scans of the release whose person is known to be in the gallery; null where labels of both sides have nothing in common.</summary>
    public int? MatedProbes { get; init; }

    /// <summary>Scans that were linked to one of the gallery; null where the scores did not allow a decision.</summary>
    public int? Links { get; init; }

    /// <summary>
    /// Links of how many there could be: of the people in both sets, or of all scans where the truth is not known; "?" where the scores did not allow
    /// a decision.
    /// </summary>
    public string Linked => Links is null ? "?"
        : TrueLinks is { } right ? string.Create(CultureInfo.InvariantCulture, $"{right} of {MatedProbes}")
        : string.Create(CultureInfo.InvariantCulture, $"{SurvivingLinks} of {Probes}");

    /// <summary>Links that are right; null where the truth is not known.</summary>
    public int? TrueLinks { get; init; }

    /// <summary>Links that are wrong; null where the truth is not known.</summary>
    public int? FalseLinks { get; init; }

    /// <summary>Of the links that are made without a mitigation, how many are still made, right or wrong.</summary>
    public int? SurvivingLinks { get; init; }

    /// <summary>The part of mated probes whose own person is the gallery's best, linked or not, with its 95 % interval.</summary>
    public IntervalEstimate? Rank1 { get; init; }

    /// <summary>What guessing would give for <see cref="Rank1"/>: one in as many people as the gallery holds.</summary>
    public double? ChanceRank1 { get; init; }

    /// <summary>How often a genuine pair scores better than an impostor pair; 0.5 is chance.</summary>
    public IntervalEstimate? Auc { get; init; }

    /// <summary>The equal error rate; 0.5 is chance.</summary>
    public IntervalEstimate? Eer { get; init; }

    /// <summary>Mean score of pairs of one person; of the pairs linked without a mitigation where the truth is not known.</summary>
    public double? GenuineScore { get; init; }

    /// <summary>Mean score of all other pairs.</summary>
    public double? ImpostorScore { get; init; }

    /// <summary>Cost: mean peak signal-to-noise ratio against the scan as it was, within the brain, dB; 144.5 where nothing changed.</summary>
    public double? Psnr { get; init; }

    /// <summary>Cost: mean SSIM against the scan as it was, within the brain; 1 where nothing changed.</summary>
    public double? Ssim { get; init; }

    /// <summary>Cost: mean absolute change of the brain's volume, as the same preprocessing measures it before and after, ml.</summary>
    public double? BrainVolumeChange { get; init; }

    /// <summary>Cost: scans whose preprocessing fails quality control. They are compared all the same.</summary>
    public int Failed { get; init; }

    /// <summary>Of the failed scans, those of which preprocessing makes nothing at all. They count as the worst score with everybody.</summary>
    public int Unusable { get; init; }

    /// <summary>Scans that the mitigation leaves as they are; they are compared, but do not count in the costs.</summary>
    public int Unchanged { get; init; }

    /// <summary>What links were decided by.</summary>
    public string? DecidingRule { get; init; }

    /// <summary>Everything else that labels tell; null where the truth is not known.</summary>
    public LinkageEvaluation? Evaluation { get; init; }

    /// <summary>What a reader should know; empty when there is nothing.</summary>
    public PlainList<string> Notes { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString()
    {
        var name = Strength is null ? "No mitigation" : $"{Mitigation} {Setting}";
        var found = MatedProbes is { } mated && TrueLinks is { } links ? $"{links} of {mated} linked"
            : SurvivingLinks is { } surviving ? $"{surviving} links left"
            : "undecided";
        return string.Create(CultureInfo.InvariantCulture,
            $"{name}{(AdaptedAttacker ? ", adapted attacker" : string.Empty)}: {found}, SSIM "
                + $"{(Ssim is { } ssim ? ssim.ToString("0.00", CultureInfo.InvariantCulture) : "1")}");
    }
}
