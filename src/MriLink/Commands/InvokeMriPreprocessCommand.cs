using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Templates;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Aligns scans to a template, takes the brain out and harmonises intensities, so that scans can be compared.</summary>
/// <remarks>
/// Volumes stream: several are worked on at once, results come out in the order of the input, and a scan that cannot be used gives an error while
/// the others go on.
/// </remarks>
[Cmdlet(VerbsLifecycle.Invoke, "MriPreprocess")]
[OutputType(typeof(PreprocessedVolume))]
public sealed class InvokeMriPreprocessCommand : MriCmdlet
{
    private const string Activity = "Preprocessing";

    // Scans given to workers and not written yet, in the order of the input.
    private readonly Queue<(ScanIdentity Identity, Task<(PreprocessedVolume Volume, string? Notice)> Result)> _pending = new();
    private readonly SharedProcessors _processors = new(Environment.ProcessorCount);
    private readonly DateTime _started = DateTime.UtcNow;
    private SemaphoreSlim? _slots;
    private PreprocessOptions? _options;
    private Func<MriVolume, Mask?, WorkOptions, (PreprocessedVolume Volume, string? Notice)>? _preprocess;
    private int _done;
    private bool _hasAll;

    /// <summary>The scans.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume[] InputObject { get; set; } = [];

    /// <summary>Spacing of the result in mm, 0.5 to 8.</summary>
    [Parameter]
    [ValidateRange(0.5, 8.0)]
    public double Spacing { get; set; } = 2;

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
    public string Harmonization { get; set; } = "ZScore";

    /// <summary>How scans are aligned: 12 parameters, 7, or not at all.</summary>
    [Parameter]
    [Choice("Affine: 12 parameters", "Similarity: 7 parameters", "None: the scan is taken to be aligned")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Registration { get; set; } = "Affine";

    /// <summary>Whether the brain is taken out: unless the scan is found to be stripped, always, or never.</summary>
    [Parameter]
    [Choice("Auto: unless the scan is found to be stripped", "Always: of any scan", "Never: the scan is taken to be stripped")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string BrainExtraction { get; set; } = "Auto";

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
    public string Contrast { get; set; } = "Auto";

    /// <summary>Leaves the bias field in.</summary>
    [Parameter]
    public SwitchParameter SkipBiasCorrection { get; set; }

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

    /// <summary>
    /// Who corrects the bias field, registers and resamples: MriLink itself, or SimpleITK, which is not part of MriLink (Get-MriEngine says whether
    /// it is there, and why not).
    /// </summary>
    [Parameter]
    [Choice("BuiltIn: MriLink itself", "SimpleITK: ITK's own code, where it is installed")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Engine { get; set; } = "BuiltIn";

    /// <summary>
    /// With -Engine SimpleITK: the folder of its C# binding. Without it, $env:MRILINK_SIMPLEITK and then engines/simpleitk in the module's folder
    /// are looked at.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SimpleItkPath { get; set; }

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
        _slots = new(ThrottleLimit);
        var engine = EngineChoice.Resolve(this, Engine, SimpleItkPath);
        try
        {
            var options = _options = new PreprocessOptions
            {
                Engine = engine,
                Template = ChosenTemplate(),
                Spacing = Spacing,
                BiasCorrection = !SkipBiasCorrection,
                BrainExtraction = Enum.Parse<BrainExtractionMode>(BrainExtraction, ignoreCase: true),
                Registration = Enum.Parse<RegistrationMode>(Registration, ignoreCase: true),
                Harmonization = Enum.Parse<Harmonization>(Harmonization, ignoreCase: true),
                Contrast = string.Equals(Contrast, "Auto", StringComparison.OrdinalIgnoreCase) ? null
                    : Enum.Parse<MriContrast>(Contrast, ignoreCase: true),
            };
            if (CachePath is not null)
            {
                _preprocess = new CachedPreprocessor(options, OpenCache(CachePath), new(Environment.ProcessorCount, StopToken)).Process;
                return;
            }

            var preprocessor = RunWithProgress(Activity, (progress, stop) =>
            {
                progress.Report(new(-1, "Preparing the template"));
                return new Preprocessor(options, new(Environment.ProcessorCount, stop));
            });
            _preprocess = (scan, mask, work) => (preprocessor.Process(scan, mask, work), null);
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
                mask = MaskFor(scan);
            }
            catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
            {
                WriteItemError(exception, "BrainMaskUnusable", ErrorCategory.InvalidArgument, scan.Identity.Path ?? scan.Name);
                continue;
            }

            // Results are small, scans at work are not: the slots bound those, the queue only keeps the order.
            while (_pending.Count >= 2 * ThrottleLimit)
            {
                WriteNext();
            }

            _pending.Enqueue((scan.Identity, Start(scan, mask)));
            while (_pending.TryPeek(out var next) && next.Result.IsCompleted)
            {
                WriteNext();
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _hasAll = true;
        while (_pending.Count > 0)
        {
            WriteNext();
        }

        HideProgress(Activity);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);

        // After Ctrl+C workers may still hold a slot for a moment: the semaphore is left to them and the collector.
        _slots = null;
    }

    // What is preprocessed already goes on as it is, in its turn, if it was done as is asked for now; done twice, a brain is no brain any more.
    private void PassOn(PreprocessedVolume volume)
    {
        var differences = volume.Provenance?.DifferencesFrom(_options!) ?? ["it does not say how"];
        if (BrainMask is not null)
        {
            differences = [.. differences, "a BrainMask is given"];
        }

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
        _pending.Enqueue((volume.Identity, Task.FromResult<(PreprocessedVolume, string?)>((volume, null))));
    }

    private async Task<(PreprocessedVolume Volume, string? Notice)> Start(MriVolume scan, Mask? mask)
    {
        var slots = _slots!;
        var stop = StopToken;
        await slots.WaitAsync(stop);
        try
        {
            _processors.Enter();
            return await Task.Run(() => _preprocess!(scan, mask, new(Environment.ProcessorCount, stop) { Shared = _processors }), stop);
        }
        finally
        {
            _processors.Leave();
            slots.Release();
        }
    }

    private void WriteNext()
    {
        var (identity, result) = _pending.Dequeue();
        try
        {
            while (!((IAsyncResult)result).AsyncWaitHandle.WaitOne(TimeSpan.FromMilliseconds(100)))
            {
                ShowCount(identity);
            }

            var (volume, notice) = result.GetAwaiter().GetResult();
            _done++;
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

    private void ShowCount(ScanIdentity identity)
    {
        var elapsed = DateTime.UtcNow - _started;
        if (elapsed > TimeSpan.FromSeconds(1))
        {
            // How many are still to come is not known while they stream in; the pace is.
            var pace = _done > 0 ? string.Create(CultureInfo.InvariantCulture, $", {elapsed.TotalSeconds / _done:0.0} s each") : string.Empty;
            ShowProgress(Activity, new WorkProgress(
                _hasAll ? (double)_done / (_done + _pending.Count + 1) : -1, $"{_done} done{pace}, at {identity.Name}"), elapsed);
        }
    }

    private Mask? MaskFor(MriVolume scan)
    {
        var given = BrainMask;
        if (given is ScriptBlock script)
        {
            given = script.InvokeWithContext(null, [new PSVariable("_", scan)]).FirstOrDefault()?.BaseObject
                ?? throw new InvalidOperationException($"The script block gave no brain mask for '{scan.Path ?? scan.Name}'.");
        }

        return given is null ? null : Mask.FromVolume(VolumeOf(given, nameof(BrainMask)));
    }

    private PreprocessCache OpenCache(string given)
    {
        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(given);
        try
        {
            return new(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ThrowTerminatingError(new ErrorRecord(
                new IOException($"The cache '{path}' cannot be used: {exception.Message}", exception), "CacheUnusable", ErrorCategory.OpenError,
                path));
            throw;
        }
    }

    private Template ChosenTemplate()
    {
        // The name completes; a file of that name is meant only with its folder before it.
        if (Template is null || string.Equals(
            (Template is PSObject given ? given.BaseObject : Template) as string, Core.Templates.Template.Colin27Name,
            StringComparison.OrdinalIgnoreCase))
        {
            return Core.Templates.Template.Colin27;
        }

        var head = VolumeOf(Template, nameof(Template));
        var mask = TemplateMask is null ? Mask.FromVolume(head) : Mask.FromVolume(VolumeOf(TemplateMask, nameof(TemplateMask)));
        return new(Template is MriVolume volume ? volume.Name : VolumeFormats.GetStem(Template.ToString()!), head, mask);
    }

    private Volume VolumeOf(object given, string parameter)
    {
        var value = given is PSObject wrapped ? wrapped.BaseObject : given;
        if (value is MriVolume volume)
        {
            return volume.ReadVoxels(StopToken);
        }

        var text = value is FileInfo file ? file.FullName : value as string
            ?? throw new InvalidOperationException($"-{parameter} takes a volume or a path, not a {value.GetType().Name}.");
        var path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(text);
        return new FileVoxelSource(VolumeFormats.ReadHeader(path, volume: null, StopToken), new()).Read(StopToken);
    }
}
