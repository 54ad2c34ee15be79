using System.Management.Automation;
using MriLink.Core.Audit;
using MriLink.Core.Basics;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Gallery;
using MriLink.Core.Linkage;
using MriLink.Core.Preprocessing;
using MriLink.Core.Similarity;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Checks folders of released scans against a gallery, for a scheduled job.</summary>
/// <remarks>
/// <para>Finds what is new or changed, preprocesses it, adds it to the gallery, compares it with all the gallery holds and within itself, and
/// writes a report (a page for people, JSON and CSV) when there is news. Every step is kept in the gallery once it is done: an interrupted audit
/// goes on where it was, and one with nothing new does nothing.</para>
/// <para>ExitCode of the result tells a scheduler what to do. 0: everything was checked, and nobody new is linked. 2: scans of different labels are
/// judged to be one person. 3: the job ran, and something could not be checked, tonight or on an earlier night: a file that is bad is told once
/// (Problems) and counts every night (Unresolved) until it is mended or removed. A scan that a person should look at (verdict Review), and one that
/// cannot be told from strangers, is told once. 1: the job was not done, or checked nothing: the gallery, the disk
/// or a folder failed, or there was no volume at all; nothing is known about the release.</para>
/// <para>-SetExitCode ends a session that runs a script or a command with that code, also when the cmdlet fails; a session in which somebody types
/// stays open, and $LASTEXITCODE has the code. In a script that goes on after the audit, let errors end it ($ErrorActionPreference = 'Stop') and
/// end with: exit (Invoke-MriAudit …).ExitCode</para>
/// </remarks>
[Cmdlet(VerbsLifecycle.Invoke, "MriAudit", SupportsShouldProcess = true)]
[OutputType(typeof(AuditResult))]
public sealed class InvokeMriAuditCommand : EngineCmdlet
{
    private static readonly string[] FileEndings = [".csv", ".json", ".html", ".htm", ".md", ".txt"];

    /// <summary>Folders of scans, with all that is below, or files. Of folders, the same is taken as by Import-MriVolume -Recurse.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The gallery: what New-MriGallery gave, the path of its file, or a PostgreSQL connection string.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNull]
    public object Gallery { get; set; } = null!;

    /// <summary>
    /// The folder that reports go to; it is made when it is not there. A name like that of a report file (x.csv) is refused. A report names labels
    /// and paths.
    /// </summary>
    [Parameter(Mandatory = true, Position = 2)]
    [ValidateNotNullOrEmpty]
    public string Report { get; set; } = string.Empty;

    /// <summary>
    /// Label of the person, as for Import-MriVolume: the label itself, a script block that gets the file as $_, or a regular expression
    /// ([regex]'…'). Without it, names of files and folders say it. Scans that share a label although nothing shows that they are one person's are
    /// not checked, and are a problem.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public object? Participant { get; set; }

    /// <summary>Of folders: the suffixes of BIDS names that are taken, * for all. Without it T1w and UNIT1.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Suffix { get; set; }

    /// <summary>The file with the key of a pseudonymised gallery. Reports then name pseudonyms.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>Spacing in mm at which scans are compared, as for Invoke-MriPreprocess; that of the gallery.</summary>
    [Parameter]
    [ValidateRange(0.5, 8.0)]
    public double Spacing { get; set; } = 2;

    /// <summary>The measure, by name; that of -Threshold, or else LocalNCC, by default. Reports name it with every score.</summary>
    [Parameter]
    [ValidateMetric]
    [ArgumentCompleter(typeof(MetricCompleter))]
    public string Metric { get; set; } = SimilarityMeasures.Default.Name;

    /// <summary>
    /// The score from which on a pair is one person: a number, or what Get-MriLinkageThreshold gives. Without it the scores of the audit's own
    /// impostors decide, which takes some ten scans.
    /// </summary>
    [Parameter]
    [RestoredThreshold]
    public LinkageThreshold? Threshold { get; set; }

    /// <summary>Without -Threshold: the part of the links that may be false on average.</summary>
    [Parameter]
    [ValidateRange(1e-12, 0.5)]
    public double FalseDiscoveryRate { get; set; } = 0.01;

    /// <summary>How many scans are worked on at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    /// <summary>
    /// Also compares new scans with left and right exchanged, and takes the better score; DecidingRule of such a link ends with "mirrored". Each
    /// new scan is then compared with the whole gallery, however large. Scans that earlier audits compared are not compared again.
    /// </summary>
    [Parameter]
    public SwitchParameter Mirrored { get; set; }

    /// <summary>
    /// Takes files that earlier audits checked, and that are gone, for withdrawn. Without it they count as a problem every night: a folder that is
    /// not mounted looks the same.
    /// </summary>
    [Parameter]
    public SwitchParameter AcceptMissing { get; set; }

    /// <summary>
    /// Whether the session ends with the exit code of the result, and with 1 when there is none; one in which somebody types stays open.
    /// </summary>
    [Parameter]
    public SwitchParameter SetExitCode { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        // Whatever ends this cmdlet before it says otherwise, the scheduler learns that the job was not done.
        Exit(AuditResult.NotDone);
        try
        {
            Audit();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (exception is not PipelineStoppedException and not RuntimeException)
        {
            // Whatever it is, it is the cause of an audit that was not done: a scheduler must not be told less than all.
            ThrowTerminatingError(new ErrorRecord(Told(exception), "AuditFailed", ErrorCategory.NotSpecified, targetObject: null));
        }
    }

    private static Exception Told(Exception exception) => exception switch
    {
        AggregateException several => Told(several.Flatten().InnerExceptions[0]),
        GalleryException or MriFileException or InvalidOperationException => exception,
        OutOfMemoryException => new InvalidOperationException(
            "The audit was not done: there is not enough memory. A lower -ThrottleLimit takes less.", exception),
        _ => new InvalidOperationException($"The audit was not done: {SafeText.ForTerminal(exception.Message)}", exception),
    };

    // Where -Report elsewhere is a file, this one is a folder of them; made silently, it would look like a broken file.
    private string ReportFolder()
    {
        var folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Report);
        if (!Directory.Exists(folder) && FileEndings.Contains(System.IO.Path.GetExtension(folder), StringComparer.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"-Report {SafeText.ForTerminal(Report)} names a file. Give a folder: each audit adds its reports to it, as JSON, CSV and a page.");
        }

        return folder;
    }

    private void Audit()
    {
        var reports = ReportFolder();
        var measure = MetricChoice.Of(this, Metric, Threshold, []);
        var engine = ResolveEngine();
        var gallery = GalleryLocation.Open(SessionState, Gallery, StopToken);
        var key = KeyPath is null ? null : new Pseudonymizer(KeyFile.Read(SessionState, KeyPath, WriteWarning));
        string[] roots = [.. Path.Select(SessionState.Path.GetUnresolvedProviderPathFromPSPath)];
        var audit = new GalleryAudit(gallery, new()
        {
            Preprocess = new PreprocessOptions { Engine = engine, Spacing = Spacing },
            Measure = measure,
            Match = new MatchOptions { Threshold = Threshold, FalseDiscoveryRate = FalseDiscoveryRate },
            Pseudonymizer = key,
            ReportFolder = reports,
            Roots = roots,
            AcceptMissing = AcceptMissing,
            Mirrored = Mirrored,
        });
        var listing = Participant is null ? List(roots) : Label(List(roots));
        var fresh = audit.FindNew(listing.Files, StopToken);
        foreach (var file in fresh)
        {
            WriteVerbose($"New or changed: {SafeText.ForTerminal(file.Path, int.MaxValue)}");
        }

        if (!ShouldProcess($"{gallery.Name}: {fresh.Count} new or changed of {listing.Files.Count} files", "Audit"))
        {
            // Nothing was checked, and the session ends so.
            WriteObject(fresh, enumerateCollection: true);
            return;
        }

        var result = RunWithProgress("Auditing", (progress, token) => audit.Run(listing, new(ThrottleLimit, token), progress));
        foreach (var problem in result.Problems)
        {
            WriteWarning(problem.ToString());
        }

        if (result.Unresolved.Count > 0)
        {
            WriteWarning($"{result.Unresolved.Count} files that an earlier audit could not check are still there, unchanged; the first is "
                + $"{result.Unresolved[0]}");
        }

        WriteObject(result);
        Exit(result.ExitCode);
    }

    private void Exit(int code)
    {
        if (SetExitCode)
        {
            SessionExit.Set(SessionState, Host, code);
        }
    }

    private AuditListing List(string[] paths)
    {
        foreach (var path in paths.Where(path => !System.IO.Path.Exists(path)))
        {
            throw new MriFileException(path, "does not exist.");
        }

        var inventory = RunWithProgress("Listing files", (progress, token) => ScanInventory.Take(
            Array.ConvertAll(paths, path => new InventoryPath(path)), new() { Suffixes = Suffix }, new(Environment.ProcessorCount, token)));
        if (inventory.PassedOver.Count > 0)
        {
            WriteVerbose(inventory.PassedOverSummary);
        }

        var listing = AuditListing.Of(inventory, paths);
        return Participant is null ? listing.Without(LabelClash.OfNames(inventory.Scans)) : listing;
    }

    // On the pipeline's thread, where scripts run; of all, for a label that has changed is to be noticed.
    private AuditListing Label(AuditListing listing)
    {
        var rules = new ScanLabelRules(LabelRule.Of(Participant));
        if (rules.Participant is { LooksLikePattern: true })
        {
            throw new InvalidOperationException(
                $"-Participant '{SafeText.ForTerminal(Participant!.ToString())}' would be the label of every scan, and every link an expected one. A "
                    + $"regular expression is written [regex]'…'.");
        }

        var files = listing.Files;
        var labels = new Dictionary<string, ScanIdentity>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            try
            {
                labels.Add(file.Path, rules.Apply(file.Scan!));
            }
            catch (LabelException exception)
            {
                throw new MriFileException(file.Path, exception.Message, exception);
            }
        }

        var clashes = rules.Participant!.IsLabel ? []
            : LabelClash.OfRule([.. files.Select(file => file.Scan!)], [.. files.Select(file => labels[file.Path])]);
        return (listing with { Files = [.. listing.Files.Select(file => file with { Identity = labels[file.Path] })] }).Without(clashes);
    }
}
