using System.Management.Automation;
using MriLink.Core.Gallery;
using MriLink.Core.Search;
using MriLink.Core.Volumes;

namespace MriLink.Commands;

/// <summary>
/// Lets a parameter that takes volumes take a gallery, or a path to one, in their place: its entries, whose voxels are read later. A file of
/// signatures is taken too.
/// </summary>
internal sealed class VolumesOrGalleryAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object?[] items = inputData is PSObject { BaseObject: object[] wrapped } ? wrapped : inputData is object[] array ? array : [inputData];
        if (!items.Any(GalleryLocation.IsGallery))
        {
            return inputData;
        }

        try
        {
            return items.SelectMany(item => GalleryLocation.IsGallery(item) ? Entries(engineIntrinsics.SessionState, item!) : [item]).ToArray();
        }
        catch (Exception exception) when (
            exception is GalleryException or MriFileException or ArgumentException or InvalidOperationException or ItemNotFoundException)
        {
            throw new ArgumentTransformationMetadataException(exception.Message, exception);
        }
    }

    private static object?[] Entries(SessionState session, object item)
    {
        if (SignaturePath(session, item) is { } path)
        {
            var signatures = SignatureFile.Open(path);
            if (signatures.Count > CandidateSearch.LargeGallery)
            {
                // Too many to hold: they are read as they are needed, and the file stays open as long as they are.
                return [.. signatures.List()];
            }

            using (signatures)
            {
                return [.. signatures.ReadAll()];
            }
        }

        // Parameters are bound before a cmdlet can be stopped; a damaged entry is told by whoever reads it.
        var gallery = GalleryLocation.Open(session, item, CancellationToken.None);
        var damaged = new List<DamagedEntry>();
        var entries = gallery.Entries(damaged: damaged);
        return entries.Count + damaged.Count > 0
            ? [.. entries, .. damaged.Select(entry => new DamagedVolume(entry))]
            : throw new InvalidOperationException($"The gallery '{gallery.Name}' is empty.");
    }

    private static string? SignaturePath(SessionState session, object item)
    {
        var text = (item is PSObject wrapped ? wrapped.BaseObject : item) switch
        {
            FileInfo file => file.FullName,
            string path => GalleryLocation.Resolve(session, path),
            _ => null,
        };
        return text is not null && SignatureFile.IsOne(text) ? text : null;
    }
}
