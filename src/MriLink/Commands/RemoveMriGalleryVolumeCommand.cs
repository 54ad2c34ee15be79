using System.Globalization;
using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>Removes volumes from a gallery.</summary>
/// <remarks>
/// <para>An entry goes with its volume and all that audits noted of it; in a file its bytes are overwritten. Optimize-MriGallery gives the room
/// back.</para>
/// <para>What is piped in must come from this gallery: the entry of the same number in another one is another scan.</para>
/// </remarks>
[Cmdlet(VerbsCommon.Remove, "MriGalleryVolume", SupportsShouldProcess = true, DefaultParameterSetName = "Id")]
public sealed class RemoveMriGalleryVolumeCommand : GalleryCmdlet
{
    private VolumeGallery? _gallery;

    /// <summary>Numbers of entries.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Id")]
    [ArgumentCompleter(typeof(GalleryEntryCompleter))]
    public long[] Id { get; set; } = [];

    /// <summary>
    /// What Get-MriGalleryVolume gives, the Damaged of Test-MriGallery, or any object with an Id, and a Gallery where it says one.
    /// </summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "Entry")]
    [ValidateNotNull]
    public PSObject[] InputObject { get; set; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing() => _gallery = OpenGallery();

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var id in Id.Concat(InputObject.Select(IdOf).OfType<long>()))
        {
            try
            {
                Remove(id);
            }
            catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
            {
                throw new PipelineStoppedException();
            }
            catch (GalleryException exception)
            {
                ThrowTerminatingError(new ErrorRecord(exception, "GalleryUnusable", ErrorCategory.WriteError, id));
            }
        }
    }

    private void Remove(long id)
    {
        var damaged = new List<DamagedEntry>();
        var name = _gallery!.Entry(id, damaged, StopToken)?.Name ?? (damaged.Count > 0 ? $"{damaged[0].Name}, damaged" : null);
        if (name is null)
        {
            WriteItemError(new GalleryException(_gallery.Name, $"has no entry {id}."), "EntryNotFound", ErrorCategory.ObjectNotFound, id);
        }
        else if (ShouldProcess($"{_gallery}", $"Remove entry {id} ({name})"))
        {
            _gallery.Remove(id, StopToken);
        }
    }

    private long? IdOf(PSObject item)
    {
        var id = item.BaseObject is long or int ? item.BaseObject : item.Properties["Id"]?.Value;
        if (id is null || !long.TryParse(
            Convert.ToString(id, CultureInfo.InvariantCulture), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            WriteItemError(new InvalidCastException($"'{item}' has no number of an entry (Id)."), "NoEntry", ErrorCategory.InvalidType,
                item.ToString());
            return null;
        }

        if (item.Properties["Gallery"]?.Value?.ToString() is { } other && !string.Equals(other, _gallery!.Name, StringComparison.Ordinal))
        {
            WriteItemError(
                new GalleryException(_gallery.Name, $"is not the gallery of this entry {number}, which is in '{other}'; nothing was removed."),
                "EntryOfAnotherGallery", ErrorCategory.InvalidArgument, number);
            return null;
        }

        return number;
    }
}
