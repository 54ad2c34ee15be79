using System.Management.Automation;
using MriLink.Core.Formats;
using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Simulation;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Exports MRI volumes to NIfTI or NRRD files.</summary>
/// <remarks>
/// Writes each volume to a file ending in .nii, .nii.gz or .nrrd. A file appears only once it is complete. It holds voxels and geometry: no name,
/// no date, no other text of the file that was imported.
/// </remarks>
[Cmdlet(VerbsData.Export, "MriVolume", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportMriVolumeCommand : MriCmdlet
{
    private const string Activity = "Exporting volumes";

    // What this pipeline has written, so that two volumes never end up in one file.
    private readonly HashSet<string> _written = new(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// A file ending in .nii, .nii.gz or .nrrd; or a folder that exists or is written with a separator at its end, in which files get BIDS names;
    /// or a script block that gets the volume as $_ and returns one of these. Wildcards are not expanded.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("LiteralPath")]
    [ValidateNotNull]
    public OutputPath Path { get; set; } = null!;

    /// <summary>The volume.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume InputObject { get; set; } = null!;

    /// <summary>How voxels are stored. Integers are scaled when values do not fit; NRRD cannot say so and refuses.</summary>
    // Bound as text: a field of one of the library's own enumerations would have to be loaded before the module has told
    // the engine where its libraries are.
    [Parameter]
    [Choice("Float32: four bytes, nothing is lost", "Int16: two bytes, scaled", "UInt8: one byte, scaled")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string DataType { get; set; } = "Float32";

    /// <summary>Whether the brain mask of a preprocessed volume is written beside it, with the suffix _mask.</summary>
    [Parameter]
    public SwitchParameter Mask { get; set; }

    /// <summary>
    /// Leaves out the sidecar. Otherwise a preprocessed volume gets a JSON file of the same name beside it, as BIDS derivatives do, with its
    /// parameters, the hashes of its input and template, its transform and its quality; importing the volume then gives back a preprocessed one. It
    /// holds neither name nor path, unless -IncludeSource is given.
    /// </summary>
    [Parameter]
    public SwitchParameter SkipSidecar { get; set; }

    /// <summary>Names the scan's file by its full path in the sidecar (BIDS: Sources).</summary>
    [Parameter]
    public SwitchParameter IncludeSource { get; set; }

    /// <summary>
    /// Whether existing files are replaced and missing folders are made. The sidecar of a preprocessed volume goes with it when a volume
    /// without one is put in its place.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Whether the written files are output.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var brainMask = (InputObject as PreprocessedVolume)?.BrainMask;
        if (Mask && brainMask is null)
        {
            WriteItemError(new InvalidOperationException($"{InputObject.Name} has no brain mask, because it is not preprocessed."), "NoMask",
                ErrorCategory.InvalidOperation, TargetName);
            return;
        }

        try
        {
            var file = Target();
            if (Mask && PreprocessedSidecar.OtherOwnerOfMask(file) is { } other)
            {
                WriteItemError(
                    new IOException($"The mask of '{file}' would be that of '{other}' too; {InputObject.Name} needs another name."), "MaskOfAnother",
                    ErrorCategory.ResourceExists, file);
                return;
            }

            Export(file, Enum.Parse<VolumeDataType>(DataType, ignoreCase: true), InputObject.ReadVoxels, SkipSidecar ? null
                : InputObject as PreprocessedVolume);
            if (Mask)
            {
                Export(PreprocessedSidecar.MaskPathFor(file), VolumeDataType.UInt8, _ => brainMask!.ToVolume(), null);
            }
        }
        catch (LabelException exception)
        {
            WriteItemError(exception, "PathInvalid", ErrorCategory.InvalidArgument, TargetName);
        }
    }

    private string TargetName => InputObject.Path ?? InputObject.Name;

    private string Target()
    {
        var written = Path.For(PSObject.AsPSObject(InputObject), InputObject.Name);
        string path;
        ProviderInfo provider;
        try
        {
            path = SessionState.Path.GetUnresolvedProviderPathFromPSPath(written, out provider, out _);
        }
        catch (Exception exception) when (
            exception is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException
            or PSNotSupportedException or PSArgumentException)
        {
            throw new LabelException(exception.Message, exception);
        }

        if (!string.Equals(provider.Name, "FileSystem", StringComparison.Ordinal))
        {
            throw new LabelException($"'{written}' is not in the file system but in {provider.Name}.");
        }

        if (written.EndsWith('/') || System.IO.Path.EndsInDirectorySeparator(written) || Directory.Exists(path))
        {
            var description = InputObject is PreprocessedVolume ? "preproc" : null;
            var name = BidsName.Build(InputObject.Identity, description, (InputObject as SimulatedScan)?.Suffix);
            path = System.IO.Path.Combine(path, name + ".nii.gz");
        }

        return VolumeWriter.CanWrite(path) ? path
            : throw new LabelException($"'{path}' is neither a folder that exists nor a file name ending in .nii, .nii.gz or .nrrd.");
    }

    private void Export(string file, VolumeDataType dataType, Func<CancellationToken, Volume> read, PreprocessedVolume? described)
    {
        var folder = System.IO.Path.GetDirectoryName(file)!;
        if (_written.Contains(file) || (described is not null && _written.Contains(PreprocessedSidecar.PathFor(file))))
        {
            WriteItemError(new IOException(
                $"'{file}' was written from another volume in this pipeline already; {InputObject.Name} needs another name."), "DuplicateTarget",
                ErrorCategory.ResourceExists, file);
        }
        else if (Directory.Exists(file))
        {
            WriteItemError(new IOException($"'{file}' is a folder."), "TargetIsFolder", ErrorCategory.ResourceExists, file);
        }
        else if (File.Exists(file) && !Force)
        {
            WriteItemError(new IOException($"'{file}' exists; use -Force to replace it."), "FileExists", ErrorCategory.ResourceExists, file);
        }
        else if (described is not null && File.Exists(PreprocessedSidecar.PathFor(file)) && !Force)
        {
            WriteItemError(new IOException($"'{PreprocessedSidecar.PathFor(file)}' exists; use -Force to replace it, or -SkipSidecar to leave it."),
                "FileExists", ErrorCategory.ResourceExists, file);
        }
        else if (described is null && !Force && PreprocessedSidecar.IsBeside(file))
        {
            WriteItemError(new IOException($"'{PreprocessedSidecar.PathFor(file)}' describes another volume of this name; use -Force to remove it."),
                "SidecarOfAnother", ErrorCategory.ResourceExists, file);
        }
        else if (!Directory.Exists(folder) && !Force)
        {
            WriteItemError(new DirectoryNotFoundException($"The folder of '{file}' does not exist; use -Force to make it."), "FolderNotFound",
                ErrorCategory.ObjectNotFound, file);
        }
        else
        {
            _written.Add(file);
            if (described is not null)
            {
                _written.Add(PreprocessedSidecar.PathFor(file));
            }

            if (ShouldProcess(file, "Export MRI volume"))
            {
                Write(file, folder, dataType, read, described);
            }
        }
    }

    private void Write(string file, string folder, VolumeDataType dataType, Func<CancellationToken, Volume> read, PreprocessedVolume? described)
    {
        try
        {
            RunWithProgress(Activity, (progress, token) =>
            {
                progress.Report(new(-1, file));
                var volume = read(token);
                Directory.CreateDirectory(folder);
                if (described is null && PreprocessedSidecar.IsBeside(file))
                {
                    // What is replaced was preprocessed and what comes is not, or is not to say so.
                    File.Delete(PreprocessedSidecar.PathFor(file));
                }

                VolumeWriter.Write(file, volume, dataType, Force, token);
                if (described is not null)
                {
                    // Last: until then an older sidecar does not fit the voxels, and says so.
                    PreprocessedSidecar.WriteFile(file, described, IncludeSource, token);
                }

                return true;
            });
            if (PassThru)
            {
                WriteObject(new FileInfo(file));
            }
        }
        catch (MriFileException exception)
        {
            WriteVolumeError(exception, InputObject.Identity);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            WriteItemError(new IOException($"'{file}' cannot be written: {exception.Message}", exception), "WriteFailed",
                ErrorCategory.WriteError, file);
        }
    }
}
