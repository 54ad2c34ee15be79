using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>Checks whether a gallery is intact.</summary>
/// <remarks>Reads everything, compares checksums, and says which entries are damaged. Changes nothing.</remarks>
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
