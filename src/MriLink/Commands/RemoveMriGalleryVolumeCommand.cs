using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>
/// <para type="synopsis">Removes volumes from a gallery.</para>
/// <para type="description">An entry goes with its volume and all that audits noted of it; in a file its bytes are overwritten. Optimize-MriGallery gives the room back.</para>
/// </summary>
/// <example><code>Get-MriGalleryVolume ./brains.mrigallery -Participant withdrawn | Remove-MriGalleryVolume ./brains.mrigallery</code></example>
[Cmdlet(VerbsCommon.Remove, "MriGalleryVolume", SupportsShouldProcess = true)]
public sealed class RemoveMriGalleryVolumeCommand : GalleryCmdlet
{
    private VolumeGallery? _gallery;

    /// <summary><para type="description">Numbers of entries; taken from what Get-MriGalleryVolume gives.</para></summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(GalleryEntryCompleter))]
    public long[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing() => _gallery = OpenGallery();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            try
            {
                if (_gallery!.Entry(id) is not { } entry)
                {
                    WriteItemError(new GalleryException(_gallery.Name, $"has no entry {id}."), "EntryNotFound", ErrorCategory.ObjectNotFound, id);
                }
                else if (ShouldProcess($"{_gallery}", $"Remove entry {id} ({entry.Name})"))
                {
                    _gallery.Remove(id);
                }
            }
            catch (GalleryException exception)
            {
                ThrowTerminatingError(new ErrorRecord(exception, "GalleryUnusable", ErrorCategory.WriteError, id));
            }
        }
    }
}
