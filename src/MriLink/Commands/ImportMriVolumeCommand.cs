using System.Management.Automation;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// <para type="synopsis">Imports MRI volumes from files.</para>
/// <para type="description">Reads the headers of volumes and writes one object for each. Voxels stay in the files until a later
/// step asks for them, so that any number of volumes can be on the way at once. A volume that Export-MriVolume wrote with its sidecar
/// comes back as the preprocessed volume it was. A file that is missing, damaged or no volume is
/// an error of its own; the others are imported all the same.</para>
/// </summary>
/// <example><code>Import-MriVolume -Path ./dataset -Recurse</code></example>
/// <example><code>Get-ChildItem ./scans -Filter *.nii.gz | Import-MriVolume -Participant '^P(\d+)'</code></example>
[Cmdlet(VerbsData.Import, "MriVolume", DefaultParameterSetName = "Path")]
[OutputType(typeof(MriVolume))]
public sealed class ImportMriVolumeCommand : MriCmdlet
{
    private const string Activity = "Validating volumes";

    // Files that came with another one as a pair, so that a pair counts once.
    private readonly HashSet<string> _partsSeen = new(StringComparer.Ordinal);

    /// <summary><para type="description">Files, or folders with -Recurse; wildcards are allowed.</para></summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary><para type="description">Files, or folders with -Recurse, taken as they are written. Takes files from Get-ChildItem.</para></summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary><para type="description">Whether all volumes below a folder are imported. Other files there, and hidden ones, are passed over.</para></summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary><para type="description">
    /// Label of the person: a script block that gets the file as $_, or a regular expression whose group 'Participant', or else
    /// first group, is the label; groups 'Session' and 'Run' are taken too. Without it, BIDS names are understood.
    /// </para></summary>
    [Parameter]
    [ValidateNotNull]
    public LabelRule? Participant { get; set; }

    /// <summary><para type="description">Label of the visit, found in the same way.</para></summary>
    [Parameter]
    [ValidateNotNull]
    public LabelRule? Session { get; set; }

    /// <summary><para type="description">Label of the repetition, found in the same way.</para></summary>
    [Parameter]
    [ValidateNotNull]
    public LabelRule? Run { get; set; }

    /// <summary><para type="description">What becomes of voxels that are not a finite number when they are read: an error, or 0.</para></summary>
    // Bound as text: a field of one of the library's own enumerations would have to be loaded before the module has told
    // the engine where its libraries are.
    [Parameter]
    [ValidateSet("Error", "Zero")]
    public string NonFinite { get; set; } = "Error";

    /// <summary><para type="description">
    /// Which volume of a file that holds several (4D), counted from 0. Without it the first is taken, with a warning.
    /// </para></summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Volume { get; set; }

    /// <summary>Whether axes are permuted and flipped to the closest right-anterior-superior order. No voxel value changes.</summary>
    [Parameter]
    public SwitchParameter Reorient { get; set; }

    /// <summary>Whether every voxel is read now, so that damage inside a file is reported here and not in a later step.</summary>
    [Parameter]
    public SwitchParameter Validate { get; set; }

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
                    ImportItem(item, wildcard);
                }
            }
            catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }
        }
    }

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

    private void ImportItem(string path, bool wildcard)
    {
        if (!Directory.Exists(path))
        {
            ImportFile(path, passOver: wildcard);
        }
        else if (Recurse)
        {
            foreach (var file in VolumeFinder.FilesBelow(path, WriteFolderError))
            {
                StopToken.ThrowIfCancellationRequested();
                ImportFile(file, passOver: true);
            }
        }
        else if (wildcard)
        {
            WriteVerbose($"'{path}' is a folder and is passed over; use -Recurse to import what is below it.");
        }
        else
        {
            WriteItemError(new MriFileException(path, "is a folder; use -Recurse to import what is below it."), "PathIsFolder", ErrorCategory.InvalidArgument, path);
        }
    }

    private void WriteFolderError(string folder, Exception exception) =>
        WriteItemError(new MriFileException(folder, $"cannot be listed: {exception.Message}", exception), "FolderUnreadable", ErrorCategory.ReadError, folder);

    /// <param name="path">Full path.</param>
    /// <param name="passOver">Whether a file that is not named like a volume is passed over in silence.</param>
    private void ImportFile(string path, bool passOver)
    {
        if (passOver && !VolumeFormats.HasKnownExtension(path))
        {
            WriteVerbose($"'{path}' is not named like a volume and is passed over.");
            return;
        }

        if (_partsSeen.Contains(path))
        {
            WriteVerbose($"'{path}' is part of a volume that was imported already.");
            return;
        }

        try
        {
            var header = VolumeFormats.ReadHeader(path, Volume, StopToken);
            if (header.Files.Count > 1 && !header.Files.All(_partsSeen.Add))
            {
                return;
            }

            var source = new FileVoxelSource(header, new(Enum.Parse<NonFiniteVoxels>(NonFinite, ignoreCase: true), Reorient));
            var identity = Identify(header.Path);
            if (Validate)
            {
                RunWithProgress(Activity, (progress, token) =>
                {
                    progress.Report(new(-1, header.Path));
                    source.Verify(token);
                    return true;
                });
            }

            foreach (var warning in header.Warnings)
            {
                WriteWarning($"'{header.Path}' {warning}");
            }

            WriteObject(Restored(new MriVolume(identity, source)));
        }
        catch (MriFileException exception)
        {
            WriteItemError(exception, "VolumeUnreadable", File.Exists(path) ? ErrorCategory.InvalidData : ErrorCategory.ObjectNotFound, path);
        }
        catch (LabelException exception)
        {
            WriteItemError(exception, "LabelNotFound", ErrorCategory.InvalidArgument, path);
        }
    }

    // A volume that Export-MriVolume wrote with a sidecar comes back as the preprocessed one it was, in its own voxel order.
    private MriVolume Restored(MriVolume volume)
    {
        try
        {
            return Reorient ? volume : PreprocessedSidecar.Restore(volume, path => new FileVoxelSource(VolumeFormats.ReadHeader(path), new()).Read(CancellationToken.None)) ?? volume;
        }
        catch (MriFileException exception)
        {
            WriteWarning($"'{volume.Path}' is imported as a raw volume: {exception.Message}");
            return volume;
        }
    }

    private ScanIdentity Identify(string path)
    {
        var identity = BidsName.Identify(path);
        if (Participant is null && Session is null && Run is null)
        {
            return identity;
        }

        var file = new FileInfo(path);
        return identity with
        {
            Participant = Participant?.Find(file, nameof(Participant)) ?? identity.Participant,
            Session = Session?.Find(file, nameof(Session)) ?? Participant?.FindOptional(file, nameof(Session)) ?? identity.Session,
            Run = Run?.Find(file, nameof(Run)) ?? Participant?.FindOptional(file, nameof(Run)) ?? identity.Run,
        };
    }
}
