using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>
/// <para type="synopsis">Checks whether a gallery is intact.</para>
/// <para type="description">Reads everything, compares checksums, and says which entries are damaged. Changes nothing.</para>
/// </summary>
/// <example><code>if (-not (Test-MriGallery ./brains.mrigallery).IsIntact) { exit 1 }</code></example>
[Cmdlet(VerbsDiagnostic.Test, "MriGallery")]
[OutputType(typeof(GalleryCheck))]
public sealed class TestMriGalleryCommand : GalleryCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var gallery = OpenGallery();
        try
        {
            WriteObject(RunWithProgress("Checking the gallery", gallery.Check));
        }
        catch (GalleryException exception)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "GalleryUnusable", ErrorCategory.ReadError, gallery.Name));
        }
    }
}
