using System.Management.Automation;
using MriLink.Core.Gallery;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>Adds what other galleries hold to a gallery.</summary>
/// <remarks>
/// For galleries filled on several machines. An entry that is there already changes nothing, so an interrupted merge can be run again; a damaged
/// one is an error of its own, and the others are taken. The other galleries are only read.
/// </remarks>
[Cmdlet(VerbsData.Merge, "MriGallery", SupportsShouldProcess = true)]
[OutputType(typeof(VolumeGallery))]
public sealed class MergeMriGalleryCommand : GalleryCmdlet
{
    private VolumeGallery? _gallery;

    /// <summary>The galleries to take from: objects, paths, or connection strings.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public object[] Source { get; set; } = [];

    /// <summary>Whether the gallery is output in the end.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _gallery = OpenGallery();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var given in Source)
        {
            try
            {
                var source = GalleryLocation.Open(SessionState, given, StopToken);
                if (ShouldProcess($"{_gallery}", $"Add what {source} holds"))
                {
                    var damaged = new List<DamagedEntry>();
                    var (added, known) = RunWithProgress("Merging galleries", (progress, token) => _gallery!.Merge(source, progress, damaged, token));
                    WriteDamaged(damaged);
                    WriteVerbose($"{source}: {added} added, {known} there already.");
                }
            }
            catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }
            catch (Exception exception) when (exception is GalleryException or MriFileException or ArgumentException or InvalidOperationException)
            {
                WriteItemError(exception, "GalleryNotMerged", ErrorCategory.InvalidData, GalleryLocation.NameOf(given));
            }
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (PassThru)
        {
            WriteObject(_gallery);
        }
    }
}
