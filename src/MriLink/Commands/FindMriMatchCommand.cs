using System.Collections.Concurrent;
using System.Management.Automation;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Search;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Finds each probe's best matches in a gallery and judges whether they are the same person.</summary>
/// <remarks>
/// With -Threshold, a pair is a match when its score is at least as good. Without it, the scores of all probes against all gallery scans
/// are judged together, on the ground that nearly all pairs are impostors; results therefore come when the last probe has come. Probes
/// and gallery are held as brain voxels, about 1 MB each at 2 mm, and whatever the measure keeps per volume. A scan is never compared
/// with itself: the same object, or the same file. Scans whose preprocessing failed are left out, and named, unless -IncludeFailed.
/// With -Candidates, or a signature file of more than 10 000, not all of the gallery is compared: signatures choose each probe's
/// candidates, and these are compared with all probes, together with 500 scans spread evenly over the gallery, from which alone the
/// impostors' scores are learnt. A probe's best is judged as the best of the whole gallery.
/// </remarks>
[Cmdlet(VerbsCommon.Find, "MriMatch", DefaultParameterSetName = DiscoverySet)]
[OutputType(typeof(ScanMatch))]
public sealed class FindMriMatchCommand : DecisionCmdlet
{
    private const string DiscoverySet = "FalseDiscoveryRate";
    private const string ThresholdSet = "Threshold";
    private const string MatchRateSet = "FalseMatchRate";

    private readonly List<PreparedVolume> _probes = [];
    private readonly List<MriScan> _probeVolumes = [];
    private IReadOnlyList<PreparedVolume> _gallery = [];
    private MriScan[] _usable = [];
    private CandidateSearch? _search;
    private int _candidates;
    private SimilarityMeasure _measure = SimilarityMeasures.Default;

    /// <summary>The volumes to search.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriScan[] Gallery { get; set; } = [];

    /// <summary>The volumes to look for.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    public MriScan[] Probe { get; set; } = [];

    /// <summary>How many gallery scans to list per probe.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; } = 1;

    /// <summary>The measure, by name; that of -Threshold or of signatures, or else LocalNCC, by default.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>
    /// The score from which on a pair is a match: at least this for measures where higher is better, at most this for errors. A number, or
    /// what Get-MriLinkageThreshold gives, which fills Probability too.
    /// </summary>
    [Parameter(Mandatory = true, ParameterSetName = ThresholdSet)]
    [Alias("LinkageThreshold")]
    [ValidateNotNull]
    [RestoredThreshold]
    public LinkageThreshold? Threshold { get; set; }

    /// <summary>The part of all comparisons of two different people that may match.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MatchRateSet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseMatchRate { get; set; }

    /// <summary>
    /// For -FalseMatchRate: scores of pairs known to be different people. Without them the distribution of impostors is estimated from the
    /// audit itself.
    /// </summary>
    [Parameter(ParameterSetName = MatchRateSet)]
    [ValidateNotNullOrEmpty]
    public double[]? ImpostorScore { get; set; }

    /// <summary>The part of all links that may be false on average; the rule when no other is asked for, at 0.01.</summary>
    [Parameter(ParameterSetName = DiscoverySet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get; set; } = new MatchOptions().FalseDiscoveryRate;

    /// <summary>
    /// Ranks and judges scores after they are normalised by those of the same gallery scan (ZNorm) or probe (TNorm) with other people, or by
    /// both (SNorm).
    /// </summary>
    [Parameter]
    [Alias("CohortNormalisation")]
    [Choice(
        "None: scores as they are",
        "ZNorm: by the gallery scan's scores with other people",
        "TNorm: by the probe's scores with other people",
        "SNorm: the mean of both")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string CohortNormalization { get; set; } = "None";

    /// <summary>
    /// Each person is in probes and gallery at most once: assigns each gallery scan to one probe at most, for the best total score.
    /// </summary>
    [Parameter]
    public SwitchParameter OneToOne { get; set; }

    /// <summary>
    /// How many gallery scans signatures choose for each probe to be compared in full; 0 compares all. By default 0, and 100 for a file of
    /// more than 10 000 signatures. For a gallery (New-MriGallery) or a signature file. A gallery's own signatures are made when they are
    /// first needed, which takes 50 ms an entry, and kept. A person's other scan is among the first few; for the ten scans of 100 000 that are
    /// truly most alike, strangers that hardly differ, 1500 are needed.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int Candidates { get; set; }

    /// <summary>
    /// Also compares each probe with left and right exchanged, and takes the better score (IsMirrored says which). For scans whose left and right
    /// cannot be checked. Takes preprocessed probes and the whole gallery.
    /// </summary>
    [Parameter]
    public SwitchParameter Mirrored { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _measure = MetricChoice.Of(this, Metric, Threshold, Gallery);
        PreparedFor = [_measure];
        ReadsProbes = false;
        _usable = Usable(Gallery);
        ChooseSearch();
        _gallery = Prepare(_search is null ? _usable : _usable[..1], grid: null, keep: true);
        if (_gallery.Count == 0)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("None of the gallery's volumes can be used."), "NoGallery", ErrorCategory.InvalidArgument,
                targetObject: null));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ReadsProbes = true;
        var volumes = Usable(Probe);
        if (_search is not null and var search && volumes.FirstOrDefault(volume => !search.Takes(volume)) is { } other)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException(
                    $"'{other.Path ?? other.Name}' has no signature to choose candidates by: it is not preprocessed. Use -Candidates 0 to compare "
                        + $"it with all."), "NoSignature", ErrorCategory.InvalidArgument, other.Identity));
        }

        var prepared = Prepare(volumes, _gallery[0], keep: true, Mirrored);
        _probes.AddRange(prepared);
        _probeVolumes.AddRange(volumes.IntersectBy(
            prepared.Select(p => p.Identity), volume => volume.Identity, (IEqualityComparer<ScanIdentity>)ReferenceEqualityComparer.Instance));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_probes.Count == 0)
        {
            return;
        }

        var options = new MatchOptions
        {
            Top = Top,
            Threshold = Threshold,
            FalseMatchRate = string.Equals(ParameterSetName, MatchRateSet, StringComparison.Ordinal) ? FalseMatchRate : null,
            ImpostorScores = ImpostorScore,
            FalseDiscoveryRate = FalseDiscoveryRate,
            Normalization = MyInvocation.BoundParameters.ContainsKey(nameof(CohortNormalization))
                ? Enum.Parse<CohortNormalization>(CohortNormalization, ignoreCase: true)
                : Enum.Parse<CohortNormalization>(Threshold?.Normalization ?? nameof(Core.Linkage.CohortNormalization.None)),
            OneToOne = OneToOne,
            ScoreError = _usable is [MriSignature signature, ..] ? signature.ScoreError : 0,
        };
        WarnOfRepeats();
        var similarity = SimilarityOptions;
        try
        {
            if (_search is not null)
            {
                FindAmongCandidates(options);
                return;
            }

            var parts = new List<(ContrastKind Kind, NotedList<ScanMatch> Matches)>();
            long missing = 0;
            foreach (var kind in ContrastKind.Among(Names(_probes), Names(_gallery)))
            {
                var (matches, lost) = Find(kind, options, similarity);
                parts.Add((kind, matches));
                missing += lost;
            }

            Write(ContrastKind.Join(Names(_probes), parts), Names(_gallery), missing);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            ThrowTerminatingError(RecordOf(exception, "NoDecision", ErrorCategory.InvalidOperation, target: null));
        }
    }

    // Pairs of different contrast are compared by their own measure, unless -Metric says that all are compared by one.
    private (NotedList<ScanMatch> Matches, long Missing) Find(ContrastKind kind, MatchOptions options, SimilarityOptions similarity)
    {
        var measure = MeasureOf(kind, _measure, Threshold);
        (options, var note) = kind.Options(options, _measure, measure);
        if (note is not null)
        {
            WriteWarning(kind.Named(note));
        }

        var probes = Prepared(_probes, _probeVolumes, kind.IsProbe, measure, _measure, Mirrored);
        var gallery = Prepared(_gallery, _usable, kind.IsGallery, measure, _measure, withMirrored: false);
        var (scores, matches) = RunWithProgress("Finding matches", (progress, token) =>
        {
            var matrix = Mirrored
                ? PairwiseScorer.ScoreAllMirrored(measure, probes, gallery, similarity, Work(token), progress)
                : PairwiseScorer.ScoreAll(measure, probes, gallery, similarity, Work(token), progress);
            return (matrix, MatchFinder.Find(matrix, Names(probes), Names(gallery), options, token));
        });
        return (matches, WarnOfMissing(scores));
    }

    private void ChooseSearch()
    {
        var asked = MyInvocation.BoundParameters.ContainsKey(nameof(Candidates));
        var stored = _usable.Length > CandidateSearch.LargeGallery && _usable[0] is MriSignature ? CandidateSearch.For(_usable) : null;
        _candidates = asked ? Candidates : stored is null ? 0 : CandidateSearch.DefaultCandidates;
        if (_candidates == 0 || _candidates >= _usable.Length)
        {
            return;
        }

        if (MyInvocation.BoundParameters.ContainsKey(nameof(CohortNormalization))
            || Threshold is { Normalization: not nameof(Core.Linkage.CohortNormalization.None) })
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("-CohortNormalization takes the scores of the whole gallery; use -Candidates 0 with it."),
                "CandidatesAlone", ErrorCategory.InvalidArgument, targetObject: null));
        }

        if (Mirrored)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException(
                    "-Mirrored compares with the whole gallery, for signatures know no mirrored mates; use -Candidates 0 with it."),
                    "CandidatesAlone", ErrorCategory.InvalidArgument, targetObject: null));
        }

        _search = stored ?? CandidateSearch.For(_usable);
        if (_search is null)
        {
            ThrowTerminatingError(new(
                new InvalidOperationException("-Candidates takes the volumes of one gallery (New-MriGallery), or a file of signatures."),
                "CandidatesOfNothing", ErrorCategory.InvalidArgument, targetObject: null));
        }

        WriteVerbose($"{_candidates} of {_usable.Length} gallery scans are compared with each probe in full.");
    }

    private void FindAmongCandidates(MatchOptions options)
    {
        if (ContrastKind.Among(Names(_probes), [.. _usable.Select(volume => volume.Identity)]) is { Count: > 1 } or [{ IsOneContrast: false }])
        {
            ThrowTerminatingError(new(
                new InvalidOperationException(
                    "Signatures choose candidates among scans of one contrast only, and these have several; use -Candidates 0."),
                "CandidatesOfOneContrast", ErrorCategory.InvalidArgument, targetObject: null));
        }

        var problems = new ConcurrentDictionary<MriScan, Exception>((IEqualityComparer<MriScan>)ReferenceEqualityComparer.Instance);
        var matches = RunWithProgress("Finding matches", (progress, token) =>
        {
            var (compared, scores, screening) = _search!.Run(
                _measure, _probeVolumes, _probes, _candidates, SimilarityOptions, Work(token), progress, (volume, exception) =>
                    problems.TryAdd(volume, exception));
            return MatchFinder.Find(scores, _measure, Names(_probes), [.. compared.Select(volume => volume.Identity)],
                options with { Screening = screening }, token);
        });
        ReadsProbes = false;
        foreach (var (volume, exception) in problems)
        {
            Refuse(volume, exception);
        }

        Write(matches, [.. _usable.Except(problems.Keys).Select(volume => volume.Identity)], missing: 0);
    }

    private static ScanIdentity[] Names(IReadOnlyList<PreparedVolume> volumes) => [.. volumes.Select(v => v.Identity)];

    private void WarnOfRepeats()
    {
        if (!OneToOne)
        {
            return;
        }

        foreach (var (side, names) in new[] { ("gallery", _search is null ? Names(_gallery) : [.. _usable.Select(v => v.Identity)]),
            ("probes", Names(_probes)) })
        {
            var repeated = names.GroupBy(name => name.Participant, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
            if (repeated.Count > 0)
            {
                WriteWarning($"-OneToOne takes each scan for another person, but the {side} hold several scans of "
                    + $"{string.Join(", ", repeated.Take(5))}{(repeated.Count > 5 ? ", …" : string.Empty)}.");
            }
        }
    }

    private void Write(NotedList<ScanMatch> matches, IReadOnlyList<ScanIdentity> gallery, long missing)
    {
        WarnOfUndecided(matches);
        new SearchRecord
        {
            Made = DateTime.UtcNow,
            Version = Provenance.ToolVersion,
            Parameters = BoundParameters,
            Probes = Names(_probes),
            Gallery = gallery,
            LeftOut = LeftOut,
            PairsWithoutScore = missing,
        }.AttachTo(matches);
        WriteObject(matches, enumerateCollection: true);
    }

    private void WarnOfUndecided(NotedList<ScanMatch> matches)
    {
        foreach (var note in matches.Notes)
        {
            WriteWarning(note);
        }

        if (matches.FirstOrDefault(m => m.IsMatch is null) is { } undecided)
        {
            WriteWarning($"{undecided.DecidingRule}. IsMatch is empty and PValue NaN; give -Threshold, or more probes or a larger gallery.");
        }
    }
}
