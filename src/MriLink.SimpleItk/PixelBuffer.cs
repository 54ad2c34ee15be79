using System.Runtime.InteropServices;

namespace MriLink.SimpleItk;

/// <summary>The voxels of an image of SimpleITK's, for as long as the image lives. Copies stay within it.</summary>
internal sealed class PixelBuffer : SafeBuffer
{
    /// <summary>Looks at a buffer that the image owns.</summary>
    /// <param name="start">The first byte.</param>
    /// <param name="bytes">How many there are.</param>
    public PixelBuffer(nint start, ulong bytes)
        : base(ownsHandle: false)
    {
        SetHandle(start);
        Initialize(bytes);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => true;
}
