using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Aligns scans to a template, takes the brain out and harmonises intensities, so that scans can be compared.</summary>
/// <remarks>
/// Volumes stream: several are worked on at once, results come out in the order of the input, and a scan that cannot be used gives an error while
/// the others go on.
/// </remarks>
[Cmdlet(VerbsLifecycle.Invoke, "MriPreprocess")]
[OutputType(typeof(PreprocessedVolume))]
public sealed class InvokeMriPreprocessCommand : EngineCmdlet
{
    private const string Activity = "Preprocessing";

    private readonly DateTime _started = DateTime.UtcNow;
    private PreprocessOptions _options = new();
    private GivenVolume? _given;
    private PreprocessPipeline? _pipeline;

    /// <summary>The scans.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume[] InputObject { get; set; } = [];

    /// <summary>Spacing of the result in mm, 0.5 to 8.</summary>
    [Parameter]
    [ValidateRange(0.5, 8.0)]
    public double Spacing { get => _options.Spacing; set => _options = _options with { Spacing = value }; }

    /// <summary>
    /// How intensities are brought to a common scale: z-scores after robust clipping, the template's whole histogram, its deciles (Nyul), or not at
    /// all.
    /// </summary>
    [Parameter]
    [Alias("Harmonisation")]
    [Choice(
        "ZScore: mean 0 and deviation 1, after robust clipping",
        "HistogramMatch: the template's whole histogram",
        "Nyul: the template's deciles",
        "None: intensities as they are")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Harmonization
    {
        get => $"{_options.Harmonization}";
        set => _options = _options with { Harmonization = Enum.Parse<Harmonization>(value, ignoreCase: true) };
    }

    /// <summary>How scans are aligned: 12 parameters, 7, or not at all.</summary>
    [Parameter]
    [Choice("Affine: 12 parameters", "Similarity: 7 parameters", "None: the scan is taken to be aligned")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Registration
    {
        get => $"{_options.Registration}";
        set => _options = _options with { Registration = Enum.Parse<RegistrationMode>(value, ignoreCase: true) };
    }

    /// <summary>Whether the brain is taken out: unless the scan is found to be stripped, always, or never.</summary>
    [Parameter]
    [Choice("Auto: unless the scan is found to be stripped", "Always: of any scan", "Never: the scan is taken to be stripped")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string BrainExtraction
    {
        get => $"{_options.BrainExtraction}";
        set => _options = _options with { BrainExtraction = Enum.Parse<BrainExtractionMode>(value, ignoreCase: true) };
    }

    /// <summary>
    /// What the scans' contrast is. Auto takes a BIDS suffix's word (_T1w, _T2w, _FLAIR, _PDw), or else the order in which the tissues are bright;
    /// what is not T1-weighted is then marked for review. A contrast that is named is what all scans are taken for.
    /// </summary>
    [Parameter]
    [Choice(
        "Auto: by the name's BIDS suffix, or by what the scan looks like",
        "T1w: T1-weighted, with or without contrast agent",
        "T2w: T2-weighted",
        "FLAIR: fluid-attenuated inversion recovery",
        "PD: proton density")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Contrast
    {
        get => _options.Contrast?.ToString() ?? "Auto";
        set => _options = _options with { Contrast = Enum.TryParse<MriContrast>(value, ignoreCase: true, out var named) ? named : null };
    }

    /// <summary>Leaves the bias field in.</summary>
    [Parameter]
    public SwitchParameter SkipBiasCorrection { get => !_options.BiasCorrection; set => _options = _options with { BiasCorrection = !value }; }

    /// <summary>
    /// A brain mask to use in place of brain extraction, in the scan's world: a volume, a path, or a script block that gives one for the scan in
    /// $_.
    /// </summary>
    [Parameter]
    public object? BrainMask { get; set; }

    /// <summary>Another template than Colin27: a volume or a path. Give its brain mask too, unless it is stripped.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TemplateCompleter))]
    public object? Template { get; set; }

    /// <summary>The brain mask of the template: a volume or a path.</summary>
    [Parameter]
    public object? TemplateMask { get; set; }

    /// <summary>How many scans are worked on at once; each takes its voxels as floats and some 30 MB.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// A folder in which results are kept, under a key of the scan's content, the parameters and the version. What is there already is not computed
    /// again, so an interrupted run goes on where it stopped. A brain at 2 mm takes about 0.8 MB; entries hold no name and no path. Several
    /// processes may share a folder. The folder is made when it is not there, and can be deleted at any time.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CachePath { get; set; }

    /// <summary>
    /// Works on a share of the scans alone, for many machines: "3/16" takes the 3rd, 19th, 35th, … scan of the pipeline. Every machine must be
    /// given the same scans in the same order.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public Shard? Shard { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _given = new(SessionState, StopToken);
        var engine = ResolveEngine();
        try
        {
            _options = _options with { Engine = engine, Template = _given.Template(Template, TemplateMask) };
            var work = new WorkOptions(Environment.ProcessorCount, StopToken);
            var cache = CacheChoice.Open(this, CachePath);
            var preprocessor = cache is not null ? new CachedPreprocessor(_options, cache, work) : RunWithProgress(Activity, (progress, _) =>
            {
                progress.Report(new(-1, "Preparing the template"));
                return new CachedPreprocessor(_options, cache: null, work);
            });
            _pipeline = new(preprocessor.Process, ThrottleLimit, StopToken);
        }
        catch (Exception exception) when (exception is MriFileException or ArgumentException or InvalidOperationException)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "TemplateUnusable", ErrorCategory.InvalidArgument, Template));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var scan in InputObject)
        {
            if (Shard?.TakesNext() == false)
            {
                continue;
            }

            if (scan is PreprocessedVolume done)
            {
                PassOn(done);
                continue;
            }

            Mask? mask;
            try
            {
                mask = _given!.Mask(BrainMask, scan);
            }
            catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
            {
                WriteItemError(exception, "BrainMaskUnusable", ErrorCategory.InvalidArgument, scan.Identity.Path ?? scan.Name);
                continue;
            }

            while (_pipeline!.IsFull)
            {
                WriteNext();
            }

            _pipeline.Add(scan, mask);
            while (_pipeline.IsNextDone)
            {
                WriteNext();
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        while (_pipeline!.Count > 0)
        {
            WriteNext(hasAll: true);
        }

        HideProgress(Activity);
    }

    // What is preprocessed already goes on as it is, in its turn, if it was done as is asked for now; done twice, a brain is no brain any more.
    private void PassOn(PreprocessedVolume volume)
    {
        var differences = volume.DifferencesFrom(_options, BrainMask is not null);
        if (differences.Count > 0)
        {
            WriteItemError(
                new InvalidOperationException(
                    $"'{SafeText.ForTerminal(volume.Path ?? volume.Name, int.MaxValue)}' is preprocessed already, and otherwise: "
                        + $"{string.Join("; ", differences)}. Preprocess the scan itself."),
                "PreprocessedAlready", ErrorCategory.InvalidOperation, volume.Path ?? volume.Name);
            return;
        }

        WriteVerbose($"{volume.Name} is preprocessed already, and passed on.");
        _pipeline!.Add(volume);
    }

    private void WriteNext(bool hasAll = false)
    {
        var identity = _pipeline!.Next;
        while (!_pipeline.Wait(TimeSpan.FromMilliseconds(100)))
        {
            var elapsed = DateTime.UtcNow - _started;
            if (elapsed > TimeSpan.FromSeconds(1))
            {
                ShowProgress(Activity, _pipeline.Progress(elapsed, hasAll), elapsed);
            }
        }

        try
        {
            var (volume, notice) = _pipeline.Take();
            if (notice is not null)
            {
                WriteWarning(notice);
            }

            if (volume.QualityRecord.GetVerdict() == QualityVerdict.Fail)
            {
                WriteWarning($"'{identity.Path ?? identity.Name}' failed quality control: {string.Join("; ", volume.QualityRecord.Reasons)}.");
            }

            WriteVerbose($"{volume.Name}: {volume.QualityRecord}; {string.Join(", ", volume.Timings)}");
            WriteObject(volume);
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
        {
            WriteVolumeError(exception, identity);
        }
    }
}
