using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Core.Search;

/// <summary>A search for probes in a gallery: with the whole of it, each kind of pair by itself, or with candidates that signatures choose.</summary>
/// <remarks>
/// Volumes are read by the caller, who tells of those that cannot be used; what is compared with what, by which measure and rule, is decided here.
/// </remarks>
public sealed class MatchSearch
{
    private readonly IReadOnlyList<MriScan> _gallery;
    private readonly MatchSearchOptions _options;
    private readonly MatchOptions _match;
    private readonly CandidateSearch? _screening;

    /// <summary>Decides how the gallery is searched.</summary>
    /// <param name="gallery">The scans to search, of which all can be used.</param>
    /// <param name="options">What the search does.</param>
    /// <exception cref="SearchRefusedException">Candidates are asked for where there can be none.</exception>
    public MatchSearch(IReadOnlyList<MriScan> gallery, MatchSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(options);
        (_gallery, _options) = (gallery, options);
        _match = options.Match with
        {
            Normalization = options.Normalization ?? options.Match.Threshold?.NormalizedBy ?? CohortNormalization.None,
            ScoreError = gallery is [MriSignature signature, ..] ? signature.ScoreError : 0,
        };
        var stored = gallery.Count > CandidateSearch.LargeGallery && gallery[0] is MriSignature ? CandidateSearch.For(gallery) : null;
        var candidates = options.Candidates ?? (stored is null ? 0 : CandidateSearch.DefaultCandidates);
        if (candidates > 0 && candidates < gallery.Count)
        {
            _screening = Screening(stored);
            Candidates = candidates;
        }
    }

    /// <summary>How many gallery scans signatures choose for each probe; null where all are compared.</summary>
    public int? Candidates { get; }

    /// <summary>
    /// The gallery scans to read before the search: all, or with candidates the first, on whose grid probes must lie. The others are then read
    /// as they are chosen.
    /// </summary>
    public IReadOnlyList<MriScan> ReadFirst => _screening is null ? _gallery : [.. _gallery.Take(1)];

    /// <summary>Gives probes back if candidates can be chosen for them, where they are to be.</summary>
    /// <exception cref="SearchRefusedException">A probe has no signature.</exception>
    public IReadOnlyList<MriScan> WithSignatures(IReadOnlyList<MriScan> probes) =>
        _screening is null || probes.FirstOrDefault(probe => !_screening.Takes(probe)) is not { } other ? probes
            : throw new SearchRefusedException(
                SearchRefusal.NoSignature, $"'{other.Path ?? other.Name}' has no signature to choose candidates by: it is not preprocessed. Use "
                    + $"-Candidates 0 to compare it with all.", other.Identity);

    /// <summary>What speaks against taking each scan for another person, where matches are assigned one to one.</summary>
    /// <param name="probes">The probes that can be compared.</param>
    /// <param name="gallery">The gallery scans that can be compared, as far as they were read (<see cref="ReadFirst"/>).</param>
    public IReadOnlyList<string> RepeatNotes(IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery)
    {
        if (!_match.OneToOne)
        {
            return [];
        }

        return [.. new[] { Note("gallery", _screening is null ? gallery : Identities), Note("probes", probes) }.OfType<string>()];

        static string? Note(string side, IReadOnlyList<ScanIdentity> scans)
        {
            string[] repeated = [.. scans.GroupBy(scan => scan.Participant, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)];
            return repeated.Length == 0 ? null
                : $"-OneToOne takes each scan for another person, but the {side} hold several scans of {string.Join(", ", repeated.Take(5))}"
                    + $"{(repeated.Length > 5 ? ", …" : string.Empty)}.";
        }
    }

    /// <summary>The kinds of pairs that are compared, each by itself.</summary>
    /// <param name="probes">The probes that can be compared.</param>
    /// <param name="gallery">The gallery scans that can be compared.</param>
    public IEnumerable<KindComparison> Kinds(IReadOnlyList<ScanIdentity> probes, IReadOnlyList<ScanIdentity> gallery) =>
        ContrastKind.Among(probes, gallery).Select(kind => KindComparison.Of(kind, _options.Measure, _options.IsMeasureAsked, _match));

    /// <summary>Finds matches among the pairs of one kind.</summary>
    /// <param name="kind">The kind, one of <see cref="Kinds"/>.</param>
    /// <param name="probes">Its probes, prepared for its measure.</param>
    /// <param name="gallery">Its gallery scans, likewise.</param>
    /// <param name="similarity">The measure's parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about finished blocks of work, or null.</param>
    /// <exception cref="ArgumentException">The scores cannot be judged as is asked for.</exception>
    /// <exception cref="InvalidOperationException">The scores are too few to be judged.</exception>
    public (SimilarityMatrix Scores, NotedList<ScanMatch> Matches) Find(
        KindComparison kind, IReadOnlyList<PreparedVolume> probes, IReadOnlyList<PreparedVolume> gallery, SimilarityOptions similarity,
        WorkOptions work, IProgress<WorkProgress>? progress)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var scores = kind.Score(probes, gallery, _options.Mirrored, similarity, work, progress);
        return (scores, MatchFinder.Find(
            scores, [.. probes.Select(p => p.Identity)], [.. gallery.Select(g => g.Identity)],
            kind.Options with { Spacing = probes.Count == 0 ? null : probes[0].Spacing }, work.CancellationToken));
    }

    /// <summary>Finds matches among candidates and the scans from which impostors' scores are learnt.</summary>
    /// <param name="probes">The probes as they came.</param>
    /// <param name="prepared">The same, ready for comparison.</param>
    /// <param name="similarity">The measure's parameters.</param>
    /// <param name="work">Threads and cancellation.</param>
    /// <param name="progress">Told about the share that is done, or null.</param>
    /// <param name="unusable">Told of gallery scans that cannot be read, which have no scores; from several threads.</param>
    /// <exception cref="SearchRefusedException">The scans are of several contrasts.</exception>
    public NotedList<ScanMatch> FindAmongCandidates(
        IReadOnlyList<MriScan> probes, IReadOnlyList<PreparedVolume> prepared, SimilarityOptions similarity, WorkOptions work,
        IProgress<WorkProgress>? progress, Action<MriScan, Exception> unusable)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        var screening = _screening ?? throw new InvalidOperationException("The whole gallery is compared.");
        ScanIdentity[] names = [.. prepared.Select(p => p.Identity)];
        if (ContrastKind.Among(names, Identities) is { Count: > 1 } or [{ IsOneContrast: false }])
        {
            throw new SearchRefusedException(
                SearchRefusal.CandidatesOfOneContrast,
                "Signatures choose candidates among scans of one contrast only, and these have several; use -Candidates 0.");
        }

        var (compared, scores, part) = screening.Run(
            _options.Measure, probes, prepared, Candidates!.Value, similarity, work, progress, unusable);
        return MatchFinder.Find(
            scores, _options.Measure, names, [.. compared.Select(scan => scan.Identity)],
            _match with { Screening = part, Spacing = prepared.Count == 0 ? null : prepared[0].Spacing }, work.CancellationToken);
    }

    private ScanIdentity[] Identities => [.. _gallery.Select(scan => scan.Identity)];

    private CandidateSearch Screening(CandidateSearch? stored)
    {
        if (_options.Normalization is not null || _match.Normalization != CohortNormalization.None)
        {
            throw new SearchRefusedException(
                SearchRefusal.CandidatesAlone, "-CohortNormalization takes the scores of the whole gallery; use -Candidates 0 with it.");
        }

        if (_options.Mirrored)
        {
            throw new SearchRefusedException(
                SearchRefusal.CandidatesAlone,
                "-Mirrored compares with the whole gallery, for signatures know no mirrored mates; use -Candidates 0 with it.");
        }

        return stored ?? CandidateSearch.For(_gallery) ?? throw new SearchRefusedException(
            SearchRefusal.CandidatesOfNothing, "-Candidates takes the volumes of one gallery (New-MriGallery), or a file of signatures.");
    }
}
