using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Gallery;

/// <summary>A volume of a gallery: all that is known of it is at hand, its voxels are read from the gallery when a step asks for them.</summary>
public sealed class GalleryVolume : PreprocessedVolume
{
    private readonly EntrySource _source;

    private GalleryVolume(EntrySource source, ScanIdentity identity, PreprocessedRecord record)
        : base(identity, source, () =>
            source.ReadBoth(CancellationToken.None).Mask, record.Template, Affine.FromRows(record.TemplateToScan), record.Quality!, [])
    {
        _source = source;
        Provenance = record.Provenance;
    }

    /// <summary>The entry's number in its gallery.</summary>
    public long Id => _source.Id;

    /// <summary>The gallery's name.</summary>
    public string Gallery => _source.Gallery.Name;

    /// <summary>Where it is stored.</summary>
    internal VolumeGallery Source => _source.Gallery;

    /// <summary>When it was added (UTC); null in a pseudonymised gallery, which does not keep what would tell files apart by their times.</summary>
    public required DateTime? Added { get; init; }

    /// <summary>Bytes that the volume takes in the gallery.</summary>
    public required long Bytes { get; init; }

    /// <inheritdoc/>
    public override (Volume Voxels, Mask Mask) ReadBrain(CancellationToken cancellationToken) => _source.ReadBoth(cancellationToken);

    internal static GalleryVolume Of(VolumeGallery gallery, EntryRow row, PreprocessedRecord record, VolumeGeometry geometry, DateTime? added)
    {
        var identity = new ScanIdentity(row.Participant, row.Session, row.Run, row.Path);
        return new(new(gallery, row, identity, geometry), identity, record) { Added = added, Bytes = row.Bytes };
    }

    private sealed class EntrySource(VolumeGallery gallery, EntryRow row, ScanIdentity identity, VolumeGeometry geometry) : IVoxelSource
    {
        public long Id => row.Id;

        public VolumeGallery Gallery => gallery;

        public VolumeGeometry Geometry => geometry;

        public Volume Read(CancellationToken cancellationToken) => ReadBoth(cancellationToken).Voxels;

        public (Volume Voxels, Mask Mask) ReadBoth(CancellationToken cancellationToken) =>
            PreprocessedVolumeCodec.DecodeVoxels(
                gallery.ReadContent(row.Id, row.ContentHash, cancellationToken), $"{gallery.Name}: {identity.Name} (entry {row.Id})");
    }
}
