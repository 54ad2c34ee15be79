using MriLink.Core.Preprocessing;
using MriLink.Core.Preprocessing.Records;
using MriLink.Core.Volumes;

namespace MriLink.Core.Gallery;

/// <summary>A volume of a gallery: all that is known of it is at hand, its voxels are read from the gallery when a step asks for them.</summary>
public sealed class GalleryVolume : PreprocessedVolume
{
    private readonly EntrySource _source;

    private GalleryVolume(EntrySource source, ScanIdentity identity, PreprocessedRecord record)
        : base(identity, source, () => source.ReadBoth().Mask, record.Template, Affine.FromRows(record.TemplateToScan), record.Quality!, [])
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

    /// <summary>When it was added (UTC).</summary>
    public required DateTime Added { get; init; }

    /// <summary>Bytes that the volume takes in the gallery.</summary>
    public required long Bytes { get; init; }

    /// <inheritdoc/>
    public override (Volume Voxels, Mask Mask) ReadBrain(CancellationToken cancellationToken) => _source.ReadBoth();

    /// <exception cref="GalleryException">The entry's row makes no sense.</exception>
    internal static GalleryVolume Of(VolumeGallery gallery, long id, ScanIdentity identity, PreprocessedRecord record, DateTime added, long bytes) =>
        new(new(gallery, id, identity, record.Geometry()!), identity, record) { Added = added, Bytes = bytes };

    private sealed class EntrySource(VolumeGallery gallery, long id, ScanIdentity identity, VolumeGeometry geometry) : IVoxelSource
    {
        public long Id => id;

        public VolumeGallery Gallery => gallery;

        public VolumeGeometry Geometry => geometry;

        public Volume Read(CancellationToken cancellationToken) => ReadBoth().Voxels;

        public (Volume Voxels, Mask Mask) ReadBoth() => PreprocessedVolumeCodec.DecodeVoxels(gallery.ReadContent(id), $"{gallery.Name}: {identity.Name} (entry {id})");
    }
}
