using MriLink.Core.Volumes;

namespace MriLink.Core.Gallery;

/// <summary>Stands for a damaged entry among volumes: whoever reads it learns what is wrong, so that it is never left out in silence.</summary>
/// <param name="entry">The entry.</param>
public sealed class DamagedVolume(DamagedEntry entry) : MriVolume(new(entry?.Name ?? string.Empty), new Nothing(entry!))
{
    /// <inheritdoc/>
    public override string Stage => "Damaged";

    /// <summary>What is wrong, and what can be done about it.</summary>
    public GalleryException Problem => entry.ToException();

    private sealed class Nothing(DamagedEntry entry) : IVoxelSource
    {
        public VolumeGeometry Geometry { get; } = new(new(1, 1, 1), Affine.Identity);

        public Volume Read(CancellationToken cancellationToken) => throw entry.ToException();
    }
}
