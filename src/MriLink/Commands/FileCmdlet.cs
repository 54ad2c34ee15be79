using System.Management.Automation;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>A cmdlet that takes files: by path with wildcards, literally, down the pipeline, or all volumes below a folder.</summary>
public abstract class FileCmdlet : MriCmdlet
{
    // A folder of slices shows itself by one of its first files.
    private const int FilesLookedAt = 32;

    /// <summary><para type="description">Files, folders of DICOM slices, or any folders with -Recurse; wildcards are allowed.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary><para type="description">The same, taken as they are written. Takes files from Get-ChildItem.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary><para type="description">Whether all volumes below a folder are taken. Other files there, and hidden ones, are passed over.</para></summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var literal = string.Equals(ParameterSetName, nameof(LiteralPath), StringComparison.Ordinal);
        foreach (var path in literal ? LiteralPath : Path)
        {
            var wildcard = !literal && WildcardPattern.ContainsWildcardCharacters(path);
            try
            {
                foreach (var item in Resolve(path, literal))
                {
                    ProcessItem(item, wildcard);
                }
            }
            catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }
        }
    }

    /// <summary>Does the cmdlet's work on one file; whatever is wrong with it is an error record.</summary>
    /// <param name="path">Full path.</param>
    protected abstract void ProcessFile(string path);

    private IEnumerable<string> Resolve(string path, bool literal)
    {
        try
        {
            ProviderInfo provider;
            IEnumerable<string> resolved;
            if (literal)
            {
                var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out provider, out _);
                resolved = [full];
            }
            else
            {
                resolved = GetResolvedProviderPathFromPSPath(path, out provider).Order(NaturalOrder.Instance).ToArray();
            }

            if (string.Equals(provider.Name, "FileSystem", StringComparison.Ordinal))
            {
                return resolved;
            }

            WriteItemError(new NotSupportedException($"'{path}' is not in the file system but in {provider.Name}."), "NotFileSystem", ErrorCategory.InvalidArgument, path);
        }
        catch (Exception exception) when (exception is ItemNotFoundException or System.Management.Automation.DriveNotFoundException or ProviderNotFoundException
            or ProviderInvocationException or PSNotSupportedException or PSArgumentException or WildcardPatternException)
        {
            WriteItemError(exception, "PathNotFound", ErrorCategory.ObjectNotFound, path);
        }

        return [];
    }

    private void ProcessItem(string path, bool wildcard)
    {
        if (!Directory.Exists(path))
        {
            ProcessFile(path, passOver: wildcard);
        }
        else if (Recurse)
        {
            ProcessFiles(VolumeFinder.FilesBelow(path, WriteFolderError));
        }
        else if (VolumeFinder.FilesIn(path, WriteFolderError).Take(FilesLookedAt).Any(HeaderReader.IsSlice))
        {
            ProcessFiles(VolumeFinder.FilesIn(path, WriteFolderError));
        }
        else if (wildcard)
        {
            WriteVerbose($"'{path}' is a folder and is passed over; use -Recurse for what is below it.");
        }
        else
        {
            WriteItemError(new MriFileException(path, "is a folder; use -Recurse for what is below it."), "PathIsFolder", ErrorCategory.InvalidArgument, path);
        }
    }

    private void ProcessFiles(IEnumerable<string> files)
    {
        foreach (var file in files)
        {
            StopToken.ThrowIfCancellationRequested();
            ProcessFile(file, passOver: true);
        }
    }

    private void WriteFolderError(string folder, Exception exception) =>
        WriteItemError(new MriFileException(folder, $"cannot be listed: {exception.Message}", exception), "FolderUnreadable", ErrorCategory.ReadError, folder);

    // Of many files, those that are no volumes are passed over in silence.
    private void ProcessFile(string path, bool passOver)
    {
        if (passOver && !HeaderReader.IsVolume(path))
        {
            WriteVerbose($"'{path}' is not named like a volume and is passed over.");
        }
        else
        {
            ProcessFile(path);
        }
    }
}
