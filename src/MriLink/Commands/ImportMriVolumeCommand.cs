using System.Management.Automation;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// <para type="synopsis">Imports MRI volumes from files.</para>
/// <para type="description">Reads the headers of volumes and writes one object for each. Voxels stay in the files until a later
/// step asks for them, so that any number of volumes can be on the way at once. A volume that Export-MriVolume wrote with its sidecar
/// comes back as the preprocessed volume it was. A file that is missing, damaged or no volume is
/// an error of its own; the others are imported all the same. The format is found by what is in a file: NIfTI-1 and -2, MGH and MGZ,
/// NRRD, MetaImage, ANALYZE 7.5, and DICOM, whose series in one folder are one volume each, named after the folder.</para>
/// </summary>
/// <example><code>Import-MriVolume -Path ./dataset -Recurse</code></example>
/// <example><code>Import-MriVolume -Path ./scanner/12345 -Volume 1</code></example>
/// <example><code>Get-ChildItem ./scans -Filter *.nii.gz | Import-MriVolume -Participant '^P(\d+)'</code></example>
[Cmdlet(VerbsData.Import, "MriVolume", DefaultParameterSetName = "Path")]
[OutputType(typeof(MriVolume))]
public sealed class ImportMriVolumeCommand : FileCmdlet
{
    private const string Activity = "Validating volumes";

    private IHeaderReader? _reader;

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
    [Choice("Error: the volume is not read", "Zero: they are read as 0")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string NonFinite { get; set; } = "Error";

    /// <summary><para type="description">
    /// Which volume of a file that holds several (4D), counted from 0. Without it the first is taken, with a warning.
    /// </para></summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Volume { get; set; }

    /// <summary><para type="description">Who reads the files: MriLink itself, or SimpleITK, which is not part of MriLink (Get-MriEngine says whether it is there, and why not).</para></summary>
    [Parameter]
    [Choice("BuiltIn: MriLink itself", "SimpleITK: ITK's own code, where it is installed")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string Engine { get; set; } = "BuiltIn";

    /// <summary><para type="description">With -Engine SimpleITK: the folder of its C# binding. Without it, $env:MRILINK_SIMPLEITK and then engines/simpleitk in the module's folder are looked at.</para></summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SimpleItkPath { get; set; }

    /// <summary>Whether axes are permuted and flipped to the closest right-anterior-superior order. No voxel value changes.</summary>
    [Parameter]
    public SwitchParameter Reorient { get; set; }

    /// <summary>Whether every voxel is read now, so that damage inside a file is reported here and not in a later step.</summary>
    [Parameter]
    public SwitchParameter Validate { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _reader = EngineChoice.Resolve(this, Engine, SimpleItkPath).CreateHeaderReader(Volume);

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        try
        {
            if (_reader!.Read(path, StopToken) is not { } header)
            {
                WriteVerbose($"'{path}' is part of a volume that was imported or refused already.");
                return;
            }

            var source = new FileVoxelSource(header, new(Enum.Parse<NonFiniteVoxels>(NonFinite, ignoreCase: true), Reorient));
            var identity = Identify(header);
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

    private ScanIdentity Identify(VolumeHeader header)
    {
        var identity = BidsName.Identify(header.NamePath) with { Path = header.Path };
        if (Participant is null && Session is null && Run is null)
        {
            return identity;
        }

        var file = new FileInfo(header.Path);
        return identity with
        {
            Participant = Participant?.Find(file, nameof(Participant)) ?? identity.Participant,
            Session = Session?.Find(file, nameof(Session)) ?? Participant?.FindOptional(file, nameof(Session)) ?? identity.Session,
            Run = Run?.Find(file, nameof(Run)) ?? Participant?.FindOptional(file, nameof(Run)) ?? identity.Run,
        };
    }
}
