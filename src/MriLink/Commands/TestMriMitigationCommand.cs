using System.Collections;
using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Linkage;
using MriLink.Core.Mitigation;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// Says how far smoothing, resampling, noise, defacing, cropping and the like would bring linkage down, and what they cost in image quality.
/// </summary>
/// <remarks>
/// <para>Each raw scan of the release is mitigated in memory, preprocessed as an attacker would, and compared with the gallery; nothing is written.
/// The first row is the release as it is. Labels that both sides share are the truth; without any, what counts is how many of today's links
/// survive.</para>
/// <para>Lower linkage by plain similarity is no proof of anonymity. An attacker may blur the gallery in the same way (-AdaptedAttacker tries
/// that), denoise, or compare by other means.</para>
/// <para>Every scan is preprocessed once for each mitigation and strength, about half a second of one processor each; rows come when the last scan
/// is done. Memory: four copies of a scan per thread, and about 1 MB per gallery scan.</para>
/// </remarks>
[Cmdlet(VerbsDiagnostic.Test, "MriMitigation", DefaultParameterSetName = DiscoverySet)]
[OutputType(typeof(MitigationResult))]
public sealed class TestMriMitigationCommand : SimilarityCmdlet
{
    private const string DiscoverySet = "FalseDiscoveryRate";
    private const string ThresholdSet = "Threshold";

    private readonly List<MriVolume> _probes = [];
    private readonly ConcurrentQueue<string> _notices = new();
    private IReadOnlyList<IMitigation> _mitigations = [];
    private PreprocessOptions _options = new();
    private MatchOptions _match = new();
    private SimilarityMeasure _measure = SimilarityMeasures.Default;

    /// <summary>
    /// What the attacker holds: raw scans, preprocessed ones, or a gallery or its path. Preprocessed ones should have been made as the release is
    /// here, by Invoke-MriPreprocess with no parameters but -Spacing and -SkipBiasCorrection; a warning names what differs.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [VolumesOrGallery]
    [VolumeTransformation]
    public MriVolume[] Gallery { get; set; } = [];

    /// <summary>The raw scans of the release, as they would be given away; not preprocessed.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [VolumeTransformation]
    public MriVolume[] Probe { get; set; } = [];

    /// <summary>What to try; everything by default.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Choice(
        "Smooth: a Gaussian blur, in mm (full width at half maximum)",
        "Resample: larger voxels, in mm",
        "Noise: normal noise, in per cent of the brain's median intensity",
        "Quantize: few grey levels, in bits",
        "Crop: the brain's box, less so many mm on each side",
        "Deface: everything before and below the brain off, but so many mm",
        "Strip: everything around the brain off, but so many mm",
        "Warp: a smooth random deformation, in mm (root mean square)")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string[] Mitigation { get; set; } = [.. Mitigations.All.Select(k => k.Name)];

    /// <summary>
    /// How strongly, in place of the usual steps: numbers for a single -Mitigation, or for several a hashtable: @{ Smooth = 2, 4; Noise = 50 }.
    /// Smooth in mm (full width at half maximum), Resample in mm (voxels), Noise in per cent of the brain's median intensity, Quantize in bits of
    /// grey, Crop in mm cut off each side of the brain's box, Deface and Strip in mm kept around the brain, Warp in mm (root mean square of the
    /// displacement along each axis).
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? Strength { get; set; }

    /// <summary>
    /// Adds rows for an attacker who knows what was done and does the same to the gallery before comparing: all but noise and warps, which have a
    /// secret seed. The gallery must be raw scans.
    /// </summary>
    [Parameter]
    public SwitchParameter AdaptedAttacker { get; set; }

    /// <summary>
    /// Who a scan really shows, when labels differ between the two sides: a script block that gets the scan's identity as $_ (Participant, Session,
    /// Run, Path). Without it the label is the participant.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? Participant { get; set; }

    /// <summary>The measure, by name; that of -Threshold, or else LocalNCC, by default.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>The score from which on the attacker takes a pair for one person: a number, or what Get-MriLinkageThreshold gives.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ThresholdSet)]
    [Alias("LinkageThreshold")]
    [ValidateNotNull]
    [RestoredThreshold]
    public LinkageThreshold? Threshold { get => _match.Threshold; set => _match = _match with { Threshold = value }; }

    /// <summary>The part of all links that the attacker allows to be false on average; the rule when no threshold is given, at 0.01.</summary>
    [Parameter(ParameterSetName = DiscoverySet)]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get => _match.FalseDiscoveryRate; set => _match = _match with { FalseDiscoveryRate = value }; }

    /// <summary>Spacing in mm at which scans are compared, 0.5 to 8; that of the gallery where it is preprocessed, otherwise 2.</summary>
    [Parameter]
    [ValidateRange(0.5, 8.0)]
    public double Spacing { get => _options.Spacing; set => _options = _options with { Spacing = value }; }

    /// <summary>Leaves the bias field in when preprocessing.</summary>
    [Parameter]
    public SwitchParameter SkipBiasCorrection { get => !_options.BiasCorrection; set => _options = _options with { BiasCorrection = !value }; }

    /// <summary>A folder in which results of preprocessing are kept, as in Invoke-MriPreprocess: a second run takes them from there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    /// <summary>What noise and warps follow from: the same seed gives the same.</summary>
    [Parameter]
    public int Seed { get; set; } = 1;

    /// <summary>Takes scans too whose preprocessing fails quality control before anything is done to them.</summary>
    [Parameter]
    public SwitchParameter IncludeFailed { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            _mitigations = Mitigations.Choose(Mitigation, Strengths());
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            ThrowTerminatingError(RecordOf(exception, "StrengthUnusable", ErrorCategory.InvalidArgument, Strength));
        }

        _measure = MetricChoice.Of(this, Metric, Threshold, Gallery);
        if (AdaptedAttacker && Gallery.Any(g => g is PreprocessedVolume))
        {
            ThrowTerminatingError(new(
                new InvalidOperationException(
                    "-AdaptedAttacker treats the gallery's own scans, so -Gallery must be raw scans, not preprocessed ones."), "GalleryPreprocessed",
                    ErrorCategory.InvalidArgument, targetObject: null));
        }

        if (!MyInvocation.BoundParameters.ContainsKey(nameof(Spacing)))
        {
            Spacing = AttackerGallery.SpacingOf(Gallery) ?? Spacing;
        }

        if (AttackerGallery.DifferenceNote(Gallery, _options) is { } note)
        {
            WriteWarning(note);
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var probe in Probe)
        {
            if (probe is PreprocessedVolume)
            {
                WriteItemError(
                    new InvalidOperationException(
                        $"'{probe.Path ?? probe.Name}' is preprocessed: a mitigation is applied to the raw scan. Give what Import-MriVolume reads."),
                        "NotRaw", ErrorCategory.InvalidArgument, probe.Path ?? probe.Name);
                continue;
            }

            _probes.Add(probe);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_probes.Count == 0)
        {
            return;
        }

        try
        {
            var cache = CacheChoice.Open(this, CachePath);
            var preprocessor = RunWithProgress("Preparing the template", (_, token) => new CachedPreprocessor(_options, cache, Work(token)));
            var (raw, gallery) = PreparedGallery(preprocessor);
            var test = new MitigationTest(
                _mitigations, gallery, (scan, work) => Preprocess(preprocessor, scan, work), _measure, SimilarityOptions, Seed);
            if (AdaptedAttacker)
            {
                RunWithProgress("Treating the gallery", (progress, token) =>
                {
                    test.AdaptAttacker(raw, Work(token), MitigationTest.Steps(raw.Count, test.StepsPerScan, progress));
                    return true;
                });
            }

            // Scores of several kinds of pair are never judged together.
            var kinds = Trials(test).GroupBy(trial => trial.Identity.Contrast, StringComparer.Ordinal).ToArray();
            if (kinds.Length > 1)
            {
                WriteWarning($"The release holds {string.Join(" and ", kinds.Select(kind => kind.Key))}: each has rows of its own (Contrasts).");
            }

            foreach (var kind in kinds)
            {
                Write(test, [.. kind]);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException or LabelException)
        {
            ThrowTerminatingError(RecordOf(exception, "NoResult", ErrorCategory.InvalidOperation, target: null));
        }
    }

    private IReadOnlyList<KeyValuePair<string, IReadOnlyList<double>>> Strengths()
    {
        return (Strength is PSObject wrapped ? wrapped.BaseObject : Strength) switch
        {
            null => [],
            IDictionary table => [.. table.Keys.Cast<object>().Select(key => Of($"{key}", table[key]))],
            var numbers when Mitigation.Length == 1 => [Of(Mitigation[0], numbers)],
            _ => throw new InvalidOperationException(
                "Numbers for -Strength go with a single -Mitigation; for several give a hashtable: @{ Smooth = 2, 4; Noise = 50 }."),
        };

        // A variable that does not exist is no wish for the usual strengths.
        static KeyValuePair<string, IReadOnlyList<double>> Of(string name, object? numbers) =>
            LanguagePrimitives.ConvertTo<double[]>(numbers) is { Length: > 0 } given ? new(name, given)
                : throw new InvalidOperationException($"-Strength has no numbers for '{name}'.");
    }

    // On any thread; what there is to say of the cache waits for the pipeline's.
    private PreprocessedVolume Preprocess(CachedPreprocessor preprocessor, MriVolume scan, WorkOptions work)
    {
        var (volume, notice) = preprocessor.Process(scan, brainMask: null, work);
        if (notice is not null)
        {
            _notices.Enqueue(notice);
        }

        return volume;
    }

    // What is raw of the gallery is preprocessed as the probes are. Raw scans are given back in the order of what came of them.
    private (IReadOnlyList<MriVolume> Raw, IReadOnlyList<PreparedVolume> Gallery) PreparedGallery(CachedPreprocessor preprocessor)
    {
        var outcomes = Each<MriVolume>("Preprocessing the gallery", Gallery, stepsPerScan: 1, (scan, work, step) =>
        {
            var result = scan is PreprocessedVolume ? scan : Preprocess(preprocessor, scan, work);
            step(scan);
            return result;
        });
        MriScan[] results = [.. outcomes.Select(outcome => outcome.Result!)];
        var prepared = Prepare(IncludeFailed ? results : FailedScans.LeaveOut(results, WriteWarning), grid: null, keep: false);
        var known = prepared.Select(volume => volume.Identity).ToHashSet<ScanIdentity>(ReferenceEqualityComparer.Instance);
        return prepared.Count > 0
            ? ([.. outcomes.Where(outcome => known.Contains(outcome.Result!.Identity)).Select(outcome => outcome.Scan)], prepared)
            : throw new InvalidOperationException("None of the gallery's volumes can be used.");
    }

    private List<ProbeTrial> Trials(MitigationTest test)
    {
        var trials = new List<ProbeTrial>();
        foreach (var (scan, trial, _) in Each("Testing mitigations", _probes, test.StepsPerScan, test.Try))
        {
            if (trial!.Failed && !IncludeFailed)
            {
                WriteWarning($"{scan.Name} is left out, its preprocessing failed before anything was done to it: "
                    + $"{string.Join("; ", trial.Quality.Reasons)}. -IncludeFailed takes it all the same.");
                continue;
            }

            trials.Add(trial);
        }

        return trials.Count > 0 ? trials : throw new InvalidOperationException("None of the release's scans can be used.");
    }

    // Works on scans side by side; an error for each that cannot be used.
    private ScanOutcome<T>[] Each<T>(
        string activity, IReadOnlyList<MriVolume> scans, int stepsPerScan, Func<MriVolume, WorkOptions, Action<MriVolume>, T> body)
        where T : class
    {
        var outcomes = RunWithProgress(
            activity, (progress, token) => MitigationTest.ForEachScan(scans, stepsPerScan, Work(token), progress, body));
        while (_notices.TryDequeue(out var notice))
        {
            WriteWarning(notice);
        }

        foreach (var (scan, _, error) in outcomes)
        {
            if (error is not null)
            {
                WriteVolumeError(error, scan.Identity);
            }
        }

        return [.. outcomes.Where(outcome => outcome.Result is not null)];
    }

    private void Write(MitigationTest test, List<ProbeTrial> trials)
    {
        var rule = Participant is null ? null : new ParticipantRule(Participant);
        var summary = new MitigationSummary(test, trials, _match, new(), rule is null ? null : rule.Apply);
        if (summary.Note is { } otherwise)
        {
            WriteWarning($"{trials[0].Identity.Contrast} scans: {otherwise}");
        }

        var results = RunWithProgress("Judging", (_, token) => summary.Results(Work(token)));
        if (results[0].MatedProbes is null)
        {
            WriteWarning("The release and the gallery share no label, so the truth is not known: rows say how many of today's links survive. "
                + "-Participant can say who is who.");
        }

        foreach (var result in results)
        {
            if (result.Unchanged == result.Probes)
            {
                WriteWarning(string.Create(CultureInfo.InvariantCulture, $"{result.Named} {result.Setting} is left out. {result.Notes[0]}"));
                continue;
            }

            WriteObject(result);
        }
    }
}
