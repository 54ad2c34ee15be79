using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Formats;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// <para type="synopsis">Gets all that the headers of MRI files say.</para>
/// <para type="description">Reads headers and no voxels. Each file gives an object with size, geometry, type and every field of its
/// header; each slice of a DICOM series counts as a file. When a header describes nothing that Import-MriVolume could read, the
/// object's Problem says why. With -Identifying only the fields that may identify a person are output, one object each: free text,
/// names, dates, identifiers, all about the patient. It errs to the safe side; that a field is not listed does not prove a file
/// anonymous: voxels can show a face.</para>
/// </summary>
/// <example><code>Get-MriHeader ./dataset -Recurse | Where-Object Problem</code></example>
/// <example><code>Get-MriHeader ./release -Recurse -Identifying | Export-Csv identifying.csv</code></example>
[Cmdlet(VerbsCommon.Get, "MriHeader", DefaultParameterSetName = "Path")]
[OutputType(typeof(MriHeader), typeof(IdentifyingField))]
public sealed class GetMriHeaderCommand : FileCmdlet
{
    private readonly HashSet<string> _pairs = new(StringComparer.Ordinal);

    /// <summary><para type="description">
    /// Whether only fields that may identify a person are output. What follows the voxels (MGH tags) is looked at too, for which
    /// compressed files have to be decompressed.
    /// </para></summary>
    [Parameter]
    public SwitchParameter Identifying { get; set; }

    /// <inheritdoc/>
    protected override void ProcessFile(string path)
    {
        try
        {
            var header = VolumeFormats.Describe(path, Identifying);

            // The two files of a pair have one header.
            if (header.Files.Count > 1 && !_pairs.Add(header.Path))
            {
                return;
            }

            if (Identifying)
            {
                WriteObject(header.Identifying.Select(field => new IdentifyingField(header.Path, header.Format, SafeText.ForSpreadsheet(field.Name), SafeText.ForSpreadsheet(field.Value))), enumerateCollection: true);
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
