using System.Management.Automation;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>A cmdlet that takes files: by path with wildcards, literally, down the pipeline, or all scans below a folder.</summary>
/// <remarks>
/// All that comes down the pipeline is looked at together once the last item is there: what a name tells depends on the names beside it.
/// </remarks>
public abstract class FileCmdlet : MriCmdlet
{
    private readonly List<Item> _items = [];
    private Item[] _known = [];

    /// <summary>Files, folders of DICOM slices, or any folders with -Recurse; wildcards are allowed.</summary>
    // A list's column Path binds in the same pass as its columns of labels only in the default parameter set.
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The same, taken as they are written. Takes files from Get-ChildItem.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>
    /// Whether all scans below a folder are taken. Links are followed. Hidden files, other files, masks and label maps are passed over, and of a
    /// BIDS dataset the folders derivatives and sourcedata; -Verbose says how many and why.
    /// </summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>
    /// Of folders: the suffixes of BIDS names that are taken, * for all. Without it T1w and UNIT1. Files without BIDS names are always taken.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Suffix { get; set; }

    /// <summary>Whether masks, derivatives and all else is taken too.</summary>
    internal virtual bool TakesEverything => false;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var literal = LiteralPath.Length > 0;
        foreach (var path in literal ? LiteralPath : Path)
        {
            // A file may be called so: a list of files knows no wildcards.
            var wildcard = !literal && WildcardPattern.ContainsWildcardCharacters(path) && !IsThere(path);
            var resolved = Resolve(path, !wildcard);
            foreach (var item in resolved)
            {
                Add(item, wildcard);
            }

            if (wildcard && resolved.Length == 0 && MyInvocation.ExpectingInput)
            {
                AddError(new ItemNotFoundException($"Nothing is called '{path}'."), "PathNotFound", ErrorCategory.ObjectNotFound, path);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (!MyInvocation.ExpectingInput && LiteralPath.Length + Path.Length == 0)
        {
            ThrowTerminatingError(new ErrorRecord(
                new InvalidOperationException("-Path or -LiteralPath is needed."), "PathMissing", ErrorCategory.InvalidArgument, targetObject: null));
        }

        _known = [.. _items.Where(item => item.Error is null)];
        var inventory = RunWithProgress("Listing files", (progress, token) => ScanInventory.Take(
            Array.ConvertAll(_known, item => new InventoryPath(item.Path, Recurse)),
            new() { Suffixes = Suffix, TakesEverything = TakesEverything },
            new(Environment.ProcessorCount, token)));
        if (inventory.PassedOver.Count > 0)
        {
            WriteVerbose(inventory.PassedOverSummary);
        }

        foreach (var problem in inventory.Problems)
        {
            WriteItemError(problem, "FolderUnreadable", ErrorCategory.ReadError, problem.Path);
        }

        foreach (var empty in inventory.Empty)
        {
            WriteWarning(inventory.PassedOver.Count > 0 ? $"{empty.Message} {inventory.PassedOverSummary}" : empty.Message);
        }

        Begin(inventory);
        var index = 0;
        var scans = inventory.Scans.ToLookup(scan => scan.Index);
        foreach (var item in _items)
        {
            if (item.Error is not null)
            {
                WriteError(item.Error);
                continue;
            }

            StopIfAsked();
            ProcessItem(item.Path, item.Labels, [.. scans[index]]);
            index++;
        }
    }

    /// <summary>The labels that came with the files that are being added, if any.</summary>
    internal virtual object? LabelsOfRecord() => null;

    /// <summary>Told what was found, before the first scan is processed.</summary>
    internal virtual void Begin(ScanInventory inventory)
    {
    }

    /// <summary>Does the cmdlet's work on a file or folder.</summary>
    /// <param name="path">Full path of the file or folder that was given.</param>
    /// <param name="labels">What <see cref="LabelsOfRecord"/> gave for it.</param>
    /// <param name="scans">What was found there and not under an earlier path.</param>
    internal abstract void ProcessItem(string path, object? labels, FoundScan[] scans);

    /// <summary>The labels that came with a path, by its number among those that were looked at.</summary>
    private protected object? LabelsOf(int index) => _known[index].Labels;

    /// <summary>Ends the pipeline when the user has pressed Ctrl+C.</summary>
    protected void StopIfAsked()
    {
        if (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
    }

    private bool IsThere(string path)
    {
        try
        {
            var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
            return string.Equals(provider.Name, "FileSystem", StringComparison.Ordinal) && System.IO.Path.Exists(full);
        }
        catch (Exception exception) when (
            exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException
            or ProviderInvocationException or PSNotSupportedException)
        {
            return false;
        }
    }

    private string[] Resolve(string path, bool literal)
    {
        try
        {
            ProviderInfo provider;
            string[] resolved;
            if (literal)
            {
                var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
                resolved = [full];
            }
            else
            {
                resolved = [.. GetResolvedProviderPathFromPSPath(path, out provider).Order(NaturalOrder.Instance)];
            }

            if (string.Equals(provider.Name, "FileSystem", StringComparison.Ordinal))
            {
                return resolved;
            }

            AddError(new NotSupportedException($"'{path}' is not in the file system but in {provider.Name}."), "NotFileSystem",
                ErrorCategory.InvalidArgument, path);
        }
        catch (Exception exception) when (
            exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException
            or ProviderInvocationException or PSNotSupportedException or PSArgumentException or WildcardPatternException)
        {
            AddError(exception, "PathNotFound", ErrorCategory.ObjectNotFound, path);
        }

        return [];
    }

    private void Add(string path, bool wildcard)
    {
        if (!Directory.Exists(path))
        {
            if (wildcard && !HeaderReader.IsVolume(path))
            {
                WriteVerbose($"'{path}' is no volume and is passed over.");
                return;
            }
        }
        else if (!Recurse && !ScanInventory.IsSeriesFolder(path))
        {
            if (wildcard)
            {
                WriteVerbose($"'{path}' is a folder and is passed over; use -Recurse for what is below it.");
            }
            else
            {
                AddError(new MriFileException(path, "is a folder; use -Recurse for what is below it."), "PathIsFolder",
                    ErrorCategory.InvalidArgument, path);
            }

            return;
        }

        _items.Add(new(path, LabelsOfRecord(), Error: null));
    }

    private void AddError(Exception exception, string id, ErrorCategory category, string path) =>
        _items.Add(new(path, Labels: null, new ErrorRecord(exception, id, category, path)));

    // What was given, in its order: an error about a path comes where its scan would have come.
    private sealed record Item(string Path, object? Labels, ErrorRecord? Error);
}
