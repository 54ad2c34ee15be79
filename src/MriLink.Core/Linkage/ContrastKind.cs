using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Linkage;

/// <summary>
/// A kind of pair, by the contrasts of its two scans. Strangers' scores of one kind say nothing about another, so each is ranked and judged by
/// itself.
/// </summary>
/// <param name="Probe">The probe's contrast.</param>
/// <param name="Gallery">The gallery scan's contrast.</param>
public sealed record ContrastKind(MriContrast Probe, MriContrast Gallery)
{
    /// <summary>Whether both scans have one contrast.</summary>
    public bool IsOneContrast => Probe == Gallery;

    /// <summary>The kinds there are among two sets of scans: those of one contrast first, in the order of contrasts.</summary>
    public static IReadOnlyList<ContrastKind> Among(IEnumerable<ScanIdentity> probes, IEnumerable<ScanIdentity> gallery)
    {
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        var searched = gallery.Select(scan => scan.Kind).Distinct().ToArray();
        return [.. probes.Select(scan => scan.Kind).Distinct().SelectMany(probe => searched.Select(other => new ContrastKind(probe, other)))
            .OrderByDescending(kind => kind.IsOneContrast).ThenBy(kind => kind.Probe).ThenBy(kind => kind.Gallery)];
    }

    /// <summary>The kind of a pair.</summary>
    public static ContrastKind Of(ScanIdentity probe, ScanIdentity gallery)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(gallery);
        return new(probe.Kind, gallery.Kind);
    }

    /// <summary>Whether a scan is one of the kind's probes.</summary>
    public bool IsProbe(ScanIdentity scan) => scan?.Kind == Probe;

    /// <summary>Whether a scan is one of those that the kind's probes are looked for among.</summary>
    public bool IsGallery(ScanIdentity scan) => scan?.Kind == Gallery;

    /// <summary>What the kind is called in columns and files: "T1w", or "FLAIR-T1w" for a FLAIR probe and a T1w gallery scan.</summary>
    public string Name => IsOneContrast ? Probe.ToString() : $"{Probe}-{Gallery}";

    /// <summary>The same pairs, whichever of the two is the probe.</summary>
    public ContrastKind Unordered => Probe <= Gallery ? this : new(Gallery, Probe);

    /// <summary>Whether what was learnt from pairs of a kind, by its <see cref="Name"/>, holds for these; of null nobody knows.</summary>
    public bool Fits(string? learntFrom) => learntFrom is null || string.Equals(learntFrom, Name, StringComparison.OrdinalIgnoreCase)
        || string.Equals(learntFrom, new ContrastKind(Gallery, Probe).Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The measure of such pairs.</summary>
    /// <param name="ofOneContrast">The measure of pairs of one contrast.</param>
    /// <param name="threshold">The threshold that it was taken from, or null: one of pairs of two contrasts says nothing about pairs of one.</param>
    public SimilarityMeasure Measure(SimilarityMeasure ofOneContrast, LinkageThreshold? threshold = null) =>
        !IsOneContrast ? SimilarityMeasures.AcrossContrasts
        : ofOneContrast == SimilarityMeasures.AcrossContrasts && !Fits(threshold?.Contrasts) ? SimilarityMeasures.Default
        : ofOneContrast;

    /// <summary>How pairs of this kind are judged where pairs of one contrast are judged so, and why it is otherwise, if it is.</summary>
    /// <remarks>
    /// A threshold, or scores of strangers, of another measure say nothing about these pairs: they are judged by their own strangers.
    /// </remarks>
    /// <param name="options">How pairs of one contrast are judged.</param>
    /// <param name="given">The measure of the threshold or the impostor scores.</param>
    /// <param name="measure">The measure of these pairs.</param>
    public (MatchOptions Options, string? Note) Options(MatchOptions options, SimilarityMeasure given, SimilarityMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(measure);
        if ((options.Threshold is null && options.ImpostorScores is null) || (measure == given && Fits(options.Threshold?.Contrasts)))
        {
            return (options, null);
        }

        var from = options.Threshold is null ? "the impostor scores say"
            : options.Threshold.Contrasts is { } learnt ? $"the threshold, one of {learnt} pairs, says"
            : "the threshold says";
        return (options with { Threshold = null, ImpostorScores = null },
            $"they are compared by {measure.Name}, and of such pairs {from} nothing: judged by their own strangers instead.");
    }

    /// <summary>Puts the matches of several kinds together, each probe's one behind the other; notes say which kind they are of.</summary>
    public static NotedList<ScanMatch> Join(
        IReadOnlyList<ScanIdentity> probes, IReadOnlyList<(ContrastKind Kind, NotedList<ScanMatch> Matches)> parts)
    {
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 1)
        {
            return parts[0].Matches;
        }

        var places = new Dictionary<ScanIdentity, int>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < probes.Count; i++)
        {
            places[probes[i]] = i;
        }

        // A stable sort: kinds and ranks keep their order.
        return new([.. parts.SelectMany(part => part.Matches).OrderBy(match => places[match.Probe])],
            [.. parts.SelectMany(part => part.Matches.Notes.Select(note => part.Kind.Named(note)))])
        {
            Standing = [.. parts.SelectMany(part => part.Matches.Standing.Select(note => part.Kind.Named(note)))],
        };
    }

    /// <summary>A note that says of which pairs it is.</summary>
    public string Named(string note) => $"{this}: {note}";

    /// <inheritdoc/>
    public override string ToString() => IsOneContrast ? $"{Probe} scans" : $"{Probe} with {Gallery} scans";
}
