using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Formats.Inventory;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Gets all that the headers of MRI files say.</summary>
/// <remarks>
/// Reads headers and no voxels. Each file that is named, and each scan of a folder, gives an object with size, geometry, type, labels and every
/// field of its header; of a DICOM series in a folder, the fields are those of its first slice. Of folders, the same scans are listed under the
/// same labels as Import-MriVolume imports. When a header describes nothing that Import-MriVolume could read, the object's Problem says why. With
/// -Identifying only the fields that may identify a person are output, one object each: free text, names, dates, identifiers, all about the
/// patient. It errs to the safe side; that a field is not listed does not prove a file anonymous: voxels can show a face. For that, every file of a
/// folder is looked at, each slice of a series and DICOM without an image included, whatever it shows, unless -Suffix is given.
/// </remarks>
[Cmdlet(VerbsCommon.Get, "MriHeader", DefaultParameterSetName = "LiteralPath")]
[OutputType(typeof(MriHeader), typeof(IdentifyingField))]
public sealed class GetMriHeaderCommand : FileCmdlet
{
    private readonly HashSet<string> _pairs = new(StringComparer.Ordinal);
    private ILookup<string, FoundScan>? _scans;
    private IReadOnlyList<PassedOverFile> _passedOver = [];

    /// <summary>
    /// Whether only fields that may identify a person are output. What follows the voxels (MGH tags) is looked at too, for which compressed files
    /// have to be decompressed.
    /// </summary>
    [Parameter]
    public SwitchParameter Identifying { get; set; }

    internal override bool TakesEverything => Identifying && Suffix is null;

    /// <inheritdoc/>
    internal override void Begin(ScanInventory inventory)
    {
        // The labels of files that are named by themselves, for of a series each has a header.
        _scans = inventory.Scans.SelectMany(scan => scan.Group.Files.Select(file => (file, scan)))
            .ToLookup(pair => pair.file, pair => pair.scan, StringComparer.Ordinal);
        _passedOver = inventory.PassedOver;
    }

    /// <inheritdoc/>
    internal override void ProcessItem(string path, object? labels, FoundScan[] scans)
    {
        if (!Directory.Exists(path))
        {
            Describe(path, () => VolumeFormats.Describe(path, Identifying, _scans![path].FirstOrDefault()?.Identity));
            return;
        }

        foreach (var scan in scans)
        {
            StopIfAsked();
            if (!Identifying)
            {
                Describe(scan.Path, () => VolumeFormats.Describe(scan, StopToken));
                continue;
            }

            foreach (var file in scan.Group.Files)
            {
                StopIfAsked();
                Describe(file, () => VolumeFormats.Describe(file, withTrailing: true, scan.Identity));
            }
        }

        if (TakesEverything)
        {
            // Reports and settings of a scanner name patients as images do.
            var below = System.IO.Path.TrimEndingDirectorySeparator(path) + System.IO.Path.DirectorySeparatorChar;
            foreach (var file in _passedOver.Select(file => file.Path)
                .Where(file => file.StartsWith(below, StringComparison.Ordinal) && HeaderReader.IsSlice(file)))
            {
                StopIfAsked();
                Describe(file, () => VolumeFormats.Describe(file, withTrailing: true));
            }
        }
    }

    private void Describe(string path, Func<MriHeader> describe)
    {
        try
        {
            var header = describe();

            // The two files of a pair have one header.
            if (header.Files.Count > 1 && !_pairs.Add(header.Path))
            {
                return;
            }

            if (Identifying)
            {
                WriteObject(header.IdentifyingFields.Select(
                    field => new IdentifyingField(
                    header.Path, header.Format, SafeText.ForSpreadsheet(field.Name), SafeText.ForSpreadsheet(field.Value))),
                    enumerateCollection: true);
            }
            else
            {
                WriteObject(header);
            }
        }
        catch (MriFileException exception)
        {
            WriteItemError(exception, "HeaderUnreadable", File.Exists(path) ? ErrorCategory.InvalidData : ErrorCategory.ObjectNotFound, path);
        }
    }
}
