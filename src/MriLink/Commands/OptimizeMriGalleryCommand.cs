using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>Gives back the room that removed volumes took in a gallery.</summary>
/// <remarks>
/// A file is written anew without gaps, which takes free room of its own size for a while and keeps other processes waiting; a PostgreSQL database
/// is vacuumed.
/// </remarks>
[Cmdlet(VerbsCommon.Optimize, "MriGallery", SupportsShouldProcess = true)]
public sealed class OptimizeMriGalleryCommand : GalleryCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var gallery = OpenGallery();
        if (!ShouldProcess(gallery.Name, "Optimise gallery"))
        {
            return;
        }

        try
        {
            RunWithProgress("Optimising the gallery", (progress, token) =>
            {
                progress.Report(new(-1, gallery.Name));
                gallery.Optimize(token);
                return true;
            });
        }
        catch (GalleryException exception)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "GalleryUnusable", ErrorCategory.WriteError, gallery.Name));
        }
    }
}
