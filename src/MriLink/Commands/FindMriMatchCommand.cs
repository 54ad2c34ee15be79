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
    private MatchSearchOptions _options = new();
    private MatchSearch? _search;

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
    public int Top { get => Match.Top; set => Match = Match with { Top = value }; }

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
    public LinkageThreshold? Threshold { get => Match.Threshold; set => Match = Match with { Threshold = value }; }

    /// <summary>The part of all comparisons of two different people that may match.</summary>
    [Parameter(Mandatory = true, ParameterSetName = MatchRateSet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseMatchRate { get => Match.FalseMatchRate ?? 0; set => Match = Match with { FalseMatchRate = value }; }

    /// <summary>
    /// For -FalseMatchRate: scores of pairs known to be different people. Without them the distribution of impostors is estimated from the
    /// audit itself.
    /// </summary>
    [Parameter(ParameterSetName = MatchRateSet)]
    [ValidateNotNullOrEmpty]
    public double[]? ImpostorScore { get => Match.ImpostorScores as double[]; set => Match = Match with { ImpostorScores = value }; }

    /// <summary>The part of all links that may be false on average; the rule when no other is asked for, at 0.01.</summary>
    [Parameter(ParameterSetName = DiscoverySet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get => Match.FalseDiscoveryRate; set => Match = Match with { FalseDiscoveryRate = value }; }

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
    public string CohortNormalization
    {
        get => $"{_options.Normalization ?? Core.Linkage.CohortNormalization.None}";
        set => _options = _options with { Normalization = Enum.Parse<CohortNormalization>(value, ignoreCase: true) };
    }

    /// <summary>
    /// Each person is in probes and gallery at most once: assigns each gallery scan to one probe at most, for the best total score.
    /// </summary>
    [Parameter]
    public SwitchParameter OneToOne { get => Match.OneToOne; set => Match = Match with { OneToOne = value }; }

    /// <summary>
    /// How many gallery scans signatures choose for each probe to be compared in full; 0 compares all. By default 0, and 100 for a file of
    /// more than 10 000 signatures. For a gallery (New-MriGallery) or a signature file. A gallery's own signatures are made when they are
    /// first needed, which takes 50 ms an entry, and kept. A person's other scan is among the first few; for the ten scans of 100 000 that are
    /// truly most alike, strangers that hardly differ, 1500 are needed.
    /// </summary>
    [Parameter]
    [ValidateRange(0, 100_000)]
    public int Candidates { get => _options.Candidates ?? 0; set => _options = _options with { Candidates = value }; }

    /// <summary>
    /// Also compares each probe with left and right exchanged, and takes the better score (IsMirrored says which). For scans whose left and right
    /// cannot be checked. Takes preprocessed probes and the whole gallery.
    /// </summary>
    [Parameter]
    public SwitchParameter Mirrored { get => _options.Mirrored; set => _options = _options with { Mirrored = value }; }

    private MatchOptions Match { get => _options.Match; set => _options = _options with { Match = value }; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _options = _options with
        {
            Measure = MetricChoice.Of(this, Metric, Threshold, Gallery),
            IsMeasureAsked = MyInvocation.BoundParameters.ContainsKey(nameof(Metric)),
        };
        PreparedFor = [_options.Measure];
        ReadsProbes = false;
        _usable = Usable(Gallery);
        _search = Allowed(() => new MatchSearch(_usable, _options));
        if (_search.Candidates is { } candidates)
        {
            WriteVerbose($"{candidates} of {_usable.Length} gallery scans are compared with each probe in full.");
        }

        _gallery = Prepare(_search.ReadFirst, grid: null, keep: true);
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
        var volumes = Allowed(() => _search!.WithSignatures(Usable(Probe)));
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

        foreach (var note in _search!.RepeatNotes(Names(_probes), Names(_gallery)))
        {
            WriteWarning(note);
        }

        try
        {
            if (_search.Candidates is null)
            {
                FindAmongAll();
            }
            else
            {
                FindAmongCandidates();
            }
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            ThrowTerminatingError(RecordOf(exception, "NoDecision", ErrorCategory.InvalidOperation, target: null));
        }
    }

    private void FindAmongAll()
    {
        var similarity = SimilarityOptions;
        var parts = new List<(ContrastKind Kind, NotedList<ScanMatch> Matches)>();
        long missing = 0;
        foreach (var part in _search!.Kinds(Names(_probes), Names(_gallery)))
        {
            Warn(part.MeasureNote, part.RuleNote);
            var probes = Prepared(_probes, _probeVolumes, part.Kind.IsProbe, part.Measure, _options.Measure, Mirrored);
            var gallery = Prepared(_gallery, _usable, part.Kind.IsGallery, part.Measure, _options.Measure, withMirrored: false);
            var (scores, matches) = RunWithProgress("Finding matches", (progress, token) =>
                _search.Find(part, probes, gallery, similarity, Work(token), progress));
            missing += WarnOfMissing(scores);
            parts.Add((part.Kind, matches));
        }

        Write(ContrastKind.Join(Names(_probes), parts), Names(_gallery), missing);
    }

    private void FindAmongCandidates()
    {
        var problems = new ConcurrentDictionary<MriScan, Exception>((IEqualityComparer<MriScan>)ReferenceEqualityComparer.Instance);
        var matches = Allowed(() => RunWithProgress("Finding matches", (progress, token) => _search!.FindAmongCandidates(
            _probeVolumes, _probes, SimilarityOptions, Work(token), progress, (volume, exception) => problems.TryAdd(volume, exception))));
        ReadsProbes = false;
        foreach (var (volume, exception) in problems)
        {
            Refuse(volume, exception);
        }

        Write(matches, [.. _usable.Except(problems.Keys).Select(volume => volume.Identity)], missing: 0);
    }

    private void Write(NotedList<ScanMatch> matches, IReadOnlyList<ScanIdentity> gallery, long missing)
    {
        Warn([.. matches.Notes]);
        WarnOfReviewed(matches);
        if (matches.FirstOrDefault(m => m.IsMatch is null) is { } undecided)
        {
            WriteWarning($"{undecided.DecidingRule}. IsMatch is empty and PValue NaN; give -Threshold, or more probes or a larger gallery.");
        }

        new SearchRecord
        {
            Made = DateTime.UtcNow,
            Version = Provenance.ToolVersion,
            Parameters = BoundParameters,
            Probes = Names(_probes),
            Gallery = gallery,
            LeftOut = LeftOut,
            Reviewed = Reviewed,
            PairsWithoutScore = missing,
        }.AttachTo(matches);
        WriteObject(matches, enumerateCollection: true);
    }

    private static ScanIdentity[] Names(IReadOnlyList<PreparedVolume> volumes) => [.. volumes.Select(v => v.Identity)];

    // What cannot be searched as it is asked for ends the command, with an error of its own.
    private T Allowed<T>(Func<T> step)
    {
        try
        {
            return step();
        }
        catch (SearchRefusedException exception)
        {
            ThrowTerminatingError(new(exception, exception.Reason.ToString(), ErrorCategory.InvalidArgument, exception.Scan));
            throw;
        }
    }
}
