using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>What the cmdlets that work on a gallery have in common.</summary>
public abstract class GalleryCmdlet : MriCmdlet
{
    /// <summary>The gallery: what New-MriGallery gave, the path of its file, or a PostgreSQL connection string ("Host=…;Database=…").</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("Path")]
    [ValidateNotNull]
    public object Gallery { get; set; } = null!;

    /// <summary>The gallery; ends the pipeline when it cannot be used.</summary>
    protected VolumeGallery OpenGallery()
    {
        try
        {
            return GalleryLocation.Open(SessionState, Gallery, StopToken);
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (exception is GalleryException or ArgumentException or InvalidOperationException or ItemNotFoundException)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "GalleryUnusable", ErrorCategory.OpenError, GalleryLocation.NameOf(Gallery)));
            throw;
        }
    }

    /// <summary>The key in a file, or null when none is named; ends the pipeline when it cannot be read.</summary>
    protected Pseudonymizer? ReadKey(string? keyPath)
    {
        try
        {
            return keyPath is null ? null : new(KeyFile.Read(SessionState, keyPath, WriteWarning));
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            ThrowTerminatingError(new ErrorRecord(exception, "KeyUnusable", ErrorCategory.InvalidArgument, keyPath));
            throw;
        }
    }

    /// <summary>Writes an error for each entry that cannot be used; the others are.</summary>
    protected void WriteDamaged(IEnumerable<DamagedEntry> damaged)
    {
        ArgumentNullException.ThrowIfNull(damaged);
        foreach (var entry in damaged)
        {
            WriteItemError(entry.ToException(), "EntryDamaged", ErrorCategory.InvalidData, entry.Id);
        }
    }
}
