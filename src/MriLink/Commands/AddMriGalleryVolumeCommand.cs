using System.Management.Automation;
using MriLink.Core.Basics;
using MriLink.Core.Gallery;
using MriLink.Core.Preprocessing;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Adds preprocessed volumes to a gallery.</summary>
/// <remarks>
/// Each volume is added as a whole or not at all, and stays once the cmdlet has gone on to the next. A volume that is there already, under the same
/// labels and made in the same way, changes nothing.
/// </remarks>
[Cmdlet(VerbsCommon.Add, "MriGalleryVolume", SupportsShouldProcess = true)]
[OutputType(typeof(GalleryVolume))]
public sealed class AddMriGalleryVolumeCommand : GalleryCmdlet
{
    private VolumeGallery? _gallery;
    private Pseudonymizer? _key;
    private int _known;

    /// <summary>The preprocessed volumes.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ValidateNotNull]
    [VolumeTransformation]
    public MriVolume[] InputObject { get; set; } = [];

    /// <summary>The file with the key of a pseudonymised gallery.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <summary>Whether the entries are output.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _gallery = OpenGallery();
        _key = ReadKey(KeyPath);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var volume in InputObject)
        {
            if (volume is not PreprocessedVolume preprocessed)
            {
                WriteVolumeError(new InvalidOperationException(
                    $"'{volume.Path ?? volume.Name}' is not preprocessed; galleries hold what Invoke-MriPreprocess gives."), volume.Identity);
                continue;
            }

            if (!ShouldProcess($"{_gallery}", $"Add {volume.Name}"))
            {
                continue;
            }

            try
            {
                var (entry, isNew) = RunWithProgress("Adding to the gallery", (progress, token) =>
                {
                    progress.Report(new(-1, volume.Name));
                    return _gallery!.Add(preprocessed, _key, token);
                });
                if (!isNew)
                {
                    _known++;
                    WriteVerbose($"{volume.Name} is in the gallery already, as entry {entry.Id}.");
                }

                if (PassThru)
                {
                    WriteObject(entry);
                }
            }
            catch (GalleryException exception)
            {
                // The next one would meet the same.
                ThrowTerminatingError(new ErrorRecord(exception, "GalleryUnusable", ErrorCategory.WriteError, volume.Path ?? volume.Name));
            }
            catch (Exception exception) when (ScanException.IsFaultOfScan(exception))
            {
                WriteVolumeError(exception, volume.Identity);
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_known > 0)
        {
            WriteVerbose($"{_known} volumes were in the gallery already.");
        }
    }
}
