using System.Management.Automation;
using MriLink.Core.Gallery;

namespace MriLink.Commands;

/// <summary>Gets volumes from a gallery.</summary>
/// <remarks>
/// Labels, quality and provenance come at once; voxels are read when a later step asks for them. What comes out can be compared, matched and
/// exported like any preprocessed volume.
/// </remarks>
[Cmdlet(VerbsCommon.Get, "MriGalleryVolume")]
[OutputType(typeof(GalleryVolume))]
public sealed class GetMriGalleryVolumeCommand : GalleryCmdlet
{
    /// <summary>Labels of people; wildcards are allowed, but not together with -KeyPath.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GalleryEntryCompleter))]
    public string[]? Participant { get; set; }

    /// <summary>Numbers of entries.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(GalleryEntryCompleter))]
    public long[]? Id { get; set; }

    /// <summary>The file with the key of a pseudonymised gallery: -Participant then takes the labels themselves.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? KeyPath { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var damaged = new List<DamagedEntry>();
        try
        {
            var gallery = GalleryLocation.Open(SessionState, Gallery, StopToken);
            var key = KeyPath is null ? null : new Pseudonymizer(KeyFile.Read(SessionState, KeyPath, WriteWarning));
            if (Id is not null)
            {
                foreach (var id in Id)
                {
                    var before = damaged.Count;
                    var entry = gallery.Entry(id, damaged, StopToken);
                    if (damaged.Count == before)
                    {
                        Write(gallery, entry, $"entry {id}", id);
                    }
                }

                WriteDamaged(damaged);
                return;
            }

            foreach (var participant in Participant ?? [])
            {
                var pattern = key is null && WildcardPattern.ContainsWildcardCharacters(participant)
                    ? new WildcardPattern(participant, WildcardOptions.CultureInvariant) : null;
                var label = key is null ? WildcardPattern.Unescape(participant) : participant;
                var found = pattern is null ? gallery.Entries(label, key, damaged, StopToken)
                    : [.. gallery.Entries(damaged: damaged, cancellationToken: StopToken).Where(e => pattern.IsMatch(e.Participant))];
                if (found.Count == 0 && pattern is null)
                {
                    Write(gallery, null, $"participant '{participant}'", participant);
                }

                WriteObject(found, enumerateCollection: true);
            }

            if (Participant is null)
            {
                WriteObject(gallery.Entries(damaged: damaged, cancellationToken: StopToken), enumerateCollection: true);
            }

            WriteDamaged(damaged.DistinctBy(entry => entry.Id));
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (Exception exception) when (exception is GalleryException or ArgumentException or InvalidOperationException or ItemNotFoundException)
        {
            // Nothing else is worked on, so that -ErrorAction may say what becomes of it.
            WriteItemError(exception, "GalleryUnusable", ErrorCategory.ReadError, GalleryLocation.NameOf(Gallery));
        }

        void Write(VolumeGallery gallery, GalleryVolume? entry, string what, object target)
        {
            if (entry is not null)
            {
                WriteObject(entry);
            }
            else
            {
                WriteItemError(new GalleryException(gallery.Name, $"has no {what}."), "EntryNotFound", ErrorCategory.ObjectNotFound, target);
            }
        }
    }
}
