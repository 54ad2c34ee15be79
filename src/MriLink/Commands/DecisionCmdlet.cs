using System.Collections;
using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>What the cmdlets have in common that decide whether scans are of one person: what is left out, and that it is told.</summary>
public abstract class DecisionCmdlet : SimilarityCmdlet
{
    private const int MostNamed = 5;

    private readonly List<LeftOutScan> _leftOut = [];
    private readonly List<ReviewedScan> _reviewed = [];

    /// <summary>Compares scans whose preprocessing failed (quality verdict Fail) all the same.</summary>
    [Parameter]
    public SwitchParameter IncludeFailed { get; set; }

    /// <summary>What was given and is not compared.</summary>
    private protected IReadOnlyList<LeftOutScan> LeftOut => _leftOut;

    /// <summary>What is compared though a person should look at it.</summary>
    private protected IReadOnlyList<ReviewedScan> Reviewed =>
        [.. _reviewed.Where(scan => !_leftOut.Exists(left => left.IsProbe == scan.IsProbe && ReferenceEquals(left.Scan, scan.Scan)))];

    /// <summary>Whether what is being read is looked for, or searched.</summary>
    private protected bool ReadsProbes { get; set; } = true;

    /// <summary>The parameters that were bound, as they would be typed; volumes and threads are none of them.</summary>
    private protected IReadOnlyList<string> BoundParameters =>
    [
        .. MyInvocation.BoundParameters
            .Where(bound => !CommonParameters.Contains(bound.Key) && bound.Value is not MriScan[] && bound.Key is not nameof(ThrottleLimit))
            .OrderBy(bound => bound.Key, StringComparer.Ordinal)
            .Select(bound => bound.Value switch
            {
                SwitchParameter { IsPresent: true } => $"-{bound.Key}",
                SwitchParameter => $"-{bound.Key}:$false",
                ICollection { Count: > 3 } several => $"-{bound.Key} ({several.Count} values)",
                Array several => $"-{bound.Key} {string.Join(", ", several.Cast<object>().Select(Text))}",
                var one => $"-{bound.Key} {Text(one)}",
            }),
    ];

    /// <summary>The volumes that can be used: not those that are damaged, nor, unless asked for, those whose preprocessing failed.</summary>
    private protected MriScan[] Usable(MriScan[] volumes)
    {
        foreach (var damaged in volumes.OfType<DamagedVolume>())
        {
            Refuse(damaged, damaged.Problem);
        }

        MriScan[] sound = [.. volumes.Where(volume => volume is not DamagedVolume)];
        _reviewed.AddRange(sound.OfType<PreprocessedVolume>().Where(volume => volume.QualityRecord.GetVerdict() == QualityVerdict.Review)
            .Select(volume => new ReviewedScan(ReadsProbes, volume.Identity, volume.Reasons)));
        string[] odd = [.. sound.OfType<PreprocessedVolume>().Where(volume => volume.LooksOtherThanT1w()).Select(volume => volume.Name)];
        if (odd.Length > 0)
        {
            WriteWarning(
                $"{Some(odd)} {(odd.Length == 1 ? "is" : "are")} taken for T1w and do not look so: "
                    + "if the contrast is another, links are lost. Preprocess such scans with -Contrast.");
        }

        if (IncludeFailed)
        {
            return sound;
        }

        var passed = FailedScans.LeaveOut(sound, WriteWarning);
        _leftOut.AddRange(sound.Except(passed)
            .Select(volume => new LeftOutScan(ReadsProbes, volume.Identity, $"failed quality control: {(volume as PreprocessedVolume)?.Reasons}")));
        return passed;
    }

    /// <summary>Tells of scans that a person should look at and that have no link: what is wrong with them may have hidden one.</summary>
    private protected void WarnOfReviewed(IEnumerable<ScanMatch> matches)
    {
        var linked = matches.Where(match => match.IsMatch == true).SelectMany(match => new[] { match.Probe, match.Gallery })
            .ToHashSet<ScanIdentity>(ReferenceEqualityComparer.Instance);
        string[] names = [.. Reviewed.Where(scan => !linked.Contains(scan.Scan))
            .DistinctBy(scan => scan.Scan, (IEqualityComparer<ScanIdentity>)ReferenceEqualityComparer.Instance).Select(scan => scan.Scan.Name)];
        if (names.Length > 0)
        {
            WriteWarning(
                $"{Some(names)}: of verdict Review and without a link. "
                + $"Look at {(names.Length == 1 ? "it" : "them")} (Reasons): what is wrong may have hidden one.");
        }
    }

    /// <summary>Warns of what there is to say.</summary>
    private protected void Warn(params string?[] notes)
    {
        foreach (var note in notes.OfType<string>())
        {
            WriteWarning(note);
        }
    }

    /// <summary>Those of some contrasts, as they are held for one measure, or read anew for another.</summary>
    /// <param name="held">Volumes prepared for a measure.</param>
    /// <param name="volumes">The same as they came, among others.</param>
    /// <param name="isWanted">Which of them are wanted.</param>
    /// <param name="measure">The measure that they are wanted for.</param>
    /// <param name="heldFor">The measure that they are held for.</param>
    /// <param name="withMirrored">Whether mirror images are wanted too.</param>
    private protected IReadOnlyList<PreparedVolume> Prepared(
        IReadOnlyList<PreparedVolume> held, IReadOnlyList<MriScan> volumes, Func<ScanIdentity, bool> isWanted, SimilarityMeasure measure,
        SimilarityMeasure heldFor, bool withMirrored)
    {
        PreparedVolume[] wanted = [.. held.Where(volume => isWanted(volume.Identity))];
        if (measure == heldFor)
        {
            return wanted;
        }

        var known = wanted.Select(volume => volume.Identity).ToHashSet<ScanIdentity>(ReferenceEqualityComparer.Instance);
        PreparedFor = [measure];
        return Prepare([.. volumes.Where(volume => known.Contains(volume.Identity))], wanted[0], keep: true, withMirrored);
    }

    /// <summary>Tells of pairs that have no score; gives their number.</summary>
    private protected long WarnOfMissing(SimilarityMatrix scores)
    {
        var missing = scores.MissingCount;
        if (missing > 0)
        {
            WriteWarning(
                $"{missing} of {(long)scores.ProbeCount * scores.GalleryCount} pairs have no {scores.Measure} score and are left out: "
                + "their masks hardly overlap, or a volume is constant. Measure-MriSimilarity says more about a pair.");
        }

        return missing;
    }

    /// <inheritdoc/>
    private protected override void Refuse(MriScan volume, Exception exception)
    {
        base.Refuse(volume, exception);
        _leftOut.Add(new(ReadsProbes, volume.Identity, exception.Message));
    }

    private static string Some(string[] names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : string.Empty);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
}
