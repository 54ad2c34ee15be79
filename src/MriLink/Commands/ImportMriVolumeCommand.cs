using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Formats.Raw;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Imports MRI volumes from files.</summary>
/// <remarks>
/// <para>Reads the headers of volumes and writes one object for each. Voxels stay in the files until a later step asks for them, so that any number
/// of volumes can be on the way at once. A volume that Export-MriVolume wrote with its sidecar comes back as the preprocessed volume it was. A file
/// that is missing, damaged or no volume is an error of its own; the others are imported all the same. The format is found by what is in a file:
/// NIfTI-1 and -2, MGH and MGZ, NRRD, MetaImage, ANALYZE 7.5, and DICOM, of which each series is a volume.</para>
/// <para>Labels come from BIDS names. Where there are none, the nearest name of a file or folder that can be a person's is the participant: bert
/// for bert/mri/T1.mgz. Scans that share a label although nothing shows that they are one person's are warned about.</para>
/// <para>A list of files binds by its columns: Path (or LiteralPath, FullName), Participant, Session and Run.</para>
/// </remarks>
[Cmdlet(VerbsData.Import, "MriVolume", DefaultParameterSetName = "LiteralPath")]
[OutputType(typeof(MriVolume))]
public sealed class ImportMriVolumeCommand : FileCmdlet
{
    private const string Activity = "Validating volumes";

    // Scans whose labels a script or a pattern gave, to see whether it gives all the same.
    private readonly List<(FoundScan Scan, ScanIdentity Identity)> _labelled = [];
    private IHeaderReader? _reader;
    private bool _warned;

    /// <summary>
    /// Label of the person: the label itself; a script block that gets the file as $_; or a regular expression ([regex]'…') whose group
    /// 'Participant', or else first group, or else whole match, is the label; groups 'Session' and 'Run' are taken too. Without it, names of files
    /// and folders say it.
    /// </summary>
    // An object: a script block for any other type would be run on what comes down the pipeline, which need not be a file.
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public object? Participant { get; set; }

    /// <summary>Label of the visit, found in the same way. An empty one, as of a list, counts as none.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public object? Session { get; set; }

    /// <summary>Label of the repetition, found in the same way.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public object? Run { get; set; }

    /// <summary>What becomes of voxels that are not a finite number when they are read: an error, or 0.</summary>
    // Bound as text: a field of one of the library's own enumerations would have to be loaded before the module has told
    // the engine where its libraries are.
    [Parameter]
    [Choice("Error: the volume is not read", "Zero: they are read as 0")]
    [ArgumentCompleter(typeof(ChoiceCompleter))]
    public string NonFinite { get; set; } = "Error";

    /// <summary>Which volume of a file that holds several (4D), counted from 0. Without it the first is taken, with a warning.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? Volume { get; set; }

    /// <summary>
    /// Who reads the files: MriLink itself, or SimpleITK, which is not part of MriLink (Get-MriEngine says whether it is there, and why not).
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

    /// <summary>Whether axes are permuted and flipped to the closest right-anterior-superior order. No voxel value changes.</summary>
    [Parameter]
    public SwitchParameter Reorient { get; set; }

    /// <summary>Whether every voxel is read now, so that damage inside a file is reported here and not in a later step.</summary>
    [Parameter]
    public SwitchParameter Validate { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _reader = EngineChoice.Resolve(this, Engine, SimpleItkPath).CreateHeaderReader(Volume);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        foreach (var clash in LabelClash.OfRule([.. _labelled.Select(item => item.Scan)], [.. _labelled.Select(item => item.Identity)]))
        {
            WriteWarning(clash.Message);
        }
    }

    /// <inheritdoc/>
    internal override object? LabelsOfRecord()
    {
        var rules = new ScanLabelRules(LabelRule.Of(Participant), OptionalRule(Session), OptionalRule(Run));
        if (rules.Participant is { LooksLikePattern: true } && !_warned)
        {
            _warned = true;
            WriteWarning($"-Participant '{SafeText.ForTerminal(Participant!.ToString())}' is taken for the label itself; a regular expression is "
                + $"written [regex]'…'.");
        }

        return rules;
    }

    /// <inheritdoc/>
    internal override void Begin(ScanInventory inventory)
    {
        foreach (var clash in LabelClash.OfNames([.. inventory.Scans.Where(scan => LabelsOf(scan.Index) is ScanLabelRules { Participant: null })]))
        {
            WriteWarning(clash.Message);
        }
    }

    /// <inheritdoc/>
    internal override void ProcessItem(string path, object? labels, FoundScan[] scans)
    {
        if (scans.Length == 0)
        {
            WriteVerbose($"'{path}' is part of a volume that was imported or refused already, or holds none.");
        }

        foreach (var scan in scans)
        {
            StopIfAsked();
            ProcessScan(scan, (ScanLabelRules)labels!);
        }
    }

    private static LabelRule? OptionalRule(object? given) =>
        given is string { Length: 0 } or PSObject { BaseObject: string { Length: 0 } } ? null : LabelRule.Of(given);

    private void ProcessScan(FoundScan scan, ScanLabelRules labels)
    {
        try
        {
            if (_reader!.Read(scan.Group, StopToken) is not { } header)
            {
                WriteVerbose($"'{scan.Path}' is part of a volume that was imported or refused already.");
                return;
            }

            var source = new FileVoxelSource(header, new(Enum.Parse<NonFiniteVoxels>(NonFinite, ignoreCase: true), Reorient));
            var identity = labels.Apply(scan) with { Path = header.Path };
            if (labels.Participant is { IsLabel: false })
            {
                _labelled.Add((scan, identity));
            }

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
            WriteItemError(exception, "VolumeUnreadable", File.Exists(scan.Path) ? ErrorCategory.InvalidData
                : ErrorCategory.ObjectNotFound, scan.Path);
        }
        catch (LabelException exception)
        {
            WriteItemError(exception, "LabelNotFound", ErrorCategory.InvalidArgument, scan.Path);
        }
    }

    // A volume that Export-MriVolume wrote with a sidecar comes back as the preprocessed one it was, in its own voxel order.
    private MriVolume Restored(MriVolume volume)
    {
        try
        {
            return Reorient ? volume : PreprocessedSidecar.Restore(volume, StopToken) ?? volume;
        }
        catch (MriFileException exception) when (!string.Equals(exception.Path, volume.Path, StringComparison.Ordinal))
        {
            WriteWarning($"'{volume.Path}' is imported as a raw volume: {exception.Message}");
            return volume;
        }
    }
}
