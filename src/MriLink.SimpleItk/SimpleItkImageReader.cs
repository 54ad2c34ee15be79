using MriLink.Core.Formats;

namespace MriLink.SimpleItk;

/// <summary>Hands out the voxels of an image that SimpleITK has read, and lets it go at the end.</summary>
internal sealed class SimpleItkImageReader(IDisposable image, PixelBuffer pixels) : VoxelReader
{
    private ulong _offset;

    /// <inheritdoc/>
    public override bool IsAlwaysFinite => false;

    /// <inheritdoc/>
    public override void Read(Span<float> voxels)
    {
        pixels.ReadSpan(_offset, voxels);
        _offset += (ulong)voxels.Length * sizeof(float);
    }

    /// <inheritdoc/>
    public override void Finish(CancellationToken cancellationToken) => cancellationToken.ThrowIfCancellationRequested();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pixels.Dispose();
            image.Dispose();
        }
    }
}
